"""What checks look at and what they found: rows as they came in, and the latest word of every check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.base import Base
from warehouse.oltp.organization import ChangeEvent, CheckResult, Severity
from warehouse.settings import settings
from warehouse.tenancy import Actor

READS = "insights:read"
GREAT_EXPECTATIONS = "great_expectations"
EXAMINED = "examined"
"""The check that says an examination took place; its sample names the first and the last change it covered."""
ONE_RUN = timedelta(minutes=1)
"""A check that speaks of several organizations writes its rows one after the other: these belong together."""


@dataclass(frozen=True)
class Changes:
    """Changes of one organization by their sequence: after `after`, up to `last`, without those in `without`."""

    after: int
    last: int
    without: tuple[int, ...] = ()


@dataclass(frozen=True)
class Came:
    """Rows of one table: how many there are, and the newest of them."""

    total: int
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Examination:
    """One look at what came in."""

    id: str
    subject: str
    """`import <id>` or `night`."""
    told: str
    not_met: int
    """How many of its expectations."""
    checked_at: datetime


def unseen_changes(session: Session, organization_id: str) -> Changes | None:
    """The organization's changes that no examination has covered; None where there are none."""
    after, without = _covered(session, organization_id)
    fresh = select(func.max(ChangeEvent.seq)).where(
        ChangeEvent.organization_id == organization_id, ChangeEvent.seq > after, ChangeEvent.seq.not_in(without)
    )
    last = session.execute(fresh).scalar()
    return Changes(after, last, tuple(seq for seq in without if seq <= last)) if last else None


def one_change(session: Session, organization_id: str, seq: int) -> Changes | None:
    """A single change, such as an import; None where it was examined already."""
    after, without = _covered(session, organization_id)
    return None if seq <= after or seq in without else Changes(seq - 1, seq)


def _covered(session: Session, organization_id: str) -> tuple[int, list[int]]:
    """Up to which change everything was examined, and which later ones were examined alone."""
    told = session.execute(
        select(CheckResult.sample_ids).where(
            CheckResult.organization_id == organization_id,
            CheckResult.source == GREAT_EXPECTATIONS,
            CheckResult.check_name == EXAMINED,
        )
    ).scalars()
    far, alone = 0, list[int]()
    for first, last in sorted((int(first), int(last)) for first, last in told):
        if first <= far + 1:
            far = max(far, last)
        else:
            alone += range(first, last + 1)
    return far, [seq for seq in alone if seq > far]


def rows_written(
    session: Session, organization_id: str, table_name: str, columns: Sequence[str], changes: Changes, most: int
) -> Came:
    """Rows of one organization that these changes last wrote and nobody deleted: `columns`, the newest `most`."""
    seq = Base.metadata.tables[table_name].c.change_seq
    asked = [seq > changes.after, seq <= changes.last, seq.not_in(changes.without)]
    return _rows(session, organization_id, table_name, columns, asked, most)


def rows_before(
    session: Session, organization_id: str, table_name: str, columns: Sequence[str], changes: Changes, most: int
) -> Came:
    """Rows that were there before these changes and that they did not write: `columns`, the newest `most`."""
    asked = [Base.metadata.tables[table_name].c.change_seq <= changes.after]
    return _rows(session, organization_id, table_name, columns, asked, most)


def _rows(
    session: Session,
    organization_id: str,
    table_name: str,
    columns: Sequence[str],
    asked: list[ColumnElement[bool]],
    most: int,
) -> Came:
    table = Base.metadata.tables[table_name]
    mine = [table.c.organization_id == organization_id, *asked]
    if "deleted_at" in table.c:
        mine.append(table.c.deleted_at.is_(None))
    total = session.execute(select(func.count()).select_from(table).where(*mine)).scalar_one()
    if not total:
        return Came(0, [])
    newest = select(*(table.c[name] for name in columns)).where(*mine).order_by(table.c.change_seq.desc(), table.c.id)
    return Came(total, [dict(row) for row in session.execute(newest.limit(most)).mappings()])


def evidence_place(organization_id: str, examination_id: str) -> Path:
    """Where the page of an examination is kept. Both ids become part of a path: ValueError for anything but a UUID."""
    return settings().evidence_path / str(UUID(organization_id)) / f"{UUID(examination_id)}.html"


def read_evidence(actor: Actor, examination_id: str) -> str | None:
    """The page of an examination of the actor's organization; None where it is no longer kept."""
    actor.must(READS)
    place = evidence_place(actor.organization_id, examination_id)
    return place.read_text(encoding="utf-8") if place.exists() else None


def examinations(session: Session, actor: Actor, most: int = 30) -> list[Examination]:
    """The organization's latest examinations, newest first."""
    actor.must(READS)
    mine = (CheckResult.organization_id == actor.organization_id) & (CheckResult.source == GREAT_EXPECTATIONS)
    rows = (
        session.execute(
            select(CheckResult)
            .where(mine, CheckResult.check_name == EXAMINED)
            .order_by(CheckResult.checked_at.desc())
            .limit(most)
        )
        .scalars()
        .all()
    )
    failing = (
        select(CheckResult.build_id, func.count())
        .where(mine, CheckResult.passed.is_(False), CheckResult.build_id.in_([row.build_id for row in rows]))
        .group_by(CheckResult.build_id)
    )
    not_met = dict(session.execute(failing).all())
    return [
        Examination(row.build_id or "", row.subject or "", row.message, not_met.get(row.build_id, 0), row.checked_at)
        for row in rows
    ]


def checks_of(session: Session, actor: Actor, examination_id: str) -> list[CheckResult]:
    """What an examination of the actor's organization found; failing first."""
    actor.must(READS)
    rows = session.execute(
        select(CheckResult).where(
            CheckResult.organization_id == actor.organization_id,
            CheckResult.build_id == examination_id,
            CheckResult.source == GREAT_EXPECTATIONS,
            CheckResult.check_name != EXAMINED,
        )
    ).scalars()
    return _failing_first(rows)


def latest_checks(session: Session, actor: Actor, source: str) -> list[CheckResult]:
    """The last word of every check of everybody's data (`dbt` or `reconciliation`) about the actor's organization.

    A check that fails for others alone leaves no row here: it is told as passed, with nothing of theirs.
    """
    actor.must(READS)
    of_source = CheckResult.source == source
    if source == "dbt":
        latest = session.execute(select(func.max(CheckResult.build_id)).where(of_source)).scalar()
        of_source = of_source & (CheckResult.build_id == latest)
    when = {
        (name, subject): (at, Severity(severity))
        for name, subject, at, severity in session.execute(
            select(
                CheckResult.check_name,
                CheckResult.subject,
                func.max(CheckResult.checked_at),
                func.max(CheckResult.severity),
            )
            .where(of_source)
            .group_by(CheckResult.check_name, CheckResult.subject)
        )
    }
    if not when:
        return []
    since = min(at for at, _ in when.values()) - ONE_RUN
    told = session.execute(
        select(CheckResult)
        .where(of_source, _visible(actor), CheckResult.checked_at >= since)
        .order_by(CheckResult.checked_at, CheckResult.organization_id.is_not(None))
    ).scalars()
    mine = {(row.check_name, row.subject): row for row in told}
    return _failing_first(
        row if (row := mine.get(check)) and at - row.checked_at < ONE_RUN else _passed(source, *check, severity, at)
        for check, (at, severity) in when.items()
    )


def latest_import(session: Session, actor: Actor) -> list[CheckResult]:
    """What the organization's last import with findings found in its source."""
    actor.must(READS)
    mine = (CheckResult.source == "import") & (CheckResult.organization_id == actor.organization_id)
    latest = session.execute(select(func.max(CheckResult.checked_at)).where(mine)).scalar()
    if latest is None:
        return []
    rows = session.execute(select(CheckResult).where(mine, CheckResult.checked_at > latest - ONE_RUN)).scalars()
    return _failing_first(rows)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return (CheckResult.organization_id == actor.organization_id) | CheckResult.organization_id.is_(None)


def _passed(source: str, name: str, subject: str | None, severity: Severity, at: datetime) -> CheckResult:
    return CheckResult(
        source=source,
        check_name=name,
        subject=subject,
        severity=severity,
        passed=True,
        rows_failing=0,
        sample_ids=[],
        message="",
        checked_at=at,
    )


def _failing_first(rows: Iterable[CheckResult]) -> list[CheckResult]:
    order = [Severity.HOLD, Severity.WARN, Severity.INFO]
    return sorted(rows, key=lambda row: (row.passed, order.index(row.severity), row.subject or "", row.check_name))
