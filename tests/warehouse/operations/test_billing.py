"""Bills add up, payments settle them, and what they bring is spread over the months it is for."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from warehouse.oltp.billing import Invoice, InvoiceStatus, RevenueScheduleEntry
from warehouse.oltp.engine import reading
from warehouse.operations.amounts import spread, to_cent
from warehouse.operations.billing import owed
from warehouse.operations.declare import NotAllowedNow, NotFound

Do = Callable[..., Any]


@pytest.fixture
def invoice(do: Do, pebble: Any) -> Any:
    """A draft over 3 x 19.99 less 10 %, with 25 % tax, for the first quarter."""
    made = do("billing.create_invoice", customer_id=pebble.id)
    do(
        "billing.create_invoice_line",
        invoice_id=made.id,
        quantity=3,
        unit_price="19.99",
        discount_percent=10,
        tax_percent=25,
        service_from=date(2026, 1, 1),
        service_until=date(2026, 3, 31),
    )
    return _now(made.id)


@pytest.fixture
def issued(do: Do, invoice: Any) -> Any:
    """The same, sent to the customer."""
    return do("billing.move_invoice", id=invoice.id, version=invoice.version, to="open", on=date(2026, 1, 2))


def _now(invoice_id: str) -> Invoice:
    with reading() as session:
        return session.get_one(Invoice, invoice_id)


def _pay(do: Do, invoice_id: str, amount: str, **more: Any) -> Any:
    return do("billing.create_payment", invoice_id=invoice_id, amount=amount, paid_on=date(2026, 2, 1), **more)


def test_a_bill_is_the_sum_of_its_lines_to_the_cent(invoice: Any) -> None:
    assert (invoice.subtotal, invoice.tax, invoice.total) == (Decimal("53.97"), Decimal("13.49"), Decimal("67.46"))


def test_deleting_and_restoring_a_line_changes_the_sum(do: Do, invoice: Any) -> None:
    line = do("billing.create_invoice_line", invoice_id=invoice.id, unit_price=100)
    assert _now(invoice.id).total == Decimal("167.46")
    gone = do("billing.delete_invoice_line", id=line.id, version=1)
    assert _now(invoice.id).total == Decimal("67.46")
    do("billing.restore_invoice_line", id=line.id, version=gone.version)
    assert _now(invoice.id).total == Decimal("167.46")


def test_numbers_count_up_and_are_never_given_twice(do: Do, pebble: Any) -> None:
    first, second = (do("billing.create_invoice", customer_id=pebble.id) for _ in range(2))
    assert first.number != second.number
    with pytest.raises(NotAllowedNow, match="already an invoice with this number"):
        do("billing.create_invoice", customer_id=pebble.id, number=first.number)


def test_an_issued_bill_knows_when_it_is_due_and_its_lines_stay(do: Do, issued: Any) -> None:
    assert (issued.issued_on, issued.due_on) == (date(2026, 1, 2), date(2026, 2, 1))
    with pytest.raises(NotAllowedNow, match="only a draft's lines"):
        do("billing.create_invoice_line", invoice_id=issued.id, unit_price=1)


def test_a_bill_without_lines_is_not_issued(do: Do, pebble: Any) -> None:
    empty = do("billing.create_invoice", customer_id=pebble.id)
    with pytest.raises(NotAllowedNow, match="without a line"):
        do("billing.move_invoice", id=empty.id, version=1, to="open")
    assert _now(empty.id).status is InvoiceStatus.DRAFT


def test_revenue_is_spread_over_the_days_it_is_for(issued: Any) -> None:
    with reading() as session:
        entries = session.scalars(select(RevenueScheduleEntry).order_by(RevenueScheduleEntry.month)).all()
    assert [one.month.month for one in entries] == [1, 2, 3]
    assert sum(one.amount for one in entries) == Decimal("53.97")


def test_the_last_payment_settles_the_bill_and_a_refund_opens_it_again(do: Do, issued: Any) -> None:
    _pay(do, issued.id, "60")
    assert _now(issued.id).status is InvoiceStatus.OPEN
    last = _pay(do, issued.id, "7.46")
    settled = _now(issued.id)
    assert (settled.status, settled.paid_on, owed(settled)) == (InvoiceStatus.PAID, date(2026, 2, 1), 0)
    do("billing.create_refund", payment_id=last.id, amount=1, refunded_on=date(2026, 2, 3))
    opened = _now(issued.id)
    assert (opened.status, opened.paid_on, owed(opened)) == (InvoiceStatus.OPEN, None, 1)


def test_no_more_is_paid_than_is_owed_and_nothing_is_left_half_done(do: Do, issued: Any) -> None:
    with pytest.raises(NotAllowedNow, match="more than is owed"):
        _pay(do, issued.id, "67.47")
    do("billing.create_credit_note", invoice_id=issued.id, amount="7.46", issued_on=date(2026, 2, 1))
    with pytest.raises(NotAllowedNow, match="more than is owed"):
        _pay(do, issued.id, "60.01")
    _pay(do, issued.id, "60")
    assert (_now(issued.id).amount_paid, _now(issued.id).amount_credited) == (60, Decimal("7.46"))


def test_no_more_is_given_back_than_was_paid(do: Do, issued: Any) -> None:
    paid = _pay(do, issued.id, "10")
    do("billing.create_refund", payment_id=paid.id, amount=6, refunded_on=date(2026, 2, 3))
    with pytest.raises(NotAllowedNow, match="no more than that"):
        do("billing.create_refund", payment_id=paid.id, amount="4.01", refunded_on=date(2026, 2, 3))
    assert _now(issued.id).amount_paid == 4


def test_money_under_way_counts_once_it_arrives(do: Do, issued: Any) -> None:
    under_way = _pay(do, issued.id, "67.46", status="pending")
    assert _now(issued.id).amount_paid == 0
    do("billing.move_payment", id=under_way.id, version=1, to="succeeded", on=date(2026, 2, 5))
    assert (_now(issued.id).status, _now(issued.id).paid_on) == (InvoiceStatus.PAID, date(2026, 2, 5))


def test_a_void_bill_brings_no_revenue_and_takes_no_money(do: Do, issued: Any) -> None:
    do("billing.move_invoice", id=issued.id, version=issued.version, to="void")
    with reading() as session:
        live = session.scalars(select(RevenueScheduleEntry).where(RevenueScheduleEntry.deleted_at.is_(None))).all()
    assert live == []
    with pytest.raises(NotAllowedNow, match="nothing is paid on it"):
        _pay(do, issued.id, "1")


def test_a_bill_that_is_owed_cannot_be_called_paid(do: Do, issued: Any) -> None:
    with pytest.raises(NotAllowedNow, match=r"67\.46.* still owed"):
        do("billing.move_invoice", id=issued.id, version=issued.version, to="paid")


def test_a_draft_is_not_paid_and_void_is_the_end(do: Do, invoice: Any) -> None:
    with pytest.raises(NotAllowedNow, match="nothing is paid on it"):
        _pay(do, invoice.id, "1")
    gone = do("billing.move_invoice", id=invoice.id, version=invoice.version, to="void")
    with pytest.raises(NotAllowedNow, match="nothing follows"):
        do("billing.move_invoice", id=gone.id, version=gone.version, to="open")


def test_a_deleted_customer_is_not_billed(do: Do, pebble: Any) -> None:
    do("customers.delete_customer", id=pebble.id, version=1)
    with pytest.raises(NotFound, match="no such customer"):
        do("billing.create_invoice", customer_id=pebble.id)


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)),
    st.integers(min_value=0, max_value=900),
)
def test_shares_of_an_amount_add_up_exactly(amount: Decimal, first: date, days: int) -> None:
    shares = spread(amount, first, first + timedelta(days=days))
    assert sum(shares.values()) == amount
    assert all(month.day == 1 for month in shares)
    assert min(shares) == first.replace(day=1)


def test_half_a_cent_goes_up() -> None:
    assert (to_cent(Decimal("0.005")), to_cent(Decimal("2.675"))) == (Decimal("0.01"), Decimal("2.68"))
