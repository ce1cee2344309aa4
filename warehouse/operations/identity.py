"""Who may sign in, and who they are in the organization they chose."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import Membership, Organization, RoleGrant, SignInSession, User
from warehouse.settings import settings
from warehouse.tenancy import Actor, permissions_of

PASSWORD_MINIMUM = 8
LONGEST_EMAIL = 320


class PasswordTooShort(ValueError):
    """A password with fewer characters than we accept."""


class SignInOver(Exception):
    """The session is unknown, or was signed out."""


class NotAMember(Exception):
    """The person has no active membership in that organization."""


@dataclass(frozen=True)
class OrganizationChoice:
    """An organization that a person may work in."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True)
class SignedIn:
    """A person with a live sign-in; `actor` and the organization's facts are None until one is chosen."""

    user_id: str
    user_name: str
    email: str
    session_id: str = ""
    actor: Actor | None = None
    organization_name: str | None = None
    organization_slug: str | None = None
    currency: str | None = None
    locale: str | None = None


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    """A hash nobody's password has, so that an unknown address costs the same work as a known one."""
    return _hasher().hash("nobody has this password")


def hash_password(password: str) -> str:
    """The Argon2id hash to store for a password; raises PasswordTooShort."""
    if len(password) < PASSWORD_MINIMUM:
        raise PasswordTooShort(f"A password needs at least {PASSWORD_MINIMUM} characters.")
    return _hasher().hash(password)


def check_sign_in(session: Session, email: str, password: str) -> User | None:
    """The active person with this e-mail address, in any case, and this password; None for every other pair."""
    user = _user_with(session, email)
    usable = user is not None and user.is_active and user.password_hash is not None
    expected = user.password_hash if user and usable else None
    matches = _verify(password, expected or _decoy())
    return user if usable and matches else None


def _user_with(session: Session, email: str) -> User | None:
    wanted = email.strip().lower()
    # PostgreSQL refuses text with a NUL in it, which would be a failure where a plain "no" is due.
    if not wanted or len(wanted) > LONGEST_EMAIL or "\0" in wanted:
        return None
    return session.scalars(select(User).where(func.lower(User.email) == wanted).order_by(User.id).limit(1)).first()


def _verify(password: str, expected: str) -> bool:
    try:
        return _hasher().verify(password, expected)
    except UnknownHashError:
        return False


def open_session(session: Session, user: User, now: datetime) -> SignInSession:
    """A new sign-in of a person, in their organization already when they have exactly one."""
    choices = organizations_of(session, user.id)
    opened = SignInSession(
        user_id=user.id,
        organization_id=choices[0].id if len(choices) == 1 else None,
        created_at=now,
        expires_at=now + timedelta(minutes=settings().session_minutes),
    )
    session.add(opened)
    session.flush()
    return opened


def organizations_of(session: Session, user_id: str) -> list[OrganizationChoice]:
    """The organizations a person may choose, by name."""
    rows = session.execute(_memberships_of(user_id).order_by(func.lower(Organization.name), Organization.id))
    return [OrganizationChoice(row.id, row.slug, row.name) for _, row in rows]


def _memberships_of(user_id: str) -> Select[Membership, Organization]:
    return (
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.user_id == user_id,
            Membership.is_active,
            Membership.deleted_at.is_(None),
            Organization.deleted_at.is_(None),
        )
    )


def choose_organization(session: Session, session_id: str, organization_id: str) -> None:
    """Act in this organization from now on; raises SignInOver or NotAMember."""
    current = session.get(SignInSession, session_id)
    if current is None or current.revoked_at is not None:
        raise SignInOver("This sign-in has ended. Sign in again.")
    if organization_id not in {choice.id for choice in organizations_of(session, current.user_id)}:
        raise NotAMember("You are not an active member of that organization.")
    current.organization_id = organization_id


def close_session(session: Session, session_id: str, now: datetime) -> None:
    """End a sign-in; one that is unknown or already over stays as it is."""
    current = session.get(SignInSession, session_id)
    if current is not None and current.revoked_at is None:
        current.revoked_at = now


def actor_of(session: Session, session_id: str, now: datetime) -> SignedIn | None:
    """The person behind a session as they stand now; None when sign-in, person or membership is no longer active."""
    current = session.get(SignInSession, session_id)
    if current is None or current.revoked_at is not None or current.expires_at <= now:
        return None
    user = session.get(User, current.user_id)
    if user is None or not user.is_active:
        return None
    if current.organization_id is None:
        return SignedIn(user.id, name_of(user), user.email, current.id)
    return _in_organization(session, current.id, user, current.organization_id)


def member_actor(session: Session, organization_id: str, email: str) -> Actor:
    """The rights of the member with this e-mail in one organization; raises NotAMember when there is none."""
    user = _user_with(session, email)
    found = _in_organization(session, "", user, organization_id) if user and user.is_active else None
    if found is None or found.actor is None:
        raise NotAMember(f"Nobody with the e-mail {email!r} is a member of this organization.")
    return found.actor


def _in_organization(session: Session, session_id: str, user: User, organization_id: str) -> SignedIn | None:
    row = session.execute(_memberships_of(user.id).where(Organization.id == organization_id)).first()
    if row is None:
        return None
    membership, organization = row
    return SignedIn(
        user_id=user.id,
        user_name=name_of(user),
        email=user.email,
        session_id=session_id,
        actor=_actor(session, membership),
        organization_name=organization.name,
        organization_slug=organization.slug,
        currency=organization.currency,
        locale=organization.locale,
    )


def _actor(session: Session, membership: Membership) -> Actor:
    granted = session.scalars(
        select(RoleGrant.business_function).where(
            RoleGrant.organization_id == membership.organization_id,
            RoleGrant.membership_id == membership.id,
            RoleGrant.deleted_at.is_(None),
        )
    )
    functions = frozenset(granted)
    return Actor(
        organization_id=membership.organization_id,
        label="member",
        permissions=permissions_of(membership.access_role, functions),
        membership_id=membership.id,
        role=membership.access_role,
        functions=functions,
    )


def name_of(user: User) -> str:
    """What a person is called: the name in their profile, else their e-mail address."""
    return str(user.profile.get("name") or user.email)
