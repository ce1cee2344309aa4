"""What people may do with the members of their organization: what each may do, whether they are in, who owns it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.members import Team, TeamMember
from warehouse.oltp.organization import Membership, Organization, RoleGrant, User
from warehouse.operations.declare import NotAllowedNow, Work, find, open_at, operation
from warehouse.operations.fields import Request, Word
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, Forbidden, rights_of

LAST_OWNER = "An organization needs an owner who can sign in. Make somebody else an owner first."


class ChangeMember(Request):
    """What is given is set; `version` is the one the editor saw."""

    id: str
    version: int
    access_role: AccessRole | None = None
    functions: list[BusinessFunction] | None = None
    business_role: Word | None = None
    manager_id: str | None = None


class OneMember(Request):
    """A member at the version the caller saw."""

    id: str
    version: int


class Leave(Request):
    """End one's own membership."""


class TransferOwnership(Request):
    """To whom, and the organization's slug typed to confirm."""

    id: str
    version: int
    confirmation: str


class GiveUpOwnership(Request):
    """Stay as an admin."""


@dataclass(frozen=True)
class MemberRow:
    """A member with what the list shows beside the record."""

    member: Membership
    email: str | None
    functions: tuple[BusinessFunction, ...]
    teams: tuple[str, ...]
    """Names of their teams."""
    last_active_at: datetime | None

    @property
    def state(self) -> str:
        """Active, deactivated, or never able to sign in."""
        if not self.member.is_active:
            return "Deactivated"
        return "Active" if self.member.user_id else "No sign-in"


@operation("organization.change_member", permission="organization:members", entity="memberships", input=ChangeMember)
def change_member(work: Work, request: ChangeMember) -> Membership:
    """Change a member's role, functions, title or manager."""
    found = _opened(work, request.id, request.version)
    values = request.model_dump(include=request.model_fields_set - {"id", "version", "functions"})
    role = request.access_role or found.access_role
    values["access_role"] = role
    held = functions_of(work.session, found)
    wanted = held if request.functions is None else frozenset(request.functions)
    must_hold(work.actor, role, wanted)
    if role is not AccessRole.OWNER:
        _keep_an_owner(work, found)
    _check_manager(work, found.id, values.get("manager_id"))
    changed = work.apply(found, values)
    if set_functions(work, found, wanted):
        work.details["functions"] = sorted(wanted)
        if not changed:
            work.touch(found)
        changed = True
    work.entity_id, work.rows = found.id, int(changed)
    return found


@operation("organization.deactivate_member", permission="organization:members", entity="memberships", input=OneMember)
def deactivate_member(work: Work, request: OneMember) -> Membership:
    """Keep a member out, with everything they did staying as it is."""
    found = _opened(work, request.id, request.version)
    if found.id == work.actor.membership_id:
        raise NotAllowedNow("You cannot deactivate yourself. Leave the organization instead.")
    _keep_an_owner(work, found)
    work.entity_id, work.rows = found.id, int(work.apply(found, {"is_active": False}))
    return found


@operation("organization.reactivate_member", permission="organization:members", entity="memberships", input=OneMember)
def reactivate_member(work: Work, request: OneMember) -> Membership:
    """Let a member in again."""
    found = _opened(work, request.id, request.version)
    work.entity_id, work.rows = found.id, int(work.apply(found, {"is_active": True}))
    return found


@operation("organization.leave", permission="organization:read", entity="memberships", input=Leave)
def leave(work: Work, request: Leave) -> Membership:
    """Leave the organization; only an invitation leads back."""
    own = _own(work)
    _keep_an_owner(work, own)
    work.apply(own, {"is_active": False, "user_id": None, "access_role": AccessRole.MEMBER})
    set_functions(work, own, frozenset())
    work.entity_id = own.id
    return own


@operation(
    "organization.transfer_ownership", permission="organization:delete", entity="memberships", input=TransferOwnership
)
def receive_ownership(work: Work, request: TransferOwnership) -> Membership:
    """Make another member an owner in one's own place."""
    slug = work.session.get_one(Organization, work.actor.organization_id).slug
    if request.confirmation.strip() != slug:
        raise NotAllowedNow(f"Type {slug} to confirm.")
    found = open_at(work.session, work.actor, Membership, request.id, request.version)
    if found.id == work.actor.membership_id:
        raise NotAllowedNow("You own it already.")
    if not (found.is_active and found.user_id):
        raise NotAllowedNow("Only an active member who can sign in can own the organization.")
    work.apply(found, {"access_role": AccessRole.OWNER})
    work.entity_id = found.id
    return found


@operation(
    "organization.give_up_ownership", permission="organization:delete", entity="memberships", input=GiveUpOwnership
)
def give_up_ownership(work: Work, request: GiveUpOwnership) -> Membership:
    """Become an admin, where another owner stays."""
    own = _own(work)
    _keep_an_owner(work, own)
    work.entity_id, work.rows = own.id, int(work.apply(own, {"access_role": AccessRole.ADMIN}))
    return own


def transfer_ownership(session: Session, actor: Actor, request: TransferOwnership) -> Membership:
    """Hand the organization over: one audit row for who gets it, one for who gives it."""
    found = receive_ownership(session, actor, request)
    give_up_ownership(session, actor, GiveUpOwnership())
    return found


def list_members(session: Session, actor: Actor) -> list[MemberRow]:
    """Everyone in the organization, by name, those who are out last."""
    actor.must("organization:read")
    here = Membership.organization_id == actor.organization_id
    rows = session.execute(
        select(Membership, User)
        .outerjoin(User, User.id == Membership.user_id)
        .where(here, Membership.deleted_at.is_(None))
        .order_by(Membership.is_active.desc(), func.lower(Membership.name), Membership.id)
    ).all()
    functions = _functions_by_member(session, actor)
    teams = _teams_by_member(session, actor)
    return [
        MemberRow(
            member,
            user.email if user else member.email,
            tuple(sorted(functions.get(member.id, ()))),
            tuple(sorted(teams.get(member.id, ()))),
            user.last_active_at if user else None,
        )
        for member, user in rows
    ]


def must_hold(actor: Actor, role: AccessRole, functions: Collection[BusinessFunction]) -> None:
    """Raise Forbidden where this would give, or touches, more than the actor holds."""
    given = rights_of(role, frozenset(functions))
    if any(not actor.may(right) or reach.width > actor.reach(right).width for right, reach in given.items()):
        raise Forbidden(f"Nobody can give or take more than they hold: you may not decide about an {role.value}.")


def is_last_owner(session: Session, member: Membership) -> bool:
    """Whether the organization has no other owner who can sign in."""
    if member.access_role is not AccessRole.OWNER or not member.is_active:
        return False
    others = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.organization_id == member.organization_id,
            Membership.access_role == AccessRole.OWNER,
            Membership.id != member.id,
            Membership.is_active,
            Membership.user_id.is_not(None),
            Membership.deleted_at.is_(None),
        )
    )
    return not others


def functions_of(session: Session, member: Membership) -> frozenset[BusinessFunction]:
    """The business functions a member holds."""
    return frozenset(grant.business_function for grant in _grants(session, member) if grant.deleted_at is None)


def set_functions(work: Work, member: Membership, wanted: Collection[BusinessFunction]) -> bool:
    """Give and take business functions until the member holds these; whether anything changed."""
    work.session.flush()
    there = {grant.business_function: grant for grant in _grants(work.session, member)}
    changed = False
    for function, grant in there.items():
        if (grant.deleted_at is None) != (function in wanted):
            grant.deleted_at = None if function in wanted else work.now
            work.touch(grant)
            changed = True
    for function in sorted(set(wanted) - set(there)):
        work.add(RoleGrant(membership_id=member.id, business_function=function))
        changed = True
    return changed


def _opened(work: Work, member_id: str, version: int) -> Membership:
    """The member, where the actor may decide about somebody who holds what they hold."""
    found = open_at(work.session, work.actor, Membership, member_id, version)
    must_hold(work.actor, found.access_role, functions_of(work.session, found))
    return found


def _own(work: Work) -> Membership:
    if work.actor.membership_id is None:
        raise NotAllowedNow("Only a member can do this; the operator belongs to no organization.")
    return find(work.session, work.actor, Membership, work.actor.membership_id)


def _keep_an_owner(work: Work, member: Membership) -> None:
    """Raise NotAllowedNow where this member is the last owner who can sign in."""
    if is_last_owner(work.session, member):
        raise NotAllowedNow(LAST_OWNER)


def _check_manager(work: Work, member_id: str, manager_id: object) -> None:
    """A manager is a member here, and manages nobody who manages them."""
    seen, above = {member_id}, manager_id
    while isinstance(above, str):
        if above in seen:
            raise NotAllowedNow("Two people cannot manage each other.")
        seen.add(above)
        above = find(work.session, work.actor, Membership, above).manager_id


def _grants(session: Session, member: Membership) -> list[RoleGrant]:
    query = select(RoleGrant).where(
        RoleGrant.organization_id == member.organization_id, RoleGrant.membership_id == member.id
    )
    return list(session.scalars(query))


def _functions_by_member(session: Session, actor: Actor) -> dict[str, list[BusinessFunction]]:
    found: dict[str, list[BusinessFunction]] = {}
    for member_id, function in session.execute(
        select(RoleGrant.membership_id, RoleGrant.business_function).where(
            RoleGrant.organization_id == actor.organization_id, RoleGrant.deleted_at.is_(None)
        )
    ):
        found.setdefault(member_id, []).append(function)
    return found


def _teams_by_member(session: Session, actor: Actor) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for member_id, name in session.execute(
        select(TeamMember.membership_id, Team.name)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            Team.organization_id == actor.organization_id,
            TeamMember.organization_id == actor.organization_id,
            Team.deleted_at.is_(None),
            TeamMember.deleted_at.is_(None),
        )
    ):
        found.setdefault(member_id, []).append(name)
    return found
