"""Searching the audit: who did what, when, to which record; and taking what was found away as a file."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import AuditEvent, Membership, User
from warehouse.operations.audit import record_export
from warehouse.operations.events import sentence_of
from warehouse.spreadsheet import safe_cell
from warehouse.tenancy import Actor

RIGHT = "organization:audit"
PAGE = 50
AT_ONCE = 2_000
COLUMNS = ("position", "happened_at", "who", "what", "operation", "entity", "entity_id", "details", "hash")


@dataclass(frozen=True)
class EventFilter:
    """Which rows: an empty part asks for all."""

    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    who: list[str] = field(default_factory=list)
    """Ids of memberships, and labels of actors without one."""
    operations: list[str] = field(default_factory=list)
    record: str = ""
    """A record's id."""


@dataclass(frozen=True)
class EventRow:
    """A row of the audit as it is shown: names and sentences joined in."""

    id: str
    position: int
    happened_at: datetime
    who: str
    what: str
    operation: str
    entity: str
    entity_id: str | None
    details: dict[str, Any]
    previous_hash: str
    hash: str


def list_events(
    session: Session, actor: Actor, wanted: EventFilter, *, offset: int = 0, limit: int = PAGE
) -> tuple[int, list[EventRow]]:
    """How many rows match, and one page of them, latest first."""
    actor.must(RIGHT)
    matching = _matching(actor, wanted)
    total = session.scalar(matching.with_only_columns(func.count(AuditEvent.id))) or 0
    page = matching.order_by(AuditEvent.position.desc()).offset(offset).limit(limit)
    names = audited_names(session, actor)
    return total, [_shown(row, names) for row in session.scalars(page)]


def get_event(session: Session, actor: Actor, event_id: str) -> EventRow | None:
    """One row of the actor's organization."""
    actor.must(RIGHT)
    query = select(AuditEvent).where(AuditEvent.organization_id == actor.organization_id, AuditEvent.id == event_id)
    found = session.scalars(query).one_or_none()
    return _shown(found, audited_names(session, actor)) if found else None


def begin_export(session: Session, actor: Actor, form: str) -> int:
    """Note in the audit that it is taken away as csv or json; the place of that row, before which the export ends."""
    actor.must(RIGHT)
    return record_export(session, actor, "audit_events", form, personal=True).position


def export_events(
    session: Session, actor: Actor, wanted: EventFilter, *, before: int | None = None, most: int | None = None
) -> Iterator[EventRow]:
    """Every row that matches, first to last, streamed; with `most`, the latest of them."""
    actor.must(RIGHT)
    matching = _matching(actor, wanted)
    if before:
        matching = matching.where(AuditEvent.position < before)
    if most:
        first = session.scalars(
            matching.with_only_columns(AuditEvent.position).order_by(AuditEvent.position.desc()).limit(most)
        ).all()
        matching = matching.where(AuditEvent.position >= (first[-1] if first else 0))
    names = audited_names(session, actor)
    rows = session.execute(
        matching.with_only_columns(*_PLAIN).order_by(AuditEvent.position).execution_options(yield_per=AT_ONCE)
    )
    return (_shown(row, names) for row in rows)


_PLAIN = [
    getattr(AuditEvent, name)
    for name in (
        "id",
        "position",
        "happened_at",
        "actor_id",
        "actor_label",
        "operation",
        "entity",
        "entity_id",
        "details",
        "previous_hash",
        "hash",
    )
]


def as_csv(rows: Iterator[EventRow]) -> Iterator[str]:
    """Lines of a CSV file, heading first; nothing in it is taken for a formula."""
    yield _line(COLUMNS)
    for row in rows:
        yield _line(safe_cell(str(value)) for value in as_record(row).values())


def as_record(row: EventRow) -> dict[str, object]:
    """A row as files have it: one plain value per column."""
    return {
        "position": row.position,
        "happened_at": row.happened_at.isoformat(),
        "who": row.who,
        "what": row.what,
        "operation": row.operation,
        "entity": row.entity,
        "entity_id": row.entity_id or "",
        "details": json.dumps(row.details, ensure_ascii=False, sort_keys=True),
        "hash": row.hash,
    }


def _line(cells: Any) -> str:
    # With both line breaks as its own, the writer quotes cells that hold either of them.
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _matching(actor: Actor, wanted: EventFilter) -> Select[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.organization_id == actor.organization_id)
    if wanted.since:
        query = query.where(AuditEvent.happened_at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEvent.happened_at < wanted.until)
    if wanted.who:
        members = [one for one in wanted.who if _is_id(one)]
        others = AuditEvent.actor_id.is_(None) & AuditEvent.actor_label.in_(set(wanted.who) - set(members))
        query = query.where(AuditEvent.actor_id.in_(members) | others)
    if wanted.operations:
        query = query.where(AuditEvent.operation.in_(wanted.operations))
    if wanted.record:
        # PostgreSQL refuses to compare an id with what is none.
        query = query.where(AuditEvent.entity_id == wanted.record if _is_id(wanted.record) else false())
    return query


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def actors_called(session: Session, actor: Actor, told: str) -> list[str]:
    """Whom a person means by an e-mail address, a name, an id or a label, in any case; for `EventFilter.who`."""
    actor.must(RIGHT)
    wanted = told.strip().lower()
    found = session.scalars(
        select(Membership.id)
        .outerjoin(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == actor.organization_id,
            or_(
                func.lower(Membership.name) == wanted,
                func.lower(Membership.email) == wanted,
                func.lower(User.email) == wanted,
            ),
        )
    ).all()
    return [*found, wanted]


def audited_names(session: Session, actor: Actor) -> dict[str, str]:
    """Id → name of everybody who ever was a member, also of those who left."""
    actor.must(RIGHT)
    members = select(Membership.id, Membership.name).where(Membership.organization_id == actor.organization_id)
    return dict(session.execute(members.order_by(func.lower(Membership.name), Membership.id)).all())


def _shown(row: Any, names: dict[str, str]) -> EventRow:
    who = names.get(row.actor_id or "", row.actor_label.capitalize())
    return EventRow(
        id=row.id,
        position=row.position,
        happened_at=row.happened_at,
        who=who,
        what=sentence_of(row.operation),
        operation=row.operation,
        entity=row.entity,
        entity_id=row.entity_id,
        details=row.details,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
