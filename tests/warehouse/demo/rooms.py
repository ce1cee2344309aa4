"""The rooms beside sales and billing of generated companies, as whole tables, and the truth about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from warehouse.demo.catalogue import catalogue_of
from warehouse.demo.choices import Preset, Variant
from warehouse.demo.columns import Chunk
from warehouse.demo.customers import Customers, currencies_of, customers_of, ranges
from warehouse.demo.deals import deals_of
from warehouse.demo.dirt import values_of
from warehouse.demo.engagement import Setting, engagement_chunks, setting_chunks, setting_of
from warehouse.demo.people import People, people_of
from warehouse.demo.presets import Company, companies
from warehouse.demo.truth import Truth

UNTIL = date(2026, 10, 31)
SEED = 7
Table = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Rooms:
    """One company's rooms; a column that a table does not have everywhere is filled with its null."""

    company: Company
    people: People
    customers: Customers
    setting: Setting
    parents: dict[str, set[bytes]]
    tables: dict[str, Table]


def company_of(
    slug: str, variant: Variant = Variant.NORMAL, until: date = UNTIL, preset: Preset = Preset.DEMO
) -> Company:
    return next(companies(preset, until, SEED, variant, slug))


def chunks_of(company: Company, truth: Truth, size: int = 100_000) -> Iterable[Chunk]:
    people = people_of(company, SEED)
    catalogue = catalogue_of(company, currencies_of(company), SEED)
    setting = setting_of(company, SEED, truth)
    yield from setting_chunks(company, people, setting, SEED)
    for first, last in ranges(0, company.customers, size):
        customers = customers_of(company, people, SEED, first, last)
        if len(customers):
            deals = deals_of(company, people, customers, catalogue, SEED)
            touches = setting.touches(company, customers, SEED)
            yield from engagement_chunks(
                company, people, setting, customers, touches, deals, catalogue.ids, SEED, truth
            )


def tables_of(chunks: Iterable[Chunk]) -> dict[str, Table]:
    parts: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        parts.setdefault(chunk.table, []).append(chunk)
    return {table: _joined(some) for table, some in parts.items()}


def _joined(parts: list[Chunk]) -> Table:
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return {name: np.concatenate([_values(part, name, parts) for part in parts]) for name in names}


def _values(part: Chunk, name: str, parts: list[Chunk]) -> NDArray[Any]:
    if part.columns.get(name) is not None:
        return values_of(part.columns[name], part.rows)
    kinds = {
        values_of(other.columns[name], other.rows).dtype.kind for other in parts if other.columns.get(name) is not None
    }
    return np.full(part.rows, b"" if kinds == {"S"} else None, "S36" if kinds == {"S"} else object)


@cache
def rooms_of(slug: str, variant: Variant = Variant.NORMAL, until: date = UNTIL, preset: Preset = Preset.DEMO) -> Rooms:
    company = company_of(slug, variant, until, preset)
    people = people_of(company, SEED)
    customers = customers_of(company, people, SEED, 0, company.customers)
    catalogue = catalogue_of(company, currencies_of(company), SEED)
    deals = deals_of(company, people, customers, catalogue, SEED)
    tables = tables_of(chunks_of(company, Truth(None)))
    parents = {
        "memberships": set(people.ids.tolist()),
        "customers": set(customers.ids.tolist()),
        "contacts": set(customers.contacts.ids.tolist()),
        "opportunities": set(deals.ids.tolist()),
        "products": set(catalogue.ids.tolist()),
    }
    parents |= {table: set(columns["id"].tolist()) for table, columns in tables.items()}
    return Rooms(company, people, customers, setting_of(company, SEED, Truth(None)), parents, tables)


def truth_of(folder: Path, slug: str, variant: Variant = Variant.NORMAL) -> dict[str, pl.DataFrame]:
    with Truth(folder) as truth:
        for _ in chunks_of(company_of(slug, variant), truth):
            pass
    return {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}
