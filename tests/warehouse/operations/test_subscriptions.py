"""What a subscription brings in a month is the sum of everything that happened to it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from warehouse.oltp.billing import SubscriptionChange
from warehouse.oltp.engine import reading
from warehouse.operations.declare import NotAllowedNow

Do = Callable[..., Any]


@pytest.fixture
def seats(do: Do, pebble: Any) -> Any:
    """Five seats at 120 a year each."""
    return do(
        "billing.create_subscription",
        customer_id=pebble.id,
        quantity=5,
        unit_price=120,
        billing_period="yearly",
        started_on=date(2026, 1, 1),
    )


def _history() -> list[tuple[str, Decimal]]:
    with reading() as session:
        rows = session.scalars(select(SubscriptionChange).order_by(SubscriptionChange.id))
        return [(one.kind.value, one.monthly_value_change) for one in rows]


def test_a_yearly_price_is_a_twelfth_a_month(seats: Any) -> None:
    assert seats.monthly_value == 50
    assert _history() == [("started", Decimal(50))]


def test_more_seats_expand_and_fewer_contract(do: Do, seats: Any) -> None:
    more = do("billing.edit_subscription", id=seats.id, version=1, quantity=8)
    do("billing.edit_subscription", id=seats.id, version=more.version, quantity=2)
    assert _history()[1:] == [("expanded", Decimal(30)), ("contracted", Decimal(-60))]


def test_leaving_brings_the_sum_to_nothing_and_coming_back_is_seen(do: Do, seats: Any) -> None:
    gone = do(
        "billing.move_subscription", id=seats.id, version=1, to="canceled", on=date(2026, 5, 1), reason="Too dear"
    )
    assert (gone.monthly_value, gone.ended_on, gone.cancel_reason) == (0, date(2026, 5, 1), "Too dear")
    back = do("billing.move_subscription", id=seats.id, version=gone.version, to="active")
    assert (back.monthly_value, back.ended_on) == (50, None)
    assert _history()[1:] == [("canceled", Decimal(-50)), ("reactivated", Decimal(50))]
    assert sum(change for _, change in _history()) == back.monthly_value


def test_a_late_payer_still_brings_what_was_agreed(do: Do, seats: Any) -> None:
    late = do("billing.move_subscription", id=seats.id, version=1, to="past_due")
    assert late.monthly_value == 50
    assert _history()[1:] == [("status", Decimal(0))]


def test_nothing_comes_monthly_of_what_is_bought_once(do: Do, pebble: Any) -> None:
    with pytest.raises(NotAllowedNow, match="bought once"):
        do(
            "billing.create_subscription",
            customer_id=pebble.id,
            unit_price=1,
            billing_period="once",
            started_on=date(2026, 1, 1),
        )


def test_it_cannot_end_before_it_began(do: Do, seats: Any) -> None:
    with pytest.raises(NotAllowedNow, match="cannot end"):
        do("billing.move_subscription", id=seats.id, version=1, to="canceled", on=date(2025, 12, 31))
