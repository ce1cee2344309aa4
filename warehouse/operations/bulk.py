"""Bulk operations: many rows, one audit row, one change event."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, SkipValidation
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.attached import own
from warehouse.oltp.base import Base
from warehouse.oltp.bulk import insert_rows
from warehouse.oltp.bulk_columns import insert_columns
from warehouse.oltp.organization import ExternalId
from warehouse.oltp.sales import Opportunity
from warehouse.operations.close_dates import note_close_dates
from warehouse.operations.declare import Work, operation
from warehouse.operations.fields import Request

Values = dict[str, Any]


@dataclass
class Batch:
    """Rows for one table. Every row carries its id; the rest of what rows share is filled in."""

    entity: str
    inserts: list[Values] = field(default_factory=list)
    updates: list[Values] = field(default_factory=list)
    """Rows with `id` and the columns to set."""


@dataclass
class ColumnBatch:
    """New rows for one table by column, in the driver's form: what makes a load of millions of rows bearable."""

    entity: str
    rows: int
    ids: bytes
    """The text of the rows' ids, one after the other."""
    columns: Mapping[str, Iterable[Any]]
    """Name → one value per row; the ids are among them."""


@dataclass
class AttachedBatch:
    """New rows of several tables in files attached to the session's embedded store.

    They are taken in for many organizations at once, by whoever attached them, before the transaction ends.
    """

    owner: int
    """Whose they are in the files."""
    counts: Mapping[str, int]
    digest: bytes
    """Of their ids."""


def _are_rows(batches: Any) -> Any:
    """A text, too, can be gone through one by one."""
    if isinstance(batches, (str, bytes)) or not isinstance(batches, Iterable):
        raise ValueError("are rows of tables, not a text")
    return batches


class BulkLoad(Request):
    """Rows to write, in an order that satisfies foreign keys, and the foreign keys they came under."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    source: str
    batches: Annotated[SkipValidation[Iterable[Batch | ColumnBatch | AttachedBatch]], AfterValidator(_are_rows)]
    """Read once, while they are written: they may be made on the way."""
    identities: list[Values]
    """Rows of external_ids: entity, source_key, record_id, content_hash."""


@operation("organization.bulk_load", permission="organization:import", entity="several", input=BulkLoad)
def bulk_load(work: Work, request: BulkLoad) -> dict[str, int]:
    """Load rows in bulk; counts per table come back."""
    counts: Counter[str] = Counter()
    digest = hashlib.sha256()
    for batch in request.batches:
        written, ids = _take_in(work, batch)
        counts.update(written)
        digest.update(ids)
    told = {entity: count for entity, count in counts.items() if count}
    _remember(work, request)
    work.rows, work.fingerprint = sum(told.values()), digest.hexdigest()
    work.details = {"source": request.source, "counts": told}
    return told


def _take_in(work: Work, batch: Batch | ColumnBatch | AttachedBatch) -> tuple[Mapping[str, int], bytes]:
    """Write a batch: how many rows of which tables, and what stands for their ids."""
    organization_id = work.actor.organization_id
    if isinstance(batch, AttachedBatch):
        own(work.session, batch.owner, organization_id, work.seq)
        return batch.counts, batch.digest
    table = Base.metadata.tables[batch.entity]
    owned: Values = {"organization_id": organization_id, "change_seq": work.seq}
    if isinstance(batch, ColumnBatch):
        insert_columns(work.session, table, batch.columns, batch.rows, owned)
        return {batch.entity: batch.rows}, batch.ids
    shared: Values = {"created_at": work.now, "updated_at": work.now} if "version" in table.c else {}
    insert_rows(work.session, table, batch.inserts, shared, owned)
    _update(work, table, batch.updates)
    touched = (*batch.inserts, *batch.updates)
    return {batch.entity: len(touched)}, "".join(row["id"] for row in touched).encode()


def _update(work: Work, table: Table, rows: Sequence[Values]) -> None:
    if table.name == Opportunity.__tablename__:
        note_close_dates(work, {row["id"]: row["expected_close_on"] for row in rows if "expected_close_on" in row})
    for row in rows:
        values = {name: value for name, value in row.items() if name not in {"id", "organization_id"}}
        work.session.execute(
            update(table)
            .where(table.c.id == row["id"], table.c.organization_id == work.actor.organization_id)
            .values(**values, version=table.c.version + 1, updated_at=work.now, change_seq=work.seq)
        )


def _remember(work: Work, request: BulkLoad) -> None:
    """Keep which foreign key stands for which record, so that the same file changes nothing next time."""
    key = {"organization_id": work.actor.organization_id, "source": request.source}
    known = known_identities(work.session, work.actor.organization_id, request.source)
    fresh = [key | row for row in request.identities if (row["entity"], row["source_key"]) not in known]
    if fresh:
        work.session.execute(insert(ExternalId), fresh)
    for row in request.identities:
        if (row["entity"], row["source_key"]) in known:
            work.session.execute(
                update(ExternalId)
                .where(
                    ExternalId.organization_id == key["organization_id"],
                    ExternalId.source == request.source,
                    ExternalId.entity == row["entity"],
                    ExternalId.source_key == row["source_key"],
                )
                .values(content_hash=row["content_hash"])
            )


def known_identities(session: Session, organization_id: str, source: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """(entity, foreign key) → (record id, hash of the content last brought)."""
    rows = session.execute(
        select(ExternalId.entity, ExternalId.source_key, ExternalId.record_id, ExternalId.content_hash).where(
            ExternalId.organization_id == organization_id, ExternalId.source == source
        )
    )
    return {(entity, key): (record, content) for entity, key, record, content in rows}
