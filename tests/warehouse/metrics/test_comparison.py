"""What a value is compared with."""

from datetime import date
from decimal import Decimal

import pytest

from warehouse.metrics.answer import Cell
from warehouse.metrics.calendar import Calendar, Grain
from warehouse.metrics.comparison import Against, before, end_before, one_period_before, window_before
from warehouse.metrics.periods import Period, period_of, shifted

OCTOBER = period_of(date(2026, 10, 1), "month")


def past(*values: int | None) -> list[tuple[Period, Cell]]:
    """The months before October with these values, the latest last."""
    back = range(len(values), 0, -1)
    return [
        (shifted(OCTOBER, -far), Cell(None if value is None else Decimal(value), 1, 1, 1))
        for far, value in zip(back, values, strict=True)
    ]


@pytest.mark.parametrize(
    ("against", "better", "value", "words"),
    [
        (Against.PREVIOUS, "up", 4, "vs Sep 2026"),
        (Against.YEAR, "up", 7, "vs Oct 2025"),
        (Against.BEST, "up", 9, "vs best, Jun 2026"),
        (Against.BEST, "down", 1, "vs best, Aug 2026"),
        (Against.MEDIAN, "up", 4, "vs median of 11"),
    ],
)
def test_each_way_to_compare_finds_its_own_value(against: Against, better: str, value: int, words: str) -> None:
    found = before(past(7, 3, 9, 2, 4, 5, 4, 6, 9, None, 1, 4), OCTOBER, against, better)
    assert found is not None
    assert (found.value, found.words) == (value, words)


def test_of_several_best_ones_the_latest_is_told() -> None:
    found = before(past(9, 1, 9), OCTOBER, Against.BEST, "up")
    assert found is not None
    assert found.words == "vs best, Sep 2026"


def test_nothing_known_is_compared_with_nothing() -> None:
    assert before([], OCTOBER, Against.PREVIOUS, "up") is None
    assert before(past(None, None), OCTOBER, Against.MEDIAN, "up") is None
    assert before(past(3), OCTOBER, Against.YEAR, "up") is None


@pytest.mark.parametrize(
    ("grain", "calendar", "start"),
    [
        ("month", Calendar(), date(2025, 10, 1)),
        ("quarter", Calendar(), date(2025, 10, 1)),
        ("year", Calendar(), date(2025, 1, 1)),
        ("fiscal_quarter", Calendar(fiscal_year_start_month=2), date(2025, 8, 1)),
        ("fiscal_year", Calendar(fiscal_year_start_month=4), date(2025, 4, 1)),
    ],
)
def test_the_year_before_is_the_same_part_of_it(grain: Grain, calendar: Calendar, start: date) -> None:
    assert window_before(period_of(date(2026, 10, 20), grain, calendar), Against.YEAR).start == start


def test_the_best_of_many_is_no_one_period() -> None:
    with pytest.raises(ValueError, match="no one period"):
        window_before(OCTOBER, Against.BEST)


@pytest.mark.parametrize(
    ("day", "grain", "earlier"),
    [
        (date(2026, 11, 20), "month", date(2026, 10, 20)),
        (date(2026, 3, 31), "month", date(2026, 2, 28)),
        (date(2017, 12, 31), "quarter", date(2017, 9, 30)),
        (date(2017, 2, 28), "month", date(2017, 1, 31)),
        (date(2026, 1, 15), "month", date(2025, 12, 15)),
    ],
)
def test_a_stock_is_compared_with_the_same_day_one_period_before(day: date, grain: Grain, earlier: date) -> None:
    assert one_period_before(day, grain) == earlier


def test_a_year_before_a_leap_day_is_the_end_of_that_february() -> None:
    assert one_period_before(date(2024, 2, 29), "month", 12) == date(2023, 2, 28)


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 10, 1), date(2026, 9, 2)),
        (date(2026, 10, 30), date(2026, 10, 1)),
        (date(2026, 10, 31), date(2026, 10, 1)),
        (date(2026, 12, 1), date(2026, 10, 1)),
    ],
)
def test_a_period_that_runs_is_compared_with_as_many_days_and_no_more_than_there_are(today: date, end: date) -> None:
    assert end_before(OCTOBER, shifted(OCTOBER, -1), today) == end
