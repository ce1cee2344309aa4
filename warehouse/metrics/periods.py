"""Calendar periods: whole ones, the ones before them, and the one to open on."""

from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.metrics.question import Grain

MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}
STALE_DAYS = 45
"""A company whose last event is older than this is shown as of that event."""


@dataclass(frozen=True)
class Period:
    """Whole days, half-open: `end` is not part of it."""

    grain: Grain
    start: date
    end: date

    @property
    def label(self) -> str:
        """As people write it: `Q2 2017`, `June 2017`, `2017`, `week of 5 Jun 2017`, `5 Jun 2017`."""
        start = self.start
        if self.grain == "year":
            return str(start.year)
        if self.grain == "quarter":
            return f"Q{(start.month + 2) // 3} {start.year}"
        if self.grain == "month":
            return f"{start:%B} {start.year}"
        day = f"{start.day} {start:%b} {start.year}"
        return f"week of {day}" if self.grain == "week" else day


def period_of(day: date, grain: Grain) -> Period:
    """The calendar period a day lies in; weeks begin on Monday."""
    if grain == "day":
        return Period(grain, day, day + timedelta(days=1))
    if grain == "week":
        start = day - timedelta(days=day.weekday())
        return Period(grain, start, start + timedelta(days=7))
    months = MONTHS[grain]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(grain, start, _plus_months(start, months))


def shifted(period: Period, by: int) -> Period:
    """The period `by` periods later; earlier when negative."""
    if period.grain in MONTHS:
        return period_of(_plus_months(period.start, by * MONTHS[period.grain]), period.grain)
    return period_of(period.start + by * (period.end - period.start), period.grain)


def last_complete(day: date, grain: Grain) -> Period:
    """The latest period that has ended by the evening of `day`."""
    current = period_of(day, grain)
    return current if current.end == day + timedelta(days=1) else shifted(current, -1)


@dataclass(frozen=True)
class Opening:
    """What a screen opens on: which day counts as today, and whether that lies in the past because the data ends there."""

    as_of: date
    data_ends_in_the_past: bool


def opening(today: date, last_event: date | None) -> Opening:
    """Today, unless the data ended long ago: then the last day it speaks of."""
    if last_event is not None and (today - last_event).days > STALE_DAYS:
        return Opening(last_event, True)
    return Opening(today, False)


def _plus_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
