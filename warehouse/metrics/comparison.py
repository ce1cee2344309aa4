"""What a value is compared with: the period before, the year before, the best or the middle of those that came before."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from statistics import median

from warehouse.metrics.answer import Cell
from warehouse.metrics.calendar import MONTHS, Grain
from warehouse.metrics.periods import Period, shifted

Value = Decimal | int | None


class Against(StrEnum):
    """The ways to compare."""

    PREVIOUS = "previous"
    YEAR = "year"
    BEST = "best"
    MEDIAN = "median"

    @property
    def label(self) -> str:
        """As people choose it."""
        return {
            "previous": "Period before",
            "year": "Year before",
            "best": f"Best of the last {MOST_PERIODS}",
            "median": f"Median of the last {MOST_PERIODS}",
        }[self]

    @property
    def is_a_window(self) -> bool:
        """Whether it is one other window, so that a running period can be compared with as many of its days."""
        return self in {Against.PREVIOUS, Against.YEAR}


MOST_PERIODS = 24
"""How far back the best and the middle are sought."""


@dataclass(frozen=True)
class Before:
    """What a value is compared with."""

    value: Value
    words: str
    """`vs Sep 2026`, `vs best, Mar 2025`, `vs median of 24`."""


def window_before(period: Period, against: Against) -> Period:
    """The one other period. Raises ValueError where what is compared with is none."""
    if against is Against.PREVIOUS:
        return shifted(period, -1)
    if against is Against.YEAR:
        return shifted(period, -12 // MONTHS[period.grain])
    raise ValueError(f"{against} is no one period")


def end_before(period: Period, other: Period, today: date) -> date:
    """The day after the last that is compared in `other`: all of it, or as many days as have passed of `period`."""
    passed = today - period.start + timedelta(days=1)
    return other.end if today >= period.end - timedelta(days=1) else min(other.start + passed, other.end)


def before(past: Sequence[tuple[Period, Cell]], period: Period, against: Against, better: str) -> Before | None:
    """What a period's value is compared with, of the periods before it; None where nothing is known of them.

    `past` are periods with their values, in any order, those after `period` and itself excluded. Of several best ones
    the latest is told. The median is of the known values, the mean of the middle two where they are even in number.
    """
    if against.is_a_window:
        wanted = window_before(period, against)
        found = next((cell for one, cell in past if one.start == wanted.start), None)
        return Before(found.value, f"vs {wanted.short}") if found else None
    known = [(one, cell.value) for one, cell in past if cell.value is not None][-MOST_PERIODS:]
    if not known:
        return None
    if against is Against.MEDIAN:
        middle = median(Decimal(value) for _, value in known)
        return Before(middle, f"vs median of {len(known)}")
    pick = min if better == "down" else max
    best, value = pick(reversed(known), key=lambda one: one[1])
    return Before(value, f"vs best, {best.short}")


def one_period_before(day: date, grain: Grain, periods: int = 1) -> date:
    """The same day so many months, quarters or years earlier; the end of a month stays the end of a month."""
    total = day.year * 12 + day.month - 1 - MONTHS[grain] * periods
    year, month = total // 12, total % 12 + 1
    last = monthrange(year, month)[1]
    is_month_end = (day + timedelta(days=1)).month != day.month
    return date(year, month, last if is_month_end else min(day.day, last))
