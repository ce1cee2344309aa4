"""How fresh each source is: what was written last into each table of the store, and what of it the numbers have not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from warehouse.extracts.process import Reader
from warehouse.metrics.serving import Serving
from warehouse.oltp.organization import ChangeEvent
from warehouse.tenancy import Actor


@dataclass(frozen=True)
class Source:
    """One kind of record that people and programs write."""

    name: str
    """The table's."""
    last_change_at: datetime
    waiting: int
    """Changes that the numbers have not seen."""
    waits_since: datetime | None
    """When the oldest of them was made; None where none waits."""


def sources(session: Session, actor: Actor, opened: Serving) -> list[Source]:
    """Every kind of record the organization has written, the one that waits longest first, then the latest change."""
    actor.must("insights:read")
    unseen = ChangeEvent.seq > opened.provenance.watermark
    rows = session.execute(
        select(
            ChangeEvent.entity,
            func.max(ChangeEvent.happened_at),
            func.count(case((unseen, 1))),
            func.min(case((unseen, ChangeEvent.happened_at))),
        )
        .where(ChangeEvent.organization_id == actor.organization_id)
        .group_by(ChangeEvent.entity)
    )
    found = [Source(name, last, waiting, since) for name, last, waiting, since in rows.tuples()]
    longest = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: (one.waits_since or longest, -one.last_change_at.timestamp()))


def waited_minutes(found: list[Source], now: datetime) -> Decimal | None:
    """For how long the oldest change has waited; None where none waits."""
    since = [one.waits_since for one in found if one.waits_since]
    return Decimal((now - min(since)).total_seconds()) / 60 if since else None


def count_rows(opened: Serving, reader: Reader | None = None) -> Mapping[str, int]:
    """Table of the model → how many rows the organization has there, those that nobody may read freely included."""
    tables = [name for name in opened.models if name != "build_watermark"]
    counted = " union all ".join(f"select '{name}' as name, count(*) as number from {name}" for name in tables)
    found = (reader or opened.reader).query(counted, tables=frozenset(tables), compiled=True)
    return {str(name): int(str(number)) for name, number in found.rows}
