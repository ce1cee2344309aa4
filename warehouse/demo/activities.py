"""What people did about deals and customers, and what they have yet to do."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, choose, happens, identifiers, integers, keys_of, poisson, uniform
from warehouse.demo.columns import (
    DAY,
    NO_DAY,
    NO_MOMENT,
    NO_NUMBER,
    Chunk,
    Days,
    Ids,
    Words,
    chunk,
    evening,
    moment,
    working_day,
    written,
)
from warehouse.demo.customers import Customers
from warehouse.demo.deals import Deals
from warehouse.demo.people import People
from warehouse.demo.presets import Company

KINDS = ("call", "email", "meeting", "note", "task")
SHARES = (30, 30, 15, 9, 16)
TASK = 4
TIMED = (True, False, True, False, False)
"""Which kinds have a duration."""
SUBJECTS = (
    ("Call about sizes", "Call about delivery", "Returned a missed call", "Talked through the offer"),
    ("Sent the catalogue", "Sent the offer", "Answered questions", "Asked for a decision date"),
    ("Visit", "Walked through the needs", "Walked through the offer", "Met the purchasing team"),
    ("Decision needs two signatures", "Compares us with a rival", "Wants samples first", "Prefers to start small"),
    ("Prepare the offer", "Send samples", "Check stock", "Follow up"),
)
_WORDS = tuple(word for words in SUBJECTS for word in words)
PER_EFFORT = 3.0
"""Things done about a deal that is given all the effort, beyond the first."""
VISITS, VISIT_WITHIN = 0.5, 200
"""Share of customers that are also looked after apart from deals, and the days until then."""


def activity_chunks(company: Company, people: People, customers: Customers, deals: Deals, seed: int) -> Iterator[Chunk]:
    """What was begun by `until` about each deal, and now and then about a customer itself."""
    count = 1 + poisson(seed, "activities", deals.keys, PER_EFFORT * deals.outlook.effort * company.detail)
    deal = np.repeat(np.arange(len(deals)), count)
    keys = keys_of(deals.keys[deal], "activity", np.arange(len(deal)) - np.repeat(np.cumsum(count) - count, count))
    span = (deals.outlook.closes_on - deals.opened_on).astype(np.int64)[deal]
    day = deals.opened_on[deal] + integers(seed, "activity on", keys, 0, np.maximum(1, span))
    yield _activities(
        company, seed, keys, day, deals.outlook.closes_on[deal], people.ids[deals.seller[deal]],
        customers.ids[deals.customer[deal]], deals.ids[deal],
    )  # fmt: skip
    own = keys_of(customers.keys, "visit")
    row = np.flatnonzero(happens(seed, "visit", own, VISITS * company.detail))
    own = own[row]
    visited = customers.met_on[row] + integers(seed, "visit on", own, 4, VISIT_WITHIN)
    yield _activities(
        company, seed, own, visited, visited + 30, people.ids[customers.seller[row]], customers.ids[row],
        np.zeros(len(row), "S36"),
    )  # fmt: skip


def _activities(
    company: Company, seed: int, keys: Keys, day: Days, last: Days, members: Ids, customers: Ids, deals: Ids
) -> Chunk:
    """Things begun on a day; were it a task, it is done by `last`, which may lie after `until`."""
    kind = choose(seed, "activity kind", keys, SHARES)
    is_task = kind == TASK
    day = working_day(day)
    at = moment(day, uniform(seed, "activity hour", keys))
    due = day + integers(seed, "task due", keys, 3, 15)
    done_at, done = _done(company, seed, keys, day, due, last)
    done &= is_task
    minutes = integers(seed, "minutes", keys, 2, 19) * 5
    subject = kind * len(SUBJECTS[0]) + integers(seed, "subject", keys, 0, len(SUBJECTS[0]))
    columns = {
        "id": identifiers(seed, "activities", keys, at),
        "kind": Words(kind, KINDS),
        "subject": Words(subject, _WORDS),
        "opportunity_id": deals,
        "customer_id": customers,
        "member_id": members,
        "happened_on": np.where(is_task, np.where(done, done_at.astype("datetime64[D]"), NO_DAY), day),
        "due_on": np.where(is_task, due, NO_DAY),
        "done_at": np.where(done, done_at, NO_MOMENT),
        "duration_minutes": np.where(np.array(TIMED)[kind], minutes, NO_NUMBER),
        **written(at, members, np.where(done, done_at, NO_MOMENT)),
    }
    return chunk("activities", columns, at < evening(company.until))


def _done(
    company: Company, seed: int, keys: Keys, day: Days, due: Days, last: Days
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """When a task was done, a little before or after it was due, and whether that has come."""
    finished = working_day(due + integers(seed, "task done", keys, -3, 17))
    at = moment(np.maximum(np.minimum(finished, last), day + DAY), uniform(seed, "task hour", keys))
    return at, at < evening(company.until)
