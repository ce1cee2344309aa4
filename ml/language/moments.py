"""Spans of days, and the day and the calendar that phrases of time are relative to."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from warehouse.metrics.calendar import Calendar, Grain
from warehouse.metrics.periods import Period, period_of, shifted

Kind = Literal["window", "as_of", "edge", "all"]


class Unclear(Exception):
    """A phrase of time that stands for several spans; says which."""


@dataclass(frozen=True)
class When:
    """Half-open days, `end` not one of them; None is open. `phrase` is how it was said, `note` how it was taken.

    `edge` is one evening, such as the end of a month: what stands is asked of it. `as_of` is what today shall be.
    """

    phrase: str
    start: date | None
    end: date | None
    at: tuple[int, int] = (0, 0)
    """Characters of the text."""
    kind: Kind = "window"
    note: str = ""
    grain: Grain | None = None
    """The period it is one of, where it is one."""
    unit: Grain | None = None
    """The period it is several of."""
    floats: bool = False
    """A month or quarter said without its year: the last one that has begun."""
    moment: date | None = None
    """Of `a year ago`: the day itself, for what stands."""
    parts: tuple["When", ...] = ()
    """Of `from A to B`: A and B."""


@dataclass(frozen=True)
class Today:
    """What a phrase is relative to."""

    day: date
    calendar: Calendar

    def period(self, unit: str, back: int = 0) -> Period:
        """The period of that unit in which today lies, or so many before it."""
        return shifted(period_of(self.day, self.grain(unit), self.calendar), -back)

    def period_at(self, day: date | None, grain: Grain) -> Period:
        """The period in which another day lies."""
        return period_of(day or self.day, grain, self.calendar)

    def grain(self, unit: str) -> Grain:
        """The cut of time that a word names: `year`, `fiscal quarter`, `fy`."""
        named = unit.replace("financial", "fiscal").replace("calendar ", "")
        grains: dict[str, Grain] = {
            "day": "day",
            "week": "week",
            "month": "month",
            "quarter": "quarter",
            "year": "year",
            "fiscal quarter": "fiscal_quarter",
            "fiscal year": "fiscal_year",
            "fy": "fiscal_year",
        }
        return grains[named.removesuffix("s")]

    @property
    def tomorrow(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)


def whole(period: Period, phrase: str) -> When:
    """A phrase that names one period."""
    return When(phrase, period.start, period.end, grain=period.grain)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or the last one there is."""
    total = day.year * 12 + day.month - 1 - months
    first = date(total // 12, total % 12 + 1, 1)
    last = (date((total + 1) // 12, (total + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, last))
