"""Which day it is where an organization is."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from warehouse.oltp.organization import Organization
from warehouse.settings import settings

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
"""Between these moments the offsets of a time zone are told: the days that numbers can be asked of."""
_STEP = timedelta(days=5)
"""Two changes of the clocks of one place have never been nearer to each other than six days."""


def today_at(session: Session, organization_id: str) -> date:
    """The organization's own day at this moment; the installation's, in UTC, where there is no such organization."""
    found = session.get(Organization, organization_id)
    return local_day(settings().moment(), found.timezone) if found else settings().today()


def local_day(moment: datetime, zone: str) -> date:
    """The day on which a moment falls in a time zone of the IANA database."""
    return moment.astimezone(ZoneInfo(zone)).date()


@cache
def utc_offsets(zone: str) -> tuple[tuple[datetime, int], ...]:
    """Since which moment (UTC, the first one is `FIRST`) a place is how many minutes ahead of UTC, until `LAST`.

    Offsets of seconds are of an earlier time than `FIRST`. A name that is none gives UTC.
    """
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = ZoneInfo("UTC")
    found, at = [(FIRST, _minutes(FIRST, place))], FIRST
    while at < LAST:
        later = min(at + _STEP, LAST)
        if _minutes(later, place) != found[-1][1]:
            change = _change(at, later, place)
            found.append((change, _minutes(change, place)))
        at = later
    return tuple(found)


def _change(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The minute in which clocks are changed, looked for between two moments of different offsets."""
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        before, after = (middle, after) if _minutes(middle, place) == _minutes(before, place) else (before, middle)
    return after


def _minutes(moment: datetime, place: ZoneInfo) -> int:
    offset = moment.astimezone(place).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0
