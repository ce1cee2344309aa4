"""Every cent of a generated company is accounted for."""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from tests.warehouse.demo.frames import Told, summed, told
from warehouse.demo.choices import Preset
from warehouse.demo.revenue import spread
from warehouse.operations import amounts

UNIT, CENT = 10_000, 100
HOUSES = [("demo", Preset.DEMO), ("tidepool", Preset.DEMO), ("inkwell", Preset.TINY), ("small-00003", Preset.WIDE)]


@pytest.fixture(scope="module", params=HOUSES, ids=[slug for slug, _ in HOUSES])
def house(request: pytest.FixtureRequest) -> Told:
    slug, preset = request.param
    return told(slug, preset)


def _each(left: pl.DataFrame, key: str, column: str, sums: dict[str, int]) -> None:
    assert left.height
    assert [sums.get(one, 0) for one in left[key].to_list()] == left[column].to_list()


@pytest.mark.parametrize("table", ["quote_lines", "invoice_lines"])
def test_a_line_is_quantity_times_price_less_its_discount(house: Told, table: str) -> None:
    lines = house.tables[table].sample(300, seed=1, with_replacement=True)
    for one in lines.iter_rows(named=True):
        kept = Decimal(100) - Decimal(one["discount_percent"]) / UNIT
        exact = Decimal(one["quantity"]) / UNIT * Decimal(one["unit_price"]) / UNIT * kept / 100
        amount = amounts.to_cent(exact)
        assert int(amount * UNIT) == one["amount"]
        assert int(amounts.to_cent(amount * one["tax_percent"] / UNIT / 100) * UNIT) == one["tax_amount"]


@pytest.mark.parametrize(
    ("table", "lines", "key"), [("quotes", "quote_lines", "quote_id"), ("invoices", "invoice_lines", "invoice_id")]
)
def test_lines_add_up_to_their_whole(house: Told, table: str, lines: str, key: str) -> None:
    whole, parts = house.tables[table], house.tables[lines]
    _each(whole, "id", "subtotal", summed(parts, key, "amount"))
    _each(whole, "id", "tax", summed(parts, key, "tax_amount"))
    assert (whole["subtotal"] + whole["tax"] == whole["total"]).all()


def test_a_deal_is_worth_its_lines(house: Told) -> None:
    deals = house.tables["opportunities"].drop_nulls("amount")
    lines = house.tables["opportunity_line_items"].with_columns(worth=pl.col("quantity") // UNIT * pl.col("unit_price"))
    _each(deals, "id", "amount", summed(lines, "opportunity_id", "worth"))
    quotes = house.tables["quotes"].join(deals, left_on="opportunity_id", right_on="id", suffix="_deal")
    assert (quotes["subtotal"] == quotes["amount"]).all()


def test_what_was_paid_is_payments_less_refunds(house: Told) -> None:
    payments = house.tables["payments"].filter(pl.col("status") == "succeeded")
    refunds = house.tables["refunds"].join(payments, left_on="payment_id", right_on="id", suffix="_payment")
    assert refunds.height == house.tables["refunds"].height
    back = summed(refunds, "invoice_id", "amount")
    paid = {key: amount - back.get(key, 0) for key, amount in summed(payments, "invoice_id", "amount").items()}
    bills = house.tables["invoices"]
    _each(bills, "id", "amount_paid", paid)
    _each(bills, "id", "amount_credited", summed(house.tables["credit_notes"], "invoice_id", "amount"))


def test_nobody_pays_more_than_is_owed(house: Told) -> None:
    bills = house.tables["invoices"].with_columns(settled=pl.col("amount_paid") + pl.col("amount_credited"))
    assert (bills["settled"] <= bills["total"]).all()
    assert (bills["amount_paid"] >= 0).all()
    assert ((bills["status"] == "paid") == (bills["settled"] == bills["total"])).all()
    assert (bills["paid_on"].is_not_null() == (bills["status"] == "paid")).all()


def test_the_changes_of_a_subscription_add_up_to_its_value(house: Told) -> None:
    subscriptions, changes = house.tables["subscriptions"], house.tables["subscription_changes"]
    _each(subscriptions, "id", "monthly_value", summed(changes, "subscription_id", "monthly_value_change"))
    last = changes.sort("recorded_at").group_by("subscription_id").last()
    now = subscriptions.join(last, left_on="id", right_on="subscription_id", suffix="_last")
    assert now.height == subscriptions.height
    assert (now["status"] == now["to_status"]).all()
    assert (now["quantity"] == now["quantity_last"]).all()
    assert (now["monthly_value"] == now["monthly_value_last"]).all()
    months = now["billing_period"].replace_strict({"monthly": 1, "quarterly": 3, "yearly": 12}, return_dtype=pl.Int64)
    for value, seats, price, period, status in zip(
        now["monthly_value"], now["quantity"], now["unit_price"], months, now["status"], strict=True
    ):
        brings = amounts.to_cent(Decimal(seats) * Decimal(price) / UNIT / period)
        assert value == (0 if status in {"canceled", "trialing"} else int(brings * UNIT))


def test_the_revenue_of_a_line_adds_up_to_its_amount(house: Told) -> None:
    counted = house.tables["invoices"].filter(pl.col("status").is_in(["open", "paid", "uncollectible"]))
    lines = house.tables["invoice_lines"].join(counted.select("id"), left_on="invoice_id", right_on="id", how="semi")
    schedule = house.tables["revenue_schedule_entries"]
    _each(lines, "id", "amount", summed(schedule, "invoice_line_id", "amount"))
    assert schedule["invoice_line_id"].is_in(lines["id"].implode()).all()


def test_amounts_are_whole_cents(house: Told) -> None:
    for table, columns in {
        "invoices": ("subtotal", "tax", "total", "amount_paid", "amount_credited"),
        "payments": ("amount",),
        "refunds": ("amount",),
        "credit_notes": ("amount",),
        "revenue_schedule_entries": ("amount",),
        "subscription_changes": ("monthly_value", "monthly_value_change"),
    }.items():
        for column in columns:
            assert (house.tables[table][column] % CENT == 0).all(), f"{table}.{column}"


@pytest.mark.parametrize(
    ("cents", "first", "last"),
    [
        (10_000, date(2026, 1, 15), date(2026, 4, 14)),
        (1, date(2026, 1, 31), date(2026, 2, 1)),
        (99_999, date(2024, 2, 1), date(2025, 1, 31)),
        (4_711, date(2026, 5, 5), date(2026, 5, 5)),
    ],
)
def test_revenue_is_spread_as_live_bills_spread_it(cents: int, first: date, last: date) -> None:
    expected = amounts.spread(Decimal(cents) / 100, first, last)
    _, months, shares = spread(
        np.array([cents * CENT]), np.array([first], "datetime64[D]"), np.array([last], "datetime64[D]")
    )
    assert {
        month: Decimal(int(share)) / UNIT
        for month, share in zip(months.astype("datetime64[D]").tolist(), shares, strict=True)
    } == expected
