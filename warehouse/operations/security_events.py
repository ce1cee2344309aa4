"""What happened to a person's sign-in, told to the audit of each of their organizations and to the person."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.audit import record_event
from warehouse.operations.events import LOCKED_OUT, SIGN_IN_FAILED
from warehouse.operations.mail import send_mail
from warehouse.tenancy import Actor

LABEL = "sign-in"
"""How the audit names who acted: the door, which knows the person only once they are in."""


def note(session: Session, user_id: str, what: str, now: datetime, **details: Any) -> None:
    """An audit row in every organization of the person; never an address, a name or an e-mail."""
    memberships = session.execute(
        select(Membership.organization_id, Membership.id)
        .where(Membership.user_id == user_id, Membership.is_active, Membership.deleted_at.is_(None))
        .order_by(Membership.organization_id)
    ).all()
    for organization_id, membership_id in memberships:
        actor = Actor(organization_id, LABEL, frozenset(), membership_id=membership_id)
        record_event(session, actor, what, "memberships", membership_id, details, now=now)


def note_failure(session: Session, user_id: str, now: datetime, step: str, *, locks: bool) -> None:
    """A wrong password or code for somebody we know; when it locks the account, its owner gets a mail."""
    note(session, user_id, SIGN_IN_FAILED, now, step=step)
    if locks:
        note(session, user_id, LOCKED_OUT, now)
        tell(
            session,
            user_id,
            "Your account is locked for 15 minutes",
            "Somebody failed five times to sign in to your account, so it is locked for 15 minutes.\n\n"
            "If it was you: wait, then try again, or choose a new password with “Forgot password”.\n"
            "If it was not you: your password still holds. Turn on a code from an authenticator app under "
            "My account → Security to be safe even from somebody who learns it.",
        )


def tell(session: Session, user_id: str, subject: str, text: str) -> None:
    """A mail to the person about their own sign-in."""
    user = session.get_one(User, user_id)
    send_mail(session, user.email, f"Longhouse: {subject}", f"Hello {_name(user)},\n\n{text}\n")


def _name(user: User) -> str:
    return str(user.profile.get("name") or user.email)


def requires_totp(session: Session, user_id: str) -> bool:
    """Whether an organization of the person wants a second factor of its members."""
    found = session.execute(
        select(Organization.id)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(
            Membership.user_id == user_id,
            Membership.is_active,
            Membership.deleted_at.is_(None),
            Organization.deleted_at.is_(None),
            Organization.require_totp,
        )
        .limit(1)
    ).first()
    return found is not None
