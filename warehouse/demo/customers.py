"""Who buys from the demo company, and whom one talks to there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from warehouse.demo.chance import dice
from warehouse.demo.days import moment_on, working_day_by
from warehouse.demo.people import Member
from warehouse.demo.words import (
    COUNTRIES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    NAME_ENDS,
    NAME_STARTS,
    SOURCES,
    STREETS,
    TITLES,
    TRADES,
)
from warehouse.oltp.customers import CustomerStatus, CustomerType
from warehouse.oltp.identifiers import uuid7

Row = dict[str, Any]

KNOWN_AT_START = 60
DAYS_PER_NEW_CLIENT = 8
QUIT_SHARE = 0.12


@dataclass(frozen=True)
class Client:
    """A customer as it is from the first day; where it stands follows from its deals."""

    number: int
    id: str
    name: str
    kind: CustomerType
    sector: str
    country: str
    source: str
    rep: Member
    met_at: datetime
    quits_on: date | None
    """The day after which it opens no more deals."""

    @property
    def appetite(self) -> int:
        """How often it buys, beside others, and how many at a time."""
        return {CustomerType.INDIVIDUAL: 1, CustomerType.BUSINESS: 2, CustomerType.ENTERPRISE: 4}[self.kind]

    def buys_on(self, day: date) -> bool:
        """Whether it may open a deal that day."""
        return self.met_at.date() < day and (self.quits_on is None or day <= self.quits_on)


@dataclass(frozen=True)
class Standing:
    """What a client's deals say about it, as far as they are known."""

    won_at: datetime | None
    """When its first deal was won."""
    was_qualified: bool
    has_open_deal: bool


def meet_clients(origin: date, until: date, seed: int, members: tuple[Member, ...]) -> tuple[Client, ...]:
    """Everyone met up to `until`, in the order they were met."""
    names = [start + end for start in NAME_STARTS for end in NAME_ENDS]
    dice(seed, "client names").shuffle(names)
    clients: list[Client] = []
    for number in range(len(names)):
        late = number - KNOWN_AT_START
        met_on = working_day_by(origin + timedelta(days=late if late < 0 else late * DAYS_PER_NEW_CLIENT))
        if met_on > until:
            break
        clients.append(_meet(number, names[number], met_on, dice(seed, "client", number), members))
    return tuple(clients)


def _meet(number: int, stem: str, met_on: date, throws: Random, members: tuple[Member, ...]) -> Client:
    met_at = moment_on(met_on, throws)
    kind = throws.choices(list(CustomerType), (15, 62, 23))[0]
    sector = throws.choice(list(TRADES))
    name = f"{stem} {throws.choice(TRADES[sector])}"
    if kind is CustomerType.ENTERPRISE:
        name += " Group"
    if kind is CustomerType.INDIVIDUAL:
        name = f"{throws.choice(GIVEN_NAMES)} {stem}"
    country = throws.choice(list(COUNTRIES))
    reps = representatives(members, COUNTRIES[country], met_on)
    quits = throws.random() < QUIT_SHARE
    return Client(
        number=number,
        id=uuid7(met_at, throws),
        name=name,
        kind=kind,
        sector=sector,
        country=country,
        source=throws.choice(list(SOURCES)),
        rep=throws.choice(reps),
        met_at=met_at,
        quits_on=met_on + timedelta(days=throws.randint(150, 600)) if quits else None,
    )


def representatives(members: tuple[Member, ...], office: str, day: date) -> list[Member]:
    """Who sold from that office on that day."""
    return [
        member
        for member in members
        if member.sells and member.person.office == office and member.joined_at.date() <= day
    ]


def customer_row(client: Client, standing: Standing, until: date, seed: int) -> Row:
    """The client as it is known on the evening of `until`."""
    throws = dice(seed, "client details", client.number)
    status, since = _status(client, standing, until, seed)
    return {
        "id": client.id,
        "name": client.name,
        **_reach(client.name, throws),
        **_size(client, throws),
        "company": None if client.kind is CustomerType.INDIVIDUAL else client.name,
        "country": client.country,
        "sector": client.sector,
        "status": status,
        "customer_type": client.kind,
        "acquisition_source": client.source,
        "became_customer_on": standing.won_at.date() if standing.won_at else None,
        "assigned_sales_rep_id": client.rep.id,
        "created_at": client.met_at,
        "created_by": client.rep.id,
        "updated_at": since,
        "updated_by": client.rep.id,
    }


def _status(client: Client, standing: Standing, until: date, seed: int) -> tuple[CustomerStatus, datetime]:
    """Where it stands, and since when."""
    if standing.won_at is None:
        status = CustomerStatus.PROSPECT if standing.was_qualified else CustomerStatus.LEAD
        return status, client.met_at
    if client.quits_on and client.quits_on <= until and not standing.has_open_deal:
        quit_at = moment_on(working_day_by(client.quits_on), dice(seed, "quit", client.number))
        return CustomerStatus.CHURNED, max(quit_at, standing.won_at)
    return CustomerStatus.CUSTOMER, standing.won_at


def _reach(name: str, throws: Random) -> Row:
    """Where to write and call: some of it is not known."""
    mailbox = name.lower().replace(" ", ".")
    return {
        "email": f"{mailbox}@example.com" if throws.random() < 0.8 else None,
        "phone": f"+00 {throws.randint(100, 999)} {throws.randint(1000, 9999)}" if throws.random() < 0.65 else None,
        "address": f"{throws.randint(1, 99)} {throws.choice(STREETS)}" if throws.random() < 0.6 else None,
    }


def _size(client: Client, throws: Random) -> Row:
    """How large it is; nobody asks a person, and not every company says."""
    unknown: Row = {"employees": None, "annual_revenue": None, "founded_year": None}
    if client.kind is CustomerType.INDIVIDUAL or throws.random() < 0.15:
        return unknown
    employees = throws.randint(6, 180) if client.kind is CustomerType.BUSINESS else throws.randint(250, 4000)
    revenue = Decimal(employees * throws.randint(60, 190) * 1000)
    return {
        "employees": employees,
        "annual_revenue": revenue if throws.random() < 0.8 else None,
        "founded_year": throws.randint(1951, 2019),
    }


def contact_rows(client: Client, seed: int) -> list[Row]:
    """One to three people at a company, the first of them the one to call; none for a person."""
    if client.kind is CustomerType.INDIVIDUAL:
        return []
    throws = dice(seed, "contacts", client.number)
    return [_contact_row(client, place == 0, throws) for place in range(throws.randint(1, 3))]


def _contact_row(client: Client, is_primary: bool, throws: Random) -> Row:
    name = f"{throws.choice(GIVEN_NAMES)} {throws.choice(FAMILY_NAMES)}"
    reach = _reach(name, throws)
    return {
        "id": uuid7(client.met_at, throws),
        "customer_id": client.id,
        "name": name,
        "email": reach["email"],
        "phone": reach["phone"],
        "title": throws.choice(TITLES),
        "is_primary": is_primary,
        "created_at": client.met_at,
        "created_by": client.rep.id,
        "updated_at": client.met_at,
        "updated_by": client.rep.id,
    }
