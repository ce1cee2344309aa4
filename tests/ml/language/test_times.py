"""Phrases of time stand for whole days on the organization's own calendar."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.language.moments import Unclear, When
from ml.language.time_forms import MONTHS
from ml.language.times import read_times
from warehouse.metrics.calendar import PLAIN, Calendar, Grain
from warehouse.metrics.periods import period_of, shifted

TODAY = date(2026, 11, 28)
days = st.dates(date(2000, 1, 1), date(2080, 1, 1))
calendars = st.builds(Calendar, fiscal_year_start_month=st.integers(1, 12), week_start=st.integers(1, 7))
grains = st.sampled_from(["week", "month", "quarter", "year", "fiscal quarter", "fiscal year"])


def only(text: str, day: date = TODAY, calendar: Calendar = PLAIN) -> When:
    [found] = read_times(text, day, calendar)
    return found


def bounds(text: str, day: date = TODAY, calendar: Calendar = PLAIN) -> tuple[str, str]:
    found = only(text, day, calendar)
    return str(found.start), str(found.end)


def grain_of(words: str) -> Grain:
    return words.replace(" ", "_")  # type: ignore[return-value]


@given(days, grains, calendars)
def test_the_last_the_present_and_the_next_period_follow_each_other(day: date, unit: str, calendar: Calendar) -> None:
    last, this, coming = (only(f"{which} {unit}", day, calendar) for which in ("last", "this", "next"))
    assert this.start is not None
    assert this.end is not None
    assert last.end == this.start <= day < this.end == coming.start
    assert (this.start, this.end) == (
        period_of(day, grain_of(unit), calendar).start,
        period_of(day, grain_of(unit), calendar).end,
    )


@given(days, st.integers(1, 400))
def test_days_in_a_row_end_with_today(day: date, many: int) -> None:
    found = only(f"in the last {many} days", day)
    assert found.start is not None
    assert found.end == day + timedelta(days=1)
    assert (found.end - found.start).days == many
    assert found.note


@given(days, st.integers(2, 24), st.sampled_from(["week", "month", "quarter", "year"]), calendars)
def test_periods_in_a_row_are_whole_and_the_last_that_are_over(
    day: date, many: int, unit: str, calendar: Calendar
) -> None:
    found = only(f"last {many} {unit}s", day, calendar)
    assert found.start is not None
    assert found.end is not None
    first, last = period_of(found.start, grain_of(unit), calendar), period_of(found.end, grain_of(unit), calendar)
    assert (first.start, last.start) == (found.start, found.end)
    assert shifted(first, many).start == found.end
    assert found.end <= day + timedelta(days=1) < last.end + timedelta(days=1)


@given(days, st.sampled_from(MONTHS))
def test_a_month_without_a_year_is_the_latest_that_has_begun(day: date, month: str) -> None:
    found = only(f"in {month}", day)
    assert found.start is not None
    assert (found.start.day, MONTHS[found.start.month - 1]) == (1, month)
    assert timedelta(0) <= day - found.start < timedelta(days=367)


@given(days, days)
def test_between_two_days_both_count(one: date, other: date) -> None:
    text = f"between {one} and {other}"
    if one <= other:
        assert bounds(text) == (str(one), str(other + timedelta(days=1)))
    else:
        with pytest.raises(Unclear, match="which days"):
            read_times(text, TODAY, PLAIN)


@given(st.text(max_size=60), days)
def test_any_text_at_all_is_read_or_asked_back(text: str, day: date) -> None:
    with suppress(Unclear):
        for found in read_times(text.lower(), day, PLAIN):
            assert found.start is None or found.end is None or found.start < found.end


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("yesterday", "2026-11-27", "2026-11-28"),
        ("Q3 2016", "2016-07-01", "2016-10-01"),
        ("third quarter of 2016", "2016-07-01", "2016-10-01"),
        ("in Q3", "2026-07-01", "2026-10-01"),
        ("H1 2025", "2025-01-01", "2025-07-01"),
        ("in 2016", "2016-01-01", "2017-01-01"),
        ("year to date", "2026-01-01", "2026-11-29"),
        ("QTD", "2026-10-01", "2026-11-29"),
        ("so far this month", "2026-11-01", "2026-11-29"),
        ("since March", "2026-03-01", "None"),
        ("since the beginning of this year", "2026-01-01", "None"),
        ("from January to March 2024", "2024-01-01", "2024-04-01"),
        ("Jan-Mar 2026", "2026-01-01", "2026-04-01"),
        ("from 2026-01-05 to 2026-02-01", "2026-01-05", "2026-02-02"),
        ("before 2025", "None", "2025-01-01"),
        ("after June 2025", "2025-07-01", "None"),
        ("until the end of March", "None", "2026-04-01"),
        ("3 months ago", "2026-08-01", "2026-09-01"),
        ("the month before last", "2026-09-01", "2026-10-01"),
        ("same quarter last year", "2025-10-01", "2026-01-01"),
        ("March last year", "2025-03-01", "2025-04-01"),
        ("on 5 March 2026", "2026-03-05", "2026-03-06"),
        ("March 5th, 2026", "2026-03-05", "2026-03-06"),
        ("the week of 5 October 2026", "2026-10-05", "2026-10-12"),
        ("last Monday", "2026-11-23", "2026-11-24"),
        ("over the past year", "2025-11-29", "2026-11-29"),
        ("all time", "None", "None"),
    ],
)
def test_what_people_say_of_days(text: str, start: str, end: str) -> None:
    assert bounds(text) == (start, end)


def test_an_as_of_day_and_the_end_of_a_period_are_one_evening() -> None:
    assert (only("as of 2026-03-31").kind, only("at the end of Q2").kind) == ("as_of", "edge")
    assert only("at the end of Q2").end == date(2026, 7, 1)


def test_a_fiscal_year_by_one_number_is_asked_back_where_it_is_not_the_calendars() -> None:
    april = Calendar(fiscal_year_start_month=4)
    with pytest.raises(Unclear, match="begins in April"):
        read_times("fiscal year 2025", TODAY, april)
    assert bounds("FY 2025/26", TODAY, april) == ("2025-04-01", "2026-04-01")
    assert bounds("this fiscal year", TODAY, april) == ("2026-04-01", "2027-04-01")
    assert bounds("fiscal year 2025") == ("2025-01-01", "2026-01-01")


def test_a_day_that_two_countries_read_differently_is_asked_back() -> None:
    with pytest.raises(Unclear, match="04/05/2026"):
        read_times("on 04/05/2026", TODAY, PLAIN)
    assert bounds("on 23/05/2026") == ("2026-05-23", "2026-05-24")


def test_may_is_a_verb_where_nothing_says_that_it_is_a_month() -> None:
    assert read_times("how many deals may we count", TODAY, PLAIN) == []
    assert bounds("in may") == ("2026-05-01", "2026-06-01")


def test_words_of_a_name_are_no_days() -> None:
    text = "bounce rate of spring 2024 in 2026"
    name = range(text.index("spring"), text.index(" in"))
    masked = lambda start, end: any(place in name for place in range(start, end))  # noqa: E731
    [found] = read_times(text, TODAY, PLAIN, masked)
    assert found.start == date(2026, 1, 1)
