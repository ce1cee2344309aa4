"""Somebody else vouches for a person: an independent OpenID provider over a socket, and GitHub in its documented shape."""

import base64
import hashlib
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from apps.identity.keys import load_keys
from apps.identity.outside import ProviderUnreadable, outside_providers
from tests.apps.conftest import Lobby, _mounted
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Organization, SignInSession, User
from warehouse.settings import settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User as Known
    from oidc_provider_mock import run_server_in_thread

PEOPLE = (
    Known(sub="ana-there", claims={"email": "Ana@Acme.test", "email_verified": True, "name": "Ana"}),
    Known(sub="liar", claims={"email": "ana@acme.test", "email_verified": False}),
    Known(sub="silent", claims={"email": "ana@acme.test"}),
    Known(sub="stranger", claims={"email": "zoe@else.test", "email_verified": True, "name": "Zoe"}),
)
CODE_OF_GITHUB, TOKEN_OF_GITHUB, RIGHT_SECRET = "the-code", "gho_the-token", "the-secret"

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The address of an independent provider."""
    with run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


class GitHub(BaseHTTPRequestHandler):
    """The four addresses of GitHub that a sign-in uses."""

    emails: list[dict[str, Any]] = []
    asked: dict[str, str] = {}

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/login/oauth/authorize":
            GitHub.asked = {name: values[0] for name, values in query.items()}
            back = urlencode({"code": CODE_OF_GITHUB, "state": self.asked["state"]})
            return self._answer(302, b"", location=f"{self.asked['redirect_uri']}?{back}")
        if self.headers["Authorization"] != f"Bearer {TOKEN_OF_GITHUB}":
            return self._answer(401, b'{"message": "Bad credentials"}')
        told = {
            "/api/v3/user": {"login": "ana", "id": 7, "name": "Ana", "email": None},
            "/api/v3/user/emails": self.emails,
        }
        return self._answer(200, json.dumps(told[path]).encode())

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"][0].encode()).digest())
        right = form["code"][0] == CODE_OF_GITHUB and form["client_secret"][0] == RIGHT_SECRET
        right &= challenge.decode().rstrip("=") == self.asked["code_challenge"]
        # As GitHub does it: a refusal is 200 too.
        refused = {"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."}
        granted = {"access_token": TOKEN_OF_GITHUB, "token_type": "bearer", "scope": "read:user,user:email"}
        self._answer(200, json.dumps(granted if right else refused).encode())

    def _answer(self, status: int, body: bytes, location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing on the test's output."""


@contextmanager
def _github() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def offered(lobby: Lobby, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lobby]:
    """The lobby with these providers offered."""

    def offer(**environment: str) -> Lobby:
        for name, value in environment.items():
            monkeypatch.setenv(f"LONGHOUSE_{name.upper()}", value)
        settings.cache_clear()
        lobby.app = _mounted(load_keys(settings().secrets_path))
        return lobby

    return offer


def _oidc(issuer: str) -> dict[str, str]:
    return {"oidc_issuer": issuer, "oidc_client_id": "longhouse", "oidc_client_secret": "s", "oidc_name": "Example ID"}


def _leave(lobby: Lobby, browser: TestClient, name: str = "oidc") -> httpx.Response:
    """Press the provider's button; where the browser is sent."""
    page = browser.get("/idp/authorize", params=lobby.asked())
    link = page.text.split('class="button other" href="')[1].split('"')[0].replace("&amp;", "&")
    assert link.startswith(f"/idp/external/{name}?")
    return browser.get(link)


def _agree(sent: httpx.Response, who: str) -> str:
    """Say yes at the provider; the address it returns the browser to."""
    return httpx.post(sent.headers["location"], data={"sub": who}).headers["location"]


def test_the_page_offers_each_provider_by_name(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    page = lobby.visitor().get("/idp/authorize", params=lobby.asked())
    assert page.text.count("Continue with") == 1
    assert "Continue with Example ID" in page.text


def test_a_verified_e_mail_of_an_active_person_opens_our_own_session(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    browser = lobby.visitor()
    sent = _leave(lobby, browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    back = browser.get(_agree(sent, "ana-there"))
    claims = lobby.claims(lobby.redeem(lobby.query(back)["code"]).json()["id_token"])
    assert (claims["iss"], claims["email"]) == (f"{lobby.base}/idp", "ana@acme.test")
    with reading() as session:
        opened = session.get_one(SignInSession, claims["sid"])
    assert (opened.provider, opened.agent) == ("Example ID", "Firefox on Linux")


@pytest.mark.parametrize("who", ["liar", "silent"])
def test_an_e_mail_that_is_not_verified_proves_nothing(offered: Callable[..., Lobby], mock: str, who: str) -> None:
    lobby = offered(**_oidc(mock))
    browser = lobby.visitor()
    page = browser.get(_agree(_leave(lobby, browser), who))
    assert (page.status_code, "does not say that your e-mail address is verified" in page.text) == (401, True)


def test_a_stranger_stays_outside_unless_the_setting_says_otherwise(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    browser = lobby.visitor()
    page = browser.get(_agree(_leave(lobby, browser), "stranger"))
    assert (page.status_code, "Nobody here has the e-mail address zoe@else.test" in page.text) == (403, True)
    lobby = offered(create_people="true")
    browser = lobby.visitor()
    assert "code" in lobby.query(browser.get(_agree(_leave(lobby, browser), "stranger")))
    with reading() as session:
        made = session.query(User).filter(User.email == "zoe@else.test").one()
    assert (made.password_hash, made.profile) == (None, {"name": "Zoe"})


def test_somebody_deactivated_stays_outside(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    with writing() as session:
        session.query(User).update({"is_active": False})
    browser = lobby.visitor()
    assert browser.get(_agree(_leave(lobby, browser), "ana-there")).status_code == 403


def test_the_second_factor_of_the_organization_is_asked_for_here_too(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    with writing() as session:
        session.query(Organization).update({"require_totp": True})
    browser = lobby.visitor()
    page = browser.get(_agree(_leave(lobby, browser), "ana-there"))
    assert "Set up your authenticator app" in page.text
    assert "/idp/authorize?" in page.text.split('action="')[1].split('"')[0]


def test_a_way_back_that_was_not_begun_in_this_browser_leads_nowhere(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    browser = lobby.visitor()
    back = _agree(_leave(lobby, browser), "ana-there")
    assert lobby.visitor().get(back).status_code == 400
    assert browser.get(back.replace("state=", "state=x")).status_code == 400
    # The errand is spent by the first way back, right or wrong.
    assert browser.get(back).status_code == 400


def test_a_code_serves_one_way_back(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    browser = lobby.visitor()
    back = _agree(_leave(lobby, browser), "ana-there")
    assert browser.get(back).status_code == 302
    assert browser.get(back).status_code == 400


def test_a_token_made_for_another_errand_is_refused(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    victim, thief = lobby.visitor(), lobby.visitor()
    stolen = parse_qs(urlsplit(_agree(_leave(lobby, victim), "ana-there")).query)["code"][0]
    own = _agree(_leave(lobby, thief), "stranger")
    page = thief.get(own.replace(parse_qs(urlsplit(own).query)["code"][0], stolen))
    assert (page.status_code, "location" in page.headers) == (401, False)


def test_a_person_who_says_no_there_is_told_here(offered: Callable[..., Lobby], mock: str) -> None:
    lobby = offered(**_oidc(mock))
    browser = lobby.visitor()
    state = parse_qs(urlsplit(_leave(lobby, browser).headers["location"]).query)["state"][0]
    page = browser.get(f"/idp/external/oidc/callback?error=access_denied&state={state}")
    assert (page.status_code, "Example ID did not let you in" in page.text) == (401, True)


def test_a_provider_that_is_away_is_told_in_a_sentence(offered: Callable[..., Lobby]) -> None:
    lobby = offered(**_oidc("http://127.0.0.1:9"))
    page = _leave(lobby, lobby.visitor())
    assert (page.status_code, "Example ID cannot be reached right now" in page.text) == (502, True)


def _with_github(offered: Callable[..., Lobby], address: str, secret: str = RIGHT_SECRET) -> Lobby:
    told = {"id": "github", "name": "GitHub", "kind": "github", "client_id": "c", "client_secret": secret}
    return offered(sign_in_providers=json.dumps([told | {"base_url": address}]))


@pytest.mark.parametrize(
    ("emails", "status"),
    [
        ([{"email": "ana@acme.test", "primary": True, "verified": True, "visibility": "private"}], 302),
        ([{"email": "ana@acme.test", "primary": True, "verified": False, "visibility": None}], 401),
        ([{"email": "ana@acme.test", "primary": False, "verified": True, "visibility": None}], 401),
        ([], 401),
    ],
)
def test_github_vouches_by_its_primary_verified_address(
    offered: Callable[..., Lobby], emails: list[dict[str, Any]], status: int
) -> None:
    GitHub.emails = emails
    with _github() as address:
        lobby = _with_github(offered, address)
        browser = lobby.visitor()
        back = httpx.get(_leave(lobby, browser, "github").headers["location"]).headers["location"]
        assert browser.get(back).status_code == status


def test_what_github_refuses_is_refused_here(offered: Callable[..., Lobby]) -> None:
    with _github() as address:
        lobby = _with_github(offered, address, "another")
        browser = lobby.visitor()
        back = httpx.get(_leave(lobby, browser, "github").headers["location"]).headers["location"]
        page = browser.get(back)
        assert (page.status_code, "GitHub refused the sign-in" in page.text) == (401, True)


@pytest.mark.parametrize(
    "told",
    [
        "no json",
        "{}",
        '[{"id": "a", "name": "A", "client_id": "c", "client_secret": "hidden"}]',
        '[{"id": "A b", "name": "A", "issuer": "https://i", "client_id": "c", "client_secret": "hidden"}]',
        '[{"id": "a", "name": "A", "issuer": "https://i", "client_id": "c", "other": "hidden"}]',
        json.dumps([{"id": "a", "name": "A", "issuer": "https://i", "client_id": "c"}] * 2),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_the_secret(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONGHOUSE_SIGN_IN_PROVIDERS", told)
    settings.cache_clear()
    with pytest.raises(ProviderUnreadable, match="LONGHOUSE_SIGN_IN_PROVIDERS") as refusal:
        outside_providers()
    assert "hidden" not in str(refusal.value)
    settings.cache_clear()
