"""Becoming a member by an invitation: as somebody new, or as somebody who can sign in already."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.members import Invitation
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.declare import NotAllowedNow, Work, operation
from warehouse.operations.fields import Name, Request
from warehouse.operations.identity import add_person, name_of, user_with
from warehouse.operations.invitations import InvitationOver, invitation_of_link, take
from warehouse.operations.mail import send_mail
from warehouse.operations.members import set_functions
from warehouse.operations.passwords import hash_password
from warehouse.operations.preferences import preferences_of
from warehouse.tenancy import Actor, BusinessFunction, Forbidden

LABEL = "invitation"
"""How the audit names who acted: the link, which knows the person only once they are in."""


class Join(Request):
    """Which invitation, and who accepts it; made here, never by a caller from outside."""

    invitation_id: str
    user_id: str
    name: Name


class WrongAddress(Exception):
    """The invitation is for somebody else than whoever is signed in."""


def join_as_newcomer(session: Session, token: str, name: str, password: str, now: datetime) -> User:
    """Make an account for the invited address and become a member.

    Raises InvitationOver, PasswordRefused, or a ValidationError for a name that is none.
    """
    invited = invitation_of_link(session, token, now)
    if invited.has_account:
        raise InvitationOver("There is an account with this address already. Sign in to join.")
    called = Join(invitation_id=invited.id, user_id="", name=name).name
    hashed = hash_password(password, invited.email, called)
    user = user_with(session, invited.email) or add_person(session, invited.email, called)
    user.password_hash, user.profile = hashed, user.profile | {"name": called}
    session.flush()
    _accept(session, invited.id, user, called, now)
    return user


def join_as(session: Session, user_id: str, invitation_id: str, now: datetime) -> str:
    """Become a member as somebody who is signed in; the organization's id. Raises InvitationOver or WrongAddress."""
    user = session.get_one(User, user_id)
    return _accept(session, invitation_id, user, name_of(user), now).organization_id


def _accept(session: Session, invitation_id: str, user: User, name: str, now: datetime) -> Invitation:
    found = session.get(Invitation, invitation_id)
    if found is None or session.get_one(Organization, found.organization_id).deleted_at is not None:
        raise InvitationOver("There is no such invitation.")
    if found.email != user.email.lower():
        raise WrongAddress("This invitation is for another address than the one you are signed in with.")
    taken = take(session, invitation_id, user.email.lower(), now)
    actor = Actor(taken.organization_id, LABEL, frozenset({"organization:read", "fields:personal"}))
    join_organization(session, actor, Join(invitation_id=taken.id, user_id=user.id, name=name))
    _tell(session, taken, name)
    return taken


@operation("organization.join", permission="organization:read", entity="memberships", input=Join)
def join_organization(work: Work, request: Join) -> Membership:
    """Become a member by an invitation."""
    if work.actor.label != LABEL:
        raise Forbidden("One joins by opening the link of an invitation.")
    invitation = work.session.get_one(Invitation, request.invitation_id)
    user = work.session.get_one(User, request.user_id)
    found = _before(work, invitation, user)
    values = {
        "user_id": user.id,
        "email": user.email,
        "access_role": invitation.access_role,
        "is_active": True,
        "deleted_at": None,
    }
    if found is None:
        found = work.add(Membership(name=request.name, **values))
    else:
        work.apply(found, values)
    set_functions(work, found, [BusinessFunction(one) for one in invitation.functions])
    work.entity_id = found.id
    work.details |= {"invitation": invitation.id}
    return found


def _before(work: Work, invitation: Invitation, user: User) -> Membership | None:
    """The membership the person takes up again: an earlier one, or one of an import that nobody signs in to."""
    query = select(Membership).where(Membership.organization_id == work.actor.organization_id)
    earlier = work.session.scalars(query.where(Membership.user_id == user.id)).one_or_none()
    if earlier is not None:
        if earlier.is_active and earlier.deleted_at is None:
            raise NotAllowedNow("You are a member already.")
        return earlier
    nobodys = query.where(Membership.user_id.is_(None), Membership.deleted_at.is_(None))
    if invitation.membership_id:
        return work.session.scalars(nobodys.where(Membership.id == invitation.membership_id)).one_or_none()
    return work.session.scalars(
        nobodys.where(func.lower(Membership.email) == invitation.email).order_by(Membership.id).limit(1)
    ).first()


def _tell(session: Session, invitation: Invitation, name: str) -> None:
    """A mail to whoever invited, where they want one."""
    inviter = session.get(Membership, invitation.invited_by) if invitation.invited_by else None
    user = session.get(User, inviter.user_id) if inviter and inviter.user_id else None
    if user is None or not preferences_of(user).tell_when_joined:
        return
    organization = session.get_one(Organization, invitation.organization_id)
    send_mail(
        session,
        user.email,
        f"Longhouse: {name} joined {organization.name}",
        f"Hello {name_of(user)},\n\n{name} ({invitation.email}) accepted your invitation to {organization.name}.\n",
        organization.id,
    )
