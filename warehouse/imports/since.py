"""What records went through since an earlier import of the same source: rungs they climbed, a product they changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.imports.follow import first_line, step_of
from warehouse.imports.followed import Again, Followed, Steps
from warehouse.imports.kept import Ladder, ladder_of
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import OpportunityLineItem
from warehouse.operations.bulk import Batch, Values
from warehouse.tenancy import Actor


def catch_up(session: Session, actor: Actor, followed: Followed, now: datetime) -> None:
    """Add to the load what records we knew are missing; without it a history would not end where its record stands."""
    lines, histories = Batch("opportunity_line_items"), dict[str, Batch]()
    for record_id, again in followed.again.items():
        ladder = ladder_of(again.into)
        _line(session, actor, record_id, again, lines)
        if ladder and again.steps:
            history = histories.setdefault(ladder.history.name, Batch(ladder.history.name))
            history.inserts += _steps(
                ladder, kept_steps(session, actor, ladder, record_id), record_id, again.steps, now
            )
    followed.batches += [lines, *histories.values()]


def kept_steps(session: Session, actor: Actor, ladder: Ladder, record_id: str) -> Steps:
    """The states a record of the actor's organization reached, first first, each with its day or moment."""
    history = ladder.history
    rows = session.execute(
        select(history.c[ladder.column_to], ladder.moment)
        .where(history.c.organization_id == actor.organization_id, history.c[ladder.parent] == record_id)
        .order_by(history.c.recorded_at, history.c.id)
    )
    return [(row[0], row[1]) for row in rows]


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


def _steps(ladder: Ladder, kept: Steps, record_id: str, steps: Steps, now: datetime) -> Iterator[Values]:
    """They became known now, whatever day they happened on."""
    before = kept[-1][0] if kept else None
    if before is steps[-1][0]:
        return
    missed = [step for step in steps[:-1] if step not in kept] + steps[-1:]
    for number, (state, on) in enumerate(missed):
        yield step_of(ladder, record_id, before, state, on, now, uuid7(now + timedelta(milliseconds=number)))
        before = state
