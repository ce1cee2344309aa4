"""A whole company, room by room, in an order that satisfies foreign keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from warehouse.demo.activities import activity_chunks
from warehouse.demo.billing import billing_chunks
from warehouse.demo.catalogue import Catalogue, catalogue_chunks, catalogue_of
from warehouse.demo.columns import Chunk
from warehouse.demo.customer_rows import customer_chunks, names_of
from warehouse.demo.customers import currencies_of, customers_of, ranges
from warehouse.demo.deal_rows import deal_chunks
from warehouse.demo.deals import deals_of
from warehouse.demo.dirt import soiled
from warehouse.demo.engagement import Setting, engagement_chunks, setting_chunks, setting_of
from warehouse.demo.fx import fx_chunks
from warehouse.demo.own_fields import own_field_chunks
from warehouse.demo.people import People, people_of
from warehouse.demo.presets import Company
from warehouse.demo.quotes import contract_chunks, contracts_of, quote_chunks
from warehouse.demo.roster import roster_chunks
from warehouse.demo.territories import Territories, territories_of, territory_chunks
from warehouse.demo.truth import Truth

RANGE = 20_000
"""Customers made at a time: what bounds memory."""


class Piece(NamedTuple):
    """A company's customers from one number up to and without another.

    The first piece begins with what is there before the first customer.
    """

    first: int
    last: int


@dataclass(frozen=True)
class House:
    """What a company is before its first customer comes."""

    company: Company
    seed: int
    people: People
    catalogue: Catalogue
    territories: Territories
    setting: Setting


def house_of(company: Company, seed: int, truth: Truth) -> House:
    """The house of a company."""
    return House(
        company,
        seed,
        people_of(company, seed),
        catalogue_of(company, currencies_of(company), seed),
        territories_of(company, seed),
        setting_of(company, seed, truth),
    )


def company_chunks(
    company: Company, seed: int, truth: Truth, size: int = RANGE, *, dirty: bool = False, piece: Piece | None = None
) -> Iterator[Chunk]:
    """Every row of a company as of the evening of its `until`: users first, then memberships, the owner's foremost.

    How many customers are made at a time changes no row, nor does who makes which piece of it: without one, it is made
    whole. `dirty` spoils some of them, each noted in the truth.
    """
    for one in _clean(company, seed, truth, size, piece or Piece(0, company.customers)):
        yield from soiled(company, one, seed, truth) if dirty else (one,)


def _clean(company: Company, seed: int, truth: Truth, size: int, piece: Piece) -> Iterator[Chunk]:
    begins = piece.first == 0
    # The setting is the same for every piece and told once.
    house = house_of(company, seed, truth if begins else Truth(None))
    if begins:
        yield from _setup_chunks(house)
    for first, last in ranges(piece.first, piece.last, size):
        yield from _range_chunks(house, first, last, truth)


def _setup_chunks(house: House) -> Iterator[Chunk]:
    """Every row that is there before the first customer."""
    company, seed, people = house.company, house.seed, house.people
    yield from roster_chunks(company, people, seed)
    yield from own_field_chunks(company, seed)
    yield from catalogue_chunks(company, house.catalogue, seed)
    yield from territory_chunks(company, people, house.territories, seed)
    yield from fx_chunks(company, currencies_of(company), seed)
    yield from setting_chunks(company, people, house.setting, seed)


def _range_chunks(house: House, first: int, last: int, truth: Truth) -> Iterator[Chunk]:
    """Every row that belongs to a range of customers."""
    company, seed, people, catalogue = house.company, house.seed, house.people, house.catalogue
    customers = customers_of(company, people, seed, first, last)
    if not len(customers):
        return
    names = names_of(customers, seed)
    yield from customer_chunks(company, people, customers, names, seed, truth)
    deals = deals_of(company, people, customers, catalogue, seed)
    touches = house.setting.touches(company, customers, seed)
    campaign_ids = touches.campaign_of(house.setting.campaigns, deals.customer, deals.opened_on)
    yield from deal_chunks(
        company, people, customers, catalogue, house.territories, deals, names, campaign_ids, seed, truth
    )
    yield from activity_chunks(company, people, customers, deals, seed)
    yield from quote_chunks(company, people, customers, catalogue, deals, seed)
    contracts = contracts_of(company, customers, deals, seed)
    yield from contract_chunks(company, people, customers, deals, contracts, names, seed)
    yield from billing_chunks(company, customers, catalogue, deals, contracts, seed, truth)
    always_sold = catalogue.ids[catalogue.launched_on <= company.started_on]
    yield from engagement_chunks(
        company, people, house.setting, customers, touches, deals, always_sold, seed, truth
    )  # fmt: skip
