"""What people did about deals and customers, and what they have yet to do."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from warehouse.demo.chance import dice
from warehouse.demo.customers import Client
from warehouse.demo.days import moment_on, working_day_by, working_days_between
from warehouse.demo.deals import Deal
from warehouse.demo.words import SUBJECTS
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import ActivityKind

Row = dict[str, Any]

SHARES = {
    ActivityKind.CALL: 30,
    ActivityKind.EMAIL: 30,
    ActivityKind.MEETING: 15,
    ActivityKind.NOTE: 9,
    ActivityKind.TASK: 16,
}
DAYS_TO_VISIT = 200


def deal_activity_rows(deal: Deal, until: date, seed: int) -> list[Row]:
    """What was begun about the deal up to `until`: more for a deal that is given more effort."""
    throws = dice(seed, "activities", deal.number)
    days = working_days_between(deal.opened_on, deal.closes_on)
    count = 1 + round(deal.effort * 3 + throws.random())
    rows = [
        _row(day, deal.closes_on, until, deal.rep.id, throws, customer_id=deal.client.id, opportunity_id=deal.id)
        for day in sorted(throws.choices(days, k=count))
    ]
    return [row for row in rows if row["created_at"].date() <= until]


def visit_rows(client: Client, until: date, seed: int) -> list[Row]:
    """One thing done about the client itself some time after meeting it, if that day has come."""
    throws = dice(seed, "visit", client.number)
    day = working_day_by(client.met_at.date() + timedelta(days=throws.randint(4, DAYS_TO_VISIT)))
    if day > until:
        return []
    last = day + timedelta(days=30)
    return [_row(day, last, until, client.rep.id, throws, customer_id=client.id, opportunity_id=None)]


def _row(day: date, last: date, until: date, member_id: str, throws: Random, **about: str | None) -> Row:
    """Something begun on `day`; were it a task, it is done by `last`, which may lie after `until`."""
    kind = throws.choices(list(SHARES), list(SHARES.values()))[0]
    at = moment_on(day, throws)
    row: Row = {
        "id": uuid7(at, throws),
        "kind": kind,
        "subject": throws.choice(SUBJECTS[kind.value]),
        **about,
        "member_id": member_id,
        "happened_on": day,
        "due_on": None,
        "done_at": None,
        "duration_minutes": throws.randrange(10, 95, 5) if kind in {ActivityKind.CALL, ActivityKind.MEETING} else None,
        "created_at": at,
        "created_by": member_id,
        "updated_at": at,
        "updated_by": member_id,
    }
    return row | _progress(at, last, until, throws) if kind is ActivityKind.TASK else row


def _progress(at: datetime, last: date, until: date, throws: Random) -> Row:
    """A task's due day, and when it was done; one that is not done by `until` is a next step."""
    day = at.date()
    due_on = working_day_by(day + timedelta(days=throws.randint(3, 14)))
    finished_on = min(last, max(day, working_day_by(due_on + timedelta(days=throws.randint(-3, 16)))))
    finished_at = max(at, moment_on(finished_on, throws))
    if finished_on > until:
        return {"due_on": due_on, "happened_on": None}
    return {"due_on": due_on, "happened_on": finished_on, "done_at": finished_at, "updated_at": finished_at}
