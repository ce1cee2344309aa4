"""Makes the companies of a preset on this installation, all of them or none."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.demo.choices import Preset, Variant
from warehouse.demo.load import DemoResult, Order, load_company
from warehouse.demo.presets import Company, companies
from warehouse.demo.truth import Truth
from warehouse.oltp.bulk_columns import loading
from warehouse.oltp.customers import Customer
from warehouse.oltp.projection import copied_tables

FIRST = "demo"
"""The slug of the house everybody starts with."""


class UnknownCompany(Exception):
    """No company of the preset has this slug."""


@dataclass(frozen=True)
class Wish:
    """Which companies are wanted."""

    until: date
    """The last day that has happened."""
    preset: Preset = Preset.SMALL
    variant: Variant = Variant.NORMAL
    only: str | None = None


def install(
    session: Session, wish: Wish, order: Order, after: Callable[[DemoResult], None] = lambda _: None
) -> list[DemoResult]:
    """Create the companies inside the caller's transaction and tell `after` each one; those there already stay.

    Raises UnknownCompany, DemoNotInProduction or DemoSlugTaken.
    """
    wanted = companies(wish.preset, wish.until, order.seed, wish.variant, wish.only)
    first = next(wanted, None)
    if first is None:
        raise UnknownCompany(f"The preset {wish.preset.value} has no company {wish.only!r}.")
    results: list[DemoResult] = []
    with _quick(session, wish, first), _truth(wish, order) as shared:
        for company in _all(first, wanted):
            results.append(load_company(session, company, replace(order, shared_truth=shared)))
            after(results[-1])
    return results


def _all(first: Company, others: Iterable[Company]) -> Iterator[Company]:
    yield first
    yield from others


def _truth(wish: Wish, order: Order) -> AbstractContextManager[Truth | None]:
    """One folder for the ten thousand companies of wide: a folder for each would be seventy thousand files."""
    many = wish.preset is Preset.WIDE and order.truth
    return Truth(order.truth / wish.preset.value) if many and order.truth else nullcontext()


def _quick(session: Session, wish: Wish, first: Company) -> AbstractContextManager[None]:
    """Indexes are made after the load where it brings more than is there."""
    many = first.customers if wish.only or wish.preset is not Preset.WIDE else 1_000_000
    there = session.scalar(select(func.count()).select_from(Customer)) or 0
    in_turn = wish.preset is Preset.WIDE
    return loading(session, copied_tables(), in_turn=in_turn) if many > there else nullcontext()
