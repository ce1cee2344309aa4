"""What members are reminded of by the clock: tasks whose day has come, and tickets that are nearly late; each once."""

from datetime import datetime, timedelta

from sqlalchemy import String, cast, exists, or_, select
from sqlalchemy.orm import Session

from warehouse.oltp.days import local_day
from warehouse.oltp.notices import Notice
from warehouse.oltp.organization import Membership, Organization
from warehouse.oltp.sales import Activity
from warehouse.oltp.support import Ticket, TicketStatus
from warehouse.operations.telling import Told, Topic, tell

LATE_BY = timedelta(days=2)
"""What was due longer ago, while no clock ran, is not told any more."""
AHEAD = timedelta(minutes=30)
AT_ONCE = 500
OPEN = [status for status in TicketStatus if status.is_open]
_CAN_BE_TOLD = (Membership.user_id.is_not(None), Membership.is_active, Membership.deleted_at.is_(None))
DUE, NEARLY_LATE = "task_due", "ticket_nearly_late"


def remind(session: Session, now: datetime) -> int:
    """Tell members of every organization what is due; how many records that were."""
    return _tasks(session, now) + _tickets(session, now)


def _tasks(session: Session, now: datetime) -> int:
    """Tasks on the day they are due, where the organization is."""
    told = exists().where(
        Notice.kind == DUE, Notice.subject == cast(Activity.id, String), Notice.membership_id == Activity.member_id
    )
    today = now.date()
    query = (
        select(Activity.id, Activity.organization_id, Activity.member_id, Activity.due_on, Organization.timezone)
        .join(Organization, Organization.id == Activity.organization_id)
        .join(Membership, Membership.id == Activity.member_id)
        .where(
            *_CAN_BE_TOLD,
            Activity.due_on.between(today - LATE_BY, today + timedelta(days=1)),
            Activity.done_at.is_(None),
            Activity.deleted_at.is_(None),
            Activity.member_id.is_not(None),
            Organization.deleted_at.is_(None),
            ~told,
        )
        .limit(AT_ONCE)
    )
    due = [one for one in session.execute(query).all() if one.due_on <= local_day(now, one.timezone)]
    for one in due:
        facts = {"table": "activities", "record_id": one.id}
        tell(session, one.organization_id, [one.member_id], Told(Topic.REMINDER, DUE, one.id, facts), now)
    return len(due)


def _tickets(session: Session, now: datetime) -> int:
    """Tickets whose first reply or resolution is due within AHEAD."""
    until = now + AHEAD
    told = exists().where(
        Notice.kind == NEARLY_LATE,
        Notice.subject == cast(Ticket.id, String),
        Notice.membership_id == Ticket.assigned_agent_id,
        Notice.created_at > now - LATE_BY,
    )
    reply = Ticket.first_replied_at.is_(None) & Ticket.first_reply_due_at.between(now, until)
    resolution = Ticket.resolution_due_at.between(now, until)
    query = (
        select(Ticket)
        .join(Organization, Organization.id == Ticket.organization_id)
        .join(Membership, Membership.id == Ticket.assigned_agent_id)
        .where(
            *_CAN_BE_TOLD,
            Ticket.status.in_(OPEN),
            Ticket.deleted_at.is_(None),
            Ticket.assigned_agent_id.is_not(None),
            Organization.deleted_at.is_(None),
            or_(reply, resolution),
            ~told,
        )
        .limit(AT_ONCE)
    )
    found = session.scalars(query).all()
    for one in found:
        waits = one.first_replied_at is None and one.first_reply_due_at is not None and one.first_reply_due_at >= now
        due = one.first_reply_due_at if waits else one.resolution_due_at
        facts = {
            "table": "tickets",
            "record_id": one.id,
            "what": "a first reply" if waits else "its solution",
            "until": f"{due:%H:%M}",
        }
        agents = [one.assigned_agent_id] if one.assigned_agent_id else []
        tell(session, one.organization_id, agents, Told(Topic.SLA, NEARLY_LATE, one.id, facts), now)
    return len(found)
