"""The page behind an invitation's link: who is let in by it, and who is not."""

from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import select

from apps.identity.steps import NEWCOMER
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Mail
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.identity import member_actor
from warehouse.operations.invitations import InvitePerson, OneInvitation, invite, withdraw_invitation
from warehouse.tenancy import Actor

ANA, EVE = "ana@acme.test", "eve@new.test"
PASSWORD = "seven tall herons"


def _ana() -> Actor:
    with reading() as session:
        return member_actor(session, session.query(Organization).one().id, ANA)


def _link(email: str = EVE) -> tuple[str, str]:
    """An invitation's id, and the path its mail leads to."""
    made = invite(_ana(), InvitePerson(email=email))
    with reading() as session:
        mail = session.scalars(select(Mail).where(Mail.recipient == email).order_by(Mail.created_at.desc())).first()
        assert mail is not None
        return made.id, "/idp/" + str(mail.text).split("/idp/")[1].split()[0]


def _sent(lobby: Any, browser: Any, page: httpx.Response, **fields: str) -> httpx.Response:
    told: httpx.Response = lobby.step(
        browser, page, **({"name": "Eve", "password": PASSWORD, "again": PASSWORD} | fields)
    )
    return told


def _people() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(User.email).order_by(User.email)))


def test_somebody_new_is_in_without_typing_the_password_twice(lobby: Any) -> None:
    browser = lobby.visitor()
    answer = _sent(lobby, browser, browser.get(_link()[1]))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/join?welcome=1")
    granted = browser.get("/idp/authorize", params=lobby.asked())
    claims = lobby.claims(lobby.redeem(lobby.query(granted)["code"]).json()["id_token"])
    assert claims["email"] == EVE
    assert not browser.cookies.get(NEWCOMER)
    # Once: whoever uses this browser next is asked for a password.
    assert "Forgot password" in browser.get("/idp/authorize", params=lobby.asked()).text


def test_what_lets_a_newcomer_in_is_worth_nothing_in_another_browser(lobby: Any) -> None:
    browser, thief = lobby.visitor(), lobby.visitor("203.0.113.9")
    _sent(lobby, browser, browser.get(_link()[1]))
    thief.cookies.set(NEWCOMER, browser.cookies[NEWCOMER], path="/idp")
    page = thief.get("/idp/authorize", params=lobby.asked())
    assert "Forgot password" in page.text
    stolen = lobby.step(thief, page, step=browser.cookies[NEWCOMER], code="1")
    assert stolen.status_code == 400


def test_it_is_no_step_of_the_usual_sign_in_either(lobby: Any) -> None:
    browser = lobby.visitor()
    _sent(lobby, browser, browser.get(_link()[1]))
    kept = browser.cookies[NEWCOMER]
    browser.cookies.delete(NEWCOMER)
    page = browser.get("/idp/authorize", params=lobby.asked())
    assert lobby.step(browser, page, step=kept, code="1").status_code == 400


def test_what_is_typed_wrong_is_told_and_makes_nobody(lobby: Any) -> None:
    browser = lobby.visitor()
    page = browser.get(_link()[1])
    for fields, told in (
        ({"again": "another one here"}, "not the same"),
        ({"password": "short", "again": "short"}, "at least 10"),
        ({"password": "eve@new.test", "again": "eve@new.test"}, "your name or e-mail"),
        ({"name": " "}, "enter your name"),
        ({"name": "x" * 300}, "enter your name"),
    ):
        answer = _sent(lobby, browser, page, **fields)
        assert (answer.status_code, told in answer.text) == (400, True), told
    assert _people() == [ANA]


def test_a_form_of_another_browser_is_refused(lobby: Any) -> None:
    browser, other = lobby.visitor(), lobby.visitor("203.0.113.9")
    page = browser.get(_link()[1])
    other.get(page.url.path + "?" + page.url.query.decode())
    assert _sent(lobby, other, page).status_code == 400
    assert _people() == [ANA]


def test_a_link_that_was_used_or_taken_back_says_so(lobby: Any) -> None:
    browser = lobby.visitor()
    made, path = _link()
    page = browser.get(path)
    with writing() as session:
        withdraw_invitation(session, _ana(), OneInvitation(id=made))
    for answer in (browser.get(path), _sent(lobby, browser, page), browser.get("/idp/invitation")):
        assert answer.status_code == 400
        assert "This invitation is over" in answer.text
    _, path = _link("max@new.test")
    assert _sent(lobby, browser, browser.get(path), name="Max").status_code == 303
    assert "over" in browser.get(path).text


def test_somebody_who_has_an_account_is_led_to_sign_in_and_no_password_is_set(lobby: Any) -> None:
    browser = lobby.visitor()
    made, path = _link()
    page = browser.get(path)
    with writing() as session:
        session.add(
            User(email=EVE, password_hash=session.query(User).first().password_hash, created_at=datetime.now(UTC))
        )
    assert "Sign in to join" in browser.get(path).text
    answer = _sent(lobby, browser, page)
    assert answer.status_code == 400
    assert "Sign in to join" in answer.text
    with reading() as session:
        assert session.query(Membership).count() == 1
    assert made


def test_an_organization_asking_for_a_second_factor_gets_one_from_a_newcomer(lobby: Any) -> None:
    with writing() as session:
        session.query(Organization).one().require_totp = True
    browser = lobby.visitor()
    _sent(lobby, browser, browser.get(_link()[1]))
    assert "Set up your authenticator app" in browser.get("/idp/authorize", params=lobby.asked()).text


def test_a_name_with_marks_is_shown_as_it_is(lobby: Any) -> None:
    with writing() as session:
        session.query(Organization).one().name = "<b>Acme & Co</b>"
    text = lobby.visitor().get(_link()[1]).text
    assert "&lt;b&gt;Acme &amp; Co&lt;/b&gt;" in text
    assert "<b>Acme & Co" not in text
