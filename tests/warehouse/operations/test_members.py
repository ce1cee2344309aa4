"""Members come by invitation, hold what somebody gave them who held it, and an owner always stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from warehouse.oltp.engine import reading, reading_as, writing, writing_as
from warehouse.oltp.identity import Mail
from warehouse.oltp.members import Invitation
from warehouse.oltp.organization import AuditEvent, Membership, Organization, User
from warehouse.operations import identity
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion
from warehouse.operations.founding import FoundOrganization, found_organization, propose_slug
from warehouse.operations.identity import member_actor
from warehouse.operations.invitations import (
    MOST_TO_ONE,
    InvitationOver,
    InvitePerson,
    OneInvitation,
    invitation_of_link,
    invitations_for,
    invite,
    open_invitations,
    resend,
    withdraw_invitation,
)
from warehouse.operations.joining import Join, WrongAddress, join_as, join_as_newcomer, join_organization
from warehouse.operations.members import (
    LAST_OWNER,
    ChangeMember,
    Leave,
    OneMember,
    TransferOwnership,
    change_member,
    deactivate_member,
    leave,
    list_members,
    reactivate_member,
    transfer_ownership,
)
from warehouse.operations.preferences import Preferences, preferences_of, save_preferences
from warehouse.operations.sales import CreateOpportunity, create_opportunity
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, Forbidden

EVE = "eve@new.test"
PASSWORD = "seven tall herons"


def now() -> datetime:
    return datetime.now(UTC)


def token_of(email: str = EVE) -> str:
    """What the latest mail to this address leads with."""
    with reading() as session:
        mail = session.scalars(
            select(Mail).where(Mail.recipient == email).order_by(Mail.created_at.desc(), Mail.id.desc())
        ).first()
        assert mail is not None
        assert mail.text is not None
        return mail.text.split("token=")[1].split()[0]


def comes_in(actor: Actor, email: str = EVE, **wish: Any) -> Actor:
    """Invite somebody new, who accepts."""
    invite(actor, InvitePerson(email=email, **wish))
    with writing() as session:
        join_as_newcomer(session, token_of(email), email.split("@")[0].title(), PASSWORD, now())
    return acting(actor.organization_id, email)


def acting(organization_id: str, email: str) -> Actor:
    with reading() as session:
        return member_actor(session, organization_id, email)


def member(actor: Actor, membership_id: str | None) -> Membership:
    with reading_as(actor) as session:
        return session.get_one(Membership, membership_id)


def change(actor: Actor, who: Actor, **values: Any) -> Membership:
    asked = ChangeMember(id=who.membership_id or "", version=member(actor, who.membership_id).version, **values)
    with writing_as(actor) as session:
        return change_member(session, actor, asked)


def at(actor: Actor, who: Actor) -> OneMember:
    return OneMember(id=who.membership_id or "", version=member(actor, who.membership_id).version)


def audited(actor: Actor) -> list[str]:
    with reading() as session:
        assert broken_audit_rows(session, actor.organization_id) == []
        rows = session.scalars(
            select(AuditEvent).where(AuditEvent.organization_id == actor.organization_id).order_by(AuditEvent.position)
        )
        return [row.operation.removeprefix("organization.") for row in rows]


def test_an_invited_person_sets_name_and_password_and_is_a_member(ana: Actor) -> None:
    eve = comes_in(ana, access_role=AccessRole.MEMBER, functions=[BusinessFunction.SALES])
    assert (eve.role, eve.functions) == (AccessRole.MEMBER, {BusinessFunction.SALES})
    with reading() as session:
        assert identity.check_sign_in(session, EVE, PASSWORD) is not None
    with reading_as(ana) as session:
        assert next((row.member.name, row.email, row.state) for row in list_members(session, ana)) == (
            "Eve",
            EVE,
            "Active",
        )
        assert open_invitations(session, ana) == []
    assert audited(ana)[-2:] == ["invite", "join"]


def test_a_link_works_once_and_not_after_a_week(ana: Actor) -> None:
    invite(ana, InvitePerson(email=EVE))
    token = token_of()
    with reading() as session, pytest.raises(InvitationOver, match="7 days"):
        invitation_of_link(session, token, now() + timedelta(days=7, minutes=1))
    with writing() as session:
        join_as_newcomer(session, token, "Eve", PASSWORD, now())
    with reading() as session, pytest.raises(InvitationOver):
        invitation_of_link(session, token, now())


def test_only_a_digest_of_the_link_is_stored(ana: Actor) -> None:
    invite(ana, InvitePerson(email=EVE))
    with reading() as session:
        kept = session.scalars(select(Invitation)).one()
    assert token_of() not in str(vars(kept))


def test_a_link_sent_anew_replaces_the_one_before(ana: Actor) -> None:
    made = invite(ana, InvitePerson(email=EVE))
    first = token_of()
    resend(ana, made.id)
    with reading() as session:
        with pytest.raises(InvitationOver):
            invitation_of_link(session, first, now())
        assert invitation_of_link(session, token_of(), now()).email == EVE


def test_an_invitation_taken_back_opens_nothing(ana: Actor) -> None:
    made = invite(ana, InvitePerson(email=EVE))
    with writing_as(ana) as session:
        withdraw_invitation(session, ana, OneInvitation(id=made.id))
    with reading() as session, pytest.raises(InvitationOver):
        invitation_of_link(session, token_of(), now())
    with writing_as(ana) as session, pytest.raises(NotFound):
        withdraw_invitation(session, ana, OneInvitation(id=made.id))


def test_somebody_who_can_sign_in_already_joins_without_a_second_password(ana: Actor, bob: Actor) -> None:
    invite(ana, InvitePerson(email="Bob@Globex.test", access_role=AccessRole.VIEWER))
    with writing() as session:
        user = identity.user_with(session, "bob@globex.test")
        assert user is not None
        [invited] = invitations_for(session, user.email, now())
        assert join_as(session, user.id, invited.id, now()) == ana.organization_id
        assert {one.slug for one in identity.organizations_of(session, user.id)} == {"acme", "globex"}
    assert acting(ana.organization_id, "bob@globex.test").role is AccessRole.VIEWER
    assert acting(bob.organization_id, "bob@globex.test").role is AccessRole.OWNER


def test_an_invitation_is_for_its_address_alone(ana: Actor, bob: Actor) -> None:
    made = invite(ana, InvitePerson(email=EVE))
    with writing() as session:
        user = identity.user_with(session, "bob@globex.test")
        assert user is not None
        assert invitations_for(session, user.email, now()) == []
        with pytest.raises(WrongAddress, match="another address"):
            join_as(session, user.id, made.id, now())


def test_nobody_joins_by_asking_for_it(ana: Actor, bob: Actor) -> None:
    made = invite(ana, InvitePerson(email=EVE))
    with writing() as session, pytest.raises(Forbidden, match="link"):
        join_organization(session, ana, Join(invitation_id=made.id, user_id="x", name="Eve"))


def test_an_admin_invites_no_owner_and_touches_none(ana: Actor) -> None:
    admin = comes_in(ana, access_role=AccessRole.ADMIN)
    with pytest.raises(Forbidden, match="more than they hold"):
        invite(admin, InvitePerson(email="z@new.test", access_role=AccessRole.OWNER))
    with pytest.raises(Forbidden):
        change(admin, ana, access_role=AccessRole.VIEWER)
    with pytest.raises(Forbidden):
        change(admin, admin, access_role=AccessRole.OWNER)
    with writing_as(admin) as session, pytest.raises(Forbidden):
        deactivate_member(session, admin, at(admin, ana))


def test_a_member_and_a_viewer_decide_about_nobody(ana: Actor, vic: Actor) -> None:
    eve = comes_in(ana, functions=[BusinessFunction.SALES])
    for actor in (eve, vic):
        with pytest.raises(Forbidden, match="organization:members"):
            invite(actor, InvitePerson(email="z@new.test"))
        with pytest.raises(Forbidden, match="organization:members"):
            change(actor, actor, access_role=AccessRole.ADMIN)


def test_who_is_invited_or_a_member_is_not_invited_again(ana: Actor) -> None:
    invite(ana, InvitePerson(email=EVE))
    with pytest.raises(NotAllowedNow, match="invited already"):
        invite(ana, InvitePerson(email=EVE.upper()))
    with pytest.raises(NotAllowedNow, match="member already"):
        invite(ana, InvitePerson(email="ana@acme.test"))


def test_nobody_floods_an_address_with_invitations(ana: Actor) -> None:
    made = invite(ana, InvitePerson(email=EVE))
    for _ in range(MOST_TO_ONE - 1):
        resend(ana, made.id)
    with pytest.raises(NotAllowedNow, match="mails within the hour"):
        resend(ana, made.id)
    with writing_as(ana) as session:
        withdraw_invitation(session, ana, OneInvitation(id=made.id))
    with pytest.raises(NotAllowedNow, match="mails within the hour"):
        invite(ana, InvitePerson(email=EVE))


@pytest.mark.parametrize(
    "email", ["", "eve", "eve@", "@new.test", "eve @new.test", "e\0ve@new.test", "e" * 330 + "@x.y"]
)
def test_what_is_no_address_is_not_invited(email: str) -> None:
    with pytest.raises(ValueError, match="email"):
        InvitePerson(email=email)


def test_another_organizations_invitation_and_member_are_not_found(ana: Actor, bob: Actor) -> None:
    made = invite(ana, InvitePerson(email=EVE))
    with pytest.raises(NotFound):
        resend(bob, made.id)
    with writing_as(bob) as session, pytest.raises(NotFound):
        deactivate_member(session, bob, OneMember(id=ana.membership_id or "", version=1))


def test_the_last_owner_is_not_demoted_deactivated_and_does_not_leave(ana: Actor) -> None:
    with pytest.raises(NotAllowedNow, match=LAST_OWNER):
        change(ana, ana, access_role=AccessRole.ADMIN)
    with writing_as(ana) as session, pytest.raises(NotAllowedNow, match=LAST_OWNER):
        leave(session, ana, Leave())
    with writing_as(ana) as session, pytest.raises(NotAllowedNow, match="yourself"):
        deactivate_member(session, ana, at(ana, ana))
    comes_in(ana, access_role=AccessRole.OWNER)
    assert change(ana, ana, access_role=AccessRole.ADMIN).access_role is AccessRole.ADMIN


def test_ownership_is_handed_over_with_the_slug_typed_and_two_rows_in_the_audit(ana: Actor) -> None:
    eve = comes_in(ana)
    version = member(ana, eve.membership_id).version
    asked = TransferOwnership(id=eve.membership_id or "", version=version, confirmation="Acme Ltd")
    with writing_as(ana) as session, pytest.raises(NotAllowedNow, match="Type acme"):
        transfer_ownership(session, ana, asked)
    with writing_as(ana) as session:
        transfer_ownership(session, ana, asked.model_copy(update={"confirmation": "acme"}))
    roles = [acting(ana.organization_id, email).role for email in (EVE, "ana@acme.test")]
    assert roles == [AccessRole.OWNER, AccessRole.ADMIN]
    assert audited(ana)[-2:] == ["transfer_ownership", "give_up_ownership"]


def test_a_deactivated_member_is_out_and_comes_back_as_they_were(ana: Actor) -> None:
    eve = comes_in(ana, functions=[BusinessFunction.SALES])
    with writing() as session:
        user = identity.user_with(session, EVE)
        assert user is not None
        sign_in = identity.open_session(session, user, now()).id
    with writing_as(ana) as session:
        deactivate_member(session, ana, at(ana, eve))
    with reading() as session:
        assert identity.actor_of(session, sign_in, now()) is None
    with writing_as(eve) as session, pytest.raises(Forbidden, match="membership"):
        create_opportunity(session, eve, CreateOpportunity(name="Late"))
    with writing_as(ana) as session:
        reactivate_member(session, ana, at(ana, eve))
    assert acting(ana.organization_id, EVE) == eve


def test_rights_taken_away_end_at_the_next_write_of_an_open_screen(ana: Actor) -> None:
    eve = comes_in(ana, functions=[BusinessFunction.SALES])
    change(ana, eve, access_role=AccessRole.VIEWER)
    with writing_as(eve) as session, pytest.raises(Forbidden, match="changed"):
        create_opportunity(session, eve, CreateOpportunity(name="Late"))


def test_who_left_comes_back_only_by_an_invitation_and_is_the_same_member(ana: Actor) -> None:
    eve = comes_in(ana)
    with writing_as(eve) as session:
        leave(session, eve, Leave())
    with writing_as(ana) as session:
        reactivate_member(session, ana, at(ana, eve))
        assert identity.organizations_of(session, eve.membership_id or "") == []
    invite(ana, InvitePerson(email=EVE, access_role=AccessRole.VIEWER))
    with writing() as session:
        user = identity.user_with(session, EVE)
        assert user is not None
        assert identity.organizations_of(session, user.id) == []
        [invited] = invitations_for(session, EVE, now())
        join_as(session, user.id, invited.id, now())
    assert acting(ana.organization_id, EVE).membership_id == eve.membership_id


def test_somebody_named_in_an_import_takes_over_their_membership(ana: Actor) -> None:
    with writing() as session:
        written = {"created_at": now(), "updated_at": now(), "change_seq": 0}
        imported = Membership(organization_id=ana.organization_id, name="Robin Reed", **written)
        session.add(imported)
        session.flush()
    eve = comes_in(ana, membership_id=imported.id)
    assert eve.membership_id == imported.id
    assert member(ana, imported.id).name == "Robin Reed"


def test_two_people_cannot_manage_each_other(ana: Actor) -> None:
    eve = comes_in(ana)
    change(ana, eve, manager_id=ana.membership_id)
    with pytest.raises(NotAllowedNow, match="manage each other"):
        change(ana, ana, manager_id=eve.membership_id)


def test_a_change_to_what_somebody_else_changed_is_refused(ana: Actor) -> None:
    eve = comes_in(ana)
    stale = at(ana, eve)
    change(ana, eve, business_role="Rep")
    with writing_as(ana) as session, pytest.raises(StaleVersion):
        deactivate_member(session, ana, stale)


def test_whoever_invited_hears_of_it_unless_they_do_not_want_to(ana: Actor) -> None:
    comes_in(ana)
    with reading() as session:
        assert "Eve joined" in [mail.subject for mail in session.scalars(select(Mail))][-1]
    with writing() as session:
        user = identity.user_with(session, "ana@acme.test")
        assert user is not None
        save_preferences(session, user.id, Preferences(tell_when_joined=False))
    comes_in(ana, "max@new.test")
    with reading() as session:
        assert not [mail for mail in session.scalars(select(Mail)) if "Max joined" in mail.subject]


def _person(session: Any, email: str = EVE) -> User:
    return identity.add_person(session, email, "Eve Moor")


def test_who_founds_an_organization_owns_it(store: Any) -> None:
    with writing() as session:
        user = _person(session)
        slug = propose_slug(session, "Zürich & Söhne AG")
        assert slug == "zurich-sohne-ag"
        made = found_organization(session, user.id, FoundOrganization(name="Zürich & Söhne AG", slug=slug))
        assert propose_slug(session, "Zurich Sohne AG") == "zurich-sohne-ag-2"
    assert acting(made.id, EVE).role is AccessRole.OWNER
    with reading() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.organization_id == made.id)).one()
    assert row.actor_label == "founder"


def test_in_production_only_the_operator_founds(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_ENVIRONMENT", "production")
    settings.cache_clear()
    with writing() as session:
        user = _person(session)
        with pytest.raises(Forbidden, match="operator"):
            found_organization(session, user.id, FoundOrganization(name="New", slug="new"))
        user.is_operator = True
        session.flush()
        assert found_organization(session, user.id, FoundOrganization(name="New", slug="new")).slug == "new"


def test_a_taken_slug_is_told_with_a_free_one(acme: Organization) -> None:
    with writing() as session, pytest.raises(NotAllowedNow, match="acme-2 is free"):
        found_organization(session, _person(session).id, FoundOrganization(name="Acme", slug="acme"))


def test_a_person_begins_in_the_organization_they_chose_and_reads_days_their_way(ana: Actor, bob: Actor) -> None:
    invite(ana, InvitePerson(email="bob@globex.test", access_role=AccessRole.VIEWER))
    with writing() as session:
        user = identity.user_with(session, "bob@globex.test")
        assert user is not None
        join_as(session, user.id, invitations_for(session, user.email, now())[0].id, now())
        assert identity.open_session(session, user, now()).organization_id is None
        chosen = Preferences(default_organization=ana.organization_id, timezone="Asia/Tokyo", locale="sv_SE")
        save_preferences(session, user.id, chosen)
        opened = identity.open_session(session, user, now())
        found = identity.actor_of(session, opened.id, now())
    assert found is not None
    assert (found.organization_slug, found.timezone, found.locale) == ("acme", "Asia/Tokyo", "sv_SE")


def test_preferences_an_older_version_stored_do_no_harm() -> None:
    assert preferences_of(User(preferences={"timezone": "Mars/Olympus"})) == Preferences()


def test_a_switch_moves_one_sign_in_and_leaves_the_others_where_they_are(ana: Actor, bob: Actor) -> None:
    invite(ana, InvitePerson(email="bob@globex.test"))
    with writing() as session:
        user = identity.user_with(session, "bob@globex.test")
        assert user is not None
        join_as(session, user.id, invitations_for(session, user.email, now())[0].id, now())
        here, there = (identity.open_session(session, user, now()).id for _ in range(2))
        for one in (here, there):
            identity.choose_organization(session, one, bob.organization_id)
        identity.choose_organization(session, here, ana.organization_id)
        session.flush()
        slugs = [identity.actor_of(session, one, now()) for one in (here, there)]
    assert [one.organization_slug for one in slugs if one] == ["acme", "globex"]
