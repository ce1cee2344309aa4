"""What people may do with reports: have a kept dashboard mailed at set hours, change that and stop it."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.alerts import ReportSchedule
from warehouse.oltp.insights import SavedDashboard
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.dashboards import SAVES, find_dashboard
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion, Work, operation
from warehouse.operations.fields import Request
from warehouse.operations.identity import actor_of_membership
from warehouse.operations.telling import Told, Topic, tell
from warehouse.tenancy import Actor

MANAGES = "organization:settings"
MOST_RECIPIENTS = 50
LEASE = timedelta(minutes=10)
"""How long whoever took a report has to make it before another one tries."""


class Schedule(Request):
    """When a report goes out and to whom: members, each of whom gets it with their own rights."""

    recipients: Annotated[list[str], Field(min_length=1, max_length=MOST_RECIPIENTS)]
    every: Literal["day", "week", "month"] = "week"
    on_day: Annotated[int, Field(ge=1, le=31)] = 1
    at_hour: Annotated[int, Field(ge=0, le=23)] = 7


class ScheduleReport(Schedule):
    """A kept dashboard, from now on mailed."""

    dashboard_id: str


class EditReport(Schedule):
    """When and to whom from now on."""

    id: str
    version: int


class OneReport(Request):
    """A report at the version the caller saw."""

    id: str
    version: int


@dataclass(frozen=True)
class DueReport:
    """A report that is to be made now, and for whom: each recipient's rights as they stand, with their address."""

    id: str
    organization_id: str
    organization: str
    currency: str
    body: dict[str, Any]
    recipients: tuple[tuple[Actor, str], ...]
    due_at: datetime


@operation(
    "insights.schedule_report",
    permission=SAVES,
    entity="report_schedules",
    input=ScheduleReport,
    stays_in_the_store=True,
)
def schedule_report(work: Work, request: ScheduleReport) -> ReportSchedule:
    """Schedule a kept dashboard to be mailed."""
    if work.actor.membership_id is None:
        raise NotAllowedNow("Only a member schedules reports.")
    board = find_dashboard(work.session, work.actor, request.dashboard_id)
    made = ReportSchedule(
        organization_id=work.actor.organization_id,
        dashboard_id=board.id,
        membership_id=work.actor.membership_id,
        created_at=work.now,
        updated_at=work.now,
        **_values(work, request, board),
    )
    work.session.add(made)
    work.session.flush()
    work.entity_id, work.details = made.id, {"every": made.every, "recipients": len(made.recipients)}
    return made


@operation(
    "insights.edit_report", permission=SAVES, entity="report_schedules", input=EditReport, stays_in_the_store=True
)
def edit_report(work: Work, request: EditReport) -> ReportSchedule:
    """Change when a report goes out, or to whom."""
    found = _to_change(work, request.id, request.version)
    board = find_dashboard(work.session, work.actor, found.dashboard_id)
    for name, value in _values(work, request, board).items():
        setattr(found, name, value)
    found.version, found.updated_at, found.problem = found.version + 1, work.now, None
    work.entity_id, work.details = found.id, {"every": found.every, "recipients": len(found.recipients)}
    return found


@operation(
    "insights.stop_report", permission=SAVES, entity="report_schedules", input=OneReport, stays_in_the_store=True
)
def stop_report(work: Work, request: OneReport) -> ReportSchedule:
    """Stop a report from being mailed."""
    found = _to_change(work, request.id, request.version)
    found.deleted_at, found.version, work.entity_id = work.now, found.version + 1, found.id
    return found


def reports_of(session: Session, actor: Actor, dashboard_id: str) -> Sequence[ReportSchedule]:
    """The schedules of a kept dashboard the person looks after: their own, or all for whoever manages the organization.

    Raises NotFound and Forbidden.
    """
    find_dashboard(session, actor, dashboard_id)
    asked = select(ReportSchedule).where(
        ReportSchedule.organization_id == actor.organization_id,
        ReportSchedule.dashboard_id == dashboard_id,
        ReportSchedule.deleted_at.is_(None),
    )
    if not actor.may(MANAGES):
        asked = asked.where(ReportSchedule.membership_id == (actor.membership_id or ""))
    return session.scalars(asked.order_by(ReportSchedule.created_at, ReportSchedule.id)).all()


def reports_wait(session: Session, now: datetime) -> bool:
    """Whether a report is due."""
    waiting = select(ReportSchedule.id).where(ReportSchedule.deleted_at.is_(None), ReportSchedule.next_at <= now)
    return session.scalar(waiting.limit(1)) is not None


def take_reports(session: Session, now: datetime, most: int = 5) -> list[DueReport]:
    """The reports that are due, oldest first, each until its next hour; for a while no other process takes them.

    Whoever may not see the dashboard any more, or whose membership ended, gets nothing.
    """
    due = session.execute(
        select(ReportSchedule, SavedDashboard, Organization)
        .join(SavedDashboard, SavedDashboard.id == ReportSchedule.dashboard_id)
        .join(Organization, Organization.id == ReportSchedule.organization_id)
        .where(
            ReportSchedule.deleted_at.is_(None),
            SavedDashboard.deleted_at.is_(None),
            Organization.deleted_at.is_(None),
            ReportSchedule.next_at <= now,
        )
        .order_by(ReportSchedule.next_at, ReportSchedule.id)
        .limit(most)
        .with_for_update(of=ReportSchedule, skip_locked=True)
    ).all()
    found = []
    for row, board, organization in due:
        found.append(
            DueReport(
                row.id,
                organization.id,
                organization.name,
                organization.currency,
                board.body,
                _readers(session, row, board),
                row.next_at,
            )
        )
        row.next_at = now + LEASE
    return found


def note_report(session: Session, report: DueReport, problem: str | None, now: datetime) -> None:
    """It went, or why it did not; it is due again at its next hour. Whoever asked for it is told of a problem."""
    row = session.get_one(ReportSchedule, report.id)
    zone = ZoneInfo(session.get_one(Organization, row.organization_id).timezone)
    row.next_at, row.last_at = next_sending(now, row.every, row.on_day, row.at_hour, zone), now
    row.problem = problem[:1000] if problem else None
    if problem:
        told = Told(Topic.REPORT, "report_failed", row.id, {"schedule_id": row.id, "problem": row.problem})
        tell(session, row.organization_id, [row.membership_id], told, now)


def note_received(session: Session, report: DueReport, member: str, now: datetime) -> None:
    """A recipient finds on screen, too, that a report is in their mail."""
    told = Told(Topic.REPORT, "report_sent", report.id, {"schedule_id": report.id})
    tell(session, report.organization_id, [member], told, now)


def next_sending(now: datetime, every: str, on_day: int, at_hour: int, zone: ZoneInfo) -> datetime:
    """The next time a report goes out, after now: in the organization's time zone, whatever its clocks do."""
    local = now.astimezone(zone)
    for ahead in range(0, 63):
        day = local.date() + timedelta(days=ahead)
        at = datetime.combine(day, time(at_hour), zone)
        if _is_the_day(day, every, on_day) and at > local:
            return at.astimezone(now.tzinfo)
    raise AssertionError("every month has a last day")


def _is_the_day(day: date, every: str, on_day: int) -> bool:
    if every == "day":
        return True
    if every == "week":
        return day.isoweekday() == min(on_day, 7)
    return day.day == min(on_day, monthrange(day.year, day.month)[1])


def _readers(session: Session, row: ReportSchedule, board: SavedDashboard) -> tuple[tuple[Actor, str], ...]:
    """The recipients who may see the dashboard, each with their rights as they stand and their address."""
    found = []
    for member in row.recipients:
        actor = actor_of_membership(session, row.organization_id, member)
        if actor is None or not actor.may("insights:read"):
            continue
        if not board.is_shared and member != board.membership_id:
            continue
        asked = select(User.email).join(Membership, Membership.user_id == User.id).where(Membership.id == member)
        email = session.scalar(asked)
        if email:
            found.append((actor, email))
    return tuple(found)


def _values(work: Work, request: Schedule, board: SavedDashboard) -> dict[str, Any]:
    recipients = list(dict.fromkeys(request.recipients))
    known = select(Membership.id).where(
        Membership.organization_id == work.actor.organization_id,
        Membership.id.in_(recipients),
        Membership.user_id.is_not(None),
        Membership.is_active,
        Membership.deleted_at.is_(None),
    )
    if len(work.session.scalars(known).all()) != len(recipients):
        raise NotFound("Not everybody named is an active member here.")
    if not board.is_shared and recipients != [board.membership_id]:
        raise NotAllowedNow("Only you see this dashboard: share it before you mail it to colleagues.")
    zone = ZoneInfo(work.session.get_one(Organization, work.actor.organization_id).timezone)
    return {
        "recipients": recipients,
        "every": request.every,
        "on_day": request.on_day,
        "at_hour": request.at_hour,
        "next_at": next_sending(work.now, request.every, request.on_day, request.at_hour, zone),
    }


def _to_change(work: Work, report_id: str, version: int) -> ReportSchedule:
    asked = select(ReportSchedule).where(
        ReportSchedule.organization_id == work.actor.organization_id,
        ReportSchedule.id == report_id,
        ReportSchedule.deleted_at.is_(None),
    )
    found = work.session.scalars(asked).first()
    if found is None:
        raise NotFound("There is no such report here.")
    if found.membership_id != work.actor.membership_id and not work.actor.may(MANAGES):
        raise NotAllowedNow("This report is a colleague's.")
    if found.version != version:
        raise StaleVersion(found, version)
    return found
