"""A day ends where an organization is, not where its server stands."""

from datetime import UTC, date, datetime

import pytest

from warehouse.oltp.days import local_day


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", date(2026, 1, 31)), ("Asia/Tokyo", date(2026, 2, 1)), ("America/Lima", date(2026, 1, 31))]
)
def test_a_moment_is_on_the_day_of_its_place(zone: str, day: date) -> None:
    assert local_day(datetime(2026, 1, 31, 20, tzinfo=UTC), zone) == day
