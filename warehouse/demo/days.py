"""The demo company's calendar: where its history begins, its working days and hours."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

HISTORY_MONTHS = 30
SATURDAY = 5


def origin_of(until: date) -> date:
    """The first day of history: the start of the quarter in which the day 30 months before `until` lies.

    It moves with the quarter only, so within a quarter a later `until` adds days and reshuffles nothing.
    """
    months = until.year * 12 + until.month - 1 - HISTORY_MONTHS
    return date(months // 12, months % 12 // 3 * 3 + 1, 1)


def is_working(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < SATURDAY


def working_day_by(day: date) -> date:
    """The day itself, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def working_days_between(first: date, last: date) -> list[date]:
    """Working days after `first` and before `last`."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days))
    return [day for day in days if is_working(day)]


def moment_on(day: date, throws: Random) -> datetime:
    """A moment of that day during business hours, UTC."""
    return datetime.combine(day, time(throws.randint(8, 16), throws.randrange(60), throws.randrange(60)), UTC)
