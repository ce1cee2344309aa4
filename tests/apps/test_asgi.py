"""One port, one address: what stands around the screens, the API and the sign-in."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from apps.api.main import api
from apps.identity.address import callback_address, canonical_origin
from apps.identity.door import Door
from apps.identity.keys import load_keys
from apps.identity.provider import provider
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


def _behind_door(origin: str) -> TestClient:
    def page(request: Request) -> PlainTextResponse:
        answer = PlainTextResponse("inside")
        answer.set_cookie("plain", "1")
        answer.set_cookie("safe", "1", secure=True)
        return answer

    inside = Starlette(routes=[Route("/{path:path}", page)], middleware=[Middleware(Door, origin=origin)])
    return TestClient(inside, base_url=origin, follow_redirects=False)


def test_a_page_under_another_name_moves_to_the_one_address(running: Any) -> None:
    port = running.base.rsplit(":", 1)[1]
    answer = httpx.get(f"http://127.0.0.1:{port}/deal?id=7&b=%20", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{running.base}/deal?id=7&b=%20")


def test_a_program_may_use_any_name(running: Any) -> None:
    port = running.base.rsplit(":", 1)[1]
    answer = httpx.get(f"http://127.0.0.1:{port}/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["operational_store"] is True
    assert answer.json()["lake"] is False


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


def test_without_a_store_health_and_sign_in_say_so(home: Path) -> None:
    answer = TestClient(api()).get("/health")
    assert (answer.status_code, answer.json()["operational_store"]) == (503, False)
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
