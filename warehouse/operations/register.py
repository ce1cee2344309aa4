"""Records that are kept in the same way: what may be given for them follows from their table.

`keep` declares the operations create, edit, delete and restore for a table; `move` the one that takes a record from
state to state; `note` the one that appends to a history. What only holds in one room (sums, numbers, who replies) is
added there as a step before or after.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field, create_model
from sqlalchemy import Column, Table

from warehouse.oltp.base import HistoryRow, Record
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.states import Flow
from warehouse.operations.custom_values import check_custom_fields
from warehouse.operations.declare import NotAllowedNow, Operation, Work, open_at, operation
from warehouse.operations.fields import Reason, Request, Version
from warehouse.operations.rules import (
    a,
    check_flow,
    check_parent,
    check_references,
    check_rules,
    check_unique,
    table_of,
    words,
)
from warehouse.operations.typed import empty_value, value_type

R = TypeVar("R", bound=Record)
H = TypeVar("H", bound=HistoryRow)
Step = Callable[[Work, Any], None]
"""What a room does besides: it gets the record, and raises NotAllowedNow where it may not be."""

SHARED = {*Record.__annotations__, "organization_id", "change_seq", "metadata", "id"}
NOTED = {"id", "organization_id", "change_seq", "recorded_at", "recorded_at_assumed"}


class One(Request):
    """A record at the version the caller saw."""

    id: str
    version: Version


@dataclass(frozen=True)
class Kept(Generic[R]):
    """A table whose records are kept, and the operations on them."""

    kind: type[R]
    noun: str
    room: str
    parent: str | None
    """The column that names the record it is a part of."""
    create: Operation[Any, R]
    edit: Operation[Any, R] | None
    """None for a link, of which nothing can be changed."""
    delete: Operation[Any, R]
    restore: Operation[Any, R]

    @property
    def table(self) -> Table:
        """Where its rows are."""
        return table_of(self.kind)

    @property
    def read_permission(self) -> str:
        """What it takes to see them."""
        return f"{self.room}:read"


KEPT: dict[str, Kept[Any]] = {}
"""Table → how its records are kept. Screens, programs and tests derive from it."""
MOVES: dict[str, Operation[Any, Any]] = {}
"""Table → the operation that takes its records from state to state."""


def given_columns(table: Table, without: Iterable[str] = ()) -> list[Column[Any]]:
    """What a person may give for a record: not what every record has, what is found out, or what is counted."""
    left_out = SHARED | NOTED | set(without)
    return [column for column in table.c if column.name not in left_out and not column.info.get("derived")]


def keep(
    kind: type[R],
    *,
    room: str,
    noun: str,
    permission: str | None = None,
    parent: str | None = None,
    computed: Iterable[str] = (),
    filled: Iterable[str] = (),
    fixed: Iterable[str] = (),
    before: Step | None = None,
    after: Step | None = None,
) -> Kept[R]:
    """Declare create, edit, delete and restore for a table.

    `parent` is the column that names the record it is a part of: whoever may not change that may not change this.
    `computed` columns nobody gives, `filled` ones need not be given, `fixed` ones are given once.
    `before` sees a record with its new values and may refuse; `after` runs once it is written. Both also see deletions.
    """
    table, right = table_of(kind), permission or f"{room}:write"
    columns = given_columns(table, computed)
    steps = _Steps(kind, noun, parent, before, after)
    given = {c.name: _changed(c) if c.name in set(filled) else _given(c) for c in columns}
    made = _model(f"Create {noun}", f"A new {noun}.", given, Request)
    still = {*fixed, *([parent] if parent else [])}
    changed = {c.name: _changed(c) for c in columns if c.name not in still}
    edited = _model(f"Edit {noun}", "New values for the fields that are given.", changed, One)
    declare = partial(_declare, room=room, noun=noun, permission=right, entity=table.name)
    KEPT[table.name] = kept = Kept(
        kind,
        noun,
        room,
        parent,
        declare("create", f"Create {a(noun)}.", made, steps.create),
        declare("edit", f"Change {a(noun)}'s fields.", edited, steps.edit) if changed else None,
        declare("delete", f"Delete {a(noun)}; it can be restored.", One, steps.delete),
        declare("restore", f"Bring a deleted {noun} back.", One, steps.restore),
    )
    return kept


def move(
    kind: type[R],
    *,
    room: str,
    noun: str,
    flow: Flow,
    state: str = "status",
    permission: str | None = None,
    after: Callable[[Work, R, Any, Any], None] | None = None,
) -> Operation[Any, R]:
    """Declare the operation that takes a record to another state its flow allows.

    `after` gets the record, the state before and the request, and keeps the history where there is one.
    """

    def run(work: Work, request: Any) -> R:
        record = open_at(work.session, work.actor, kind, request.id, request.version)
        work.entity_id, was, to = record.id, getattr(record, state), request.to
        if was is to:
            work.rows = 0
            return record
        check_flow(noun, flow, was, to)
        work.apply(record, {state: to})
        if after:
            after(work, record, was, request)
        check_rules(record)
        return record

    states = type(next(iter(flow)))
    fields = {"to": (states, ...), "on": (date | None, None), "reason": (Reason | None, None)}
    asked = _model(f"Move {noun}", "To another state.", fields, One)
    made = _declare(
        "move",
        f"Take {a(noun)} to another state.",
        asked,
        run,
        room=room,
        noun=noun,
        permission=permission or f"{room}:write",
        entity=table_of(kind).name,
    )
    MOVES[table_of(kind).name] = made
    return made


def note(
    kind: type[H],
    *,
    room: str,
    noun: str,
    permission: str | None = None,
    parent: str | None = None,
    filled: Iterable[str] = (),
    after: Step | None = None,
) -> Operation[Any, H]:
    """Declare the operation that appends one row to a history; `filled` moments not given are now."""
    table = table_of(kind)

    def run(work: Work, request: BaseModel) -> H:
        row = kind(**request.model_dump())
        for name in filled:
            if getattr(row, name) is None:
                setattr(row, name, work.now)
        check_references(work, row)
        check_parent(work, row, parent)
        append(work, row)
        check_rules(row)
        work.session.flush()
        work.entity_id = row.id
        if after:
            after(work, row)
        return row

    given = {c.name: _changed(c) if c.name in set(filled) else _given(c) for c in given_columns(table)}
    asked = _model(f"Note {noun}", f"A new {noun}.", given, Request)
    return _declare(
        "note",
        f"Note {a(noun)}.",
        asked,
        run,
        room=room,
        noun=noun,
        permission=permission or f"{room}:write",
        entity=table.name,
    )


def append(work: Work, row: H) -> H:
    """Put a row into a history, known from now on."""
    row.id = uuid7(work.now)
    row.organization_id, row.change_seq = work.actor.organization_id, work.seq
    row.recorded_at, row.recorded_at_assumed = work.now, False
    work.session.add(row)
    return row


@dataclass(frozen=True)
class _Steps(Generic[R]):
    """What the four operations of a kept table do."""

    kind: type[R]
    noun: str
    parent: str | None
    before: Step | None
    after: Step | None

    def create(self, work: Work, request: BaseModel) -> R:
        record = self.kind(**request.model_dump())
        for column in table_of(self.kind).c:
            name = _attribute(column)
            if column.name in request.model_fields_set and getattr(record, name) is not None:
                work.must_see(column.info["privacy"])
            # The defaults of the table, so that steps and rules see the record as it will be.
            if getattr(record, name) is None and (default := empty_value(column)) is not None and name != "id":
                setattr(record, name, default)
        with work.session.no_autoflush:
            self._check(work, record)
        work.add(record)
        work.entity_id = record.id
        return self._finish(work, record)

    def edit(self, work: Work, request: Any) -> R:
        record = open_at(work.session, work.actor, self.kind, request.id, request.version)
        values = request.model_dump(include=request.model_fields_set - {"id", "version"})
        for column in table_of(self.kind).c:
            if values.get(column.name, record) is None and not column.nullable:
                raise NotAllowedNow(f"{a(self.noun).capitalize()} needs {a(words(column.name))}.")
        work.entity_id = record.id
        with work.session.no_autoflush:
            if not work.apply(record, values):
                work.rows = 0
                return record
            self._check(work, record)
        return self._finish(work, record)

    def delete(self, work: Work, request: One) -> R:
        record = open_at(work.session, work.actor, self.kind, request.id, request.version)
        check_parent(work, record, self.parent)
        work.delete(record)
        if self.before:
            self.before(work, record)
        return self._finish(work, record)

    def restore(self, work: Work, request: One) -> R:
        record = open_at(work.session, work.actor, self.kind, request.id, request.version, deleted=True)
        work.restore(record)
        with work.session.no_autoflush:
            self._check(work, record)
        return self._finish(work, record)

    def _check(self, work: Work, record: R) -> None:
        check_references(work, record)
        check_parent(work, record, self.parent)
        if "custom_fields" in table_of(self.kind).c:
            check_custom_fields(work, record)
        if self.before:
            self.before(work, record)
        check_rules(record)
        check_unique(work, record, self.noun)

    def _finish(self, work: Work, record: R) -> R:
        work.session.flush()
        if self.after:
            self.after(work, record)
        return record


def _declare(
    verb: str,
    summary: str,
    asked: type[BaseModel],
    run: Callable[[Work, Any], Any],
    *,
    room: str,
    noun: str,
    permission: str,
    entity: str,
) -> Operation[Any, Any]:
    def perform(work: Work, request: Any) -> Any:
        return run(work, request)

    perform.__doc__ = summary
    name = f"{room}.{verb}_{noun.replace(' ', '_').replace('-', '_')}"
    return operation(name, permission=permission, entity=entity, input=asked)(perform)


def _model(title: str, told: str, fields: dict[str, Any], base: type[Request]) -> type[BaseModel]:
    name = "".join(word.capitalize() for word in title.replace("-", " ").split())
    made: type[BaseModel] = create_model(name, __base__=base, __doc__=told, **fields)
    return made


def _given(column: Column[Any]) -> tuple[Any, Any]:
    """A column as a field of what is given for a new record: needed, or with its default."""
    kind, default = value_type(column), empty_value(column)
    if default is not None:
        return kind, Field(default_factory=partial(deepcopy, default))
    return (kind | None, None) if column.nullable else (kind, ...)


def _changed(column: Column[Any]) -> tuple[Any, Any]:
    """A column as a field of an edit: left out, it stays as it is."""
    return value_type(column) | None, None


def _attribute(column: Column[Any]) -> str:
    return "metadata_" if column.name == "metadata" else column.name
