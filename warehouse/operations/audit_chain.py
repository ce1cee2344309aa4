"""Whether an organization's audit is what was written: every row, its links, its end, and the days it was anchored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from warehouse.oltp.audit import AuditRelease
from warehouse.oltp.organization import AuditEvent, ChangeEvent, Organization
from warehouse.operations.audit import GENESIS, HASHED, audit_hash
from warehouse.tenancy import Actor

AT_ONCE = 2_000
MOST_FINDINGS = 100
"""Told one by one; what is more is counted."""

EDITED = "This row was changed after it was written: its hash is not that of what it says."
UNLINKED = "This row does not follow the one before it: a row was removed, put in, moved or written anew there."
GAP = "Rows {first} to {last} are missing before this one."
GONE = "A change names this row as its own, and it is not there: it was removed."
REWRITTEN = (
    "Another row stood at this place when the day was anchored: the audit was written anew from here or earlier, "
    "with hashes that fit."
)
CUT = "The audit had {position} rows when the day was anchored and has fewer now: its end was cut off."


@dataclass(frozen=True)
class Finding:
    """Something wrong with the chain: where, which row, and what it means."""

    position: int | None
    row_id: str | None
    meaning: str


@dataclass
class ChainReport:
    """What an audit was found to be."""

    organization_id: str
    rows: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    released_at: datetime | None = None
    """When it was removed under a certificate."""
    anchors: int = 0
    """How many anchors it was compared with."""
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    """Findings past those that are told."""

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def note(self, position: int | None, row_id: str | None, meaning: str) -> None:
        """Add a finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(position, row_id, meaning))
        else:
            self.more += 1


def verify_chain(session: Session, organization_id: str, anchors: Mapping[int, str] | None = None) -> ChainReport:
    """Read an organization's audit from first to last; `anchors`: position → the hash it had when it was anchored.

    Rows are streamed: memory does not grow with the chain.
    """
    known, report = anchors or {}, ChainReport(organization_id, anchors=len(anchors or {}))
    for row_id in _removed(session, organization_id):
        report.note(None, row_id, GONE)
    previous, position = GENESIS, 0
    for row in _rows(session, organization_id):
        meaning = _wrong_with(row, previous, position, known)
        if meaning:
            report.note(row.position, row.id, meaning)
        previous, position = row.hash, row.position
        report.rows += 1
        report.first_at, report.last_at = report.first_at or row.happened_at, row.happened_at
    released = _release(session, organization_id)
    if released and report.rows == 0:
        report.released_at, previous, position = released.released_at, released.last_hash, released.last_position
    _compare_end(report, position, previous, known)
    return report


def broken_audit_rows(session: Session, organization_id: str) -> list[str]:
    """Ids of audit rows that were edited, removed, or do not follow the row before them; empty when the chain holds."""
    return [one.row_id for one in verify_chain(session, organization_id).findings if one.row_id]


def _wrong_with(row: Row[Any], previous: str, position: int, anchors: Mapping[int, str]) -> str | None:
    if audit_hash(row) != row.hash:
        return EDITED
    if row.position != position + 1:
        return GAP.format(first=position + 1, last=row.position - 1)
    if row.previous_hash != previous:
        return UNLINKED
    return REWRITTEN if anchors.get(row.position, row.hash) != row.hash else None


def _compare_end(report: ChainReport, position: int, last_hash: str, anchors: Mapping[int, str]) -> None:
    """An anchor past the end says that the end is gone; so does one at the end of a chain that was released."""
    later = [anchored for anchored in anchors if anchored > position]
    if later:
        report.note(max(later), None, CUT.format(position=max(later)))
    if report.released_at and anchors.get(position, last_hash) != last_hash:
        report.note(position, None, REWRITTEN)


def _rows(session: Session, organization_id: str) -> Iterator[Row[Any]]:
    columns = [getattr(AuditEvent, name) for name in (*HASHED, "happened_at", "details", "previous_hash", "hash")]
    query = select(*columns).where(AuditEvent.organization_id == organization_id).order_by(AuditEvent.position)
    yield from session.execute(query.execution_options(yield_per=AT_ONCE))


def _removed(session: Session, organization_id: str) -> Iterator[str]:
    """Audit rows that a change event names and that are gone: a cut at the end breaks no link."""
    there = select(AuditEvent.id).where(AuditEvent.id == ChangeEvent.audit_event_id)
    yield from session.scalars(
        select(ChangeEvent.audit_event_id)
        .where(ChangeEvent.organization_id == organization_id, ~there.exists(), ~_was_released(organization_id))
        .order_by(ChangeEvent.seq)
        .execution_options(yield_per=AT_ONCE)
    )


def _was_released(organization_id: str) -> Any:
    return select(AuditRelease.organization_id).where(AuditRelease.organization_id == organization_id).exists()


def _release(session: Session, organization_id: str) -> AuditRelease | None:
    return session.scalars(select(AuditRelease).where(AuditRelease.organization_id == organization_id)).one_or_none()


def audited_organizations(session: Session) -> dict[str, str]:
    """Id → slug of every organization that has an audit, and of each whose audit was released how it was."""
    there = session.execute(select(Organization.id, Organization.slug).order_by(Organization.slug)).all()
    gone = session.scalars(select(AuditRelease.organization_id).order_by(AuditRelease.released_at))
    return {one: f"organization {one}" for one in gone} | dict(there)


def verify_own_chain(session: Session, actor: Actor, anchors: Mapping[int, str] | None = None) -> ChainReport:
    """The same, for somebody who may search the organization's audit."""
    actor.must("organization:audit")
    return verify_chain(session, actor.organization_id, anchors)
