"""What an import did, kept in the data folder so that it can be taken back as a whole."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.imports.followed import Followed
from warehouse.imports.mapping import ImportProblem
from warehouse.oltp.base import Base
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.operations.bulk import Batch, Values
from warehouse.settings import settings

T = TypeVar("T")
UNDO = "organization.undo_import"
AT_ONCE = 500
IMPORT_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


@dataclass(frozen=True)
class ImportRecord:
    """One import: the records it made, and what those it changed held before."""

    id: str
    organization_id: str
    source: str
    seq: int
    fingerprint: str | None
    inserted: dict[str, list[str]]
    """Table → ids."""
    previous: dict[str, list[Values]]
    """Table → id, version and the values of the columns that were set."""
    identities: list[Values]
    """entity, source_key, record_id, and the content hash before; null for a key that was new."""


def folder_of(import_id: str) -> Path:
    """Where an import keeps its rejects and its record."""
    return settings().imports_path / import_id


def previous_values(session: Session, organization_id: str, batches: Sequence[Batch]) -> dict[str, list[Values]]:
    """What the records about to be updated hold now, in the columns that will be set."""
    found: dict[str, list[Values]] = {}
    for batch in batches:
        for chunk in chunks(batch.updates):
            table = Base.metadata.tables[batch.entity]
            names = sorted({name for row in chunk for name in row} | {"id", "version"})
            rows = session.execute(
                select(*(table.c[name] for name in names)).where(
                    table.c.organization_id == organization_id, table.c.id.in_([row["id"] for row in chunk])
                )
            )
            found.setdefault(batch.entity, []).extend(dict(row) for row in rows.mappings())
    return found


def keep_record(
    session: Session,
    import_id: str,
    organization_id: str,
    source: str,
    followed: Followed,
    previous: dict[str, list[Values]],
    hashes: dict[tuple[str, str], str],
) -> None:
    """Write down the import that the session's transaction is about to commit."""
    event = _last_event(session, organization_id)
    inserted: dict[str, list[str]] = {}
    for batch in followed.batches:
        if batch.inserts:
            inserted.setdefault(batch.entity, []).extend(row["id"] for row in batch.inserts)
    identities = [
        {name: row[name] for name in ("entity", "source_key", "record_id")}
        | {"content_hash": hashes.get((row["entity"], row["source_key"]))}
        for row in followed.identities
    ]
    made = ImportRecord(
        import_id, organization_id, source, event.seq, event.fingerprint, inserted, previous, identities
    )
    folder = folder_of(import_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "import.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(made), default=str, ensure_ascii=False), encoding="utf-8")


def _last_event(session: Session, organization_id: str) -> ChangeEvent:
    mine = select(ChangeEvent).where(ChangeEvent.organization_id == organization_id)
    return session.scalars(mine.order_by(ChangeEvent.seq.desc()).limit(1)).one()


def read_record(session: Session, organization_id: str, import_id: str) -> ImportRecord:
    """The record of an import of this organization that was committed; ImportProblem where there is none."""
    path = folder_of(import_id) / "import.json"
    # An id is part of a path: nothing but what we hand out may become one.
    if IMPORT_ID.fullmatch(import_id) and path.is_file():
        made = ImportRecord(**json.loads(path.read_text(encoding="utf-8")))
        event = session.get(ChangeEvent, made.seq)
        mine = made.organization_id == organization_id
        if mine and event and (event.organization_id, event.fingerprint) == (organization_id, made.fingerprint):
            return made
    raise ImportProblem(f"There is no import {import_id!r} of this organization. Each import ends by telling its id.")


def undone_imports(session: Session, organization_id: str) -> dict[str, datetime]:
    """The organization's imports that were taken back → when, latest first."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.organization_id == organization_id, AuditEvent.operation == UNDO)
        .order_by(AuditEvent.position.desc())
    )
    return {str(event.details["import"]): event.happened_at for event in events}


def chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Rows in portions that one statement can name."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
