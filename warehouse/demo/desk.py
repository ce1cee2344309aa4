"""The support desk: when it works, how soon it has to answer, and what it answers with one click."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from warehouse.demo import chance
from warehouse.demo.calendar import PLANNED_DAYS
from warehouse.demo.columns import Chunk, Ids, Moments, chunk, moment, written
from warehouse.demo.hours import CLOSES, OPENS, Hours, holidays_between, hours_of
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.wording import CATEGORIES, category_names, pool

PRIORITIES = ("low", "medium", "high", "critical")
FIRST_REPLY = np.array([960, 480, 240, 60])
"""Working minutes until the first answer is due, by priority."""
RESOLUTION = np.array([4800, 2400, 1200, 480])
"""Working minutes until the solution is due, by priority."""
_FOUNDED = -90
"""Days before a company's history when its desk was set up."""


@dataclass(frozen=True)
class Desk:
    """What tickets of a company refer to."""

    hours: Hours
    hours_id: Ids
    policy_ids: Ids
    """One per priority."""
    set_up_at: Moments


def desk_of(company: Company, seed: int) -> Desk:
    """The desk of a company, set up before its history begins."""
    at = moment(np.array([company.started_on + _FOUNDED]), np.array([0.3]))
    hours_key, keys = company.key_of("desk hours"), company.key_of("policy", np.arange(len(PRIORITIES)))
    last = company.origin + PLANNED_DAYS
    return Desk(
        hours_of(company.timezone, company.country, company.origin, last),
        chance.identifiers(seed, "business_hours", hours_key, at),
        chance.identifiers(seed, "sla_policies", keys, np.repeat(at, len(PRIORITIES))),
        at,
    )


def desk_chunks(company: Company, people: People, desk: Desk, seed: int) -> Iterator[Chunk]:
    """Business hours, policies and macros."""
    span = [f"{OPENS:02}:00", f"{CLOSES:02}:00"]
    holidays = holidays_between(company.country, company.origin, company.origin + PLANNED_DAYS)
    yield chunk(
        "business_hours",
        {
            "id": desk.hours_id,
            "name": "Office hours",
            "timezone": company.timezone,
            "week": json.dumps({str(day): [span] for day in range(1, 6)}),
            "holidays": json.dumps(holidays),
            **written(desk.set_up_at, people.ids[:1]),
        },
    )
    at = np.repeat(desk.set_up_at, len(PRIORITIES))
    yield chunk(
        "sla_policies",
        {
            "id": desk.policy_ids,
            "name": np.array([f"{priority.capitalize()} priority" for priority in PRIORITIES], object),
            "priority": np.array(PRIORITIES, object),
            "first_reply_minutes": FIRST_REPLY,
            "resolution_minutes": RESOLUTION,
            "business_hours_id": np.repeat(desk.hours_id, len(PRIORITIES)),
            **written(at, np.repeat(people.ids[:1], len(at))),
        },
    )
    yield _macros(company, people, desk, seed)


def _macros(company: Company, people: People, desk: Desk, seed: int) -> Chunk:
    """A ready answer for each category."""
    keys = company.key_of("macro", np.arange(len(CATEGORIES)))
    at = np.repeat(desk.set_up_at, len(keys)) + (np.arange(len(keys)) * 60_000).astype("timedelta64[ms]")
    answers = pool("answers")
    bodies = [answers.sentences[answers.start[0, place]] for place in range(len(CATEGORIES))]
    return chunk(
        "macros",
        {
            "id": chance.identifiers(seed, "macros", keys, at),
            "name": np.array([f"Answer: {name}" for name in category_names("en")], object),
            "body": np.array(bodies, object),
            "actions": np.array([json.dumps({"category": category}) for category in CATEGORIES], object),
            **written(at, people.ids[np.full(len(keys), people.agents[0])]),
        },
    )
