"""The second factor: a code within its time, once; ten recovery codes, each once."""

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Authenticator, Mail, PasswordReset
from warehouse.oltp.organization import AuditEvent, Organization, User
from warehouse.operations import resets, second_factor
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.second_factor import WrongCode

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECRET = pyotp.random_base32()
TOTP = pyotp.TOTP(SECRET)
STEP = timedelta(seconds=30)


@pytest.fixture
def ana_id(acme: Organization) -> str:
    with reading() as session:
        return session.query(User).filter(User.email == "ana@acme.test").one().id


@pytest.fixture
def codes(ana_id: str) -> list[str]:
    """Ana turned it on an hour ago."""
    with writing() as session:
        before = NOW - timedelta(hours=1)
        return second_factor.confirm(session, ana_id, SECRET, TOTP.at(before), before)


def _check(user_id: str, code: str, at: datetime = NOW) -> bool:
    with writing() as session:
        return second_factor.check(session, user_id, code, at)


def test_it_is_turned_on_by_a_right_code_alone(ana_id: str) -> None:
    for wrong in ("", "000000", "abcdef", "１２３４５６", TOTP.at(NOW + 3 * STEP)):
        with writing() as session, pytest.raises(WrongCode):
            second_factor.confirm(session, ana_id, SECRET, wrong, NOW)
    with writing() as session:
        assert not second_factor.is_on(session, ana_id)
        assert len(second_factor.confirm(session, ana_id, SECRET, TOTP.at(NOW), NOW)) == 10
    with writing() as session, pytest.raises(WrongCode, match="set up already"):
        second_factor.confirm(session, ana_id, SECRET, TOTP.at(NOW + STEP), NOW + STEP)


@pytest.mark.parametrize(("away", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_one_step_early_or_late(ana_id: str, codes: list[str], away: int, taken: bool) -> None:
    assert _check(ana_id, TOTP.at(NOW + away * STEP)) is taken


def test_a_code_and_every_older_one_is_refused_once_taken(ana_id: str, codes: list[str]) -> None:
    assert _check(ana_id, f" {TOTP.at(NOW)[:3]} {TOTP.at(NOW)[3:]} ")
    assert not _check(ana_id, TOTP.at(NOW))
    assert not _check(ana_id, TOTP.at(NOW - STEP))
    assert _check(ana_id, TOTP.at(NOW + STEP))


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_several_at_once_one_gets_in_with_a_code(ana_id: str, codes: list[str], kind: str) -> None:
    code, told = TOTP.at(NOW) if kind == "app" else codes[0], []
    threads = [threading.Thread(target=lambda: told.append(_check(ana_id, code))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, False, False, True]


def test_a_recovery_code_works_once_however_it_is_typed(ana_id: str, codes: list[str]) -> None:
    assert len(set(codes)) == 10
    assert _check(ana_id, codes[4].upper().replace("-", " "))
    assert not _check(ana_id, codes[4])
    with reading() as session:
        assert second_factor.recovery_codes_left(session, ana_id) == 9


def test_new_recovery_codes_end_the_former_ones(ana_id: str, codes: list[str]) -> None:
    with writing() as session:
        fresh = second_factor.new_recovery_codes(session, ana_id, NOW)
    assert not _check(ana_id, codes[0])
    assert _check(ana_id, fresh[0])


def test_turned_off_nothing_of_it_is_left(ana_id: str, codes: list[str]) -> None:
    with writing() as session:
        second_factor.turn_off(session, ana_id, NOW)
    assert not _check(ana_id, TOTP.at(NOW))
    assert not _check(ana_id, codes[0])
    with reading() as session:
        assert session.query(Authenticator).count() == 0


def test_every_change_is_in_the_chain_of_the_audit_and_told_by_mail(
    ana_id: str, codes: list[str], acme: Organization
) -> None:
    assert _check(ana_id, codes[0])
    with writing() as session:
        second_factor.turn_off(session, ana_id, NOW)
    with reading() as session:
        rows = session.query(AuditEvent).order_by(AuditEvent.position).all()
        assert [row.operation for row in rows][-3:] == [
            "identity.totp_turned_on",
            "identity.recovery_code_used",
            "identity.totp_turned_off",
        ]
        assert broken_audit_rows(session, acme.id) == []
        assert session.query(Mail).count() == 3
        assert codes[0] not in str([row.details for row in rows])


def test_of_two_at_once_one_changes_the_password_by_a_link(ana_id: str) -> None:
    links: list[str] = []
    with writing() as session:
        resets.ask_reset(session, "ana@acme.test", "192.0.2.1", NOW, lambda token: links.append(token) or token)
    told: list[str] = []

    def change(password: str) -> None:
        try:
            with writing() as session:
                resets.reset_password(session, links[0], password, NOW)
            told.append("changed")
        except resets.LinkOver:
            told.append("over")

    threads = [threading.Thread(target=change, args=(f"battery staple {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["changed", "over", "over"]
    with reading() as session:
        assert links[0] not in str(session.query(PasswordReset).one().token_hash)
