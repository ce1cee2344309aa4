"""What deals went through since an earlier import of the same source: rungs they climbed, a product they changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.imports.follow import first_line
from warehouse.imports.followed import Again, Followed
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import OpportunityLineItem
from warehouse.operations.bulk import Batch, Values
from warehouse.operations.sales import stage_history
from warehouse.tenancy import Actor


def catch_up(session: Session, actor: Actor, followed: Followed, now: datetime) -> None:
    """Add to the load what deals we knew are missing; without it a deal's history would not end where it stands."""
    lines, history = Batch("opportunity_line_items"), Batch("opportunity_stage_changes")
    for deal_id, again in followed.again.items():
        _line(session, actor, deal_id, again, lines)
        history.inserts += _steps(session, actor, deal_id, again, now)
    followed.batches += [lines, history]


def _line(session: Session, actor: Actor, deal_id: str, again: Again, lines: Batch) -> None:
    if again.product is None:
        return
    kept = session.execute(
        select(OpportunityLineItem.id, OpportunityLineItem.product_id)
        .where(
            OpportunityLineItem.organization_id == actor.organization_id,
            OpportunityLineItem.opportunity_id == deal_id,
            OpportunityLineItem.deleted_at.is_(None),
        )
        .order_by(OpportunityLineItem.position, OpportunityLineItem.id)
        .limit(1)
    ).one_or_none()
    if kept is None:
        lines.inserts.append(first_line(deal_id, again.product))
    elif kept.product_id != again.product:
        lines.updates.append({"id": kept.id, "product_id": again.product})


def _steps(session: Session, actor: Actor, deal_id: str, again: Again, now: datetime) -> Iterator[Values]:
    """They became known now, whatever day they happened on."""
    if not again.steps:
        return
    kept = stage_history(session, actor, deal_id)
    before = kept[-1].to_stage if kept else None
    if before is again.steps[-1][0]:
        return
    told = {(step.to_stage, step.changed_on) for step in kept}
    missed = [step for step in again.steps[:-1] if step not in told] + again.steps[-1:]
    for number, (stage, on) in enumerate(missed):
        yield {
            "id": uuid7(now + timedelta(milliseconds=number)),
            "opportunity_id": deal_id,
            "from_stage": before,
            "to_stage": stage,
            "changed_on": on,
            "recorded_at": now,
            "recorded_at_assumed": False,
        }
        before = stage
