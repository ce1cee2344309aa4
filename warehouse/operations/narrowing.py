"""Narrows and orders lists of records.

Whatever a person may not see they can neither search, filter nor sort by: the order of rows would tell it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, ColumnElement, Integer, Select, String, cast, false, or_, select, type_coerce
from sqlalchemy.orm import Session

from warehouse.oltp.veil import bare
from warehouse.operations.describing import OWN, Field, Shape, own_fields, shown_fields
from warehouse.operations.records import currency_part, kind_of, may_read, table_named, target_of
from warehouse.tenancy import Actor, Forbidden

SEARCHED = frozenset({Shape.TEXT, Shape.LONG_TEXT})
FILTERED = frozenset({Shape.CHOICE, Shape.REFERENCE, Shape.YES_NO})
UNSORTED = frozenset({Shape.JSON, Shape.WORDS, Shape.REFERENCE, Shape.LONG_TEXT})


@dataclass(frozen=True)
class Wanted:
    """Which records of a kind: every part that is set must hold; values inside one part are alternatives."""

    text: str = ""
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Column → values."""
    own: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Key of a field the organization added → values."""
    sort: str = ""
    """Column; nothing is the latest change."""
    descending: bool = False
    deleted: bool = False
    """The deleted ones instead of those that are there."""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(self.text.strip() or any(self.where.values()) or any(self.own.values()) or self.deleted)


def may_narrow(actor: Actor, one: Field) -> bool:
    """Whether the actor may filter by a field."""
    return one.shape in FILTERED and actor.sees(one.privacy)


def may_sort(actor: Actor, one: Field) -> bool:
    """Whether the actor may have a list in the order of a field."""
    return one.shape not in UNSORTED and not one.is_own and actor.sees(one.privacy)


def all_of(actor: Actor, table: str) -> Select[Any, Any]:
    """Every record of a kind in the actor's organization, with the currency of its amounts."""
    kind = kind_of(table)
    return select(kind, currency_part(table)).where(kind.organization_id == actor.organization_id)


def matching(session: Session, actor: Actor, table: str, wanted: Wanted) -> Select[Any, Any]:
    """The records of a kind that are wanted. Raises Forbidden for what the actor may not narrow by."""
    kind, query = kind_of(table), all_of(actor, table)
    known = {one.name: one for one in shown_fields(table)}
    if "deleted_at" in table_named(table).c:
        query = query.where(kind.deleted_at.is_not(None) if wanted.deleted else kind.deleted_at.is_(None))
    for name, values in wanted.where.items():
        if name not in known or not may_narrow(actor, known[name]):
            raise Forbidden("This list cannot be narrowed by a field that you do not see.")
        if values:
            query = query.where(getattr(kind, name).in_(values))
    own = {one.name: one for one in own_fields(session, actor, table)} if any(wanted.own.values()) else {}
    for name, values in wanted.own.items():
        if values:
            query = query.where(_has_own(kind, own, name, values))
    return query.where(_has_text(actor, table, wanted.text)) if wanted.text.strip() else query


def _has_own(kind: Any, own: Mapping[str, Field], name: str, values: Sequence[Any]) -> ColumnElement[bool]:
    if name not in own or own[name].shape not in FILTERED:
        raise Forbidden("This list cannot be narrowed by a field that you do not see.")
    value = type_coerce(getattr(kind, OWN), JSON())[name]
    if own[name].shape is Shape.YES_NO:
        return or_(*(value.as_boolean() == one for one in values))
    chosen: ColumnElement[bool] = value.as_string().in_(values)
    return chosen


def _has_text(actor: Actor, table: str, text: str) -> ColumnElement[bool]:
    """Whether any text the actor sees has these words: of the record, or the name of the customer it is for."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like, columns = f"%{escaped}%", table_named(table).c
    looked: list[ColumnElement[bool]] = []
    for one in shown_fields(table):
        if one.shape in SEARCHED and one.target is None and actor.sees(one.privacy):
            looked.append(type_coerce(columns[one.name], String()).ilike(like, escape="\\"))
        elif one.name == "number" and isinstance(bare(columns[one.name]), Integer):
            looked.append(cast(columns[one.name], String) == text.strip().lstrip("#"))
    looked += _has_name(actor, table, like)
    return or_(*looked) if looked else false()


def _has_name(actor: Actor, table: str, like: str) -> list[ColumnElement[bool]]:
    columns, customers = table_named(table).c, table_named("customers")
    if "customer_id" not in columns or target_of(columns["customer_id"]) != "customers":
        return []
    if not (may_read(actor, "customers") and actor.sees(customers.c.name.info["privacy"])):
        return []
    called = select(customers.c.id).where(
        customers.c.organization_id == actor.organization_id,
        type_coerce(customers.c.name, String()).ilike(like, escape="\\"),
    )
    return [columns["customer_id"].in_(called)]


def order_of(actor: Actor, table: str, wanted: Wanted) -> list[ColumnElement[Any]]:
    """What a list is in the order of. Raises Forbidden for what the actor may not sort by."""
    kind, columns = kind_of(table), table_named(table).c
    latest = kind.updated_at if "updated_at" in columns else kind.recorded_at
    if not wanted.sort:
        return [latest.desc(), kind.id]
    known = {one.name: one for one in shown_fields(table)}
    if wanted.sort not in known or not may_sort(actor, known[wanted.sort]):
        raise Forbidden("This list cannot be put in the order of a field that you do not see.")
    column = getattr(kind, wanted.sort)
    return [(column.desc() if wanted.descending else column.asc()).nulls_last(), kind.id]
