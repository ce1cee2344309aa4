"""The steps of a sign-in, and what somebody learns who tries them without being the person."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event

from apps.identity.later import _worker
from apps.identity.steps import STALE, WRONG, WRONG_CODE
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.identity import Authenticator, SignInAttempt
from warehouse.oltp.organization import AuditEvent, Organization, SignInSession, User
from warehouse.operations import identity, second_factor
from warehouse.operations.passwords import verify

ANA = "ana@acme.test"
PASSWORD = "correct horse"


def _fail(lobby: Any, times: int, email: str = ANA, address: str = "192.0.2.7") -> list[httpx.Response]:
    browser = lobby.visitor(address)
    return [lobby.enter(browser, lobby.asked(), email, "wrong password") for _ in range(times)]


def _move_back(minutes: float) -> None:
    """As if every attempt had been made that much earlier."""
    _worker.submit(int).result(10)
    with writing() as session:
        for attempt in session.query(SignInAttempt):
            attempt.happened_at -= timedelta(minutes=minutes)


def _user() -> User:
    with reading() as session:
        return session.query(User).filter(User.email == ANA).one()


def _turn_on(lobby: Any) -> tuple[str, list[str]]:
    """Ana's authenticator app and her recovery codes; its present code was not used yet."""
    secret = pyotp.random_base32()
    before = datetime.now(UTC) - timedelta(minutes=5)
    with writing() as session:
        codes = second_factor.confirm(session, _user().id, secret, pyotp.TOTP(secret).at(before), before)
    return secret, codes


def _now(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def _without_its_own(page: httpx.Response) -> str:
    """The page without what differs by design: its token and the e-mail that was typed."""
    text = page.text.replace("nobody@acme.test", ANA)
    return text.replace(text.split('name="csrf" value="')[1].split('"')[0], "").split("nonce=")[0] + str(
        page.status_code
    )


def test_after_five_failures_even_the_right_password_has_to_wait(lobby: Any) -> None:
    assert [page.status_code for page in _fail(lobby, 5)] == [401] * 5
    page = lobby.enter(lobby.visitor("198.51.100.9"), lobby.asked(), ANA, PASSWORD)
    assert (page.status_code, WRONG in page.text) == (401, True)
    _move_back(16)
    lobby.comes_in(lobby.visitor("198.51.100.9"))


def test_four_failures_lock_nobody_and_are_forgotten_after_a_sign_in(lobby: Any) -> None:
    for _ in range(2):
        _fail(lobby, 4)
        lobby.comes_in(lobby.visitor())


def test_trying_on_does_not_prolong_the_lock(lobby: Any) -> None:
    _fail(lobby, 5)
    _move_back(14)
    _fail(lobby, 3)
    _move_back(2)
    lobby.comes_in(lobby.visitor("198.51.100.9"))


def test_failures_long_apart_lock_nobody(lobby: Any) -> None:
    for _ in range(6):
        _fail(lobby, 1)
        _move_back(4)
    lobby.comes_in(lobby.visitor())


def test_unknown_wrong_and_locked_read_the_same(lobby: Any) -> None:
    wrong = _fail(lobby, 1)[0]
    unknown = _fail(lobby, 1, "nobody@acme.test")[0]
    _fail(lobby, 4)
    locked = lobby.enter(lobby.visitor(), lobby.asked(), ANA, PASSWORD)
    assert _without_its_own(wrong) == _without_its_own(unknown) == _without_its_own(locked)


def test_unknown_wrong_and_locked_cost_the_same_work(lobby: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def verified(password: str, expected: str) -> bool:
        done.append(expected.split("$")[1])
        return verify(password, expected)

    def asked_store(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        # What is done after the answer is nobody's wait.
        if not threading.current_thread().name.startswith("sign-in"):
            done.append(" ".join(statement.split()[:3]))

    def work(email: str, password: str) -> list[str]:
        done.clear()
        assert lobby.enter(lobby.visitor(), lobby.asked(), email, password).status_code == 401
        _worker.submit(int).result(10)
        return list(done)

    monkeypatch.setattr(identity, "verify", verified)
    event.listen(engine(), "before_cursor_execute", asked_store)
    wrong, unknown = work(ANA, "wrong password"), work("nobody@acme.test", "wrong password")
    _fail(lobby, 4)
    locked = work(ANA, PASSWORD)
    assert wrong == unknown == locked
    assert wrong.count("argon2id") == 1


def test_the_owner_of_a_locked_account_gets_one_mail_and_a_stranger_none(lobby: Any) -> None:
    _fail(lobby, 7)
    _fail(lobby, 7, "nobody@acme.test", "198.51.100.2")
    assert [(mail.recipient, mail.subject) for mail in lobby.mails()] == [
        (ANA, "Longhouse: Your account is locked for 15 minutes")
    ]
    assert lobby.audited()[1:] == ["identity.sign_in_failed"] * 5 + ["identity.locked_out"]


def test_a_network_that_keeps_failing_waits_longer_and_longer(lobby: Any) -> None:
    for number in range(20):
        _fail(lobby, 1, f"somebody{number}@acme.test")
    first = _fail(lobby, 1)[0]
    assert (first.status_code, first.headers["retry-after"], "Try again in 1 second." in first.text) == (429, "1", True)
    for _ in range(5):
        _move_back(0.5)
        _fail(lobby, 1, "another@acme.test")
    waits = int(_fail(lobby, 1)[0].headers["retry-after"])
    assert 25 <= waits <= 32
    lobby.comes_in(lobby.visitor("198.51.100.3"))


def test_addresses_of_one_ipv6_network_count_together(lobby: Any) -> None:
    for number in range(20):
        _fail(lobby, 1, f"somebody{number}@acme.test", f"2001:db8:1:2::{number:x}")
    assert _fail(lobby, 1, ANA, "2001:db8:1:2:ffff::1")[0].status_code == 429
    assert _fail(lobby, 1, ANA, "2001:db8:1:3::1")[0].status_code == 401


def test_what_is_remembered_of_attempts_is_gone_after_an_hour(lobby: Any) -> None:
    _fail(lobby, 3)
    _move_back(61)
    _fail(lobby, 1)
    with reading() as session:
        assert session.query(SignInAttempt).count() == 1


def test_with_an_authenticator_app_a_code_is_asked_for(lobby: Any) -> None:
    secret, _ = _turn_on(lobby)
    browser = lobby.visitor()
    asked = lobby.enter(browser, lobby.asked(), ANA, PASSWORD)
    assert (asked.status_code, "One more step" in asked.text) == (200, True)
    wrong = lobby.step(browser, asked, code="000000")
    assert (wrong.status_code, WRONG_CODE in wrong.text) == (401, True)
    assert "code" in lobby.query(lobby.step(browser, wrong, code=_now(secret)))


def test_a_code_works_once(lobby: Any) -> None:
    secret, _ = _turn_on(lobby)
    code = _now(secret)
    for expected in (302, 401):
        browser = lobby.visitor()
        asked = lobby.enter(browser, lobby.asked(), ANA, PASSWORD)
        assert lobby.step(browser, asked, code=code).status_code == expected


def test_a_recovery_code_works_once_and_the_person_is_told(lobby: Any) -> None:
    _, codes = _turn_on(lobby)
    for expected in (302, 401):
        browser = lobby.visitor()
        asked = lobby.enter(browser, lobby.asked(), ANA, PASSWORD)
        assert lobby.step(browser, asked, code=codes[3].upper().replace("-", " ")).status_code == expected
    assert "9 are left" in lobby.mails()[-1].text
    assert "identity.recovery_code_used" in lobby.audited()


def test_wrong_codes_lock_the_account_like_wrong_passwords(lobby: Any) -> None:
    secret, _ = _turn_on(lobby)
    browser = lobby.visitor()
    page = lobby.enter(browser, lobby.asked(), ANA, PASSWORD)
    for _ in range(5):
        page = lobby.step(browser, page, code="000000")
    assert lobby.step(browser, page, code=_now(secret)).status_code == 401
    # Coming back with the password does not open it either.
    assert lobby.enter(browser, lobby.asked(), ANA, PASSWORD).status_code == 401
    assert "identity.locked_out" in lobby.audited()


def test_a_step_of_another_browser_or_a_forged_one_leads_nowhere(lobby: Any) -> None:
    secret, _ = _turn_on(lobby)
    page = lobby.enter(lobby.visitor(), lobby.asked(), ANA, PASSWORD)
    step = page.text.split('name="step" value="')[1].split('"')[0]
    thief = lobby.visitor()
    asked = lobby.asked()
    for told in (step, "forged", ""):
        csrf = lobby.csrf(thief.get("/idp/authorize", params=asked))
        answer = thief.post("/idp/authorize", params=asked, data={"csrf": csrf, "step": told, "code": _now(secret)})
        assert (answer.status_code, STALE in answer.text) == (400, True)


def test_where_the_organization_asks_for_it_nobody_gets_in_before_enrolling(lobby: Any) -> None:
    with writing() as session:
        session.query(Organization).update({"require_totp": True})
    browser = lobby.visitor()
    page = lobby.enter(browser, lobby.asked(), ANA, PASSWORD)
    assert (page.status_code, "Set up your authenticator app" in page.text, "<svg" in page.text) == (200, True, True)
    secret = page.text.split('<p class="secret">')[1].split("<")[0].replace(" ", "")
    page = lobby.step(browser, page, code="000000")
    assert secret in page.text.replace(" ", "")
    page = lobby.step(browser, page, code=_now(secret))
    codes = page.text.split('<ul class="codes">')[1].split("</ul>")[0].count("<li>")
    assert (page.status_code, codes) == (200, 10)
    sid = lobby.claims(lobby.redeem(lobby.query(lobby.step(browser, page))["code"]).json()["id_token"])["sid"]
    assert sid
    assert {"identity.totp_turned_on", "identity.signed_in"} <= set(lobby.audited())
    with reading() as session:
        assert session.query(Authenticator).one().secret == secret
        raw = session.connection().exec_driver_sql("select secret from authenticators").scalar_one()
    assert secret not in raw


def test_a_sign_in_knows_where_it_was_made_and_a_new_place_is_told_by_mail(lobby: Any) -> None:
    lobby.comes_in(lobby.visitor())
    assert lobby.mails() == []
    lobby.comes_in(lobby.visitor())
    assert lobby.mails() == []
    lobby.comes_in(lobby.visitor("203.0.113.5", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/605"))
    (mail,) = lobby.mails()
    assert mail.subject == "Longhouse: a sign-in from a new place"
    assert "Safari on iPhone from 203.0.113.5" in mail.text
    with reading() as session:
        opened = session.query(SignInSession).order_by(SignInSession.created_at).all()
    assert (opened[0].address, opened[0].agent) == ("192.0.2.7", "Firefox on Linux")


def test_the_audit_names_no_person(lobby: Any) -> None:
    lobby.comes_in(lobby.visitor())
    _fail(lobby, 5)
    lobby.audited()
    with reading() as session:
        told = str([(row.details, row.actor_label) for row in session.query(AuditEvent)])
    assert not [word for word in (ANA, "Ana", "192.0.2.7", "Firefox") if word in told]


@pytest.mark.parametrize("ask", ["ana@acme.test", "nobody@acme.test"])
def test_asking_for_a_reset_answers_the_same_to_everybody(lobby: Any, ask: str) -> None:
    browser = lobby.visitor()
    page = lobby.step(browser, browser.get("/idp/forgot"), email=ask)
    assert (page.status_code, "If an account with this address exists" in page.text) == (200, True)
    assert len(lobby.mails()) == (1 if ask == ANA else 0)


def _reset_link(lobby: Any) -> str:
    browser = lobby.visitor()
    lobby.step(browser, browser.get("/idp/forgot"), email="ANA@acme.test")
    return next(line for line in lobby.mails()[-1].text.splitlines() if "/idp/reset?" in line).removeprefix(lobby.base)


def test_a_link_changes_the_password_once_and_ends_every_sign_in(lobby: Any) -> None:
    session_id = lobby.comes_in(lobby.visitor())
    _fail(lobby, 5)
    link, browser = _reset_link(lobby), lobby.visitor()
    page = browser.get(link)
    page = lobby.step(browser, page, password="ana@acme.test1", again="ana@acme.test1")
    assert "your name or e-mail address" in page.text
    page = lobby.step(browser, page, password="battery staple", again="battery stable")
    assert "The two passwords are not the same." in page.text
    page = lobby.step(browser, page, password="battery staple", again="battery staple")
    assert (page.status_code, "Password changed" in page.text) == (200, True)
    with reading() as session:
        assert session.get_one(SignInSession, session_id).revoked_at is not None
    assert browser.get(link).status_code == 400
    lobby.comes_in(lobby.visitor(), password="battery staple")
    assert lobby.enter(lobby.visitor(), lobby.asked(), ANA, PASSWORD).status_code == 401


def test_a_link_ends_after_half_an_hour_and_with_a_newer_password(lobby: Any) -> None:
    first, second, browser = _reset_link(lobby), _reset_link(lobby), lobby.visitor()
    page = browser.get(first)
    page = lobby.step(browser, page, password="battery staple", again="battery staple")
    assert "Password changed" in page.text
    assert "This link is over" in browser.get(second).text
    third = _reset_link(lobby)
    with writing() as session:
        session.connection().exec_driver_sql("update password_resets set expires_at = created_at")
    assert "This link is over" in browser.get(third).text
    assert "This link is over" in browser.get("/idp/reset?token=").text


def test_only_three_links_an_hour_are_sent(lobby: Any) -> None:
    for _ in range(5):
        browser = lobby.visitor()
        lobby.step(browser, browser.get("/idp/forgot"), email=ANA)
    assert len(lobby.mails()) == 3


def test_a_password_stored_under_other_costs_is_stored_anew_at_the_next_sign_in(lobby: Any) -> None:
    cheap = PasswordHash([Argon2Hasher(time_cost=2, memory_cost=16, parallelism=1)]).hash(PASSWORD)
    with writing() as session:
        session.query(User).update({"password_hash": cheap})
    lobby.comes_in(lobby.visitor())
    assert _user().password_hash != cheap
    lobby.comes_in(lobby.visitor())
