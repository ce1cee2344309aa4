from decimal import Decimal

import pytest

from apps.ui.parts.amounts import NotAnAmount, read_amount, write_amount


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12500", "12500"),
        ("12,500.50", "12500.5"),
        (" $1,234,567.8901 ", "1234567.8901"),
        ("1 234.5", "1234.5"),
        ("1'000", "1000"),
        (".5", "0.5"),
        ("7.", "7"),
        ("0.10000000", "0.1"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_an_amount_is_read_exactly(typed: str, value: str) -> None:
    assert read_amount(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["", "   ", None])
def test_nothing_typed_is_unknown_and_not_zero(typed: str | None) -> None:
    assert read_amount(typed) is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("12,5x", "not an amount"),
        ("12,5", "not an amount"),
        ("1,23,456", "not an amount"),
        ("1e30", "not an amount"),
        ("NaN", "not an amount"),
        ("١٢", "not an amount"),
        ("-3", "negative"),
        ("−3", "negative"),
        ("1.23456", "4 decimals"),
        ("123456789012345", "14 digits"),
    ],
)
def test_what_is_no_amount_is_refused_in_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(NotAnAmount, match=why):
        read_amount(typed)


@pytest.mark.parametrize("value", ["0", "4500", "35572.5", "0.0001", "1000000.25"])
def test_what_is_written_is_read_back(value: str) -> None:
    assert read_amount(write_amount(Decimal(value))) == Decimal(value)
