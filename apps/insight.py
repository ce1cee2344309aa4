"""Who may look inside the installation: a program on this machine, or whoever shows the operator's token."""

from contextlib import suppress
from hmac import compare_digest
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

from apps.identity.door import FORWARDED
from warehouse.settings import settings

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]", "::1"}


def may_look_inside(scope: Scope) -> bool:
    """Whether this request may see more than how things are: sentences, metrics."""
    headers = Headers(scope=scope)
    return _is_from_here(scope, headers) or _shows_token(scope, headers)


def _is_from_here(scope: Scope, headers: Headers) -> bool:
    """Asked on this machine under its own name; a proxy on it, or a page in its browser, asks for somebody else."""
    peer = (scope.get("client") or ("", 0))[0]
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    forwarded = any(header in headers for header in FORWARDED)
    return _is_loopback(peer) and name.lower() in LOCAL_NAMES and not forwarded and "origin" not in headers


def _shows_token(scope: Scope, headers: Headers) -> bool:
    expected = settings().metrics_token
    kind, _, shown = headers.get("authorization", "").partition(" ")
    # What travelled in plain text may have been read by others.
    safely = scope["scheme"] == "https" or settings().environment != "production"
    return bool(expected) and safely and kind.lower() == "bearer" and compare_digest(shown.encode(), expected.encode())


def _is_loopback(peer: str) -> bool:
    with suppress(ValueError):
        parsed = ip_address(peer)
        return bool((getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback)
    return False
