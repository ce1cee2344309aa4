"""What people may do with subscriptions; every change of what one brings in a month is a row of its history."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from warehouse.oltp.billing import (
    SUBSCRIPTION_FLOW,
    Subscription,
    SubscriptionChange,
    SubscriptionChangeKind,
    SubscriptionStatus,
)
from warehouse.operations.amounts import to_cent
from warehouse.operations.declare import NotAllowedNow, Work
from warehouse.operations.register import append, keep, move

BRINGS_NOTHING = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.CANCELED})


def monthly_value(subscription: Subscription) -> Decimal:
    """What a subscription brings in a month as it is: seats x price / months, to the cent; in a trial nothing."""
    if subscription.status in BRINGS_NOTHING or subscription.deleted_at:
        return Decimal(0)
    return to_cent(subscription.quantity * subscription.unit_price / subscription.billing_period.months)


def _comes_again(_work: Work, subscription: Subscription) -> None:
    if not subscription.billing_period.months:
        raise NotAllowedNow("A subscription is paid monthly, quarterly or yearly; what is bought once is a bill.")


def _write_change(work: Work, subscription: Subscription, on: date | None = None, reason: str | None = None) -> None:
    """Append what has changed since the last row, if anything has."""
    last = work.session.scalars(
        select(SubscriptionChange)
        .where(SubscriptionChange.subscription_id == subscription.id)
        .order_by(SubscriptionChange.recorded_at.desc(), SubscriptionChange.id.desc())
        .limit(1)
    ).one_or_none()
    before, now = last.monthly_value if last else Decimal(0), monthly_value(subscription)
    subscription.monthly_value = now
    if last and (last.to_status, before, last.quantity) == (subscription.status, now, subscription.quantity):
        return
    append(
        work,
        SubscriptionChange(
            subscription_id=subscription.id,
            kind=_kind(work, subscription.id, before, now),
            from_status=last.to_status if last else None,
            to_status=subscription.status,
            changed_on=on or (work.today if last else subscription.started_on),
            changed_by=work.actor.membership_id,
            quantity=subscription.quantity,
            monthly_value=now,
            monthly_value_change=now - before,
            reason=reason,
        ),
    )


def _kind(work: Work, subscription_id: str, before: Decimal, now: Decimal) -> SubscriptionChangeKind:
    if before == now:
        return SubscriptionChangeKind.STATUS
    if not now:
        return SubscriptionChangeKind.CANCELED
    if before:
        return SubscriptionChangeKind.EXPANDED if now > before else SubscriptionChangeKind.CONTRACTED
    paid_once = select(SubscriptionChange.id).where(
        SubscriptionChange.subscription_id == subscription_id, SubscriptionChange.monthly_value > 0
    )
    again = work.session.scalars(paid_once.limit(1)).one_or_none() is not None
    return SubscriptionChangeKind.REACTIVATED if again else SubscriptionChangeKind.STARTED


def _follow_status(work: Work, subscription: Subscription, _was: SubscriptionStatus, request: Any) -> None:
    on = request.on or work.today
    canceled = subscription.status is SubscriptionStatus.CANCELED
    if canceled and on < subscription.started_on:
        raise NotAllowedNow(f"A subscription that began on {subscription.started_on} cannot end on {on}.")
    subscription.ended_on = on if canceled else None
    subscription.cancel_reason = request.reason if canceled else None
    work.session.flush()
    _write_change(work, subscription, on, request.reason)


subscriptions = keep(
    Subscription,
    room="billing",
    noun="subscription",
    computed=("monthly_value", "ended_on", "cancel_reason"),
    fixed=("customer_id", "currency", "status"),
    before=_comes_again,
    after=_write_change,
)
move_subscription = move(
    Subscription, room="billing", noun="subscription", flow=SUBSCRIPTION_FLOW, after=_follow_status
)
