"""Puts generated companies into the operational store, each once."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlalchemy import Dialect, select, update
from sqlalchemy.orm import Session

from warehouse.demo.columns import Chunk, chunk, take
from warehouse.demo.content import Content
from warehouse.demo.driver import driver_values
from warehouse.demo.house import company_chunks
from warehouse.demo.parts import MadePiece
from warehouse.demo.presets import Company
from warehouse.demo.sign_ins import SignIn, add_users, as_known, ids_of, new_sign_ins, sign_ins_of, texts_of
from warehouse.demo.truth import Truth
from warehouse.oltp.base import Base
from warehouse.oltp.organization import Membership, Organization
from warehouse.operations.bulk import AttachedBatch, BulkLoad, ColumnBatch, bulk_load, known_identities
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import operator_actor

SOURCE = "demo"
ROWS_AT_ONCE = 20_000
"""Rows turned into the driver's form at a time: Python's objects take ten times the room of columns."""


class DemoNotInProduction(Exception):
    """The demo companies' password is public, so a production installation does not take it."""


class DemoSlugTaken(Exception):
    """A demo company's slug belongs to another organization."""


@dataclass(frozen=True)
class DemoResult:
    """What stands after loading a company. `counts` holds the rows written per table: none when it was there before."""

    slug: str
    name: str
    sign_ins: tuple[SignIn, ...]
    counts: Mapping[str, int]
    truth: Path | None = None
    """The folder of what is true of it, if it was kept."""

    @property
    def is_new(self) -> bool:
        """Whether this run wrote anything."""
        return bool(self.counts)

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        if self.is_new:
            return f"The demo company {self.name} ({self.slug}) is ready: {sum(self.counts.values()):,} rows."
        return f"The demo company {self.name} ({self.slug}) was here already; nothing was changed."


@dataclass(frozen=True)
class Order:
    """How companies are to be made: everything about them follows from this, the company and `until`."""

    seed: int = 7
    dirty: bool = False
    truth: Path | None = None
    """The folder that gets a folder of truth for each company; None, it is not kept."""
    shared_truth: Truth | None = None
    """One truth for all of many small companies, instead of a folder for each."""
    content: Content = field(default_factory=Content)
    """Counts what is made."""


class Arrival(NamedTuple):
    """What a company is made of: its users, its memberships with the owner's first, and all other rows."""

    people: Chunk
    members: Chunk
    batches: Iterator[ColumnBatch | AttachedBatch]


def must_not_be_production() -> None:
    """Raise DemoNotInProduction there."""
    if settings().environment == "production":
        raise DemoNotInProduction(
            "The demo companies are for trying things out: their passwords are public. They are not loaded where "
            "LONGHOUSE_ENVIRONMENT is production; set it to development, or use another data folder."
        )


def load_company(session: Session, company: Company, order: Order) -> DemoResult:
    """Create a company with its history, inside the caller's transaction.

    A second run changes nothing, whatever its `until`. Raises DemoNotInProduction or DemoSlugTaken.
    """
    must_not_be_production()
    existing = session.scalars(select(Organization).where(Organization.slug == company.slug)).one_or_none()
    if existing is not None:
        return _already_there(session, existing, company)
    if order.shared_truth:
        order.shared_truth.slug = company.slug
        return _made_here(session, company, order, order.shared_truth)
    with Truth(order.truth / company.slug if order.truth else None) as told:
        return replace(_made_here(session, company, order, told), truth=told.folder)


def load_made(session: Session, company: Company, order: Order, pieces: Iterator[MadePiece]) -> DemoResult:
    """The same of a company that is not there yet, whose rows lie in files attached to the session."""
    must_not_be_production()
    first = next(pieces)
    batches = (AttachedBatch(company.number, piece.counts, piece.digest) for piece in chain((first,), pieces))
    people, members = first.people
    result = _write(session, company, order, Arrival(people, members, batches))
    return replace(result, truth=None if order.shared_truth or not order.truth else order.truth / company.slug)


def _made_here(session: Session, company: Company, order: Order, told: Truth) -> DemoResult:
    chunks = company_chunks(company, order.seed, told, dirty=order.dirty)
    people, members = next(chunks), next(chunks)
    for one in (people, members):
        order.content.add(company.slug, one)
    batches = _batches(company, chunks, order.content, session.get_bind().dialect)
    return _write(session, company, order, Arrival(people, members, batches))


def _write(session: Session, company: Company, order: Order, made: Arrival) -> DemoResult:
    """Users and memberships come first; the organization is made for the owner among them."""
    users = add_users(session, made.people)
    owner = users[ids_of(made.members, "user_id")[0].decode()]
    organization = _found(session, company, owner.id, texts_of(made.members, "name")[0])
    _take_over(session, organization, made.members)
    identity = {
        "entity": "organizations",
        "source_key": company.slug,
        "record_id": organization.id,
        "content_hash": hashlib.sha256(f"{order.seed} {company.until}".encode()).hexdigest(),
    }
    colleagues = _split(as_known(made.members, users), session.get_bind().dialect)
    request = BulkLoad(source=SOURCE, batches=chain(colleagues, made.batches), identities=[identity])
    counts = bulk_load(session, operator_actor(organization.id), request)
    counts["memberships"] = counts.get("memberships", 0) + 1
    return DemoResult(company.slug, company.name, new_sign_ins(made.members, users), counts)


def _found(session: Session, company: Company, owner_id: str, owner_name: str) -> Organization:
    request = CreateOrganization(
        slug=company.slug,
        name=company.name,
        currency=company.currency,
        timezone=company.timezone,
        locale=company.locale,
        fiscal_year_start_month=company.fiscal_year_start_month,
        owner_user_id=owner_id,
        owner_name=owner_name,
    )
    return create_organization(session, request)


def _batches(company: Company, chunks: Iterator[Chunk], content: Content, dialect: Dialect) -> Iterator[ColumnBatch]:
    for one in chunks:
        content.add(company.slug, one)
        yield from _split(one, dialect)


def _split(whole: Chunk, dialect: Dialect) -> Iterator[ColumnBatch]:
    """A chunk as batches in the driver's form, sorted by id so that the store's indexes grow in order."""
    table = Base.metadata.tables[whole.table]
    order = np.argsort(ids_of(whole, "id"), kind="stable")
    for first in range(0, whole.rows, ROWS_AT_ONCE):
        rows = order[first : first + ROWS_AT_ONCE]
        part = chunk(whole.table, {name: take(column, rows) for name, column in whole.columns.items()})
        values = {
            name: driver_values(column, table.c[name], dialect.name, part.rows) for name, column in part.columns.items()
        }
        yield ColumnBatch(whole.table, part.rows, np.ascontiguousarray(ids_of(part, "id")).tobytes(), values)


def _take_over(session: Session, organization: Organization, members: Chunk) -> None:
    """The owner's membership was made with the organization: it gets the id that the generated rows point at."""
    session.execute(
        update(Membership)
        .where(Membership.organization_id == organization.id)
        .values(
            id=ids_of(members, "id")[0].decode(),
            email=texts_of(members, "email")[0],
            regional_office=texts_of(members, "regional_office")[0],
            created_at=texts_of(members, "created_at")[0].replace(tzinfo=UTC),
        )
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _already_there(session: Session, organization: Organization, company: Company) -> DemoResult:
    known = known_identities(session, organization.id, SOURCE)
    if organization.deleted_at is not None or ("organizations", company.slug) not in known:
        raise DemoSlugTaken(
            f"The name {company.slug!r} belongs to an organization that is not the demo company, or to one that was "
            "deleted. Nothing was changed; use another data folder for the demo (LONGHOUSE_HOME)."
        )
    return DemoResult(company.slug, organization.name, sign_ins_of(session, organization.id), {})
