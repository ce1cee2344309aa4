"""The demo company's deals: each one's whole life is decided when it opens, and shown as far as it is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from warehouse.demo.catalogue import Line, Product, fill_basket
from warehouse.demo.chance import arrivals, dice
from warehouse.demo.customers import Client, representatives
from warehouse.demo.days import is_working, moment_on, working_day_by, working_days_between
from warehouse.demo.people import Member
from warehouse.demo.words import COUNTRIES, LOST_REASONS, RIVALS, SOURCES
from warehouse.oltp.customers import CustomerType
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import Stage

DEALS_PER_DAY = 1.32
GROWTH_PER_YEAR = 1.35
SEASON = (0.9, 0.95, 1.15, 1.05, 1.05, 1.0, 0.9, 0.85, 1.15, 1.15, 1.1, 0.9)
"""How busy each month of the year is."""

RUNGS = (Stage.LEAD, Stage.QUALIFIED, Stage.PROPOSAL, Stage.NEGOTIATION)
CYCLE_DAYS = (22, 90)
"""Two more than the shortest, since a deal that would close at a weekend closes on the Friday before."""
WIN_CHANCE = 0.54
VAGUE_SHARE = 0.2
SLIPPING_SHARE = 0.12


@dataclass(frozen=True)
class Climb:
    """A deal reached a rung at a moment."""

    stage: Stage
    at: datetime


@dataclass(frozen=True)
class Deal:
    """One deal's whole life, including what is still to come."""

    number: int
    id: str
    client: Client
    rep: Member
    source: str
    basket: tuple[Line, ...]
    climbs: tuple[Climb, ...]
    is_won_in_the_end: bool
    is_vague: bool
    """Nobody named an amount or a date before it was qualified."""
    expected_close_on: date
    lost_reason: str | None
    rival: str | None
    effort: float
    """How much work it is given, from 0 to 1."""

    @property
    def opened_on(self) -> date:
        """The day of its first rung."""
        return self.climbs[0].at.date()

    @property
    def closes_on(self) -> date:
        """The day it will have been won or lost."""
        return self.climbs[-1].at.date()

    @property
    def total(self) -> Decimal:
        """What its basket costs, to the cent."""
        return sum((line.quantity * line.unit_price for line in self.basket), Decimal(0))

    def known_climbs(self, until: date) -> tuple[Climb, ...]:
        """The rungs it reached up to and including that day."""
        return tuple(climb for climb in self.climbs if climb.at.date() <= until)

    def is_named(self, until: date) -> bool:
        """Whether its amount and date are known on that day."""
        return not self.is_vague or any(climb.stage is Stage.QUALIFIED for climb in self.known_climbs(until))


@dataclass(frozen=True)
class Market:
    """Who buys, what is sold, and who sells it."""

    clients: tuple[Client, ...]
    products: tuple[Product, ...]
    members: tuple[Member, ...]


def open_deals(origin: date, until: date, seed: int, market: Market) -> Iterator[Deal]:
    """Every deal opened from `origin` to `until`, in order; a later `until` only appends."""
    number = 0
    for offset in range((until - origin).days + 1):
        day = origin + timedelta(days=offset)
        if not is_working(day):
            continue
        rate = DEALS_PER_DAY * GROWTH_PER_YEAR ** (offset / 365) * SEASON[day.month - 1]
        for _ in range(arrivals(rate, dice(seed, "day", offset))):
            yield _open_deal(number, day, dice(seed, "deal", number), market)
            number += 1


def _open_deal(number: int, day: date, throws: Random, market: Market) -> Deal:
    buyers = [client for client in market.clients if client.buys_on(day)]
    client = throws.choices(buyers, [buyer.appetite for buyer in buyers])[0]
    source = throws.choices(list(SOURCES), [share for share, _ in SOURCES.values()])[0]
    colleagues = representatives(market.members, COUNTRIES[client.country], day)
    rep = client.rep if throws.random() < 0.8 else throws.choice(colleagues)
    basket = fill_basket(market.products, day, 3 * client.appetite, throws)
    effort = throws.random()
    wins = throws.random() < _win_chance(client, rep, source, effort)
    climbs = _climb(day, wins, throws)
    return Deal(
        number=number,
        id=uuid7(climbs[0].at, throws),
        client=client,
        rep=rep,
        source=source,
        basket=basket,
        climbs=climbs,
        is_won_in_the_end=wins,
        is_vague=throws.random() < VAGUE_SHARE,
        expected_close_on=_guess(day, climbs[-1].at.date(), throws),
        lost_reason=None if wins else throws.choice(LOST_REASONS),
        rival=throws.choice(RIVALS) if throws.random() < 0.2 else None,
        effort=effort,
    )


def _win_chance(client: Client, rep: Member, source: str, effort: float) -> float:
    """Skill, source, kind of client and effort each move it; nothing makes it certain."""
    kind = {CustomerType.INDIVIDUAL: 0.06, CustomerType.BUSINESS: 0.02, CustomerType.ENTERPRISE: -0.05}[client.kind]
    chance = WIN_CHANCE + rep.person.skill + SOURCES[source][1] + kind + 0.3 * (effort - 0.5)
    return min(0.92, max(0.08, chance))


def _climb(day: date, wins: bool, throws: Random) -> tuple[Climb, ...]:
    """Its rungs from the day it opens to the day it closes, each on a working day of its own."""
    shortest, longest = CYCLE_DAYS
    cycle = round(throws.triangular(shortest, longest, 88 if wins else 76))
    closed_on = working_day_by(day + timedelta(days=cycle))
    highest = len(RUNGS) if wins else throws.choices((1, 2, 3, 4), (18, 30, 32, 20))[0]
    days = sorted(throws.sample(working_days_between(day, closed_on), highest - 1))
    stages = (*RUNGS[:highest], Stage.CLOSED_WON if wins else Stage.CLOSED_LOST)
    return tuple(Climb(stage, moment_on(on, throws)) for stage, on in zip(stages, (day, *days, closed_on), strict=True))


def _guess(opened_on: date, closes_on: date, throws: Random) -> date:
    """When the rep expects it to close: mostly too late; a few guess too early and the deal slips."""
    slips = throws.random() < SLIPPING_SHARE
    share = throws.uniform(0.4, 0.8) if slips else throws.uniform(0.9, 1.5)
    return opened_on + timedelta(days=round((closes_on - opened_on).days * share))
