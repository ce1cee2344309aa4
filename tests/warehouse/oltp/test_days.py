"""A day ends where an organization is, not where its server stands."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.oltp.days import FIRST, LAST, local_day, utc_offsets


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", date(2026, 1, 31)), ("Asia/Tokyo", date(2026, 2, 1)), ("America/Lima", date(2026, 1, 31))]
)
def test_a_moment_is_on_the_day_of_its_place(zone: str, day: date) -> None:
    assert local_day(datetime(2026, 1, 31, 20, tzinfo=UTC), zone) == day


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    moment=st.datetimes(
        FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None) - timedelta(minutes=1), timezones=st.just(UTC)
    ),
)
def test_the_offsets_of_a_place_say_what_its_clocks_say(zone: str, moment: datetime) -> None:
    told = [minutes for since, minutes in utc_offsets(zone) if since <= moment][-1]
    assert timedelta(minutes=told) == moment.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("zone", ["America/Noronha", "Asia/Gaza", "Africa/Casablanca", "Australia/Lord_Howe"])
def test_clocks_are_changed_once_on_a_day_at_most(zone: str) -> None:
    days = [since.date() for since, _ in utc_offsets(zone)]
    assert len(days) == len(set(days)) > 2


def test_a_zone_that_is_none_is_utc() -> None:
    assert utc_offsets("Mars/Olympus") == ((FIRST, 0),)
