"""How a column writes days and numbers is decided by all its values, and never against one of them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from warehouse.imports.styles import (
    DAY_FIRST,
    DOTTED,
    ISO,
    MONTH_FIRST,
    Undecided,
    currency_in,
    day,
    day_style,
    decimal_style,
    number,
)

DAYS = st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1, max_size=30)
AMOUNTS = st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20)
WRITTEN = {ISO: "%Y-%m-%d", DOTTED: "%d.%m.%Y", DAY_FIRST: "%d/%m/%Y", MONTH_FIRST: "%m/%d/%Y"}


@given(DAYS, st.sampled_from(sorted(WRITTEN)))
def test_days_are_read_as_they_were_written_or_said_to_be_open(days: list[date], style: str) -> None:
    texts = [one.strftime(WRITTEN[style]) for one in days]
    try:
        decided = day_style(texts)
    except Undecided:
        assert style in {DAY_FIRST, MONTH_FIRST}
        assert all(one.day <= 12 for one in days)
        return
    assert [day(text, decided) for text in texts] == days


@given(DAYS, st.sampled_from([DAY_FIRST, MONTH_FIRST]))
def test_one_day_after_the_twelfth_decides_the_column(days: list[date], style: str) -> None:
    assume(any(one.day > 12 for one in days))
    assert day_style(one.strftime(WRITTEN[style]) for one in days) == style


def _written(amount: Decimal, mark: str, group: str) -> str:
    return f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", group)


@given(AMOUNTS, st.sampled_from([(".", ","), (",", "."), (".", "'"), (",", "\u00a0"), (".", ""), (",", "")]))
def test_amounts_are_read_as_they_were_written(amounts: list[Decimal], signs: tuple[str, str]) -> None:
    texts = [_written(amount, *signs) for amount in amounts]
    decided = decimal_style(texts)
    assert [number(text, decided) for text in texts] == amounts


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from([",", ".", " ", ""]))
def test_whole_numbers_are_read_whatever_divides_the_thousands(numbers: list[int], group: str) -> None:
    texts = [f"{one:,}".replace(",", group) for one in numbers]
    decided = decimal_style(texts, whole=True)
    assert [number(text, decided) for text in texts] == numbers


@pytest.mark.parametrize("texts", [["03/04/2017"], ["03-04-2017", "05/06/2017"], ["31/12/2017", "12/31/2017"]])
def test_days_that_may_be_two_are_not_guessed(texts: list[str]) -> None:
    with pytest.raises(Undecided):
        day_style(texts)


@pytest.mark.parametrize("texts", [["1,234"], ["1.234", "550"], ["1,5", "1.5"]])
def test_numbers_that_may_be_two_are_not_guessed(texts: list[str]) -> None:
    with pytest.raises(Undecided):
        decimal_style(texts)


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("$1,234.50", ".", "1234.50"),
        ("1.234,50 €", ",", "1234.50"),
        ("USD 12", ".", "12"),
        ("12 USD", ".", "12"),
        ("(1,234.50)", ".", "-1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("1e3", ".", "1000"),
        ("12,34,567.5", ".", "1234567.5"),
        ("\u22125", ".", "-5"),
        (".5", ".", "0.5"),
    ],
)
def test_a_number_with_all_its_signs(text: str, style: str, value: str) -> None:
    assert number(text, style) == Decimal(value)


@pytest.mark.parametrize("text", ["12,5", "1,23.4", "five", "NaN", "Infinity", "", "1.2.3", "10 20", "--5", "5 apples"])
def test_what_is_no_number_in_the_columns_style_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        number(text, ".")


@pytest.mark.parametrize("text", ["2017-02-30", "31.02.2017", "2017-13-01", "soon", "1/2/17", "32.01.2017", "2017"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        day(text, DOTTED)


def test_a_time_beside_a_day_is_left_out() -> None:
    assert day("31.12.2026 14:00", DOTTED) == date(2026, 12, 31)
    assert day("12/31/2026 2:05 PM", MONTH_FIRST) == date(2026, 12, 31)
    assert day("2026-12-31T14:00:00Z", ISO) == date(2026, 12, 31)


def test_the_currency_beside_a_number_is_known() -> None:
    assert [currency_in(text) for text in ("€5", "5 USD", "5", "$ 5.00")] == ["€", "USD", None, "$"]
