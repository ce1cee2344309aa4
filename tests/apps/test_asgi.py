"""One port, one address: what stands around the screens, the API and the sign-in."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from apps.api.main import api
from apps.identity.address import callback_address, canonical_origin
from apps.identity.door import Door
from apps.identity.keys import load_keys, rotate_signing_key
from apps.identity.provider import provider
from apps.vitals import look_at_everything
from warehouse.oltp.engine import engine
from warehouse.settings import settings

HTML = {"Accept": "text/html,*/*"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    engine.cache_clear()
    yield tmp_path
    settings.cache_clear()
    engine.cache_clear()


def _behind_door(origin: str, peer: str = "127.0.0.1", *, tls: bool = False) -> TestClient:
    def page(request: Request) -> PlainTextResponse:
        answer = PlainTextResponse(f"inside {request.client.host} {request.url.scheme}")
        answer.set_cookie("plain", "1")
        answer.set_cookie("safe", "1", secure=True)
        return answer

    inside = Starlette(routes=[Route("/{path:path}", page)], middleware=[Middleware(Door, origin=origin, tls=tls)])
    return TestClient(inside, base_url=origin, follow_redirects=False, client=(peer, 4000))


def _trusting(monkeypatch: pytest.MonkeyPatch, networks: str) -> None:
    monkeypatch.setenv("LONGHOUSE_TRUSTED_PROXIES", networks)
    settings.cache_clear()


def test_a_page_under_another_name_moves_to_the_one_address(running: Any) -> None:
    port = running.base.rsplit(":", 1)[1]
    answer = httpx.get(f"http://127.0.0.1:{port}/deal?id=7&b=%20", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{running.base}/deal?id=7&b=%20")


def test_a_program_may_use_any_name(running: Any) -> None:
    port = running.base.rsplit(":", 1)[1]
    answer = httpx.get(f"http://127.0.0.1:{port}/api/health")
    assert (answer.status_code, answer.json()["state"]) == (200, "ok")


def test_screens_carry_headers_that_a_browser_obeys(running: Any) -> None:
    headers = httpx.get(f"{running.base}/", headers=HTML).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert "strict-transport-security" not in headers


def test_streamlits_settings_hold_in_any_working_directory(tmp_path: Path) -> None:
    options = ["browser.gatherUsageStats", "server.fileWatcherType", "client.showErrorDetails", "browser.serverAddress"]
    code = (
        "import json; from apps.asgi import app; app(); from streamlit import config; "
        f"print(json.dumps([config.get_option(name) for name in {options!r}]))"
    )
    given = os.environ | {"LONGHOUSE_HOME": str(tmp_path), "LONGHOUSE_PUBLIC_URL": "https://data.acme.test"}
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=given, capture_output=True, timeout=60)
    assert json.loads(ended.stdout) == [False, "none", "none", "data.acme.test"]


def test_behind_tls_cookies_are_marked_and_names_belong_to_the_proxy() -> None:
    client = _behind_door("https://data.acme.test")
    answer = client.get("/", headers=HTML | {"Host": "127.0.0.1:3000"})
    assert answer.status_code == 200
    assert [cookie.count("Secure") for cookie in answer.headers.get_list("set-cookie")] == [1, 1]
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_a_proxied_page_is_not_sent_in_circles(header: str) -> None:
    headers = HTML | {"Host": "inner:3000", header: "x"}
    assert _behind_door("http://data.acme.test").get("/", headers=headers).status_code == 200


def test_a_default_port_is_no_other_name() -> None:
    assert _behind_door("http://localhost").get("/", headers=HTML | {"Host": "LOCALHOST:80"}).status_code == 200


@pytest.mark.parametrize(("size", "answer"), [(99_000, 200), (101_000, 413), (None, 411)])
def test_a_form_nobody_can_have_filled_in_is_refused_unread(size: int | None, answer: int) -> None:
    async def here(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("read")

    made = Starlette(
        routes=[Route("/idp/authorize", here, methods=["POST"])],
        middleware=[Middleware(Door, origin="http://testserver")],
    )
    body = iter([b"x" * 1000]) if size is None else b"x" * size
    assert TestClient(made).post("/idp/authorize", content=body).status_code == answer


@pytest.mark.parametrize(("origin", "passes"), [("http://localhost", True), ("http://evil.test", False), (None, True)])
def test_a_socket_of_a_foreign_page_is_refused(origin: str | None, passes: bool) -> None:
    reached, sent = [], []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["type"])

    async def send(message: Any) -> None:
        sent.append(message["type"])

    headers = [(b"host", b"localhost")] + ([(b"origin", origin.encode())] if origin else [])
    asyncio.run(Door(inside, "http://localhost")({"type": "websocket", "headers": headers}, None, send))
    assert (reached, sent) == (["websocket"], []) if passes else ([], ["websocket.close"])


def test_the_origin_is_written_as_browsers_write_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for given, written in {
        "https://Data.Acme.test:443/": "https://data.acme.test",
        "http://localhost:80": "http://localhost",
        "http://localhost:3000": "http://localhost:3000",
    }.items():
        monkeypatch.setenv("LONGHOUSE_PUBLIC_URL", given)
        settings.cache_clear()
        assert canonical_origin() == written


def test_keys_are_made_once_and_for_their_owner_alone(home: Path) -> None:
    first, second = load_keys(home / "secrets"), load_keys(home / "secrets")
    assert (first.cookie_secret, first.client_secret) == (second.cookie_secret, second.client_secret)
    assert first.signing.as_dict(private=True) == second.signing.as_dict(private=True)
    assert (home / "secrets").stat().st_mode & 0o777 == 0o700
    files = list((home / "secrets").iterdir())
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_after_a_change_of_the_signing_key_both_are_published_until_the_former_ones_tokens_ended(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = load_keys(home / "secrets")
    former = keys.signing
    token = jwt.encode({"alg": "RS256", "kid": former.kid}, {"sub": "ana"}, former)
    fresh = rotate_signing_key(home / "secrets")
    # The process that serves sees it without a restart.
    assert keys.signing.kid == fresh
    assert [key.kid for key in keys.published.keys] == [fresh, former.kid]
    assert jwt.decode(token, keys.published, algorithms=["RS256"]).claims["sub"] == "ana"
    assert not any("d" in key for key in keys.published.as_dict(private=False)["keys"])
    later = time.time() + settings().session_minutes * 60 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert [key.kid for key in keys.published.keys] == [fresh]
    assert {file.stat().st_mode & 0o777 for file in (home / "secrets").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("peer", "sent", "seen"),
    [
        ("10.0.0.2", {"X-Forwarded-For": "203.0.113.5"}, "203.0.113.5 http"),
        ("10.0.0.2", {"X-Forwarded-For": "6.6.6.6, 203.0.113.5, 10.0.0.9"}, "203.0.113.5 http"),
        ("10.0.0.2", {"X-Forwarded-For": "203.0.113.5, nonsense"}, "10.0.0.2 http"),
        ("10.0.0.2", {"X-Forwarded-Proto": "https"}, "10.0.0.2 https"),
        ("10.0.0.2", {"X-Forwarded-Proto": "http, https"}, "10.0.0.2 https"),
        ("10.0.0.2", {"X-Forwarded-Proto": "gopher"}, "10.0.0.2 http"),
        ("2001:db8::9", {"X-Forwarded-For": "2001:db8:5::1"}, "2001:db8:5::1 http"),
        ("192.0.2.1", {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}, "192.0.2.1 http"),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}, "127.0.0.1 http"),
    ],
)
def test_only_a_named_proxy_is_believed(
    home: Path, monkeypatch: pytest.MonkeyPatch, peer: str, sent: dict[str, str], seen: str
) -> None:
    _trusting(monkeypatch, "10.0.0.0/8, 2001:db8::9")
    assert _behind_door("http://data.acme.test", peer).get("/", headers=sent).text == f"inside {seen}"


def test_in_production_plain_http_is_refused_but_for_the_health_probe(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _trusting(monkeypatch, "10.0.0.2")
    told = {"X-Forwarded-Proto": "https"}

    def ask(peer: str, path: str = "/", **headers: str) -> int:
        inside = _behind_door("https://data.acme.test", peer, tls=True)
        return inside.get(f"http://inner:3000{path}", headers=headers).status_code

    assert ask("10.0.0.2", **told) == 200
    assert ask("10.0.0.2") == 403
    assert ask("192.0.2.1", **told) == 403
    assert ask("192.0.2.1", "/api/health") == 200
    answer = _behind_door("https://data.acme.test", tls=True).get("http://inner:3000/")
    assert "LONGHOUSE_TRUSTED_PROXIES" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LONGHOUSE_ENVIRONMENT": "production"}, "over HTTPS only: set LONGHOUSE_PUBLIC_URL"),
        ({"LONGHOUSE_TRUSTED_PROXIES": "proxy.acme.test"}, "LONGHOUSE_TRUSTED_PROXIES takes addresses"),
        ({"LONGHOUSE_SIGN_IN_PROVIDERS": "x"}, "LONGHOUSE_SIGN_IN_PROVIDERS cannot be read"),
    ],
)
def test_what_cannot_be_served_safely_is_not_served(tmp_path: Path, environment: dict[str, str], told: str) -> None:
    given = os.environ | {"LONGHOUSE_HOME": str(tmp_path), "LONGHOUSE_PORT": "0"} | environment
    command = [sys.executable, "-m", "apps.asgi"]
    ended = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_without_a_store_health_and_sign_in_say_so(home: Path) -> None:
    look_at_everything()
    answer = TestClient(api()).get("/health")
    assert (answer.status_code, answer.json()["state"]) == (503, "down")
    asked = {"response_type": "code", "client_id": "longhouse-ui", "redirect_uri": callback_address()}
    asked |= {"scope": "openid", "nonce": "n", "code_challenge": "c" * 43, "code_challenge_method": "S256"}
    mounted = Starlette(routes=[Mount("/idp", provider(load_keys(home / "secrets")))])
    browser = TestClient(mounted, base_url=canonical_origin())
    csrf = browser.get("/idp/authorize", params=asked).text.split('name="csrf" value="')[1].split('"')[0]
    page = browser.post("/idp/authorize", params=asked, data={"email": "a@b.test", "password": "x", "csrf": csrf})
    assert page.status_code == 503
    assert "There is no operational store" in page.text
    assert not (home / "operational.db").exists()


def test_a_port_in_use_is_told_in_one_sentence(running: Any, tmp_path: Path) -> None:
    port = running.base.rsplit(":", 1)[1]
    code = f"from apps.asgi import serve; serve('127.0.0.1', {port})"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"Port {port} on 127.0.0.1 is in use")
    assert ended.stderr.count("\n") == 1


def test_health_is_described_for_programs(running: Any) -> None:
    described = json.loads(httpx.get(f"{running.base}/api/openapi.json").text)
    assert "/health" in described["paths"]
    assert httpx.get(f"{running.base}/api/docs").status_code == 404
