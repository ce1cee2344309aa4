"""The audit: one hash-chained row per operation and organization."""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.tenancy import Actor

GENESIS = "0" * 64


def append_audit(
    session: Session, actor: Actor, audit_id: str, event: ChangeEvent, details: dict[str, Any]
) -> AuditEvent:
    """Add the row that says who did what, linked to the organization's last one."""
    last = session.execute(
        select(AuditEvent)
        .where(AuditEvent.organization_id == actor.organization_id)
        .order_by(AuditEvent.position.desc())
        .limit(1)
    ).scalar_one_or_none()
    row = AuditEvent(
        id=audit_id,
        organization_id=actor.organization_id,
        position=last.position + 1 if last else 1,
        happened_at=event.happened_at,
        actor_id=actor.membership_id,
        actor_label=actor.label,
        operation=event.operation,
        entity=event.entity,
        entity_id=event.entity_id,
        details=details | {"rows": event.rows, "fingerprint": event.fingerprint},
        previous_hash=last.hash if last else GENESIS,
    )
    row.hash = audit_hash(row)
    session.add(row)
    return row


def audit_hash(row: AuditEvent) -> str:
    """SHA-256 over the previous hash and the row's canonical JSON."""
    content = {
        name: str(getattr(row, name))
        for name in ("id", "organization_id", "position", "actor_id", "actor_label", "operation", "entity", "entity_id")
    }
    content["happened_at"] = row.happened_at.isoformat()
    text = json.dumps(content | {"details": row.details}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((row.previous_hash + text).encode()).hexdigest()


def broken_audit_rows(session: Session, organization_id: str) -> list[str]:
    """Ids of audit rows that were edited, removed, or do not follow the row before them; empty when the chain holds."""
    broken, previous, position = _removed(session, organization_id), GENESIS, 0
    rows = session.execute(
        select(AuditEvent).where(AuditEvent.organization_id == organization_id).order_by(AuditEvent.position)
    ).scalars()
    for row in rows:
        position += 1
        if row.position != position or row.previous_hash != previous or audit_hash(row) != row.hash:
            broken.append(row.id)
        previous, position = row.hash, row.position
    return broken


def _removed(session: Session, organization_id: str) -> list[str]:
    """Audit rows that a change event names and that are gone: a cut at the end breaks no link."""
    events = select(ChangeEvent.audit_event_id).where(ChangeEvent.organization_id == organization_id)
    there = select(AuditEvent.id).where(AuditEvent.organization_id == organization_id)
    return list(
        session.execute(events.where(ChangeEvent.audit_event_id.not_in(there)).order_by(ChangeEvent.seq)).scalars()
    )
