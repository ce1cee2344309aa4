"""When: the days that a phrase of time names, on an organization's own calendar.

Libraries that read dates (dateutil, parsedatetime) find moments; people ask a business for periods, and those are not
in them. Months, quarters and years in a row (`last 3 months`) are whole ones, the last that ended first: so they agree
with each month's own number. Days in a row end with today, because the evening of the day asked for counts.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from ml.language.moments import Today, Unclear, When, whole
from ml.language.time_forms import YEAR, spans
from warehouse.metrics.calendar import Calendar

BETWEEN = re.compile(r"\b(between|from|starting(?: in| on)?)\s*(?:the )?$")
TO = re.compile(r"^\s*(?:and|to|until|till|through|thru|up to|-|–)\s*(?:the )?(?:end of )?$")
SINCE = re.compile(r"\b(since|starting(?: in| on| from)?|from)\s*(?:the )?(?:(?:start|beginning) of )?(?:the )?$")
ONWARDS = re.compile(r"^\s*(?:onwards?|on\b(?! \w)|and later|or later)")
AFTER = re.compile(r"\b(after|later than)\s*(?:the )?(?:end of )?(?:the )?$")
UNTIL = re.compile(r"\b(until|till|up to|through|up until|by)\s*(?:the )?(?:end of )?(?:the )?$")
BEFORE = re.compile(r"\b(before|prior to|earlier than)\s*(?:the )?$")
AS_OF = re.compile(r"\b(as of|as at)\s*(?:the )?(?:end of )?(?:the )?$")
END_OF = re.compile(r"\b(?:at |by |on |as of )?(?:the )?(?:end|close|last day) of\s*(?:the )?$")
WEEK_OF = re.compile(r"\b(?:in |during |for )?(?:the )?week (?:of|starting|beginning|from)(?: on)?\s*(?:the )?$")
START_OF = re.compile(r"\b(?:at |on )?(?:the )?(?:start|beginning|first day) of\s*(?:the )?$")
IN = re.compile(
    r"\b(in|during|for|over|within|on|of|throughout|from|at|of the|in the)\s*(?:the )?(?:month of |year |course of (?:the )?)?$"
)


def read_times(
    text: str, day: date, calendar: Calendar, masked: Callable[[int, int], bool] | None = None
) -> list[When]:
    """The spans of days a text names, in order. Raises Unclear.

    `masked` tells of characters that belong to something else, such as the name of a campaign.
    """
    today, small = Today(day, calendar), text.casefold()
    if masked:
        small = "".join("\x00" if masked(place, place + 1) else one for place, one in enumerate(small))
    singles = list(spans(small, today))
    found: list[When] = []
    place = 0
    while place < len(singles):
        one = singles[place]
        following = singles[place + 1] if place + 1 < len(singles) else None
        joined = _joined(small, one, following) if following else None
        if joined:
            found.append(joined)
            place += 2
            continue
        found.append(_bounded(small, one, today))
        place += 1
    return found


def _joined(text: str, first: When, second: When) -> When | None:
    """`between A and B`, `from A to B`: from the first day of the one to the last of the other."""
    between = text[first.at[1] : second.at[0]]
    lead = BETWEEN.search(text[: first.at[0]])
    if not TO.match(between) or (not lead and between.strip() in {"and", ""}):
        return None
    start = lead.start() if lead else first.at[0]
    first = _same_year(first, second)
    if first.start and second.end and first.start >= second.end:
        raise Unclear(f"{first.phrase!r} is not before {second.phrase!r}: which days are meant?")
    return When(text[start : second.at[1]], first.start, second.end, (start, second.at[1]), parts=(first, second))


def _same_year(first: When, second: When) -> When:
    """`January to March 2024`: the year that is said once is the year of both."""
    if first.start and second.start and not re.search(YEAR, first.phrase) and re.search(YEAR, second.phrase):
        moved = first.start.replace(year=second.start.year)
        if moved > second.start:
            moved = moved.replace(year=moved.year - 1)
        return replace(first, start=moved)
    return first


def _bounded(text: str, one: When, today: Today) -> When:
    """A phrase with what stands before it: `since`, `until`, `before`, `as of`, `at the end of`, `in`."""
    before, behind = text[: one.at[0]], text[one.at[1] :]
    later = ONWARDS.match(behind)
    for form, made in _bounds(one, today):
        found = form.search(before)
        is_range = found and form is SINCE and found[1] == "from" and not later
        if found and not is_range:
            end = one.at[1] + (later.end() if later and form is SINCE else 0)
            return replace(made, at=(found.start(), end), phrase=text[found.start() : end].strip())
    found = IN.search(before)
    start = found.start() if found else one.at[0]
    if later and later[0].strip() != "on":
        return replace(one, end=None, grain=None, at=(start, one.at[1] + later.end()))
    return replace(one, at=(start, one.at[1]))


def _bounds(one: When, today: Today) -> list[tuple[re.Pattern[str], When]]:
    """What a phrase becomes behind each of the words that bound it; the first that fits is meant."""
    return [
        (WEEK_OF, whole(today.period_at(one.start, "week"), one.phrase)),
        (SINCE, replace(one, end=None, grain=None)),
        (AS_OF, replace(one, kind="as_of", start=None)),
        (START_OF, replace(one, kind="edge", start=None, end=one.start, note="as it began")),
        (END_OF, replace(one, kind="edge", start=None, note="on its last evening")),
        (AFTER, replace(one, start=one.end, end=None, grain=None)),
        (BEFORE, replace(one, start=None, end=one.start, grain=None)),
        (UNTIL, replace(one, start=None, grain=None)),
    ]
