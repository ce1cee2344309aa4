"""Takes an import back as a whole: what it made is deleted, what it changed is as it was."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict
from sqlalchemy import Column, Date, Enum, Table, delete, func, select, update
from sqlalchemy.orm import Session

from warehouse.imports.follow import step_of
from warehouse.imports.kept import Ladder, counted, ladder_of
from warehouse.imports.loss import changed_since, referring_since, remaining
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.record import UNDO, ImportRecord, chunks, read_record, undone_imports
from warehouse.imports.since import kept_steps
from warehouse.oltp.base import Base
from warehouse.oltp.bulk import insert_rows
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import ExternalId
from warehouse.oltp.sales import Opportunity
from warehouse.oltp.types import Exact, Moment
from warehouse.oltp.veil import bare
from warehouse.operations.bulk import Values
from warehouse.operations.close_dates import note_close_dates
from warehouse.operations.declare import Work, operation
from warehouse.operations.fields import Request
from warehouse.tenancy import Actor


class UndoImport(Request):
    """Which import; `force` also where records were changed since."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    record: ImportRecord
    force: bool = False


def undo(session: Session, actor: Actor, import_id: str, *, force: bool = False) -> dict[str, int]:
    """Take an import of the actor's organization back; records per table. ImportProblem where that cannot be."""
    return undo_import(
        session, actor, UndoImport(record=read_record(session, actor.organization_id, import_id), force=force)
    )


@operation(UNDO, permission="organization:import", entity="several", input=UndoImport)
def undo_import(work: Work, request: UndoImport) -> dict[str, int]:
    """Undo an import; counts per table come back."""
    record = request.record
    _refuse_twice(work, record.id)
    if not request.force:
        _refuse_changed(work, record)
    counts: dict[str, int] = {}
    digest, stay = hashlib.sha256(), remaining(work.session, record)
    for name, ids in _touched(record):
        counts[name] = counts.get(name, 0) + len(ids)
        digest.update("".join(ids).encode())
    if stay and not counts:
        raise ImportProblem(
            f"Import {record.id} brought nothing but events of records that stay. History is never edited: "
            "it cannot be taken back. Nothing was written."
        )
    for name, ids in record.inserted.items():
        _delete(work, Base.metadata.tables[name], ids)
    for name, rows in record.previous.items():
        _restore(work, Base.metadata.tables[name], rows)
    _forget(work, record, stay)
    for ladder in (found for name in record.previous if (found := ladder_of(name))):
        steps = [*_steps_back(work, ladder, record.previous[ladder.state.table.name])]
        owned: Values = {"organization_id": work.actor.organization_id, "change_seq": work.seq}
        insert_rows(work.session, ladder.history, steps, {}, owned)
    work.rows, work.fingerprint = sum(counts.values()), digest.hexdigest()
    work.details = {"import": record.id, "source": record.source, "counts": counts}
    return counts


def _touched(record: ImportRecord) -> Iterator[tuple[str, list[str]]]:
    yield from ((name, ids) for name, ids in record.inserted.items() if "deleted_at" in Base.metadata.tables[name].c)
    yield from ((name, [row["id"] for row in rows]) for name, rows in record.previous.items())


def _refuse_twice(work: Work, import_id: str) -> None:
    when = undone_imports(work.session, work.actor.organization_id).get(import_id)
    if when:
        raise ImportProblem(f"Import {import_id} was taken back already, on {when:%Y-%m-%d}.")


def _refuse_changed(work: Work, record: ImportRecord) -> None:
    changed = changed_since(work.session, record)
    referring = referring_since(work.session, record)
    told = []
    if changed:
        told.append(f"{sum(changed.values()):,} of its records were changed since ({_listed(changed)})")
    if referring:
        told.append(f"{sum(referring.values()):,} made since refer to its records ({_listed(referring)})")
    if told:
        raise ImportProblem(
            f"Import {record.id} cannot be taken back without loss: {', and '.join(told)}, by people or by a later "
            "import. Nothing was written. Undo later imports first, or say --force to take it back all the same."
        )


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def _delete(work: Work, table: Table, ids: list[str]) -> None:
    if "deleted_at" not in table.c:
        return  # a history goes with its record
    number = counted(table)
    for chunk in chunks(ids):
        mine = (table.c.organization_id == work.actor.organization_id, table.c.id.in_(chunk))
        if number is not None:
            _give_up_numbers(work, table, number, chunk)
        work.session.execute(
            update(table)
            .where(*mine, table.c.deleted_at.is_(None))
            .values(deleted_at=work.now, **_written(work, table))
        )


def _give_up_numbers(work: Work, table: Table, number: Column[Any], ids: Sequence[str]) -> None:
    """The file's numbers are free for the next import: what was taken back counts down, below zero."""
    ours = table.c.organization_id == work.actor.organization_id
    lowest = min(work.session.scalar(select(func.min(number)).where(ours)) or 0, 0)
    for place, record_id in enumerate(ids, start=1):
        work.session.execute(
            update(table)
            .where(ours, table.c.id == record_id, table.c.deleted_at.is_(None))
            .values({number.name: lowest - place})
        )


def _restore(work: Work, table: Table, rows: list[Values]) -> None:
    before = {
        row["id"]: {name: stored(table.c[name], value) for name, value in row.items() if name not in {"id", "version"}}
        for row in rows
    }
    if table.name == Opportunity.__tablename__:
        days = {deal: values["expected_close_on"] for deal, values in before.items() if "expected_close_on" in values}
        note_close_dates(work, days)
    for record_id, values in before.items():
        work.session.execute(
            update(table)
            .where(table.c.organization_id == work.actor.organization_id, table.c.id == record_id)
            .values(**values, **_written(work, table))
        )


def _written(work: Work, table: Table) -> Values:
    by = work.actor.membership_id
    return {"version": table.c.version + 1, "updated_at": work.now, "updated_by": by, "change_seq": work.seq}


def stored(column: Column[Any], value: Any) -> Any:
    """A value from the record's JSON as the column keeps it."""
    kind = bare(column)
    if value is None:
        return None
    if isinstance(kind, Exact):
        return Decimal(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    if isinstance(kind, Enum) and kind.enum_class:
        return kind.enum_class(value)
    return value


def _forget(work: Work, record: ImportRecord, stay: set[str]) -> None:
    """The source's rows are news again: keys it brought are unknown, of the others the content before is known."""
    for row in record.identities:
        if row.get("record_id") in stay:
            continue
        found = (
            ExternalId.organization_id == work.actor.organization_id,
            ExternalId.source == record.source,
            ExternalId.entity == row["entity"],
            ExternalId.source_key == row["source_key"],
        )
        before = row["content_hash"]
        statement = update(ExternalId).values(content_hash=before) if before else delete(ExternalId)
        work.session.execute(statement.where(*found), execution_options={"synchronize_session": False})


def _steps_back(work: Work, ladder: Ladder, rows: list[Values]) -> Iterator[Values]:
    """History is never edited: a record that climbed by the import steps back to the rung it stood on, known now."""
    for row in rows:
        steps = kept_steps(work.session, work.actor, ladder, row["id"]) if ladder.state.name in row else []
        state = ladder.states(row[ladder.state.name]) if steps else None
        if steps and steps[-1][0] is not state:
            stood = next((on for reached, on in reversed(steps) if reached is state), None)
            yield step_of(ladder, row["id"], steps[-1][0], state, stood, work.now, uuid7(work.now))
