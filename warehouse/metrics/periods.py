"""Periods of a calendar: whole ones, the ones before them, and the one to open on."""

from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.metrics.calendar import MONTHS, PLAIN, Calendar, Grain

STALE_DAYS = 45
"""A company whose last event is older than this is shown as of that event."""


@dataclass(frozen=True)
class Period:
    """Whole days, half-open: `end` is not part of it."""

    grain: Grain
    start: date
    end: date
    calendar: Calendar = PLAIN

    @property
    def label(self) -> str:
        """As people write it: `Q2 2017`, `June 2017`, `2017`, `week of 5 Jun 2017`, `5 Jun 2017`, `Q1 FY 2017/18`."""
        start = self.start
        if self._is_fiscal:
            return self._fiscal("FY {0}/{2:02}")
        if self.grain in {"year", "fiscal_year"}:
            return str(start.year)
        if self.grain in {"quarter", "fiscal_quarter"}:
            return f"Q{(start.month + 2) // 3} {start.year}"
        if self.grain == "month":
            return f"{start:%B} {start.year}"
        day = f"{start.day} {start:%b} {start.year}"
        return f"week of {day}" if self.grain == "week" else day

    @property
    def short(self) -> str:
        """Where there is little room: `Oct 2025`, `Q4 2017`, `Q1 17/18`."""
        if self.grain == "month":
            return f"{self.start:%b %Y}"
        return self._fiscal("{1:02}/{2:02}") if self._is_fiscal else self.label

    @property
    def _is_fiscal(self) -> bool:
        return self.grain != "week" and self.calendar.matters_to(self.grain)

    def _fiscal(self, form: str) -> str:
        """Companies disagree about which of its two years a fiscal year is named by: both are."""
        first = self.calendar.fiscal_year_start_month
        year = self.start.year - (self.start.month < first)
        named = form.format(year, year % 100, (year + 1) % 100)
        return named if self.grain == "fiscal_year" else f"Q{(self.start.month - first) % 12 // 3 + 1} {named}"


def period_of(day: date, grain: Grain, calendar: Calendar = PLAIN) -> Period:
    """The period of a calendar in which a day lies."""
    if grain == "day":
        return Period(grain, day, day + timedelta(days=1), calendar)
    if grain == "week":
        start = day - timedelta(days=(day.isoweekday() - calendar.week_start) % 7)
        return Period(grain, start, start + timedelta(days=7), calendar)
    months = MONTHS[grain]
    late = calendar.fiscal_year_start_month - 1 if calendar.matters_to(grain) else 0
    start = _plus_months(day, -((day.month - 1 - late) % months))
    return Period(grain, start, _plus_months(start, months), calendar)


def shifted(period: Period, by: int) -> Period:
    """The period `by` periods later; earlier when negative."""
    if period.grain in MONTHS:
        return period_of(_plus_months(period.start, by * MONTHS[period.grain]), period.grain, period.calendar)
    return period_of(period.start + by * (period.end - period.start), period.grain, period.calendar)


def last_complete(day: date, grain: Grain, calendar: Calendar = PLAIN) -> Period:
    """The latest period that has ended by the evening of `day`."""
    current = period_of(day, grain, calendar)
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
    """The first day of the month so many months later."""
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
