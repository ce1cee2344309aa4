"""Reads records of any kind for people: lists, one record, its histories, and the names of what they name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.base import HistoryRow, Record
from warehouse.operations.declare import NotFound
from warehouse.operations.describing import Field
from warehouse.operations.narrowing import Wanted, all_of, matching, order_of
from warehouse.operations.records import (
    RECORDS,
    kind_of,
    may_read,
    room_of,
    seen_parts,
    table_named,
    title_columns,
    title_parts,
)
from warehouse.tenancy import Actor

MOST_CHOICES = 2_000
"""How many records a picker offers; any other is found by its whole name."""


@dataclass(frozen=True)
class Row:
    """A record and the currency of its amounts."""

    record: Any
    currency: str | None


@dataclass(frozen=True)
class Page:
    """One page of a list, and how many there are altogether."""

    total: int
    rows: list[Row]


def list_records(
    session: Session, actor: Actor, table: str, wanted: Wanted | None = None, *, offset: int = 0, limit: int = 50
) -> Page:
    """How many records of a kind match, and one page of them. Raises Forbidden for what the actor may not see."""
    must_read(actor, table)
    asked, kind = wanted or Wanted(), kind_of(table)
    query = matching(session, actor, table, asked)
    total = session.execute(select(func.count()).select_from(query.with_only_columns(kind.id).subquery())).scalar_one()
    page = query.order_by(*order_of(actor, table, asked)).offset(offset).limit(limit)
    return Page(total, [_row(found) for found in session.execute(page)])


def get_record(session: Session, actor: Actor, table: str, record_id: str) -> Row:
    """One record, deleted or not. Raises NotFound, for another organization's too."""
    must_read(actor, table)
    kind = kind_of(table)
    if table not in RECORDS:
        raise NotFound("There is no such record here.")
    query = all_of(actor, table).where(kind.id == record_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no such {RECORDS[table].noun} here.")
    return _row(found)


def names_of(session: Session, actor: Actor, table: str, ids: Iterable[str]) -> dict[str, str]:
    """Id → what a record is called; one query whatever their number. Deleted ones keep their name."""
    wanted = sorted(set(ids))
    if not wanted or not may_read(actor, table):
        return {}
    kind = kind_of(table)
    query = select(kind.id, *title_parts(table)).where(kind.organization_id == actor.organization_id)
    return {row[0]: told(row[1:]) for row in session.execute(query.where(kind.id.in_(wanted)))}


def choices_of(
    session: Session, actor: Actor, table: str, *, within: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Id → name of the records of a kind that may be chosen, by name if the actor sees it; at most MOST_CHOICES.

    `within` narrows them to those whose column has a value.
    """
    must_read(actor, table)
    kind, parts, order = kind_of(table), title_parts(table), seen_parts(actor, table)
    query = select(kind.id, *parts).where(kind.organization_id == actor.organization_id, kind.deleted_at.is_(None))
    for name, value in (within or {}).items():
        query = query.where(getattr(kind, name) == value)
    if "is_active" in table_named(table).c:
        query = query.where(kind.is_active)
    rows = session.execute(query.order_by(*order, kind.id).limit(MOST_CHOICES))
    return {row[0]: told(row[1:]) for row in rows}


def called(session: Session, actor: Actor, table: str, name: str) -> str | None:
    """The id of the only record of a kind whose title begins with this; None where none or several do."""
    must_read(actor, table)
    kind, parts = kind_of(table), seen_parts(actor, table)
    if not parts or not name.strip():
        return None
    query = select(kind.id).where(kind.organization_id == actor.organization_id, kind.deleted_at.is_(None))
    found: Sequence[str] = session.scalars(query.where(parts[0] == name.strip()).limit(2)).all()
    return found[0] if len(found) == 1 else None


def history_of(
    session: Session, actor: Actor, table: str, column: str, record_id: str, *, limit: int = 20
) -> list[Row]:
    """What happened to a record, latest first."""
    must_read(actor, table)
    kind = kind_of(table)
    if not issubclass(kind, HistoryRow):
        raise NotFound("There is no such history here.")
    query = all_of(actor, table).where(getattr(kind, column) == record_id)
    rows = session.execute(query.order_by(kind.recorded_at.desc(), kind.id.desc()).limit(limit))
    return [_row(found) for found in rows]


def count_records(session: Session, actor: Actor, tables: Sequence[str]) -> dict[str, int]:
    """Table → how many records it has, for those the actor may read; one query."""
    readable = [one for one in tables if may_read(actor, one)]
    if not readable:
        return {}
    counted = [
        select(func.count())
        .select_from(kind_of(one))
        .where(kind_of(one).organization_id == actor.organization_id, kind_of(one).deleted_at.is_(None))
        .scalar_subquery()
        for one in readable
    ]
    numbers: Any = session.execute(select(*counted)).one()
    return dict(zip(readable, numbers, strict=True))


def references(fields: Sequence[Field], records: Iterable[Any]) -> dict[str, set[str]]:
    """Table → ids of everything that these fields of these records name."""
    found: dict[str, set[str]] = {}
    for record in records:
        for one in fields:
            if one.target and (value := getattr(record, one.name, None)):
                found.setdefault(one.target, set()).add(value)
    return found


def told(parts: Sequence[Any]) -> str:
    """What a record is called, from the parts of its title."""
    words = [getattr(one, "label", None) or str(one) for one in parts if one not in (None, "")]
    return " · ".join(words) or "without a name"


def title_of(table: str, record: Any, names: Mapping[str, str]) -> str:
    """What a record is called, given the names of what it names by id."""
    values = [getattr(record, one) for one in title_columns(table)]
    return told([names.get(value, value) if isinstance(value, str) else value for value in values])


def must_read(actor: Actor, table: str) -> None:
    """Raise Forbidden unless the actor may see a table's rows, and NotFound for a table that is not for people."""
    if table not in RECORDS and not (table_named_or_none(table) and issubclass(kind_of(table), Record | HistoryRow)):
        raise NotFound("There are no such records here.")
    actor.must(f"{room_of(table)}:read")


def table_named_or_none(name: str) -> bool:
    """Whether the store has a table of this name."""
    try:
        table_named(name)
    except KeyError:
        return False
    return True


def _row(found: Any) -> Row:
    record, currency = found
    return Row(record, currency)
