"""How fresh an organization's numbers are, and whether they can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.extracts.builds import Build, latest_build
from warehouse.metrics.serving import Serving
from warehouse.oltp.organization import ChangeEvent, CheckResult
from warehouse.tenancy import Actor


@dataclass(frozen=True)
class FailedCheck:
    """A check that found something."""

    name: str
    subject: str
    rows: int
    message: str


@dataclass(frozen=True)
class Freshness:
    """What the header of every screen says."""

    built_at: datetime
    build_id: str
    snapshot_id: int
    checks: int
    failing: Sequence[FailedCheck]
    held_since: datetime | None
    """When a newer build was held back; None when these are the latest numbers."""
    waiting: int
    """Changes people made that these numbers have not seen."""

    @property
    def is_held(self) -> bool:
        """Whether checks keep the newest numbers back."""
        return self.held_since is not None


def freshness(session: Session, actor: Actor, serving: Serving) -> Freshness:
    """The state of one organization's extract against the latest build and the operational store."""
    told, latest = serving.provenance, latest_build()
    held = latest if latest is not None and _holds(latest, actor, told.build_id) else None
    build_id = held.build_id if held else told.build_id
    waiting = session.execute(
        select(func.count())
        .select_from(ChangeEvent)
        .where(ChangeEvent.organization_id == actor.organization_id, ChangeEvent.seq > told.watermark)
    ).scalar_one()
    total = session.execute(
        select(func.count(CheckResult.check_name.distinct())).where(
            CheckResult.build_id == build_id, CheckResult.source == "dbt"
        )
    ).scalar_one()
    return Freshness(
        built_at=datetime.fromisoformat(told.built_at),
        build_id=told.build_id,
        snapshot_id=told.snapshot_id,
        checks=total,
        failing=_failing(session, actor, build_id),
        held_since=datetime.fromisoformat(held.built_at) if held else None,
        waiting=waiting,
    )


def _holds(latest: Build, actor: Actor, shown: str) -> bool:
    return latest.build_id != shown and actor.organization_id in latest.held


def _failing(session: Session, actor: Actor, build_id: str) -> list[FailedCheck]:
    rows = session.execute(
        select(CheckResult).where(
            CheckResult.build_id == build_id,
            CheckResult.organization_id == actor.organization_id,
            CheckResult.passed.is_(False),
        )
    ).scalars()
    return [FailedCheck(row.check_name, row.subject or "", row.rows_failing, row.message) for row in rows]
