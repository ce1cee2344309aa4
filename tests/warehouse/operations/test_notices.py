"""Owners and admins are told what touches the safety of their organization: each rule, not too often, nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from warehouse.oltp.engine import reading, reading_as, writing, writing_as
from warehouse.oltp.identity import Mail
from warehouse.oltp.notices import Notice
from warehouse.oltp.organization import AuditEvent, Membership, User
from warehouse.operations import events, security_events, user_sync
from warehouse.operations.audit import record_event, record_export
from warehouse.operations.identity import member_actor, open_session
from warehouse.operations.inbox import NoticeUnknown, Said, mail_notices, put_away, unread_notices
from warehouse.operations.notices import RULES
from warehouse.operations.sessions import Place
from warehouse.tenancy import AccessRole, Actor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_HOME = Place(address="192.0.2.7", agent="Firefox on Linux")
ELSEWHERE = Place(address="203.0.113.9", agent="Safari on iPhone")


def _member(organization_id: str, email: str, role: AccessRole) -> Actor:
    with writing() as session:
        user = User(email=email, profile={}, created_at=NOW)
        session.add(user)
        session.flush()
        session.add(
            Membership(
                organization_id=organization_id,
                user_id=user.id,
                name=email.partition("@")[0].title(),
                access_role=role,
                created_at=NOW,
                updated_at=NOW,
                change_seq=0,
            )
        )
        session.flush()
        return member_actor(session, organization_id, email)


@pytest.fixture
def mia(ana: Actor) -> Actor:
    """A member at acme, whom things happen to."""
    return _member(ana.organization_id, "mia@acme.test", AccessRole.MEMBER)


def _user_of(actor: Actor) -> User:
    with reading() as session:
        member = session.get_one(Membership, actor.membership_id)
        return session.get_one(User, member.user_id)


def _failures(ana: Actor, mia: Actor) -> None:
    for second in range(3):
        with writing() as session:
            moment = NOW + timedelta(seconds=second)
            security_events.note_failure(session, _user_of(mia).id, moment, "password", locks=False)


def _lockout(ana: Actor, mia: Actor) -> None:
    with writing() as session:
        security_events.note_failure(session, _user_of(mia).id, NOW, "password", locks=True)


def _export(ana: Actor, mia: Actor) -> None:
    with writing_as(mia) as session:
        record_export(session, mia, "customers", "csv", personal=True)


def _open_export(ana: Actor, mia: Actor) -> None:
    with writing() as session:
        record_event(session, mia, events.FILE_READ, "files", mia.membership_id, {"kind": "export"}, now=NOW)


def _change_rights(ana: Actor, mia: Actor) -> None:
    changed = {"changed": {"access_role": ["member", "admin"]}}
    with writing_as(ana) as session:
        record_event(session, ana, "organization.change_member", "memberships", mia.membership_id, changed, now=NOW)


def _make_token(ana: Actor, mia: Actor) -> None:
    with writing_as(mia) as session:
        record_event(session, mia, events.TOKEN_MADE, "api_tokens", now=NOW)


def _new_place(ana: Actor, mia: Actor) -> None:
    for hours, place in enumerate((AT_HOME, ELSEWHERE)):
        with writing() as session:
            open_session(session, session.get_one(User, _user_of(mia).id), NOW + timedelta(hours=hours), place)


def _remove_the_owner(ana: Actor, mia: Actor) -> None:
    for happened in ("updated", "deleted"):
        told = {"delivery": user_sync.delivery_of(happened), "happened": happened, "source_key": "user_1"}
        user_sync.receive(ana.organization_id, user_sync.SyncUser.model_validate(told | {"email": _user_of(ana).email}))


FIRED: dict[str, Callable[[Actor, Actor], None]] = {
    "repeated_failures": _failures,
    "locked_out": _lockout,
    "personal_export": _export,
    "personal_file": _open_export,
    "permission_change": _change_rights,
    "new_token": _make_token,
    "new_place": _new_place,
    "owner_kept": _remove_the_owner,
}
SAID = {
    "repeated_failures": "Mia failed to sign in 3 times",
    "locked_out": "The account of Mia is locked",
    "personal_export": "Mia took data about people away",
    "personal_file": "Mia opened an exported file",
    "permission_change": "The owner changed a member's role",
    "new_token": "Mia made a token",
    "new_place": "Mia signed in from a network and browser",
    "owner_kept": "Identity provider removed The owner, who stays",
}


def _unread(actor: Actor) -> list[Said]:
    with reading_as(actor) as session:
        return unread_notices(session, actor)


def _mails() -> list[tuple[str, str, str]]:
    with writing() as session:
        mail_notices(session, NOW)
    with reading() as session:
        rows = session.scalars(select(Mail).order_by(Mail.created_at, Mail.id))
        return [(row.recipient, row.subject, row.text or "") for row in rows if "audit" in (row.text or "")]


def test_every_rule_is_fired_here() -> None:
    assert set(FIRED) == set(SAID) == {rule.kind for rule in RULES}


@pytest.mark.parametrize("kind", FIRED)
def test_each_rule_tells_owners_and_admins_on_screen_and_by_mail(ana: Actor, bob: Actor, mia: Actor, kind: str) -> None:
    ada = _member(ana.organization_id, "ada@acme.test", AccessRole.ADMIN)
    FIRED[kind](ana, mia)
    for told in (ana, ada):
        (notice,) = [one for one in _unread(told) if SAID[kind] in one.text]
        with reading() as session:
            assert session.get_one(AuditEvent, notice.audit_event_id).organization_id == ana.organization_id
    assert (_unread(mia), _unread(bob)) == ([], [])
    mails = [one for one in _mails() if SAID[kind] in one[2]]
    assert sorted(to for to, _, _ in mails) == ["ada@acme.test", "ana@acme.test"]
    assert all("It happened in Acme" in text for _, _, text in mails)


@pytest.mark.parametrize("kind", FIRED)
def test_each_rule_is_silent_for_an_hour_about_the_same(ana: Actor, mia: Actor, kind: str) -> None:
    for _ in range(4):
        FIRED[kind](ana, mia)
    with reading() as session:
        count = session.scalar(select(func.count(Notice.id)).where(Notice.kind == kind))
    assert count == 1


def test_after_an_hour_or_about_somebody_else_it_is_told_again(ana: Actor, mia: Actor) -> None:
    zoe = _member(ana.organization_id, "zoe@acme.test", AccessRole.MEMBER)
    for actor, minutes in ((mia, 0), (mia, 30), (zoe, 31), (mia, 61)):
        with writing() as session:
            moment = NOW + timedelta(minutes=minutes)
            record_event(session, actor, events.TOKEN_MADE, "api_tokens", now=moment)
    told = [(one.at, one.text.split()[0]) for one in _unread(ana)]
    assert told == [
        (NOW + timedelta(minutes=61), "Mia"),
        (NOW + timedelta(minutes=31), "Zoe"),
        (NOW, "Mia"),
    ]


def test_a_flood_of_failures_is_one_notice_and_one_mail(ana: Actor, mia: Actor) -> None:
    for second in range(200):
        with writing() as session:
            moment = NOW + timedelta(seconds=second)
            security_events.note_failure(session, _user_of(mia).id, moment, "password", locks=False)
    assert len(_unread(ana)) == 1
    assert len(_mails()) == 1


def test_two_failures_are_nobodys_business(ana: Actor, mia: Actor) -> None:
    for minutes in (0, 1, 20, 21):
        with writing() as session:
            moment = NOW + timedelta(minutes=minutes)
            security_events.note_failure(session, _user_of(mia).id, moment, "password", locks=False)
    assert _unread(ana) == []


def test_an_export_without_people_in_it_tells_nobody(ana: Actor) -> None:
    with writing_as(ana) as session:
        record_export(session, ana, "products", "csv", personal=False)
    assert _unread(ana) == []


def test_a_notice_that_was_put_away_stays_away_for_that_person_alone(ana: Actor, bob: Actor, mia: Actor) -> None:
    ada = _member(ana.organization_id, "ada@acme.test", AccessRole.ADMIN)
    _lockout(ana, mia)
    (notice,) = _unread(ana)
    for other in (ada, bob):
        with pytest.raises(NoticeUnknown), writing_as(other) as session:
            put_away(session, other, [notice.id], NOW)
    with writing_as(ana) as session:
        put_away(session, ana, [notice.id], NOW)
    assert _unread(ana) == []
    assert len(_unread(ada)) == 1


def test_a_notice_keeps_references_and_the_mail_goes_once(ana: Actor, mia: Actor) -> None:
    _lockout(ana, mia)
    with reading() as session:
        kept = str([(one.facts, one.subject) for one in session.scalars(select(Notice))])
    assert "Mia" not in kept
    assert "acme.test" not in kept
    assert len(_mails()) == len(_mails()) == 1


def test_somebody_who_may_no_longer_come_in_gets_no_mail(ana: Actor, mia: Actor) -> None:
    _lockout(ana, mia)
    with writing() as session:
        session.get_one(User, _user_of(ana).id).is_active = False
    assert _mails() == []
