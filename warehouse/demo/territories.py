"""Who sells where and how much is asked of them; who gets new customers and tickets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import identifiers
from warehouse.demo.columns import UNIT, Chunk, Ids, Moments, chunk, moment, to_cent, written
from warehouse.demo.people import OFFICES, People
from warehouse.demo.presets import Company
from warehouse.demo.words import COUNTRIES

QUOTA_PER_CUSTOMER = 0.055
"""Deals' worth asked for in a quarter for each planned customer: about what a good quarter brings."""


@dataclass(frozen=True)
class Territories:
    """The whole market, and below it one part for each regional office; places are 1 + the office's."""

    ids: Ids
    of_country: NDArray[np.int64]
    """Place of a country's territory, by its place in COUNTRIES."""


def territories_of(company: Company, seed: int) -> Territories:
    """The territories of a company."""
    keys = company.key_of("territory", np.arange(1 + len(OFFICES)))
    of_country = np.array([1 + OFFICES.index(office) for office, _, _ in COUNTRIES.values()])
    return Territories(identifiers(seed, "territories", keys, _founded(company, len(keys))), of_country)


def _founded(company: Company, count: int) -> Moments:
    return np.repeat(moment(np.array([company.started_on - 90]), 0.3), count)


def territory_chunks(company: Company, people: People, territories: Territories, seed: int) -> Iterator[Chunk]:
    """Territories, their members, quotas and the rules that hand out work."""
    at = _founded(company, len(territories.ids))
    rules = [{}, *({"country": [c for c, (o, _, _) in COUNTRIES.items() if o == office]} for office in OFFICES)]
    columns = {
        "id": territories.ids,
        "name": np.array(["All markets", *OFFICES], object),
        "parent_territory_id": np.where(np.arange(len(at)) == 0, b"", territories.ids[0]),
        "lead_id": np.repeat(people.ids[1], len(at)),
        "rules": np.array([json.dumps(rule) for rule in rules], object),
        **written(at),
    }
    yield chunk("territories", columns)
    yield _members(company, people, territories, seed)
    yield _quotas(company, people, seed)
    yield from _rules(company, people, seed)


def _members(company: Company, people: People, territories: Territories, seed: int) -> Chunk:
    sellers = people.sellers
    place = np.array([1 + OFFICES.index(people.roster[seller].office) for seller in sellers.tolist()])
    at = np.maximum(people.joined_at[sellers], _founded(company, len(sellers)))
    columns = {
        "id": identifiers(seed, "territory_members", company.key_of("territory member", sellers), at),
        "territory_id": territories.ids[place],
        "membership_id": people.ids[sellers],
        **written(at),
    }
    return chunk("territory_members", columns, at.astype("datetime64[D]") <= company.until)


def _quotas(company: Company, people: People, seed: int) -> Chunk:
    """One per seller and quarter, from the quarter in which the seller has joined."""
    quarters = np.arange(company.started_on.astype("datetime64[M]"), company.until.astype("datetime64[M]") + 1)
    quarters = quarters[quarters.astype(np.int64) % 3 == 0]
    which, seller = (one.ravel() for one in np.indices((len(quarters), len(people.sellers))))
    member, first = people.sellers[seller], quarters[which]
    starts = first.astype("datetime64[D]")
    grown = company.growth ** ((starts - company.started_on).astype(np.int64) / 365.25)
    units = company.kind.deal_size * company.customers * QUOTA_PER_CUSTOMER / len(people.sellers) * grown
    keys = company.key_of("quota", first.astype(np.int64), member)
    at = moment(starts - 14, 0.5)
    columns = {
        "id": identifiers(seed, "quotas", keys, at),
        "membership_id": people.ids[member],
        "starts_on": starts,
        "ends_on": (first + 3).astype("datetime64[D]") - 1,
        "amount": to_cent(np.round(units / 500 + 1) * 500 * UNIT),
        "currency": company.currency,
        **written(at),
    }
    return chunk("quotas", columns, people.joined_at[member].astype("datetime64[D]") <= starts)


def _rules(company: Company, people: People, seed: int) -> Iterator[Chunk]:
    """New customers go to sellers and tickets to agents, in turns."""
    at = _founded(company, 2)
    ids = identifiers(seed, "assignment_rules", company.key_of("assignment rule", np.arange(2)), at)
    columns: dict[str, Any] = {
        "id": ids,
        "name": np.array(["New customers", "New tickets"], object),
        "entity": np.array(["customers", "tickets"], object),
        "position": np.array([1, 2]),
        **written(at),
    }
    yield chunk("assignment_rules", columns)
    members = np.concatenate([people.sellers, people.agents])
    rule = np.repeat([0, 1], [len(people.sellers), len(people.agents)])
    position = np.concatenate([np.arange(len(people.sellers)), np.arange(len(people.agents))]) + 1
    joined = np.maximum(people.joined_at[members], at[0])
    columns = {
        "id": identifiers(seed, "assignment_rule_members", company.key_of("rule member", rule, members), joined),
        "assignment_rule_id": ids[rule],
        "membership_id": people.ids[members],
        "position": position,
        **written(joined),
    }
    yield chunk("assignment_rule_members", columns, joined.astype("datetime64[D]") <= company.until)
