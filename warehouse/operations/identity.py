"""Who may sign in, and who they are in the organization they chose."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from warehouse.oltp.members import Team, TeamMember
from warehouse.oltp.organization import Membership, Organization, RoleGrant, SignInSession, User
from warehouse.operations import sessions
from warehouse.operations.passwords import decoy, renewed, verify
from warehouse.operations.preferences import Preferences, preferences_of
from warehouse.operations.sessions import Place
from warehouse.tenancy import Actor, member

LONGEST_EMAIL = 320


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
    """The person's own, else the organization's."""
    timezone: str | None = None
    """The person's own, else the organization's."""
    preferences: Preferences = field(default_factory=Preferences)
    is_operator: bool = False
    """Whether they hold the right of the installation."""


def check_sign_in(session: Session, email: str, password: str) -> User | None:
    """The active person with this e-mail address, in any case, and this password; None for every other pair."""
    user = user_with(session, email)
    usable = user is not None and user.is_active and user.password_hash is not None
    expected = user.password_hash if user and usable else None
    matches = verify(password, expected or decoy())
    return user if usable and matches else None


def user_with(session: Session, email: str) -> User | None:
    """The person with this e-mail address, in any case."""
    wanted = email.strip().lower()
    # PostgreSQL refuses text with a NUL in it, which would be a failure where a plain "no" is due.
    if not wanted or len(wanted) > LONGEST_EMAIL or "\0" in wanted:
        return None
    return session.scalars(select(User).where(func.lower(User.email) == wanted).order_by(User.id).limit(1)).first()


def add_person(session: Session, email: str, name: str | None) -> User:
    """Somebody an outside provider vouches for: without a password, and in no organization yet."""
    made = User(email=email.strip().lower(), profile={"name": name} if name else {}, created_at=datetime.now(UTC))
    session.add(made)
    session.flush()
    return made


def renew_hash(session: Session, user_id: str, password: str) -> None:
    """Store a password that was just checked under today's costs, where it was stored under others."""
    user = session.get_one(User, user_id)
    fresh = renewed(password, user.password_hash) if user.password_hash else None
    if fresh:
        user.password_hash = fresh


NOWHERE = Place()


def open_session(session: Session, user: User, now: datetime, place: Place = NOWHERE) -> SignInSession:
    """A new sign-in of a person, in an organization already where they have one alone or chose one to begin in."""
    choices = organizations_of(session, user.id)
    user.last_active_at = now
    default = preferences_of(user).default_organization
    wanted = [choice.id for choice in choices if len(choices) == 1 or choice.id == default]
    return sessions.open_for(session, user, wanted[0] if wanted else None, now, place)


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


def signed_in_at(session: Session, session_id: str) -> datetime | None:
    """When a sign-in began."""
    current = session.get(SignInSession, session_id)
    return current.created_at if current else None


def leave_organization(session: Session, session_id: str) -> None:
    """Act in no organization until one is chosen."""
    current = session.get(SignInSession, session_id)
    if current is not None:
        current.organization_id = None


def actor_of(session: Session, session_id: str, now: datetime) -> SignedIn | None:
    """The person behind a session as they stand now; None when sign-in, person or membership is no longer active."""
    current = session.get(SignInSession, session_id)
    if current is None or not sessions.is_live(current, now):
        return None
    user = session.get(User, current.user_id)
    if user is None or not user.is_active:
        return None
    if current.organization_id is None:
        return SignedIn(
            user.id,
            name_of(user),
            user.email,
            current.id,
            preferences=preferences_of(user),
            is_operator=user.is_operator,
        )
    return _in_organization(session, current.id, user, current.organization_id)


def member_actor(session: Session, organization_id: str, email: str) -> Actor:
    """The rights of the member with this e-mail in one organization; raises NotAMember when there is none."""
    user = user_with(session, email)
    found = _in_organization(session, "", user, organization_id) if user and user.is_active else None
    if found is None or found.actor is None:
        raise NotAMember(f"Nobody with the e-mail {email!r} is a member of this organization.")
    return found.actor


def actor_of_membership(session: Session, organization_id: str, membership_id: str) -> Actor | None:
    """The rights of a member as they stand now; None where the membership, or the person's sign-in, has ended."""
    found = session.execute(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == organization_id,
            Membership.id == membership_id,
            Membership.is_active,
            Membership.deleted_at.is_(None),
            User.is_active,
        )
    ).scalar_one_or_none()
    return _actor(session, found) if found else None


def _in_organization(session: Session, session_id: str, user: User, organization_id: str) -> SignedIn | None:
    row = session.execute(_memberships_of(user.id).where(Organization.id == organization_id)).first()
    if row is None:
        return None
    membership, organization = row
    own = preferences_of(user)
    return SignedIn(
        user_id=user.id,
        user_name=name_of(user),
        email=user.email,
        session_id=session_id,
        actor=_actor(session, membership),
        organization_name=organization.name,
        organization_slug=organization.slug,
        currency=organization.currency,
        locale=own.locale or organization.locale,
        timezone=own.timezone or organization.timezone,
        preferences=own,
        is_operator=user.is_operator,
    )


def _actor(session: Session, membership: Membership) -> Actor:
    granted = session.scalars(
        select(RoleGrant.business_function).where(
            RoleGrant.organization_id == membership.organization_id,
            RoleGrant.membership_id == membership.id,
            RoleGrant.deleted_at.is_(None),
        )
    )
    return member(
        membership.organization_id,
        membership.id,
        membership.access_role,
        frozenset(granted),
        team_of(session, membership),
    )


def team_of(session: Session, membership: Membership) -> frozenset[str]:
    """The memberships a person's reach `team` covers: whom they manage, and who shares a manager or a team with them."""
    same_manager = Membership.manager_id == membership.manager_id if membership.manager_id else false()
    found = select(Membership.id).where(
        Membership.organization_id == membership.organization_id,
        Membership.deleted_at.is_(None),
        or_(Membership.manager_id == membership.id, same_manager, Membership.id.in_(_team_mates(membership))),
    )
    return frozenset(session.scalars(found))


def _team_mates(membership: Membership) -> Select[str]:
    """Members of the teams this one is in or manages."""
    here = TeamMember.organization_id == membership.organization_id
    own = select(TeamMember.team_id).where(
        here, TeamMember.membership_id == membership.id, TeamMember.deleted_at.is_(None)
    )
    teams = select(Team.id).where(
        Team.organization_id == membership.organization_id,
        Team.deleted_at.is_(None),
        or_(Team.manager_id == membership.id, Team.id.in_(own)),
    )
    return select(TeamMember.membership_id).where(here, TeamMember.team_id.in_(teams), TeamMember.deleted_at.is_(None))


def name_of(user: User) -> str:
    """What a person is called: the name in their profile, else their e-mail address."""
    return str(user.profile.get("name") or user.email)
