"""The whole demo company: every row of it, and the truth about it that numbers can be held against."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypedDict

from warehouse.demo.activities import deal_activity_rows, visit_rows
from warehouse.demo.catalogue import make_products, product_rows
from warehouse.demo.customers import Client, contact_rows, customer_row, meet_clients
from warehouse.demo.days import origin_of
from warehouse.demo.deals import Deal, Market, open_deals
from warehouse.demo.people import hire, membership_rows, role_grant_rows, user_rows
from warehouse.demo.records import line_item_rows, opportunity_row, stage_change_rows, standing
from warehouse.demo.words import COMPANY_NAME, COMPANY_SLUG

FrozenRow = Mapping[str, Any]


class Truth(TypedDict):
    """What became of the deals, counted from their planned lives and not from the rows."""

    won_value: Decimal
    won_deal_count: int
    lost_deal_count: int
    open_deal_count: int
    deal_count: int


@dataclass(frozen=True)
class Company:
    """A company as its records stand on the evening of `until`, and the truth about its deals."""

    slug: str
    name: str
    until: date
    seed: int
    tables: Mapping[str, tuple[FrozenRow, ...]]
    """Table name → rows, in an order that satisfies foreign keys; the first user and membership are the owner's."""
    won_value: Decimal
    won_deal_count: int
    lost_deal_count: int
    open_deal_count: int
    deal_count: int


def generate(until: date, seed: int = 7) -> Company:
    """The company up to and including `until`: same arguments, same rows, ids included.

    Nothing happens after `until`, so pass the last day that is over. Until the quarter changes, a later `until`
    gives the same history and what came after it.
    """
    origin = origin_of(until)
    members, products = hire(origin, seed), make_products(origin, seed)
    clients = meet_clients(origin, until, seed, members)
    deals = tuple(open_deals(origin, until, seed, Market(clients, products, members)))
    tables = {
        "users": user_rows(members),
        "memberships": membership_rows(members),
        "role_grants": role_grant_rows(members, seed),
        "products": product_rows(products),
        **_client_tables(clients, deals, until, seed),
        **_deal_tables(deals, until, seed),
    }
    tables["activities"] += [row for client in clients for row in visit_rows(client, until, seed)]
    frozen = {table: tuple(MappingProxyType(row) for row in rows) for table, rows in tables.items()}
    return Company(COMPANY_SLUG, COMPANY_NAME, until, seed, MappingProxyType(frozen), **truth_of(deals, until))


def truth_of(deals: Iterable[Deal], until: date) -> Truth:
    """What is true of these deals on the evening of `until`."""
    won_value, won, lost, still_open = Decimal(0), 0, 0, 0
    for deal in deals:
        if deal.closes_on > until:
            still_open += 1
        elif deal.is_won_in_the_end:
            won += 1
            won_value += deal.total
        else:
            lost += 1
    return {
        "won_value": won_value,
        "won_deal_count": won,
        "lost_deal_count": lost,
        "open_deal_count": still_open,
        "deal_count": won + lost + still_open,
    }


def _client_tables(
    clients: tuple[Client, ...], deals: tuple[Deal, ...], until: date, seed: int
) -> dict[str, list[dict[str, Any]]]:
    deals_of = defaultdict(list)
    for deal in deals:
        deals_of[deal.client.id].append(deal)
    return {
        "customers": [customer_row(client, standing(deals_of[client.id], until), until, seed) for client in clients],
        "contacts": [row for client in clients for row in contact_rows(client, seed)],
    }


def _deal_tables(deals: tuple[Deal, ...], until: date, seed: int) -> dict[str, list[dict[str, Any]]]:
    return {
        "opportunities": [opportunity_row(deal, until) for deal in deals],
        "opportunity_line_items": [row for deal in deals for row in line_item_rows(deal, until, seed)],
        "opportunity_stage_changes": [row for deal in deals for row in stage_change_rows(deal, until, seed)],
        "activities": [row for deal in deals for row in deal_activity_rows(deal, until, seed)],
    }
