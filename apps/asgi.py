"""Everything behind one port: screens at /, REST at /api, sign-in at /idp, files at /files."""

import errno
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path

import streamlit as st
import uvicorn
from anyio.to_thread import run_sync
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.secrets import SecretsValue

from apps.api.health import health
from apps.api.main import api
from apps.files import files_app
from apps.identity.address import callback_address, canonical_origin, provider_address
from apps.identity.client import CLIENT_ID, SCOPES
from apps.identity.door import Door
from apps.identity.keys import Keys, load_keys
from apps.identity.outside import ProviderUnreadable, outside_providers
from apps.identity.post import posting
from apps.identity.provider import provider
from apps.identity.proxies import ProxyUnreadable, trusted_networks
from apps.logs import Watched, name_route
from apps.monitoring import metrics
from apps.outward.going import going_out
from apps.vitals import look_at_everything
from warehouse import logs
from warehouse.files.links import PATH
from warehouse.oltp.engine import reading
from warehouse.operations import identity
from warehouse.settings import settings

SCREENS = Path(__file__).parent / "ui" / "main.py"
USED_BY_FIRST_SCREEN = ("pandas", "pyarrow", "altair", "warehouse.metrics.receipts")
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
SECONDS_TO_FINISH = 3


def app() -> st.App:
    """The whole application, for any ASGI server; makes the installation's keys on its first start."""
    keys = load_keys(settings().secrets_path)
    look_at_everything()
    made = st.App(
        SCREENS,
        secrets={"auth": _sign_in_settings(keys)},
        routes=[
            *(_mounted("/idp", provider(keys)), _mounted("/api", api()), _mounted(PATH, files_app())),
            *(Route("/health", health), Route("/metrics", metrics)),
        ],
        middleware=[
            Middleware(Watched),
            Middleware(Door, origin=canonical_origin(), tls=settings().environment == "production"),
        ],
        lifespan=_running,
    )
    _tell_streamlit(keys)
    return made


def _sign_in_settings(keys: Keys) -> dict[str, SecretsValue]:
    """Streamlit's [auth] section: an outside provider differs from ours in these values only."""
    asks: dict[str, SecretsValue] = {"scope": " ".join(SCOPES), "prompt": "login"}
    if _host_name() in LOOPBACK:
        # A proxy for the internet, set in the environment, cannot reach this machine's own address.
        asks["trust_env"] = False
    return {
        "redirect_uri": callback_address(),
        "cookie_secret": keys.cookie_secret,
        "client_id": CLIENT_ID,
        "client_secret": keys.client_secret,
        "server_metadata_url": f"{provider_address()}/.well-known/openid-configuration",
        "client_kwargs": asks,
    }


def _tell_streamlit(keys: Keys) -> None:
    """What the checked-in configuration cannot know."""
    # The middleware that keeps a sign-in's state is built before the [auth] section is read.
    config.set_option("server.cookieSecret", keys.cookie_secret)
    # Unset, Streamlit asks a server on the internet under which address it is reached.
    config.set_option("browser.serverAddress", _host_name())


def _host_name() -> str:
    name = canonical_origin().split("://", 1)[1]
    return name if name.endswith("]") else name.rsplit(":", 1)[0]


def _mounted(path: str, mounted: ASGIApp) -> Mount:
    """Give a mounted application a scope of its own: sessions kept in a shared one overwrite Streamlit's."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        own = dict(scope)
        try:
            await mounted(own, receive, send)
        finally:
            name_route(scope, path, own)

    return Mount(path, run)


@asynccontextmanager
async def _running(_app: st.App) -> AsyncIterator[None]:
    await run_sync(_warm_up)
    # Streamlit's loggers print by themselves, and are made while it starts.
    logs.adopt("streamlit")
    with posting(), going_out():
        yield


def _warm_up() -> None:
    """Do now what the first visitor would wait for."""
    for name in USED_BY_FIRST_SCREEN:
        import_module(name)
    # A store that is missing or broken is told on the screens, where somebody reads it.
    with suppress(Exception), reading() as session:
        identity.check_sign_in(session, "nobody@localhost", "nobody has this password")
    # Streamlit looks for garbage after every run of a screen, through all that is there. What is there now stays.
    gc.collect()
    gc.freeze()


def serve(host: str, port: int) -> None:
    """Serve until stopped; what cannot be served ends the process with one sentence and exit code 1."""
    _refuse_unsafe()
    listening = _listen(host, port)
    _follow_port(port)
    logs.to_stream()
    setup = uvicorn.Config(
        app(),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Whose word counts is the door's decision: uvicorn would believe every program on this machine.
        proxy_headers=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    uvicorn.Server(setup).run(sockets=[listening])


def _refuse_unsafe() -> None:
    """In production, passwords never travel without TLS; and a setting that cannot be read is told at once."""
    try:
        trusted_networks()
        outside_providers()
    except (ProxyUnreadable, ProviderUnreadable) as wrong:
        sys.exit(str(wrong))
    if settings().environment == "production" and not canonical_origin().startswith("https:"):
        sys.exit(
            "In production people reach Longhouse over HTTPS only: set LONGHOUSE_PUBLIC_URL to its https:// address, "
            "let TLS end in a proxy, and name the proxy in LONGHOUSE_TRUSTED_PROXIES."
        )


def _follow_port(port: int) -> None:
    """Sign-in returns to the canonical address, so that must name the port people really use."""
    if port != settings().port:
        os.environ["LONGHOUSE_PORT"] = str(port)
        settings.cache_clear()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as failure:
        sys.exit(_why_not(host, port, failure))
    return listening


def _why_not(host: str, port: int, failure: OSError) -> str:
    if failure.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what listens there, or set LONGHOUSE_PORT to a free port."
    reason = (failure.strerror or str(failure)).lower()
    return f"Longhouse cannot listen on {host}, port {port} ({reason}): set LONGHOUSE_HOST and LONGHOUSE_PORT."


if __name__ == "__main__":
    serve(settings().host, settings().port)
