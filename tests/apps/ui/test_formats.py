from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.ui import formats


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2899512.50", "$2.90M"),
        ("27700", "$27.7k"),
        ("999600", "$1.00M"),
        ("999499", "$999k"),
        ("9996", "$10.0k"),
        ("843.4", "$843"),
        ("84.3", "$84.30"),
        ("0", "$0"),
        ("-1250", "−$1.25k"),
        ("12345678901234", "$12.3T"),
    ],
)
def test_money_on_a_card_has_three_digits(value: str, shown: str) -> None:
    assert formats.money(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        ("2899512.5", "USD", "$2,899,512.50"),
        ("0.0001", "EUR", "€0.0001"),
        ("1000", "CHF", "CHF 1,000.00"),
        ("-3", "GBP", "−£3.00"),
        ("0", "USD", "$0.00"),
    ],
)
def test_money_in_a_record_is_exact(value: str, currency: str, shown: str) -> None:
    assert formats.money_in_full(Decimal(value), currency) == shown


@pytest.mark.parametrize("unit", ["money", "count", "share", "days"])
def test_unknown_is_an_em_dash_and_is_spoken(unit: str) -> None:
    assert formats.number(None, unit) == formats.in_full(None, unit) == "—"
    assert formats.spoken(formats.number(None, unit)) == "unknown"


def test_counts_shares_and_days() -> None:
    assert formats.number(2089, "count") == "2,089"
    assert formats.number(Decimal("0.5635"), "share") == "56.4%"
    assert formats.number(Decimal("63.45"), "days") == "63.5 days"


@pytest.mark.parametrize(
    ("value", "before", "unit", "shown", "direction"),
    [
        (112, 100, "count", "+12.0%", 1),
        (Decimal(94), Decimal(100), "money", "−6.0%", -1),
        (Decimal("0.60"), Decimal("0.612"), "share", "−1.2 pts", -1),
        (100, 100, "count", "0.0%", 0),
    ],
)
def test_a_change_is_signed(
    value: formats.Number, before: formats.Number, unit: str, shown: str, direction: int
) -> None:
    assert formats.change(value, before, unit) == formats.Change(shown, direction)


@pytest.mark.parametrize(("value", "before"), [(None, 1), (1, None), (5, 0)])
def test_nothing_to_compare_with_is_no_change(value: int | None, before: int | None) -> None:
    assert formats.change(value, before, "count") is None


def test_days_and_moments() -> None:
    assert formats.day(date(2026, 11, 9)) == "9 Nov 2026"
    assert formats.day(None) == "—"
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert formats.moment(noon, "Europe/Berlin") == "20 Nov 2026, 13:00 CET"
    assert formats.since(noon - timedelta(minutes=5), noon) == "5 minutes ago"
    assert formats.since(noon - timedelta(hours=1, minutes=5), noon) == "1 hour ago"
    assert formats.since(noon - timedelta(days=1), noon) == "19 Nov 2026, 12:00 UTC"


def test_names_keep_their_marks() -> None:
    assert formats.plain("[a](b) $5 *x*") == "\\[a\\]\\(b\\) \\$5 \\*x\\*"
