"""The people who work at a company: who sells, supports and markets, and how well."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, bits, identifiers, keys_of, normal, uniform
from warehouse.demo.columns import Days, Ids, Moments, day_of, moment
from warehouse.demo.presets import Company
from warehouse.demo.words import FAMILY_NAMES, GIVEN_NAMES
from warehouse.tenancy import AccessRole, BusinessFunction

SALES, SUPPORT, MARKETING = BusinessFunction.SALES, BusinessFunction.SUPPORT, BusinessFunction.MARKETING
FOUNDING = -120
"""Days before a company's history begins when most people joined."""
OFFICES = ("Centre", "North", "South", "West")
MOST_SELLERS, MOST_AGENTS, MOST_MARKETERS = 60, 80, 6
SKILL = 0.45
"""Standard deviation of what a seller adds to a deal's log-odds."""


@dataclass(frozen=True)
class Person:
    """Someone of a roster. `reports_to` is a place in it; `skill` is added to the log-odds of what they work on."""

    name: str
    job: str
    office: str = "Centre"
    reports_to: int | None = 0
    skill: float = 0.0
    joined: int = FOUNDING
    """In days after the company's history begins."""
    role: AccessRole = AccessRole.MEMBER
    functions: tuple[BusinessFunction, ...] = (SALES,)
    signs_in: bool = False


SELLER, AGENT, MARKETER = "Sales Representative", "Support Agent", "Marketer"
DEMO_ROSTER = (
    Person("Olive Oakbeam", "Owner", "Centre", None, role=AccessRole.OWNER, functions=(), signs_in=True),
    Person("Mabel Mallet", "Sales Manager", "North", functions=(SALES, BusinessFunction.ANALYST), signs_in=True),
    Person("Dexter Dovetail", "Sales Manager", "South"),
    Person("Sam Sampleton", SELLER, "North", 1, 0.3, signs_in=True),
    Person("Bea Bracket", SELLER, "North", 1, -0.15),
    Person("Hugo Hinge", SELLER, "Centre", 1, 0.6),
    Person("Tilda Tenon", SELLER, "Centre", 1, -0.5),
    Person("Pip Plywood", SELLER, "Centre", 2, 0.1, joined=200),
    Person("Rosa Rasp", SELLER, "South", 2, 0.25),
    Person("Gus Grommet", SELLER, "South", 2, -0.3),
    Person("Wilma Wedge", SELLER, "North", 1, 0.0, joined=480),
    Person("Vera Viewfinder", "Bookkeeper", "Centre", 0, role=AccessRole.VIEWER, functions=(), signs_in=True),
    Person("Sol Spirit-Level", "Support Manager", "Centre", 0, 0.2, functions=(SUPPORT,)),
    Person("Nell Nailset", AGENT, "Centre", 12, 0.3, functions=(SUPPORT,)),
    Person("Otto Awl", AGENT, "North", 12, -0.2, functions=(SUPPORT,)),
    Person("Fay Fretsaw", MARKETER, "Centre", 0, 0.1, functions=(MARKETING,)),
)


@dataclass(frozen=True)
class People:
    """A company's members by place in its roster, the owner first; managers come before the people they manage."""

    roster: tuple[Person, ...]
    emails: tuple[str, ...]
    ids: Ids
    user_ids: Ids
    """Empty for who does not sign in."""
    joined_at: Moments
    skill: NDArray[np.float64]
    sellers: NDArray[np.int64]
    agents: NDArray[np.int64]
    marketers: NDArray[np.int64]
    """Places; the first of each was there from the start. None of them is empty."""

    def pick(self, among: NDArray[np.int64], seed: int, tag: str, keys: Keys, days: Days) -> NDArray[np.int64]:
        """Somebody of a group per key; who had not joined by the day is replaced by the group's first."""
        found = among[(bits(seed, tag, keys) % np.uint64(len(among))).astype(np.int64)]
        return np.where(day_of(self.joined_at)[found] <= days, found, among[0])


def people_of(company: Company, seed: int) -> People:
    """Everybody who works at the company."""
    roster = DEMO_ROSTER if company.slug == "demo" else _roster(company, seed)
    keys = company.key_of("member", np.arange(len(roster)))
    joined = company.started_on + np.array([person.joined for person in roster]).astype("timedelta64[D]")
    joined_at = moment(joined, uniform(seed, "member hour", keys))
    signs_in = np.array([person.signs_in for person in roster])
    return People(
        roster=roster,
        emails=tuple(_email(company, place, person.name) for place, person in enumerate(roster)),
        ids=identifiers(seed, "memberships", keys, joined_at),
        user_ids=np.where(signs_in, identifiers(seed, "users", keys, joined_at), b""),
        joined_at=joined_at,
        skill=np.array([person.skill for person in roster]),
        sellers=_places(roster, SELLER),
        agents=_places(roster, AGENT),
        marketers=_places(roster, MARKETER),
    )


def _places(roster: Sequence[Person], job: str) -> NDArray[np.int64]:
    return np.array([place for place, person in enumerate(roster) if person.job == job] or [0])


def _email(company: Company, place: int, name: str) -> str:
    if company.slug == "demo":
        return f"{name.split()[0].lower()}@demo.example"
    return f"{name.lower().replace(' ', '.')}.{place}@{company.slug}.test"


def _roster(company: Company, seed: int) -> tuple[Person, ...]:
    """An owner, a bookkeeper and, by the number of customers, sellers, agents and marketers with their managers."""
    size = company.customers
    sellers = int(np.clip(round(size**0.5 / 3), 1, MOST_SELLERS))
    agents = int(np.clip(round(size**0.5 / 4), 1, MOST_AGENTS))
    marketers = int(np.clip(size // 1500, 1, MOST_MARKETERS))
    jobs = [SELLER] * sellers + [AGENT] * agents + [MARKETER] * marketers
    total = 4 + len(jobs)
    names = _names(company, seed, total)
    skills = SKILL * normal(seed, "skill", keys_of(company.key, "roster", np.arange(total)))
    head = (
        Person(names[0], "Owner", reports_to=None, role=AccessRole.OWNER, functions=(), signs_in=True),
        Person(names[1], "Sales Manager"),
        Person(names[2], "Support Manager", functions=(SUPPORT,)),
        Person(names[3], "Bookkeeper", role=AccessRole.VIEWER, functions=(), signs_in=size >= 100),
    )
    return head + tuple(
        _hired(job, names[4 + n], n, jobs.index(job), float(skills[4 + n])) for n, job in enumerate(jobs)
    )


def _hired(job: str, name: str, number: int, first: int, skill: float) -> Person:
    """Somebody of a group; every fifth of it joined within history."""
    within = number - first
    function = {SELLER: SALES, AGENT: SUPPORT, MARKETER: MARKETING}[job]
    manager = {SELLER: 1, AGENT: 2, MARKETER: 0}[job]
    joined = 60 + 47 * within % 700 if within % 5 == 4 else FOUNDING
    office = OFFICES[within % len(OFFICES)]
    return Person(
        name, job, office, manager, skill, joined, functions=(function,), signs_in=job == SELLER and not within
    )


def _names(company: Company, seed: int, count: int) -> list[str]:
    """Invented names, none twice in a company as long as there are enough."""
    pairs = len(GIVEN_NAMES) * len(FAMILY_NAMES)
    start, step = int(bits(seed, "names", company.key)[0] % np.uint64(pairs)), 25
    places = [(start + step * number) % pairs for number in range(count)]
    return [f"{GIVEN_NAMES[place % len(GIVEN_NAMES)]} {FAMILY_NAMES[place // len(GIVEN_NAMES)]}" for place in places]
