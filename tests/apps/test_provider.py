"""The sign-in flow against the running application, and each way it is refused."""

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from apps.identity.codes import LIFETIME_SECONDS, AuthorizationCode, AuthorizationCodes
from apps.identity.steps import WRONG

VERIFIER = "a-verifier-that-is-long-enough-for-the-rule-of-rfc-7636"


def test_a_password_becomes_a_lean_id_token_for_an_open_session(running: Any, browser: httpx.Client) -> None:
    asked = running.asked()
    back = running.query(running.enter(browser, asked, "ANA@acme.test", "correct horse"))
    assert back["state"] == "the-state"
    answer = running.redeem(back["code"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    claims = running.claims(answer.json()["id_token"])
    assert set(claims) == {
        *("iss", "aud", "iat", "exp", "auth_time", "nonce", "at_hash"),
        *("sub", "sid", "name", "email"),
    }
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (f"{running.base}/idp", "longhouse-ui", asked["nonce"])
    assert (claims["name"], claims["email"]) == ("Ana Rivers", "ana@acme.test")
    assert not running.is_over(answer.json()["id_token"])


def test_a_client_may_also_prove_itself_by_basic_authentication(running: Any, browser: httpx.Client) -> None:
    form = {"grant_type": "authorization_code", "code": running.code(browser)}
    form |= {"redirect_uri": running.callback, "code_verifier": VERIFIER}
    answer = httpx.post(f"{running.base}/idp/token", data=form, auth=("longhouse-ui", running.secret))
    assert answer.status_code == 200


def test_the_discovery_document_names_one_address(running: Any) -> None:
    facts = httpx.get(f"{running.base}/idp/.well-known/openid-configuration").json()
    assert facts["issuer"] == f"{running.base}/idp"
    assert facts["code_challenge_methods_supported"] == ["S256"]
    assert all(facts[name].startswith(running.base) for name in facts if name.endswith(("_endpoint", "_uri")))


@pytest.mark.parametrize("email", ["ana@acme.test", "nobody@acme.test", '"><script>alert(1)</script>'])
def test_a_wrong_password_is_told_without_saying_who_exists(running: Any, browser: httpx.Client, email: str) -> None:
    page = running.enter(browser, running.asked(), email, "wrong password")
    assert page.status_code == 401
    assert 'role="alert"' in page.text
    assert WRONG in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("csrf", ["", "forged", "borrowed"])
def test_a_form_of_another_browser_signs_nobody_in(running: Any, browser: httpx.Client, csrf: str) -> None:
    asked = running.asked()
    if csrf == "borrowed":
        csrf = running.csrf(httpx.get(f"{running.base}/idp/authorize", params=asked))
    browser.get("/idp/authorize", params=asked)
    form = {"email": "ana@acme.test", "password": "correct horse", "csrf": csrf}
    page = browser.post("/idp/authorize", params=asked, data=form)
    assert (page.status_code, "code=" in page.headers.get("location", "")) == (400, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_id": ""}, "invalid_client"),
        ({"redirect_uri": "https://evil.test/"}, "invalid_request"),
        ({"redirect_uri": 'https://evil.test/"é\n'}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
    ],
)
def test_an_unproven_address_gets_a_page_and_no_redirect(
    running: Any, browser: httpx.Client, changes: dict[str, str], error: str
) -> None:
    page = browser.get("/idp/authorize", params=running.asked(**changes))
    assert page.status_code == 400
    assert error in page.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_an_incomplete_request_goes_back_with_its_error(
    running: Any, browser: httpx.Client, changes: dict[str, str], error: str
) -> None:
    for answer in (
        browser.get("/idp/authorize", params=running.asked(**changes)),
        browser.post("/idp/authorize", params=running.asked(**changes)),
    ):
        assert answer.headers["location"].startswith(running.callback)
        assert (running.query(answer)["error"], running.query(answer)["state"]) == (error, "the-state")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": "é"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "somebody"}, 400, "invalid_client"),
        ({"code": "unknown"}, 400, "invalid_grant"),
        ({"code": ""}, 400, "invalid_request"),
        ({"code_verifier": ""}, 400, "invalid_request"),
        ({"code_verifier": VERIFIER.upper()}, 400, "invalid_grant"),
        ({"code_verifier": "é"}, 400, "invalid_request"),
        ({"redirect_uri": "https://evil.test/"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": 'é"\n'}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ],
)
def test_an_exchange_with_a_wrong_part_gets_no_token(
    running: Any, browser: httpx.Client, changes: dict[str, str], status: int, error: str
) -> None:
    answer = running.redeem(running.code(browser), **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_presented_twice_is_refused_and_ends_what_it_opened(running: Any, browser: httpx.Client) -> None:
    code = running.code(browser)
    token = running.redeem(code).json()["id_token"]
    assert not running.is_over(token)
    assert running.redeem(code).json()["error"] == "invalid_grant"
    assert running.is_over(token)


def test_a_nonce_serves_once(running: Any, browser: httpx.Client) -> None:
    running.code(browser, nonce="used-before")
    refused = browser.get("/idp/authorize", params=running.asked(nonce="used-before"))
    assert running.query(refused)["error"] == "invalid_request"


def test_someone_deactivated_since_the_password_gets_no_token(running: Any, browser: httpx.Client) -> None:
    code = running.code(browser, "eve@acme.test")
    running.deactivate("eve@acme.test")
    assert running.redeem(code).json()["error"] == "invalid_grant"


def test_a_code_expires_and_serves_its_own_client_only() -> None:
    clock = iter([0.0, 1.0, 2.0, LIFETIME_SECONDS])
    codes = AuthorizationCodes(lambda: next(clock))
    code = AuthorizationCode("ui", "ana", "https://a.test", "openid", "n", "c", "S256")
    codes.keep(code)
    assert codes.take(code.code, "another") is None
    late = AuthorizationCode("ui", "ana", "https://a.test", "openid", "n2", "c", "S256")
    codes.keep(late)
    assert codes.take(code.code, "ui") is None


def test_signing_out_ends_the_session_and_returns(running: Any, browser: httpx.Client) -> None:
    token = running.redeem(running.code(browser)).json()["id_token"]
    asked = {"id_token_hint": token, "client_id": "longhouse-ui", "post_logout_redirect_uri": running.callback}
    answer = browser.get("/idp/end_session", params=asked)
    assert (answer.status_code, answer.headers["location"]) == (302, running.callback)
    assert running.is_over(token)
    home = browser.get(answer.headers["location"])
    assert home.headers["location"] == f"{running.base}/"


def test_signing_out_goes_to_no_foreign_address(running: Any, browser: httpx.Client) -> None:
    token = running.redeem(running.code(browser)).json()["id_token"]
    asked = {"id_token_hint": token, "post_logout_redirect_uri": "https://evil.test/"}
    page = browser.post("/idp/end_session", data=asked)
    assert (page.status_code, "location" in page.headers) == (200, False)
    assert running.is_over(token)


def test_a_forged_token_ends_nobodys_session(running: Any, browser: httpx.Client) -> None:
    token = running.redeem(running.code(browser)).json()["id_token"]
    forged = jwt.encode({"alg": "RS256"}, running.claims(token), RSAKey.generate_key(2048))
    for hint in (forged, "é", "a.b.c", token[:-4] + "AAAA"):
        assert browser.get("/idp/end_session", params={"id_token_hint": hint}).status_code == 400
    assert browser.get("/idp/end_session").status_code == 200
    assert not running.is_over(token)


def test_basic_authentication_of_any_shape_is_never_a_failure_of_ours(running: Any) -> None:
    for header in ("Basic", "Basic !!!", "Basic w6k6w6k=", "Basic /////w==", "Bearer x"):
        form = {"grant_type": "authorization_code", "code": "x"}
        answer = httpx.post(f"{running.base}/idp/token", data=form, headers={"Authorization": header})
        assert answer.status_code in {400, 401}, header
    for content, kind in ((b"\xff\xfe=%zz", "application/x-www-form-urlencoded"), (b"--", "multipart/form-data")):
        answer = httpx.post(f"{running.base}/idp/token", content=content, headers={"Content-Type": kind})
        assert answer.status_code == 400
