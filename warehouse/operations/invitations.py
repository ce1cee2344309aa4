"""Invitations: a link by mail that lets one address become a member, once and for a week."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from warehouse.oltp.engine import writing
from warehouse.oltp.members import Invitation
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.declare import NotAllowedNow, NotFound, Work, find, operation
from warehouse.operations.fields import Request
from warehouse.operations.identity import LONGEST_EMAIL, user_with
from warehouse.operations.mail import send_mail
from warehouse.operations.members import must_hold
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Actor, BusinessFunction

LIFETIME = timedelta(days=7)
PATH = "/idp/invitation"
"""Where the link of the mail leads, under the installation's address."""
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 100
"""Mails of one organization."""
MOST_TO_ONE = 3
"""Mails of one organization to one address within an hour."""

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=LONGEST_EMAIL, pattern=r"^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$"
    ),
]


class InvitePerson(Request):
    """Whom, and what they may do then."""

    email: Email
    access_role: AccessRole = AccessRole.MEMBER
    functions: list[BusinessFunction] = Field(default_factory=list)
    membership_id: str | None = None
    """A member without a sign-in that the person takes over."""


class OneInvitation(Request):
    """An invitation."""

    id: str


@dataclass(frozen=True)
class Invited:
    """What somebody who was invited is told."""

    id: str
    email: str
    organization_id: str
    organization: str
    access_role: AccessRole
    functions: tuple[BusinessFunction, ...]
    expires_at: datetime
    has_account: bool
    """Whether the person can sign in already."""
    name: str
    """What they are called so far, or nothing."""


class InvitationOver(Exception):
    """The link was used, withdrawn, is too old, or never was one."""


def invite(actor: Actor, request: InvitePerson) -> Invitation:
    """Invite somebody by mail. Raises Forbidden, NotAllowedNow, NotFound, StoreBusy."""
    # The outbox belongs to the installation, so this is no transaction of the organization alone.
    with writing() as session:
        return invite_person(session, actor, request)


def resend(actor: Actor, invitation_id: str) -> Invitation:
    """Send a new link, which the one before gives way to. Raises as `invite` does."""
    with writing() as session:
        return resend_invitation(session, actor, OneInvitation(id=invitation_id))


@operation(
    "organization.invite",
    permission="organization:members",
    entity="invitations",
    input=InvitePerson,
    stays_in_the_store=True,
)
def invite_person(work: Work, request: InvitePerson) -> Invitation:
    """Invite somebody by mail."""
    must_hold(work.actor, request.access_role, request.functions)
    _must_be_new(work, request)
    token = secrets.token_urlsafe(32)
    made = Invitation(
        **request.model_dump(),
        organization_id=work.actor.organization_id,
        token_hash=_digest(token),
        invited_by=work.actor.membership_id,
        created_at=work.now,
        sent_at=work.now,
        expires_at=work.now + LIFETIME,
    )
    _slow_down(work, made.email)
    work.session.add(made)
    work.session.flush()
    _send(work, made, token)
    work.entity_id = made.id
    work.details = {"access_role": made.access_role.value, "functions": sorted(made.functions)}
    return made


@operation(
    "organization.resend_invitation",
    permission="organization:members",
    entity="invitations",
    input=OneInvitation,
    stays_in_the_store=True,
)
def resend_invitation(work: Work, request: OneInvitation) -> Invitation:
    """Send the link of an invitation anew; the one before no longer works."""
    found = _of_organization(work, request.id)
    must_hold(work.actor, found.access_role, [BusinessFunction(one) for one in found.functions])
    _slow_down(work, found.email)
    token = secrets.token_urlsafe(32)
    found.token_hash, found.sent_at, found.expires_at = _digest(token), work.now, work.now + LIFETIME
    found.times_sent += 1
    _send(work, found, token)
    work.entity_id = found.id
    return found


@operation(
    "organization.withdraw_invitation",
    permission="organization:members",
    entity="invitations",
    input=OneInvitation,
    stays_in_the_store=True,
)
def withdraw_invitation(work: Work, request: OneInvitation) -> Invitation:
    """Take an invitation back; its link no longer works."""
    found = _of_organization(work, request.id)
    found.withdrawn_at, work.entity_id = work.now, found.id
    return found


def open_invitations(session: Session, actor: Actor) -> list[Invitation]:
    """Invitations nobody accepted or took back, latest first; those that are too old too, to be sent anew."""
    actor.must("organization:members")
    query = _still_open().where(Invitation.organization_id == actor.organization_id)
    return list(session.scalars(query.order_by(Invitation.sent_at.desc(), Invitation.id)))


def invitation_of_link(session: Session, token: str, now: datetime) -> Invited:
    """What the link in a mail is for. Raises InvitationOver."""
    found = session.scalars(_still_open().where(Invitation.token_hash == _digest(token))).one_or_none()
    if found is None or found.expires_at <= now:
        raise InvitationOver("This invitation was used, taken back or is more than 7 days old. Ask for a new one.")
    return _told(session, found)


def invitations_for(session: Session, email: str, now: datetime) -> list[Invited]:
    """The open invitations of an address, for the person who is signed in with it."""
    query = _still_open().where(Invitation.email == email.lower(), Invitation.expires_at > now)
    return [_told(session, one) for one in session.scalars(query.order_by(Invitation.sent_at, Invitation.id))]


def _told(session: Session, found: Invitation) -> Invited:
    organization = session.get_one(Organization, found.organization_id)
    user = user_with(session, found.email)
    if user is not None and not user.is_active:
        raise InvitationOver("This account is switched off. Ask the operator of this installation.")
    before = session.get(Membership, found.membership_id) if found.membership_id else None
    return Invited(
        id=found.id,
        email=found.email,
        organization_id=organization.id,
        organization=organization.name,
        access_role=found.access_role,
        functions=tuple(BusinessFunction(one) for one in found.functions),
        expires_at=found.expires_at,
        has_account=user is not None and user.password_hash is not None,
        name=str(user.profile.get("name") or "") if user else before.name if before else "",
    )


def _must_be_new(work: Work, request: InvitePerson) -> None:
    here = Membership.organization_id == work.actor.organization_id
    member = work.session.execute(
        select(Membership.is_active)
        .join(User, User.id == Membership.user_id)
        .where(here, func.lower(User.email) == request.email, Membership.deleted_at.is_(None))
    ).first()
    if member:
        raise NotAllowedNow(
            f"{request.email} is a member already."
            if member[0]
            else f"{request.email} is deactivated: reactivate them."
        )
    if request.membership_id and find(work.session, work.actor, Membership, request.membership_id).user_id:
        raise NotAllowedNow("This member can sign in already.")
    if work.session.scalars(
        _still_open().where(
            Invitation.organization_id == work.actor.organization_id,
            Invitation.email == request.email,
            Invitation.expires_at > work.now,
        )
    ).first():
        raise NotAllowedNow(f"{request.email} is invited already. Send the link anew instead.")


def _slow_down(work: Work, email: str) -> None:
    """Raise NotAllowedNow where an organization sends more mails than people would."""
    lately = select(func.sum(Invitation.times_sent)).where(
        Invitation.organization_id == work.actor.organization_id, Invitation.sent_at > work.now - AN_HOUR
    )
    if int(work.session.scalar(lately) or 0) >= MOST_AN_HOUR:
        raise NotAllowedNow(f"{MOST_AN_HOUR} invitations were sent within the hour. Send the others later.")
    if int(work.session.scalar(lately.where(Invitation.email == email)) or 0) >= MOST_TO_ONE:
        raise NotAllowedNow(f"{email} got {MOST_TO_ONE} mails within the hour. Wait before you send another one.")


def _send(work: Work, invitation: Invitation, token: str) -> None:
    organization = work.session.get_one(Organization, invitation.organization_id)
    inviter = work.session.get(Membership, work.actor.membership_id) if work.actor.membership_id else None
    by = f"{inviter.name} invites you" if inviter else "You are invited"
    send_mail(
        work.session,
        invitation.email,
        f"Longhouse: join {organization.name}",
        f"Hello,\n\n{by} to join {organization.name} on Longhouse as {invitation.access_role.value}.\n\n"
        f"Open this link within {LIFETIME.days} days:\n\n{settings().origin}{PATH}?token={token}\n\n"
        f"It works once, and only for {invitation.email}. If you do not know {organization.name}, do nothing.\n",
        invitation.organization_id,
    )


def _of_organization(work: Work, invitation_id: str) -> Invitation:
    query = _still_open().where(
        Invitation.organization_id == work.actor.organization_id, Invitation.id == invitation_id
    )
    found = work.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("There is no such open invitation here.")
    return found


def _still_open() -> Select[Invitation]:
    return select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))


def take(session: Session, invitation_id: str, email: str, now: datetime) -> Invitation:
    """Mark an invitation as accepted, once: of two at the same time the second raises InvitationOver."""
    taken = session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation_id,
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(accepted_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    if not taken:
        raise InvitationOver("This invitation was used, taken back or is too old. Ask for a new one.")
    return session.get_one(Invitation, invitation_id)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
