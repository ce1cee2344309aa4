"""What people may do with teams."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.members import Team, TeamMember
from warehouse.oltp.organization import Membership
from warehouse.operations.declare import NotAllowedNow, Work, find, open_at, operation
from warehouse.operations.fields import Name, Request
from warehouse.tenancy import Actor


class CreateTeam(Request):
    """A new team."""

    name: Name
    manager_id: str | None = None


class EditTeam(Request):
    """What is given is set; `version` is the one the editor saw."""

    id: str
    version: int
    name: Name | None = None
    manager_id: str | None = None


class OneTeam(Request):
    """A team at the version the caller saw."""

    id: str
    version: int


class Place(Request):
    """A member in a team."""

    team_id: str
    membership_id: str


@dataclass(frozen=True)
class TeamRow:
    """A team and the ids of its members."""

    team: Team
    member_ids: tuple[str, ...]


@operation("organization.create_team", permission="organization:members", entity="teams", input=CreateTeam)
def create_team(work: Work, request: CreateTeam) -> Team:
    """Create a team."""
    _check(work, request.name, request.manager_id)
    made = work.add(Team(**request.model_dump()))
    work.entity_id = made.id
    return made


@operation("organization.edit_team", permission="organization:members", entity="teams", input=EditTeam)
def edit_team(work: Work, request: EditTeam) -> Team:
    """Rename a team, or give it another manager."""
    team = open_at(work.session, work.actor, Team, request.id, request.version)
    values = request.model_dump(include=request.model_fields_set - {"id", "version"})
    if values.get("name", team.name) is None:
        raise NotAllowedNow("A team needs a name.")
    _check(work, values.get("name"), values.get("manager_id"), but=team.id)
    work.entity_id, work.rows = team.id, int(work.apply(team, values))
    return team


@operation("organization.delete_team", permission="organization:members", entity="teams", input=OneTeam)
def delete_team(work: Work, request: OneTeam) -> Team:
    """Delete a team; its members stay in the organization."""
    return work.delete(open_at(work.session, work.actor, Team, request.id, request.version))


@operation("organization.add_to_team", permission="organization:members", entity="team_members", input=Place)
def add_to_team(work: Work, request: Place) -> TeamMember:
    """Put a member into a team."""
    find(work.session, work.actor, Team, request.team_id)
    find(work.session, work.actor, Membership, request.membership_id)
    there = _place(work, request)
    if there is None:
        there = work.add(TeamMember(**request.model_dump()))
        work.entity_id = there.id
    elif there.deleted_at is None:
        work.rows = 0
    else:
        work.restore(there)
    return there


@operation("organization.remove_from_team", permission="organization:members", entity="team_members", input=Place)
def remove_from_team(work: Work, request: Place) -> None:
    """Take a member out of a team."""
    find(work.session, work.actor, Team, request.team_id)
    there = _place(work, request)
    if there is None or there.deleted_at is not None:
        work.rows = 0
    else:
        work.delete(there)


def list_teams(session: Session, actor: Actor) -> list[TeamRow]:
    """The organization's teams, by name."""
    actor.must("organization:read")
    teams = session.scalars(
        select(Team)
        .where(Team.organization_id == actor.organization_id, Team.deleted_at.is_(None))
        .order_by(func.lower(Team.name), Team.id)
    ).all()
    members: dict[str, list[str]] = {}
    for team_id, member_id in session.execute(
        select(TeamMember.team_id, TeamMember.membership_id)
        .where(TeamMember.organization_id == actor.organization_id, TeamMember.deleted_at.is_(None))
        .order_by(TeamMember.created_at, TeamMember.id)
    ):
        members.setdefault(team_id, []).append(member_id)
    return [TeamRow(team, tuple(members.get(team.id, ()))) for team in teams]


def _check(work: Work, name: str | None, manager_id: str | None, but: str | None = None) -> None:
    if manager_id is not None:
        find(work.session, work.actor, Membership, manager_id)
    if name is None:
        return
    same = select(Team.id).where(
        Team.organization_id == work.actor.organization_id,
        Team.deleted_at.is_(None),
        func.lower(Team.name) == name.lower(),
    )
    if but is not None:
        same = same.where(Team.id != but)
    if work.session.execute(same.limit(1)).first():
        raise NotAllowedNow(f"There is a team called {name} already.")


def _place(work: Work, request: Place) -> TeamMember | None:
    query = select(TeamMember).where(
        TeamMember.organization_id == work.actor.organization_id,
        TeamMember.team_id == request.team_id,
        TeamMember.membership_id == request.membership_id,
    )
    return work.session.scalars(query).one_or_none()
