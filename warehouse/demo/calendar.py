"""The generator's calendar: where history begins, how busy each day is, and the blocks in which moods are drawn."""

from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.columns import Days

HISTORY_MONTHS = 33
"""History is 33 to 36 months long."""
PLANNED_DAYS = 1096
"""How long a life is planned from the day history begins; it is cut at the last day that has happened."""
BLOCK_DAYS = 60
"""A customer's mood, and with it the chance to leave, holds for so many days."""
BLOCKS = PLANNED_DAYS // BLOCK_DAYS + 1

HOLIDAYS = {
    "DE": ("01-01", "05-01", "10-03", "12-24", "12-25", "12-26", "12-31"),
    "AT": ("01-01", "01-06", "05-01", "08-15", "10-26", "12-08", "12-25", "12-26"),
    "US": ("01-01", "07-04", "11-11", "12-24", "12-25"),
    "GB": ("01-01", "05-01", "12-25", "12-26"),
    "FR": ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"),
    "SE": ("01-01", "01-06", "05-01", "06-06", "12-24", "12-25", "12-26", "12-31"),
    "ES": ("01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"),
}
"""Country → the days of each year on which hardly anybody works (those that move with the moon are left out)."""
HOLIDAY_SHARE = 0.08
"""What of a working day's business is left on a holiday."""


def origin_of(until: date) -> np.datetime64:
    """The first day of history: the start of the quarter in which the day 33 months before `until` lies.

    It moves with the quarter only, so within a quarter a later `until` adds days and rewrites nothing.
    """
    months = until.year * 12 + until.month - 1 - HISTORY_MONTHS
    return np.datetime64(date(months // 12, months % 12 // 3 * 3 + 1, 1), "D")


def days_from(first: np.datetime64, count: int = PLANNED_DAYS) -> Days:
    """So many days from the first."""
    return first + np.arange(count)


def weekday_of(days: Days) -> NDArray[np.int64]:
    """0 is Monday."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7


def month_of(days: Days) -> NDArray[np.int64]:
    """0 is January."""
    return days.astype("datetime64[M]").astype(np.int64) % 12


@lru_cache(maxsize=64)
def _holidays(country: str, first_year: int, last_year: int) -> NDArray[Any]:
    years = range(first_year, last_year + 1)
    return np.array([f"{year}-{day}" for year in years for day in HOLIDAYS[country]], "datetime64[D]")


def is_holiday(days: Days, country: str) -> NDArray[np.bool_]:
    """Whether hardly anybody works in the country (two letters) on each day."""
    first, last = (int(str(edge)[:4]) for edge in (days.min(), days.max()))
    return np.isin(days, _holidays(country, first, last))
