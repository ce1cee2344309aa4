"""A sign-in lasts while it is used, and no longer than it may; its person ends it from anywhere."""

from datetime import UTC, datetime, timedelta

import pytest

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Mail
from warehouse.oltp.organization import AuditEvent, Organization, SignInSession, User
from warehouse.operations import identity, resets, sessions
from warehouse.operations.passwords import PasswordRefused, hash_password
from warehouse.operations.sessions import Place
from warehouse.settings import settings

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PASSWORD = "correct horse"


def _user(email: str) -> User:
    with reading() as session:
        return session.query(User).filter(User.email == email).one()


def _open(email: str = "ana@acme.test", at: datetime = NOW, place: Place = identity.NOWHERE) -> str:
    with writing() as session:
        return identity.open_session(session, session.merge(_user(email)), at, place).id


def _holds(session_id: str, at: datetime) -> bool:
    with reading() as session:
        return identity.actor_of(session, session_id, at) is not None


def _use(session_id: str, at: datetime) -> datetime | None:
    with writing() as session:
        sessions.touch(session, session_id, at)
    with reading() as session:
        return session.get_one(SignInSession, session_id).last_seen_at


def _audited() -> list[str]:
    with reading() as session:
        return [row.operation for row in session.query(AuditEvent).order_by(AuditEvent.position)]


def test_a_sign_in_left_alone_ends_by_itself(acme: Organization) -> None:
    opened, idle = _open(), timedelta(minutes=settings().idle_minutes)
    assert _holds(opened, NOW + idle - timedelta(seconds=1))
    assert not _holds(opened, NOW + idle)


def test_use_prolongs_a_sign_in_up_to_its_absolute_end(acme: Organization) -> None:
    opened, end = _open(), NOW + timedelta(minutes=settings().session_minutes)
    at = NOW
    while at + timedelta(minutes=20) < end:
        at += timedelta(minutes=20)
        assert _use(opened, at) == at
    assert _holds(opened, end - timedelta(seconds=1))
    assert not _holds(opened, end)


def test_use_is_written_down_once_a_minute_at_most(acme: Organization) -> None:
    opened = _open()
    assert _use(opened, NOW + timedelta(seconds=59)) == NOW
    assert _use(opened, NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)


def test_what_is_over_is_not_revived_by_use(acme: Organization) -> None:
    opened = _open()
    late = NOW + timedelta(minutes=settings().idle_minutes, seconds=1)
    assert _use(opened, late) == NOW
    assert not _holds(opened, late)


def test_the_idle_time_is_a_setting(acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_IDLE_MINUTES", "2")
    settings.cache_clear()
    assert not _holds(_open(), NOW + timedelta(minutes=2))


def test_a_person_sees_the_live_ones_and_where_they_are(acme: Organization) -> None:
    laptop = _open(place=Place("192.0.2.1", "Firefox on Linux"))
    _open(at=NOW - timedelta(hours=1))
    phone = _open(at=NOW + timedelta(minutes=1), place=Place("2001:db8::1", "Safari on iPhone", "Example"))
    with reading() as session:
        live = sessions.list_live(session, _user("ana@acme.test").id, NOW + timedelta(minutes=2))
    assert [one.id for one in live] == [phone, laptop]
    assert (live[0].address, live[0].agent, live[0].provider) == ("2001:db8::1", "Safari on iPhone", "Example")


def test_signing_out_everywhere_ends_every_one_and_is_audited_once(acme: Organization, globex: Organization) -> None:
    first, second, bobs = _open(), _open(), _open("bob@globex.test")
    with writing() as session:
        assert sessions.close_all(session, _user("ana@acme.test").id, NOW) == 2
    assert [_holds(one, NOW) for one in (first, second, bobs)] == [False, False, True]
    with writing() as session:
        assert sessions.close_all(session, _user("ana@acme.test").id, NOW) == 0
    assert _audited().count("identity.sessions_ended") == 1


def test_nobody_ends_the_sign_in_of_another_person(acme: Organization, globex: Organization) -> None:
    anas = _open()
    with writing() as session:
        sessions.close_one(session, _user("bob@globex.test").id, anas, NOW)
    assert _holds(anas, NOW)
    with writing() as session:
        sessions.close_one(session, _user("ana@acme.test").id, anas, NOW)
    assert not _holds(anas, NOW)


def test_a_new_password_ends_every_other_sign_in_and_tells_the_person(acme: Organization) -> None:
    with writing() as session:
        session.query(User).filter(User.email == "ana@acme.test").update({"password_hash": hash_password(PASSWORD)})
    here, there, ana = _open(), _open(), _user("ana@acme.test")
    for old, new in ((PASSWORD, "ana@acme.test"), ("wrong password", "battery staple"), (PASSWORD, PASSWORD)):
        with writing() as session, pytest.raises(PasswordRefused):
            resets.change_password(session, ana.id, old, new, NOW, keeping=here)
    with writing() as session:
        resets.change_password(session, ana.id, PASSWORD, "battery staple", NOW, keeping=here)
    assert (_holds(here, NOW), _holds(there, NOW)) == (True, False)
    with reading() as session:
        assert [mail.subject for mail in session.query(Mail)] == ["Longhouse: your password was changed"]
        assert identity.check_sign_in(session, "ana@acme.test", "battery staple") is not None
    assert _audited()[-2:] == ["identity.sessions_ended", "identity.password_changed"]
