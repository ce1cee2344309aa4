"""Reads how the organization's numbers themselves are: how old, whether checks find something, whether the refresh went well."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.alerts import FailingCheck, Reading, Stale
from warehouse.metrics.freshness import freshness
from warehouse.metrics.serving import serving_as
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.tenancy import Actor

REFRESH = "refresh"
MOST_NAMED = 3


def read_state(session: Session, actor: Actor, rule: Stale | FailingCheck, now: datetime) -> Reading:
    """How it stands, in the actor's organization. Raises Forbidden, NoExtract or ExtractUnreadable."""
    state = freshness(session, actor, serving_as(actor))
    if isinstance(rule, Stale):
        # Nothing waits, so nothing is missing: numbers of which nothing changed are not old.
        age = int((now - state.built_at).total_seconds() // 3600) if state.waiting or state.is_held else 0
        is_old = age >= rule.hours
        return Reading(is_old, not is_old, Decimal(age), Decimal(rule.hours), label="Age of the numbers", unit="hours")
    found = [one for one in state.failing if rule.check in {"", one.name}]
    names = list(dict.fromkeys((one.message or one.name).removesuffix(".") for one in found))
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return Reading(
        bool(names), not names, Decimal(len(names)), Decimal(0), label="Checks", subject=(*names[:MOST_NAMED], *more)
    )


def read_job(session: Session) -> Reading:
    """How the last refresh that ended went; it builds everybody's numbers, so whoever asked for it."""
    ended = (JobStatus.SUCCEEDED, JobStatus.FAILED)
    last = session.scalars(
        select(JobRequest)
        .where(JobRequest.job == REFRESH, JobRequest.status.in_(ended), JobRequest.finished_at.is_not(None))
        .order_by(JobRequest.finished_at.desc())
        .limit(1)
    ).first()
    failed = last is not None and last.status is JobStatus.FAILED
    return Reading(failed, not failed, label="Refresh", subject=("The operator knows more.",) if failed else ())
