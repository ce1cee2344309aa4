"""Makes the companies of a preset on this installation, all of them or none."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.demo.choices import Preset, Variant
from warehouse.demo.content import Content
from warehouse.demo.crew import MakingFailed, made_by_a_crew, making_folder
from warehouse.demo.house import Piece
from warehouse.demo.load import DemoResult, Order, load_company, load_made, must_not_be_production
from warehouse.demo.parts import MadePart, MadePiece, Part, in_parts
from warehouse.demo.presets import Company, companies
from warehouse.demo.truth import Truth, gather
from warehouse.oltp.attached import attach, take_in
from warehouse.oltp.base import Base
from warehouse.oltp.bulk_columns import loading
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import writing
from warehouse.oltp.filling import filling
from warehouse.oltp.organization import Organization
from warehouse.oltp.projection import copied_tables
from warehouse.oltp.references import hold_elsewhere, note_elsewhere, note_held

LARGE = {Preset.WIDE, Preset.DEEP}
"""Presets that nobody waits in front of: a store without companies is theirs alone until they are in."""
FIRST = "demo"
"""The slug of the house everybody starts with."""
CREW_FROM = 20_000
"""Customers from which on processes of their own make them: they take a few seconds to begin."""


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

    Raises UnknownCompany, DemoNotInProduction, DemoSlugTaken or MakingFailed.
    """
    wanted = list(companies(wish.preset, wish.until, order.seed, wish.variant, wish.only))
    if not wanted:
        raise UnknownCompany(f"The preset {wish.preset.value} has no company {wish.only!r}.")
    must_not_be_production()
    there = set(session.scalars(select(Organization.slug)))
    fresh = [company for company in wanted if company.slug not in there]
    results: list[DemoResult] = []
    with _quick(session, fresh), ExitStack() as stack:
        shared = stack.enter_context(_truth(wish, order))
        order = replace(order, shared_truth=shared)
        pieces = stack.enter_context(_made(session, fresh, order)) if _many(session, fresh) else None
        for company in wanted:
            if pieces is None or company.slug in there:
                results.append(load_company(session, company, order))
            else:
                results.append(load_made(session, company, order, next(pieces)[1]))
            after(results[-1])
    return results


def install_alone(wish: Wish, order: Order) -> list[DemoResult]:
    """The same in a transaction of its own, on an installation whose store is there. Raises StoreBusy besides."""
    large = wish.preset in LARGE and wish.only is None
    with filling() if large else writing() as session:
        return install(session, wish, order)


@contextmanager
def _made(session: Session, fresh: list[Company], order: Order) -> Iterator[Iterator[tuple[str, Iterator[MadePiece]]]]:
    """The companies by their slugs, in pieces that lie in files attached to the session as soon as they are made."""
    with making_folder() as folder:
        parts = [_part(number, pieces, order, folder) for number, pieces in enumerate(in_parts(fresh))]
        with made_by_a_crew(parts) as made:
            yield groupby(_attached(session, parts, made, order.content), key=lambda piece: piece.company.slug)
        if order.truth is not None:
            gather([part.truth for part in parts if part.truth is not None], order.truth)


def _attached(
    session: Session, parts: Sequence[Part], made: Iterator[MadePart], content: Content
) -> Iterator[MadePiece]:
    """The pieces of each part. Its rows are taken in when somebody asks for what comes behind its last piece."""
    for part, told in zip(parts, made, strict=True):
        attach(session, part.path, part.name)
        content.merge(told.content)
        yield from told.pieces
        _take_in(session, part, told)
    hold_elsewhere(session)


def _take_in(session: Session, part: Part, told: MadePart) -> None:
    """All rows of a part, at once."""
    rows = sum(take_in(session, part.name, Base.metadata.tables[one.entity], one) for one in told.shapes)
    if rows != sum(sum(piece.counts.values()) for piece in told.pieces):
        raise MakingFailed(f"{rows:,} rows arrived, which is not what was made; nothing was changed. Try again.")
    for parent, named in told.elsewhere.items():
        note_elsewhere(session, parent, named)
    note_held(session, (one.entity for one in told.shapes))


def _part(number: int, pieces: Sequence[tuple[Company, Piece]], order: Order, folder: Path) -> Part:
    name = f"part_{number}"
    truth = folder / f"truth_{number}" if order.truth else None
    together = order.shared_truth.folder if order.shared_truth else None
    shared = together.name if together else None
    return Part(name, folder / f"{name}.db", pieces, order.seed, order.dirty, truth, shared)


def _truth(wish: Wish, order: Order) -> AbstractContextManager[Truth | None]:
    """One folder for the ten thousand companies of wide: a folder for each would be seventy thousand files."""
    many = wish.preset is Preset.WIDE and order.truth
    return Truth(order.truth / wish.preset.value) if many and order.truth else nullcontext()


def _many(session: Session, fresh: Sequence[Company]) -> bool:
    """Whether a crew is worth its start, and the store can read what it makes."""
    return session.get_bind().dialect.name == "sqlite" and _customers(fresh) >= CREW_FROM


def _quick(session: Session, fresh: Sequence[Company]) -> AbstractContextManager[None]:
    """Indexes are made after the load where it brings more than is there."""
    there = session.scalar(select(func.count()).select_from(Customer)) or 0
    return loading(session, copied_tables()) if _customers(fresh) > there else nullcontext()


def _customers(companies: Sequence[Company]) -> int:
    return sum(company.customers for company in companies)
