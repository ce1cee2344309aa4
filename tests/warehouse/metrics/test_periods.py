"""Calendar periods are whole, follow one another without a gap, and are called what people call them."""

from datetime import date, timedelta
from typing import get_args

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.metrics.calendar import PLAIN, Calendar, Grain
from warehouse.metrics.periods import STALE_DAYS, Period, last_complete, opening, period_of, shifted

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
GRAINS = st.sampled_from(get_args(Grain))
LENGTHS = {
    "day": (1, 1),
    "week": (7, 7),
    "month": (28, 31),
    "quarter": (90, 92),
    "year": (365, 366),
    "fiscal_quarter": (89, 92),
    "fiscal_year": (365, 366),
}
STEPS = st.integers(-500, 500)
CALENDARS = st.builds(Calendar, fiscal_year_start_month=st.integers(1, 12), week_start=st.integers(1, 7))


@given(DAYS, GRAINS, CALENDARS)
def test_every_day_lies_in_its_period(day: date, grain: Grain, calendar: Calendar) -> None:
    found = period_of(day, grain, calendar)
    assert found.start <= day < found.end


@given(DAYS, GRAINS, CALENDARS)
def test_every_day_of_a_period_belongs_to_that_period_alone(day: date, grain: Grain, calendar: Calendar) -> None:
    found = period_of(day, grain, calendar)
    last = found.end - timedelta(days=1)
    assert period_of(found.start, grain, calendar) == period_of(last, grain, calendar) == found


@given(DAYS, GRAINS, CALENDARS)
def test_periods_follow_one_another_without_a_gap(day: date, grain: Grain, calendar: Calendar) -> None:
    found = period_of(day, grain, calendar)
    following = shifted(found, 1)
    assert following.start == found.end
    assert following == period_of(found.end, grain, calendar)


@given(DAYS, GRAINS, CALENDARS)
def test_a_period_is_as_long_as_the_calendar_says(day: date, grain: Grain, calendar: Calendar) -> None:
    found = period_of(day, grain, calendar)
    shortest, longest = LENGTHS[grain]
    assert shortest <= (found.end - found.start).days <= longest


@given(DAYS)
def test_a_week_begins_on_monday(day: date) -> None:
    assert period_of(day, "week").start.isoweekday() == 1


@given(DAYS, CALENDARS)
def test_a_week_begins_where_the_organization_lets_it_begin(day: date, calendar: Calendar) -> None:
    assert period_of(day, "week", calendar).start.isoweekday() == calendar.week_start


@given(DAYS, CALENDARS)
def test_a_fiscal_year_begins_with_its_month_and_has_four_quarters(day: date, calendar: Calendar) -> None:
    year = period_of(day, "fiscal_year", calendar)
    assert (year.start.day, year.start.month) == (1, calendar.fiscal_year_start_month)
    first = period_of(year.start, "fiscal_quarter", calendar)
    assert (first.start, shifted(first, 3).end) == (year.start, year.end)
    assert [shifted(first, number).label[:2] for number in range(4)] == ["Q1", "Q2", "Q3", "Q4"]


@given(DAYS, GRAINS, CALENDARS)
def test_the_database_cuts_time_as_we_do(day: date, grain: Grain, calendar: Calendar) -> None:
    told = f"date '{day}'"
    found = duckdb.sql(f"select {calendar.first_day(grain, told)}").fetchall()
    assert found == [(period_of(day, grain, calendar).start,)]


@given(DAYS, GRAINS)
def test_a_plain_calendar_needs_no_days_of_its_own(day: date, grain: Grain) -> None:
    assert not PLAIN.matters_to(grain)
    assert PLAIN.own(grain) == grain


@pytest.mark.parametrize(
    ("grain", "label"), [("fiscal_quarter", "Q1 FY 2016/17"), ("fiscal_year", "FY 2016/17"), ("quarter", "Q2 2016")]
)
def test_a_fiscal_period_is_called_by_both_of_its_years(grain: Grain, label: str) -> None:
    assert period_of(date(2016, 6, 7), grain, Calendar(fiscal_year_start_month=4)).label == label


@pytest.mark.parametrize(
    ("grain", "short"),
    [("fiscal_quarter", "Q1 16/17"), ("fiscal_year", "16/17"), ("quarter", "Q2 2016"), ("month", "Jun 2016")],
)
def test_where_there_is_little_room_a_period_is_called_shorter(grain: Grain, short: str) -> None:
    assert period_of(date(2016, 6, 7), grain, Calendar(fiscal_year_start_month=4)).short == short


def test_the_turn_of_a_century_is_written_with_two_digits() -> None:
    assert period_of(date(1999, 12, 1), "fiscal_year", Calendar(fiscal_year_start_month=7)).label == "FY 1999/00"


@given(DAYS, st.sampled_from(["month", "quarter", "year"]))
def test_months_quarters_and_years_begin_on_the_first(day: date, grain: Grain) -> None:
    found = period_of(day, grain)
    assert (found.start.day, found.end.day) == (1, 1)


@given(DAYS, GRAINS, st.integers(-200, 200))
def test_going_there_and_back_ends_where_it_began(day: date, grain: Grain, by: int) -> None:
    found = period_of(day, grain)
    assert shifted(shifted(found, by), -by) == found


@given(DAYS, GRAINS, st.integers(0, 60))
def test_one_long_way_is_many_short_ones(day: date, grain: Grain, by: int) -> None:
    walked = period_of(day, grain)
    for _ in range(by):
        walked = shifted(walked, 1)
    assert walked == shifted(period_of(day, grain), by)


@given(DAYS, GRAINS)
def test_the_last_complete_period_has_ended_by_that_evening(day: date, grain: Grain) -> None:
    assert last_complete(day, grain).end <= day + timedelta(days=1)


@given(DAYS, GRAINS)
def test_no_later_period_was_complete_by_that_evening(day: date, grain: Grain) -> None:
    assert shifted(last_complete(day, grain), 1).end > day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "grain", "start"),
    [
        (date(2026, 3, 30), "quarter", date(2025, 10, 1)),
        (date(2026, 3, 31), "quarter", date(2026, 1, 1)),
        (date(2026, 12, 31), "year", date(2026, 1, 1)),
        (date(2026, 11, 22), "week", date(2026, 11, 16)),
        (date(2026, 11, 20), "day", date(2026, 11, 20)),
    ],
)
def test_a_period_is_complete_on_its_last_day(day: date, grain: Grain, start: date) -> None:
    assert last_complete(day, grain).start == start


@pytest.mark.parametrize(
    ("grain", "label"),
    [
        ("year", "2017"),
        ("quarter", "Q2 2017"),
        ("month", "June 2017"),
        ("week", "week of 5 Jun 2017"),
        ("day", "7 Jun 2017"),
    ],
)
def test_a_period_is_called_what_people_call_it(grain: Grain, label: str) -> None:
    assert period_of(date(2017, 6, 7), grain).label == label


@given(DAYS, GRAINS)
def test_two_neighbours_are_never_called_the_same(day: date, grain: Grain) -> None:
    found = period_of(day, grain)
    assert found.label != shifted(found, 1).label


def test_the_quarters_of_a_year_are_numbered_from_one() -> None:
    labels = [period_of(date(2017, month, 15), "quarter").label for month in range(1, 13)]
    assert labels == [f"Q{number} 2017" for number in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)]


@given(DAYS, st.integers(0, STALE_DAYS))
def test_data_that_ended_lately_is_shown_as_of_today(today: date, ago: int) -> None:
    found = opening(today, today - timedelta(days=ago))
    assert (found.as_of, found.data_ends_in_the_past) == (today, False)


@given(DAYS, st.integers(STALE_DAYS + 1, 10_000))
def test_data_that_ended_long_ago_is_shown_as_of_its_last_day(today: date, ago: int) -> None:
    last = today - timedelta(days=ago)
    found = opening(today, last)
    assert (found.as_of, found.data_ends_in_the_past) == (last, True)


def test_without_any_event_today_is_today() -> None:
    assert opening(date(2026, 5, 20), None).as_of == date(2026, 5, 20)


def test_a_period_is_its_grain_and_its_days() -> None:
    assert period_of(date(2024, 2, 29), "month") == Period("month", date(2024, 2, 1), date(2024, 3, 1))
