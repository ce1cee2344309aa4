"""Applications that were generated for customers: what they are, where they stand and who uses them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.chance import Places
from warehouse.demo.columns import NO_ID, Chunk, Days, Ids, Moments, Words, chunk, day_of, evening, moment, written
from warehouse.demo.customers import Customers
from warehouse.demo.people import People
from warehouse.demo.presets import Company

NAMES = ("Order desk", "Customer portal", "Price finder", "Service diary", "Stock watch", "Field notes")
COMPONENTS = ("form", "list", "chart", "calendar")
STATUSES = ("generating", "testing", "deployed", "integrated", "archived")
STATUS_DAYS = (2, 9, 21)
"""Median days from generating to testing, from there to deployed, and from there to integrated."""
INTEGRATED, ARCHIVED = 0.6, 0.15
"""Share of deployed applications that are integrated, and of all that are archived in the end."""
USES = 0.35
"""Share of customers who use an application."""


@dataclass(frozen=True)
class Applications:
    """The applications of a company over all of its planned history."""

    ids: Ids
    created_at: Moments
    reached: Moments
    """(applications, STATUSES): when each status is reached; NaT is never."""

    def used_by(self, customers: Customers, seed: int) -> Places:
        """The application each customer of a range uses; -1 is none."""
        which = chance.integers(seed, "application", customers.keys, 0, len(self.ids))
        return np.where(chance.happens(seed, "uses application", customers.keys, USES), which, -1)

    def ids_at(self, applications: Places, days: Days) -> Ids:
        """Ids of applications (by place, -1 is none) that run on days; empty where it does not run yet or any more."""
        runs = (applications >= 0) & (self.reached[applications, 2].astype("datetime64[D]") <= days)
        runs &= ~(self.reached[applications, 4].astype("datetime64[D]") <= days)
        return np.where(runs, self.ids[applications], NO_ID)


def applications_of(company: Company, seed: int) -> Applications:
    """Up to six applications, the first soon after history begins."""
    count = 2 + int(chance.integers(seed, "applications", company.key, 0, 5)[0])
    keys = company.key_of("application", np.arange(count))
    wait = np.arange(count) * 110 + chance.integers(seed, "application day", keys, 0, 60) - 40
    created = moment(company.started_on + wait, chance.uniform(seed, "application hour", keys))
    reached = np.full((count, len(STATUSES)), np.datetime64("NaT", "ms"))
    reached[:, 0] = created
    for step, median in enumerate(STATUS_DAYS):
        days = chance.lognormal(seed, "application step", keys, float(median), 0.5, step)
        reached[:, step + 1] = reached[:, step] + (days * 86_400_000).astype("timedelta64[ms]")
    reached[~chance.happens(seed, "application integrated", keys, INTEGRATED), 3] = np.datetime64("NaT", "ms")
    ends = chance.happens(seed, "application archived", keys, ARCHIVED)
    reached[:, 4] = np.where(ends, created + np.timedelta64(500, "D"), np.datetime64("NaT", "ms"))
    return Applications(chance.identifiers(seed, "applications", keys, created), created, reached)


def applications_setup(company: Company, people: People, applications: Applications, seed: int) -> Iterator[Chunk]:
    """Applications as they stand at the end of `until`, and their workflows."""
    end, count = evening(company.until), len(applications.ids)
    keys = company.key_of("application", np.arange(count))
    owner = people.ids[people.pick(people.marketers, seed, "application owner", keys, day_of(applications.created_at))]
    stands = applications.reached < end
    status = np.max(np.where(stands, np.arange(len(STATUSES)), 0), axis=1)
    changed = np.max(np.where(stands, applications.reached, applications.created_at[:, None]), axis=1)
    names = np.array([NAMES[number % len(NAMES)] for number in range(count)], object)
    exists = applications.created_at < end
    yield chunk(
        "applications",
        {
            "id": applications.ids,
            "name": names,
            "description": np.array([f"{name} for our customers, made from a description." for name in names], object),
            "owner_id": owner,
            "status": Words(status, STATUSES),
            "code": np.array([_code(number) for number in range(count)], object),
            "crm_integration": np.array([_integration("customers", status[number]) for number in range(count)], object),
            "support_integration": np.array(
                [_integration("tickets", status[number]) for number in range(count)], object
            ),
            "deployment_url": np.array([_address(company, number, status[number]) for number in range(count)], object),
            **written(applications.created_at, owner, changed),
        },
        exists,
    )
    yield _workflows(applications, owner, names, keys, exists, seed)


def _workflows(
    applications: Applications, owner: Ids, names: NDArray[np.object_], keys: chance.Keys, exists: NDArray[np.bool_],
    seed: int,
) -> Chunk:  # fmt: skip
    own = chance.keys_of(keys, "workflow")
    return chunk(
        "application_workflows",
        {
            "id": chance.identifiers(seed, "application_workflows", own, applications.created_at),
            "application_id": applications.ids,
            "name": names + " round",
            "definition": json.dumps({"trigger": "record_created", "steps": ["check", "assign", "notify"]}),
            **written(applications.created_at, owner),
        },
        exists,
    )


def customer_chunks(company: Company, applications: Applications, customers: Customers, seed: int) -> Iterator[Chunk]:
    """Which customers of a range use which application: from its deployment on, or from the day they bought."""
    end = evening(company.until)
    which = applications.used_by(customers, seed)
    since = np.maximum(moment(customers.life.customer_on, np.full(len(customers), 0.5)), applications.reached[which, 2])
    keys = chance.keys_of(customers.keys, "application customer")
    yield chunk(
        "application_customers",
        {
            "id": chance.identifiers(seed, "application_customers", keys, np.where(np.isnat(since), end, since)),
            "application_id": applications.ids[which],
            "customer_id": customers.ids,
            **written(since),
        },
        (which >= 0) & (since < end),
    )


def _code(number: int) -> str:
    used = COMPONENTS[: 2 + number % 3]
    return json.dumps({"components": list(used), "endpoints": [f"/{name}s" for name in used], "workflows": ["round"]})


def _integration(room: str, status: int) -> str:
    return json.dumps({"reads": [room], "writes": []} if status >= STATUSES.index("deployed") else {})


def _address(company: Company, number: int, status: int) -> str | None:
    is_live = STATUSES[status] in {"deployed", "integrated"}
    return f"https://app-{number + 1}.{company.slug}.test" if is_live else None
