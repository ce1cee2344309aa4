"""What an identity provider tells is taken over: for its own organization, and never more than is its to say."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Mail
from warehouse.oltp.notices import Notice
from warehouse.oltp.organization import AuditEvent, ExternalId, Membership, Organization, SignInSession, User
from warehouse.operations import identity, members
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.user_events import read_event
from warehouse.operations.user_sync import LABEL, Outcome, SyncUser, receive, sync_user
from warehouse.tenancy import AccessRole, Actor, Forbidden, operator_actor

NOW = datetime.now(UTC)
NEW = {"id": "user_1", "email": "new@acme.test", "first_name": "Nia", "last_name": "Lund"}
_messages = count()


def tell(organization: Organization, what: str, **data: Any) -> Outcome:
    """A message of the organization's provider, under an id of its own."""
    event = read_event(f"msg_{next(_messages)}", json.dumps({"type": f"user.{what}", "data": data}).encode())
    assert event is not None
    return receive(organization.id, event)


def member(organization: Organization, name: str) -> Membership:
    with reading() as session:
        here = Membership.organization_id == organization.id
        return session.scalars(select(Membership).where(here, Membership.name == name)).one()


def user(email: str) -> User | None:
    with reading() as session:
        return identity.user_with(session, email)


def last(organization: Organization) -> AuditEvent:
    with reading() as session:
        assert broken_audit_rows(session, organization.id) == []
        here = select(AuditEvent).where(AuditEvent.organization_id == organization.id)
        return session.scalars(here.order_by(AuditEvent.position.desc()).limit(1)).one()


def sign_in(email: str, organization: Organization) -> str:
    with writing() as session:
        found = identity.user_with(session, email)
        assert found is not None
        opened = identity.open_session(session, found, NOW)
        identity.choose_organization(session, opened.id, organization.id)
        return opened.id


def is_in(session_id: str) -> bool:
    with reading() as session:
        return identity.actor_of(session, session_id, NOW) is not None


def edit_user(email: str, **values: object) -> None:
    with writing() as session:
        session.query(User).filter(User.email == email).update(values)


def test_a_new_user_becomes_a_member_who_has_no_password_yet(acme: Organization) -> None:
    assert tell(acme, "created", **NEW) is Outcome.CREATED
    made, account = member(acme, "Nia Lund"), user("new@acme.test")
    assert account is not None
    assert (made.access_role, made.is_active, made.user_id) == (AccessRole.MEMBER, True, account.id)
    assert (account.password_hash, account.profile) == (None, {"name": "Nia Lund"})
    told = last(acme)
    assert (told.operation, told.actor_label, told.entity_id) == ("organization.sync_user", LABEL, made.id)
    with reading() as session:
        known = session.scalars(select(ExternalId)).one()
    assert (known.source, known.source_key, known.record_id) == ("identity-provider", "user_1", made.id)


def test_several_addresses_are_told_as_clerk_tells_them(acme: Organization) -> None:
    listed = [{"id": "idn_1", "email_address": "Old@acme.test"}, {"id": "idn_2", "email_address": "Main@acme.test"}]
    tell(acme, "created", id="user_1", email_addresses=listed, primary_email_address_id="idn_2", first_name="Nia")
    assert member(acme, "Nia").email == "main@acme.test"
    tell(acme, "created", id="user_2", email_addresses=listed[:1], first_name="Ola", last_name=None)
    assert member(acme, "Ola").email == "old@acme.test"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"role": "admin"}, AccessRole.ADMIN),
        ({"role": "Viewer"}, AccessRole.VIEWER),
        ({"public_metadata": {"role": "viewer"}}, AccessRole.VIEWER),
        ({"role": "org:member", "public_metadata": {"role": "viewer"}}, AccessRole.VIEWER),
        ({"role": "superuser"}, AccessRole.MEMBER),
        ({"role": "owner"}, AccessRole.MEMBER),
        ({"role": {"slug": "admin"}, "public_metadata": ["admin"]}, AccessRole.MEMBER),
    ],
)
def test_a_role_is_what_is_named_but_never_owner(acme: Organization, data: Any, expected: AccessRole) -> None:
    tell(acme, "created", **NEW | data)
    assert member(acme, "Nia Lund").access_role is expected


def test_what_is_told_anew_is_changed_and_what_is_the_same_leaves_no_trace(acme: Organization) -> None:
    tell(acme, "created", **NEW)
    assert tell(acme, "updated", **NEW | {"last_name": "Holm", "role": "viewer"}) is Outcome.CHANGED
    changed = member(acme, "Nia Holm")
    assert (changed.access_role, changed.version) == (AccessRole.VIEWER, 2)
    before = last(acme).position
    assert tell(acme, "updated", **NEW | {"last_name": "Holm"}) is Outcome.UNCHANGED
    assert last(acme).position == before


def test_a_change_of_somebody_unknown_makes_them_where_it_says_enough(acme: Organization) -> None:
    assert tell(acme, "updated", id="user_1", first_name="Nia") is Outcome.IGNORED
    assert tell(acme, "updated", **NEW) is Outcome.CREATED


def test_a_member_of_an_import_is_taken_up(acme: Organization) -> None:
    with writing() as session:
        row = {"name": "Nia", "email": "New@acme.test", "access_role": AccessRole.VIEWER, "is_active": True}
        session.add(Membership(organization_id=acme.id, created_at=NOW, updated_at=NOW, change_seq=1, **row))
    assert tell(acme, "created", **NEW) is Outcome.CHANGED
    account, taken = user("new@acme.test"), member(acme, "Nia Lund")
    assert account is not None
    assert (taken.user_id, taken.access_role) == (account.id, AccessRole.VIEWER)


def test_the_address_of_a_person_of_this_organization_alone_is_changed_and_they_are_told(acme: Organization) -> None:
    tell(acme, "created", **NEW)
    edit_user("new@acme.test", password_hash="kept")
    assert tell(acme, "updated", id="user_1", email="nia@acme.test") is Outcome.CHANGED
    account = user("nia@acme.test")
    assert account is not None
    assert account.password_hash == "kept"
    with reading() as session:
        assert session.scalars(select(Mail.recipient)).all() == ["new@acme.test"]


def test_an_address_that_is_somebody_elses_stays_theirs(acme: Organization, globex: Organization) -> None:
    tell(acme, "created", **NEW)
    before = user("bob@globex.test")
    tell(acme, "updated", id="user_1", email="bob@globex.test")
    after = user("bob@globex.test")
    assert before is not None
    assert after is not None
    assert (after.id, after.profile) == (before.id, before.profile)
    assert user("new@acme.test") is not None
    assert last(acme).details["sign_in_address"] == "kept"


def test_the_operator_keeps_their_address_in_whatever_organization(acme: Organization) -> None:
    tell(acme, "created", **NEW)
    edit_user("new@acme.test", is_operator=True)
    tell(acme, "updated", id="user_1", email="mine@acme.test", name="Taken")
    account = user("new@acme.test")
    assert account is not None
    assert account.profile == {"name": "Nia Lund"}
    assert user("mine@acme.test") is None


def test_one_organizations_provider_says_nothing_about_another(acme: Organization, globex: Organization) -> None:
    before = member(globex, "The owner")
    hers, account = sign_in("bob@globex.test", globex), user("bob@globex.test")
    assert account is not None
    edit_user("bob@globex.test", password_hash="kept")
    assert tell(acme, "created", id="user_1", email="bob@globex.test", name="Bo") is Outcome.CREATED
    assert member(acme, "Bo").user_id == account.id
    tell(acme, "updated", id="user_1", email="taken@acme.test", name="Taken", role="viewer")
    here = sign_in("bob@globex.test", acme)
    assert tell(acme, "deleted", id="user_1") is Outcome.DEACTIVATED
    after = member(globex, "The owner")
    assert (after.is_active, after.access_role, after.version) == (True, AccessRole.OWNER, before.version)
    kept = user("bob@globex.test")
    assert kept is not None
    assert (kept.id, kept.password_hash, kept.profile) == (account.id, "kept", account.profile)
    assert (is_in(hers), is_in(here)) == (True, False)


def test_who_is_out_elsewhere_is_no_less_theirs(acme: Organization, globex: Organization) -> None:
    for organization in (acme, globex):
        tell(organization, "created", **NEW)
    tell(globex, "deleted", id="user_1")
    tell(acme, "updated", id="user_1", email="taken@acme.test")
    assert user("new@acme.test") is not None


def test_a_key_of_one_organization_means_nothing_in_another(acme: Organization, globex: Organization) -> None:
    tell(acme, "created", **NEW)
    assert tell(globex, "updated", id="user_1", name="Taken") is Outcome.IGNORED
    assert tell(globex, "deleted", id="user_1") is Outcome.IGNORED
    assert member(acme, "Nia Lund").is_active


def test_a_removed_user_is_out_at_once_and_what_they_did_stays(acme: Organization) -> None:
    tell(acme, "created", **NEW)
    opened = sign_in("new@acme.test", acme)
    assert is_in(opened)
    assert tell(acme, "deleted", id="user_1") is Outcome.DEACTIVATED
    assert not is_in(opened)
    with reading() as session:
        assert session.get_one(SignInSession, opened).revoked_at is not None
    assert not member(acme, "Nia Lund").is_active
    assert last(acme).details["sign_ins_ended"] == 1
    assert tell(acme, "deleted", id="user_1") is Outcome.UNCHANGED


def test_a_late_message_does_not_bring_a_removed_user_back(acme: Organization) -> None:
    assert tell(acme, "deleted", id="user_1") is Outcome.IGNORED
    assert tell(acme, "created", **NEW) is Outcome.STAYS_OUT
    assert user("new@acme.test") is None
    tell(acme, "created", **NEW | {"id": "user_2"})
    tell(acme, "deleted", id="user_2")
    assert tell(acme, "updated", **NEW | {"id": "user_2"}) is Outcome.STAYS_OUT
    assert tell(acme, "created", **NEW | {"id": "user_2"}) is Outcome.STAYS_OUT
    assert not member(acme, "Nia Lund").is_active


def test_who_is_made_anew_at_the_provider_is_back(acme: Organization) -> None:
    tell(acme, "created", **NEW)
    first = member(acme, "Nia Lund").id
    tell(acme, "deleted", id="user_1")
    assert tell(acme, "created", **NEW | {"id": "user_2"}) is Outcome.CHANGED
    back = member(acme, "Nia Lund")
    assert (back.id, back.is_active) == (first, True)


def test_who_was_made_anew_before_the_old_one_was_removed_stays_in(acme: Organization) -> None:
    tell(acme, "created", **NEW)
    tell(acme, "created", **NEW | {"id": "user_2"})
    assert tell(acme, "deleted", id="user_1") is Outcome.UNCHANGED
    assert member(acme, "Nia Lund").is_active


@pytest.mark.parametrize("known", [True, False])
def test_whom_an_admin_deactivated_no_message_lets_in_again(acme: Organization, known: bool) -> None:
    tell(acme, "created", **NEW)
    found = member(acme, "Nia Lund")
    with writing() as session:
        out = members.OneMember(id=found.id, version=found.version)
        members.deactivate_member(session, operator_actor(acme.id), out)
        if not known:
            session.query(ExternalId).delete()
    for what in ("updated", "created"):
        assert tell(acme, what, **NEW | {"role": "admin"}) is Outcome.STAYS_OUT
    kept = member(acme, "Nia Lund")
    assert (kept.is_active, kept.access_role) == (False, AccessRole.MEMBER)


def test_who_left_comes_back_by_an_invitation_only(acme: Organization, vic: Actor) -> None:
    tell(acme, "updated", id="user_7", email="vic@acme.test")
    with writing() as session:
        members.leave(session, vic, members.Leave())
    for key in ("user_7", "user_8"):
        assert tell(acme, "created", id=key, email="vic@acme.test") is Outcome.STAYS_OUT
    assert (member(acme, "Vic").user_id, member(acme, "Vic").is_active) == (None, False)


def test_the_last_owner_stays_and_owners_are_told(acme: Organization, ana: Actor) -> None:
    tell(acme, "updated", id="user_1", email="ana@acme.test", role="viewer")
    assert tell(acme, "deleted", id="user_1") is Outcome.KEPT
    kept = member(acme, "The owner")
    assert (kept.is_active, kept.access_role) == (True, AccessRole.OWNER)
    told = last(acme)
    assert (told.entity_id, told.details["kept"]) == (ana.membership_id, "last owner")
    with reading() as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "owner_kept")).one()
    assert notice.membership_id == ana.membership_id


def test_another_owner_may_go(acme: Organization, vic: Actor) -> None:
    with writing() as session:
        session.get_one(Membership, vic.membership_id).access_role = AccessRole.OWNER
    tell(acme, "updated", id="user_1", email="vic@acme.test")
    assert tell(acme, "deleted", id="user_1") is Outcome.DEACTIVATED


@pytest.mark.parametrize("who", ["ana", "operator"])
def test_nobody_says_this_in_the_providers_place(acme: Organization, ana: Actor, who: str) -> None:
    actor = ana if who == "ana" else operator_actor(acme.id)
    asked = SyncUser(delivery="0" * 64, happened="created", source_key="user_1", email="new@acme.test")
    with pytest.raises(Forbidden), writing() as session:
        sync_user(session, actor, asked)
