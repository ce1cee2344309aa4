"""Working time of a company: which minutes of which days count, and how to add and subtract them."""

from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.calendar import is_holiday, weekday_of
from warehouse.demo.columns import Moments

OPENS, CLOSES = 8, 18
"""Local hours on working days."""
SATURDAY = 5
_MARGIN_DAYS = 120
"""The table reaches this far past the last day asked for: deadlines lie in the future."""
MINUTE = np.timedelta64(60_000, "ms")


class Hours(NamedTuple):
    """For each day from `first`: when work begins (UTC), for how many minutes, and minutes worked before it."""

    first: np.datetime64
    opens: Moments
    minutes: NDArray[np.int64]
    before: NDArray[np.int64]

    def worked(self, at: Moments) -> NDArray[np.float64]:
        """Working minutes from the first day to each moment."""
        day = self._day(at)
        past = (at - self.opens[day]) / MINUTE
        return np.asarray(self.before[day] + np.clip(past, 0, self.minutes[day]), np.float64)

    def after(self, at: Moments, minutes: NDArray[np.float64]) -> Moments:
        """The moment so many working minutes after each; NaT stays NaT."""
        target = self.worked(np.where(np.isnat(at), self.opens[0], at)) + np.maximum(minutes, 0)
        day = np.clip(np.searchsorted(self.before, target, side="left") - 1, 0, len(self.before) - 1)
        late = (target - self.before[day]) * 60_000
        made = self.opens[day] + late.astype(np.int64).astype("timedelta64[ms]")
        return np.where(np.isnat(at), at, made)

    def _day(self, at: Moments) -> NDArray[np.int64]:
        day = (at.astype("datetime64[D]") - self.first).astype(np.int64)
        return np.clip(day, 0, len(self.opens) - 1)


@cache
def hours_of(timezone: str, country: str, first: np.datetime64, last: np.datetime64) -> Hours:
    """The working time at a place (its time zone, its country in two letters) from a week before `first` until some months after `last`."""
    first = first.astype("datetime64[D]") - 7
    days = np.arange(first, last.astype("datetime64[D]") + _MARGIN_DAYS)
    zone = ZoneInfo(timezone)
    # Clocks change on a Sunday, so the offset at noon of a day is that of its working hours.
    offsets = [day.replace(hour=12, tzinfo=zone).utcoffset() for day in days.astype("datetime64[s]").tolist()]
    minutes = np.where((weekday_of(days) < SATURDAY) & ~is_holiday(days, country), (CLOSES - OPENS) * 60, 0)
    shift = np.array([int(offset.total_seconds()) for offset in offsets], "timedelta64[s]")
    opens = days.astype("datetime64[ms]") + np.timedelta64(OPENS, "h") - shift
    return Hours(first, opens, minutes, np.cumsum(minutes) - minutes)


def holidays_between(country: str, first: np.datetime64, last: np.datetime64) -> list[str]:
    """Days off, as YYYY-MM-DD."""
    days = np.arange(first, last)
    return [str(day) for day in days[is_holiday(days, country)]]
