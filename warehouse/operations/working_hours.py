"""Working hours as they are written down."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from warehouse.operations.declare import NotAllowedNow

Week = dict[int, list[tuple[time, time]]]
"""ISO weekday → spans of that day, in order."""


def read_week(week: Mapping[str, Any], holidays: Sequence[Any]) -> tuple[Week, frozenset[date]]:
    """Spans of the week and days off, as `{"1": [["09:00", "17:00"]]}` and `["2026-12-25"]`. Raises NotAllowedNow."""
    spans: Week = {}
    for name, told in week.items():
        if name not in {"1", "2", "3", "4", "5", "6", "7"} or not isinstance(told, list):
            raise NotAllowedNow(f"{name!r} is no weekday; 1 is Monday and 7 is Sunday.")
        spans[int(name)] = [_read_span(one) for one in told]
        ends = [moment for span in spans[int(name)] for moment in span]
        if ends != sorted(ends):
            raise NotAllowedNow("The spans of a day follow one another and do not overlap.")
    return spans, frozenset(_read_day(one) for one in holidays)


def _read_span(told: Any) -> tuple[time, time]:
    try:
        first, last = (time.fromisoformat(one) for one in told)
    except (TypeError, ValueError) as no:
        raise NotAllowedNow("A span of hours is written as 09:00 and 17:00.") from no
    if first >= last:
        raise NotAllowedNow("A span of hours ends after it begins.")
    return first, last


def _read_day(told: Any) -> date:
    try:
        return date.fromisoformat(told)
    except (TypeError, ValueError) as no:
        raise NotAllowedNow(f"{told!r} is no day; write it as 2026-12-25.") from no
