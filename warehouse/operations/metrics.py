"""What people may do with numbers of their own: define, change and put away; every version before is kept."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.insights import DefinedMetric
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion, Work, operation
from warehouse.operations.fields import Request
from warehouse.own_metrics import NoMetric, read_own_metric
from warehouse.tenancy import Actor

DEFINES = "insights:define"
MOST, MOST_VERSIONS = 200, 50


class DefineMetric(Request):
    """A new number, as its file would say it."""

    body: dict[str, Any]


class EditMetric(Request):
    """What a number is from now on; `version` is the one the editor saw."""

    id: str
    version: int
    body: dict[str, Any]


class OneMetric(Request):
    """A number at the version the caller saw."""

    id: str
    version: int


@operation(
    "insights.define_metric", permission=DEFINES, entity="defined_metrics", input=DefineMetric, stays_in_the_store=True
)
def define_metric(work: Work, request: DefineMetric) -> DefinedMetric:
    """Define a number; one that was put away under the same name comes back with what is said now."""
    name = _named(request.body)
    before = work.session.scalars(
        select(DefinedMetric).where(
            DefinedMetric.organization_id == work.actor.organization_id, DefinedMetric.name == name
        )
    ).first()
    if before is not None:
        return _bring_back(work, before, request.body)
    if len(metrics_of(work.session, work.actor)) >= MOST:
        raise NotAllowedNow(f"An organization has {MOST} numbers of its own at most: put one away first.")
    made = DefinedMetric(
        organization_id=work.actor.organization_id,
        name=name,
        body=request.body,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    work.entity_id, work.details = made.id, {"name": name}
    return made


@operation(
    "insights.edit_metric", permission=DEFINES, entity="defined_metrics", input=EditMetric, stays_in_the_store=True
)
def edit_metric(work: Work, request: EditMetric) -> DefinedMetric:
    """Change what a number is, under the same name; what it was before is kept with it."""
    found = _open(work, request.id, request.version)
    if _named(request.body) != found.name:
        raise NotAllowedNow(
            f"{found.name} keeps its name, since dashboards and receipts speak of it: define another number instead."
        )
    _change(work, found, request.body)
    return found


@operation(
    "insights.delete_metric", permission=DEFINES, entity="defined_metrics", input=OneMetric, stays_in_the_store=True
)
def delete_metric(work: Work, request: OneMetric) -> DefinedMetric:
    """Put a number away: nobody can ask for it any more, and receipts of it still hold."""
    found = _open(work, request.id, request.version)
    found.deleted_at, found.version = work.now, found.version + 1
    work.entity_id, work.details = found.id, {"name": found.name}
    return found


def metrics_of(session: Session, actor: Actor) -> Sequence[DefinedMetric]:
    """The organization's own numbers, by name. Raises Forbidden."""
    actor.must("insights:read")
    kept = select(DefinedMetric).where(
        DefinedMetric.organization_id == actor.organization_id, DefinedMetric.deleted_at.is_(None)
    )
    return session.scalars(kept.order_by(DefinedMetric.name)).all()


def _bring_back(work: Work, before: DefinedMetric, body: dict[str, Any]) -> DefinedMetric:
    if before.deleted_at is None:
        raise NotAllowedNow(f"There is a number {before.name} already: change that one, or give this another name.")
    before.deleted_at = None
    _change(work, before, body)
    return before


def _change(work: Work, found: DefinedMetric, body: dict[str, Any]) -> None:
    before = {"version": found.version, "at": found.updated_at.isoformat(), "body": found.body}
    found.earlier = [before, *found.earlier][:MOST_VERSIONS]
    found.body, found.version, found.updated_at = body, found.version + 1, work.now
    work.entity_id, work.details = found.id, {"name": found.name, "version": found.version}


def _open(work: Work, metric_id: str, version: int) -> DefinedMetric:
    found = work.session.get(DefinedMetric, metric_id)
    if found is None or found.organization_id != work.actor.organization_id or found.deleted_at is not None:
        raise NotFound("There is no such number here.")
    if found.version != version:
        raise StaleVersion(found, version)
    return found


def _named(body: dict[str, Any]) -> str:
    """What it is called; the whole is sound. Raises NotAllowedNow with the first thing that is not."""
    try:
        return read_own_metric(body).name
    except NoMetric as wrong:
        raise NotAllowedNow(f"This is no number: {wrong}") from None
