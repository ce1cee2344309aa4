"""The audit: everything that was done, one hash-chained row after the other, per organization."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, select, text
from sqlalchemy.orm import Session

from warehouse.oltp.audit import AuditRelease
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.order import take_turn
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.oltp.scope import INSTALLATION, ROLE, ScopedSession
from warehouse.operations.events import EXPORTED
from warehouse.operations.notices import heed
from warehouse.tenancy import Actor

GENESIS = "0" * 64
HASHED = ("id", "organization_id", "position", "actor_id", "actor_label", "operation", "entity", "entity_id")
"""What a row's hash covers, besides its time, its details and the hash before it."""


class ChainMissing(Exception):
    """The organization has no audit that could be released."""


class Happened(NamedTuple):
    """Something that was done: what, to what, when."""

    at: datetime
    operation: str
    entity: str
    entity_id: str | None


def append_audit(
    session: Session, actor: Actor, audit_id: str, event: ChangeEvent, details: Mapping[str, Any]
) -> AuditEvent:
    """Add the row that says who made a change, in the transaction of the change, whose turn was taken."""
    done = Happened(event.happened_at, event.operation, event.entity, event.entity_id)
    return _append(session, actor, audit_id, done, {**details, "rows": event.rows, "fingerprint": event.fingerprint})


def record_event(
    session: Session,
    actor: Actor,
    operation: str,
    entity: str,
    entity_id: str | None = None,
    details: Mapping[str, Any] | None = None,
    *,
    now: datetime | None = None,
) -> AuditEvent:
    """Add a row about something that changed nothing the lake has a copy of: a sign-in, an export, a reading.

    `details` hold references and figures, never a name, an address or another personal value. The name of the
    operation has its sentence in `events`.
    """
    take_turn(session, actor.organization_id)
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return _append(session, actor, uuid7(moment), Happened(moment, operation, entity, entity_id), details or {})


def record_export(session: Session, actor: Actor, entity: str, form: str, *, personal: bool) -> AuditEvent:
    """Somebody takes rows away as a file; `personal`, when they name or describe people."""
    return record_event(session, actor, EXPORTED, entity, details={"format": form, "personal": personal})


def _append(session: Session, actor: Actor, audit_id: str, done: Happened, details: Mapping[str, Any]) -> AuditEvent:
    last = session.execute(
        select(AuditEvent.position, AuditEvent.hash)
        .where(AuditEvent.organization_id == actor.organization_id)
        .order_by(AuditEvent.position.desc())
        .limit(1)
    ).one_or_none()
    row = AuditEvent(
        id=audit_id,
        organization_id=actor.organization_id,
        position=last.position + 1 if last else 1,
        happened_at=done.at,
        actor_id=actor.membership_id,
        actor_label=actor.label,
        operation=done.operation,
        entity=done.entity,
        entity_id=done.entity_id,
        # As the store will give them back, or the hash would not hold.
        details=json.loads(json.dumps(details)),
        previous_hash=last.hash if last else GENESIS,
    )
    row.hash = audit_hash(row)
    session.add(row)
    heed(session, row)
    return row


def audit_hash(row: AuditEvent | Row[Any]) -> str:
    """SHA-256 over the previous hash and the row's canonical JSON."""
    content = {name: str(getattr(row, name)) for name in HASHED}
    content["happened_at"] = row.happened_at.isoformat()
    canonical = json.dumps(content | {"details": row.details}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((row.previous_hash + canonical).encode()).hexdigest()


def release_chain(session: Session, organization_id: str, certificate: bytes) -> AuditRelease:
    """Remove an organization's whole audit, because a certificate says that the organization was deleted.

    What stays is its end: the last row's place and hash, and the certificate's digest. The database opens for exactly
    this organization, and takes no audit row of it again. Raises ChainMissing; needs a session of the installation.
    """
    scope = session.scope if isinstance(session, ScopedSession) else None
    if scope != INSTALLATION:
        raise PermissionError("Only code that works for the whole installation may release an audit.")
    take_turn(session, organization_id)
    mine = AuditEvent.organization_id == organization_id
    last = session.execute(
        select(AuditEvent.position, AuditEvent.hash).where(mine).order_by(AuditEvent.position.desc()).limit(1)
    ).one_or_none()
    if last is None:
        raise ChainMissing("This organization has no audit to release.")
    made = AuditRelease(
        organization_id=organization_id,
        last_position=last.position,
        last_hash=last.hash,
        released_at=datetime.now(UTC),
        certificate_hash=hashlib.sha256(certificate).hexdigest(),
    )
    session.add(made)
    session.flush()
    _delete_released(session, organization_id)
    return made


def _delete_released(session: Session, organization_id: str) -> None:
    """The role of every transaction may not delete audit rows at all; the store's owner may, as the trigger allows."""
    on_server = session.get_bind().dialect.name == "postgresql"
    if on_server:
        session.execute(_ACT_AS, {"role": "none"})
    session.execute(
        delete(AuditEvent)
        .where(AuditEvent.organization_id == organization_id)
        .execution_options(synchronize_session=False)
    )
    if on_server:
        session.execute(_ACT_AS, {"role": ROLE})


_ACT_AS = text("select set_config('role', :role, true)")
