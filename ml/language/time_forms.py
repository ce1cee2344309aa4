"""The forms in which people name days and periods, and what each stands for on an organization's calendar."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from ml.language.moments import Today, Unclear, When, months_before, whole
from ml.language.numbers import NAMED
from warehouse.metrics.calendar import Grain
from warehouse.metrics.periods import period_of, shifted

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
NUMBER = rf"(?:\d{{1,4}}|{'|'.join(NAMED)}|couple of|few|several)"
UNIT = r"(?:fiscal |financial )?(?:quarter|year)|(?:calendar )?(?:day|week|month|quarter|year)|fy"
MONTH = rf"(?:{'|'.join(MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
YEAR = r"(?:19|20)\d\d"
LAST = r"(?:last|previous|prior|preceding)"
THIS = r"(?:this|current|the current)"
NEXT = r"(?:next|coming|following|upcoming)"

Reader = Callable[[re.Match[str], Today], When]


def count(told: str) -> int:
    """How many a word says; some are three, a couple two."""
    loose = {"couple of": 2, "few": 3, "several": 3}
    return int(told) if told.isdigit() else int(loose.get(told) or NAMED[told])


def month_number(told: str) -> int:
    """1 to 12 of a month's name or its first letters."""
    return next(place for place, name in enumerate(MONTHS, 1) if name.startswith(told.rstrip(".")[:3]))


def _year(told: str) -> int:
    return int(told) if len(told) == 4 else 2000 + int(told)


def _relative(found: re.Match[str], today: Today) -> When:
    """`last month`, `this quarter`, `next week`."""
    back = {"l": 1, "p": 1, "t": 0, "c": 0, "n": -1, "f": -1, "u": -1}[found["which"].removeprefix("the ")[0]]
    back = -1 if found["which"] == "coming" else back
    return whole(today.period(found["unit"], back), found[0])


def _in_a_row(found: re.Match[str], today: Today) -> When:
    """`last 30 days`, `past 3 months`, `last two quarters`."""
    many, unit = count(found["number"]), found["unit"].removesuffix("s")
    grain = today.grain(unit)
    if grain == "day":
        note = f"the {many} days that end with {today.day:%-d %b %Y}"
        return When(found[0], today.tomorrow - timedelta(days=many), today.tomorrow, note=note)
    last = today.period(unit)
    if found["now"]:
        first = shifted(last, 1 - many)
        note = f"the {many} {unit}s that end with the present one"
        return When(found[0], first.start, today.tomorrow, note=note, unit=grain if many > 1 else None)
    if last.end != today.tomorrow:
        last = shifted(last, -1)
    first = shifted(last, 1 - many)
    note = f"the last {many} {unit}s that are over" if many > 1 else ""
    return When(found[0], first.start, last.end, note=note, unit=grain if many > 1 else None)


def _rolling(phrase: str, months: int, today: Today) -> When:
    start = months_before(today.tomorrow, months)
    return When(phrase, start, today.tomorrow, note=f"the {months} months that end with {today.day:%-d %b %Y}")


def _past(found: re.Match[str], today: Today) -> When:
    """`the past year`: up to today, not the last one that is over."""
    unit = found["unit"]
    if unit in {"day", "week"}:
        many = {"day": 1, "week": 7}[unit]
        note = f"the {many} days that end with {today.day:%-d %b %Y}"
        return When(found[0], today.tomorrow - timedelta(days=many), today.tomorrow, note=note)
    return _rolling(found[0], {"month": 1, "quarter": 3, "year": 12}[unit], today)


def _coming(found: re.Match[str], today: Today) -> When:
    """`next 30 days`, `next two months`."""
    many, unit = count(found["number"]), found["unit"].removesuffix("s")
    if today.grain(unit) == "day":
        return When(found[0], today.tomorrow, today.tomorrow + timedelta(days=many))
    return When(found[0], today.period(unit, -1).start, today.period(unit, -many).end)


def _ago(found: re.Match[str], today: Today) -> When:
    """`3 months ago`: that month; of what stands, that day."""
    many = 1 if found["number"] in {"a", "an", "one"} else count(found["number"])
    unit = found["unit"].removesuffix("s")
    grain = today.grain(unit)
    months = {"month": 1, "quarter": 3, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12}
    days = {"day": 1, "week": 7}
    day = (
        months_before(today.day, many * months[grain]) if grain in months else today.day - timedelta(many * days[grain])
    )
    return replace(whole(today.period(unit, many), found[0]), moment=day)


def _before_last(found: re.Match[str], today: Today) -> When:
    return whole(today.period(found["unit"], 2), found[0])


def _same_last_year(found: re.Match[str], today: Today) -> When:
    if not found["unit"] or found["unit"] == "time":
        start = date(today.day.year - 1, 1, 1)
        return When(found[0], start, months_before(today.tomorrow, 12))
    now = today.period(found["unit"])
    return whole(period_of(months_before(now.start, 12), now.grain, today.calendar), found[0])


def _to_date(found: re.Match[str], today: Today) -> When:
    """`year to date`, `YTD`, `so far this month`."""
    short = {"ytd": "year", "qtd": "quarter", "mtd": "month", "wtd": "week"}
    unit = short.get(found[0].strip()) or next(one for one in (found["unit"], found["unit2"], found["unit3"]) if one)
    period = today.period(unit)
    return When(found[0], period.start, today.tomorrow, note=f"from the first day of the {unit} on")


def _named_month(found: re.Match[str], today: Today) -> When:
    """`March`, `March 2016`, `last March`, `March last year`: without a year, the latest that has begun."""
    month = month_number(found["month"])
    which, year = found["which"] or "", found["year"]
    beside = found["beside"] or ""
    if year:
        start = date(_year(year.lstrip("'")), month, 1)
    elif beside:
        back = {"l": 1, "p": 1, "t": 0, "n": -1}[beside.removeprefix("of ").removeprefix("the ")[0]]
        start = date(today.day.year - back, month, 1)
    else:
        start = date(today.day.year, month, 1)
        if which.startswith("next"):
            start = start if start > today.day else start.replace(year=start.year + 1)
        elif which.startswith(("last", "prev")):
            start = start if period_of(start, "month").end <= today.day else start.replace(year=start.year - 1)
        elif start > today.day and not which:
            start = start.replace(year=start.year - 1)
    note = "" if year else f"{start:%B %Y}"
    return replace(whole(period_of(start, "month"), found[0]), note=note, floats=not (year or beside or which))


def _named_quarter(found: re.Match[str], today: Today) -> When:
    """`Q3`, `Q3 2016`, `third quarter of 2016`, `Q1 FY 2025/26`, `Q2 last year`, `H1 2025`."""
    told = next(one for one in (found["digit"], found["ordinal"]) if one)
    place = ORDINALS.get(told) or int(told)
    is_half = bool(found["half"] or found["half2"])
    months = 6 if is_half else 3
    fiscal = bool(found["fiscal"] or found["fiscal2"])
    first = today.calendar.fiscal_year_start_month if fiscal else 1
    current = period_of(today.day, "fiscal_year" if fiscal else "year", today.calendar).start.year
    year = found["year"] or found["before"]
    if year and fiscal and first != 1 and not found["to"]:
        raise Unclear(_two_years(_year(year), first))
    back = (
        {"l": 1, "p": 1, "t": 0, "n": -1}[found["beside"].removeprefix("of ").removeprefix("the ")[0]]
        if found["beside"]
        else 0
    )
    chosen = _year(year) if year else current - back
    start = _plus(date(chosen, first, 1), (place - 1) * months)
    note = "" if year else f"of {chosen}"
    if not year and not found["beside"] and start > today.day:
        start, note = _plus(start, -12), f"of {chosen - 1}"
    grain: Grain | None = None if is_half else "fiscal_quarter" if fiscal and first != 1 else "quarter"
    floats = not (year or found["beside"])
    return When(found[0], start, _plus(start, months), grain=grain, note=note, floats=floats)


def _two_years(year: int, first: int) -> str:
    named = MONTHS[first - 1].title()
    return (
        f"Your fiscal year begins in {named}: is FY {year} the one that begins in {named} {year - 1} "
        f"(FY {year - 1}/{year % 100:02}) or in {named} {year} (FY {year}/{(year + 1) % 100:02})?"
    )


def _plus(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def _fiscal_year(found: re.Match[str], today: Today) -> When:
    """`FY 2025/26`, `fiscal year 2025` where it is the calendar's."""
    first, year = today.calendar.fiscal_year_start_month, _year(found["year"])
    if first != 1 and not found["to"]:
        raise Unclear(_two_years(year, first))
    start = date(year, first, 1)
    return When(found[0], start, _plus(start, 12), grain="year" if first == 1 else "fiscal_year")


def _edge_of_year(found: re.Match[str], today: Today) -> When:
    """`the last quarter of 2025`, `the first month of this year`."""
    months = {"month": 1, "quarter": 3, "half": 6}[found["unit"]]
    year = (
        today.day.year - {"l": 1, "p": 1, "t": 0, "c": 0}[found["beside"][0]] if found["beside"] else int(found["year"])
    )
    start = date(year, 1, 1) if found["edge"] == "first" else date(year, 13 - months, 1)
    grain: Grain | None = {1: "month", 3: "quarter"}.get(months)  # type: ignore[assignment]
    return When(found[0], start, _plus(start, months), grain=grain)


def _plain_year(found: re.Match[str], today: Today) -> When:
    return whole(period_of(date(int(found["year"]), 1, 1), "year"), found[0])


def _day(found: re.Match[str], today: Today) -> When:
    """`2026-03-05`, `5 March 2026`, `March 5th`, `5/23/2026`."""
    if found["iso"]:
        day = date.fromisoformat(found["iso"])
    elif found["slashed"]:
        day = _slashed(found["slashed"])
    else:
        month = month_number(found["m1"] or found["m2"])
        number, year = int(found["d1"] or found["d2"]), found["y1"] or found["y2"]
        day = date(int(year) if year else today.day.year, month, number)
        if not year and day > today.day:
            day = day.replace(year=day.year - 1)
    return whole(period_of(day, "day"), found[0])


def _slashed(told: str) -> date:
    first, second, year = (int(part) for part in re.split(r"[/.]", told))
    if first <= 12 and second <= 12 and first != second:
        raise Unclear(
            f"Is {told} the {first}. of {MONTHS[second - 1].title()} or {MONTHS[first - 1].title()} {second}?"
        )
    day, month = (second, first) if second > 12 else (first, second)
    return date(year, month, day)


def _near_day(found: re.Match[str], today: Today) -> When:
    shift = {"today": 0, "yesterday": -1, "tomorrow": 1, "day before yesterday": -2}[found["near"]]
    return whole(period_of(today.day + timedelta(days=shift), "day"), found[0])


def _weekday(found: re.Match[str], today: Today) -> When:
    back = (today.day.weekday() - DAYS.index(found["weekday"])) % 7
    back = back or (7 if (found["which"] or "").startswith("last") else 0)
    return whole(period_of(today.day - timedelta(days=back), "day"), found[0])


def _all(found: re.Match[str], today: Today) -> When:
    return When(found[0], None, None, kind="all")


BESIDE = rf"(?:of )?(?:the )?(?:{LAST}|this|next) year"
FISCAL = r"(?:fiscal|financial|fy)"
READERS: list[tuple[str, Reader]] = [
    (
        r"(?:all|any) time|ever since|of all times?|since (?:the (?:very )?beginning(?! of)|we (?:began|started))|to date",
        _all,
    ),
    (rf"(?:the )?(?P<unit>{UNIT}) before last", _before_last),
    (
        rf"(?:the )?same (?P<unit>{UNIT}|time)(?: period)? (?:of |in )?(?:the )?{LAST} year|this time last year",
        _same_last_year,
    ),
    (
        rf"(?:(?:the )?(?P<unit>{UNIT})[ -]to[ -]date|so far (?:this|in the) (?P<unit2>{UNIT})|this (?P<unit3>{UNIT}) (?:so far|to date)"
        r"|[yqmw]td)",
        _to_date,
    ),
    (
        rf"(?:in |over |during |for |within )?(?:the )?(?P<which>last|past|previous|prior|trailing|rolling|recent|most recent) (?:full |complete )?(?P<number>{NUMBER}) (?:full |complete |calendar )?(?P<unit>(?:{UNIT})s?)"
        rf"(?P<now>,? (?:including|incl\.?) {THIS}(?: one| {UNIT})?|,? so far|,? (?:to|through|until|up to) (?:date|now|today))?",
        _in_a_row,
    ),
    (rf"(?:the )?{NEXT} (?P<number>{NUMBER}) (?P<unit>(?:{UNIT})s?)", _coming),
    (rf"(?P<number>{NUMBER}|an?) (?P<unit>(?:{UNIT})s?) ago", _ago),
    (rf"(?:the )?(?P<which>{LAST}|{THIS}|{NEXT}) (?:full |complete )?(?P<unit>{UNIT})", _relative),
    (r"(?:the )?past (?P<unit>day|week|month|quarter|year)", _past),
    (r"(?:in|over|within|during) the last (?P<unit>day|week|month|quarter|year)", _past),
    (
        r"(?P<iso>\d{4}-\d{2}-\d{2})|(?P<slashed>\d{1,2}[/.]\d{1,2}[/.]\d{4})"
        rf"|(?:the )?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{MONTH})(?:,? (?P<y1>{YEAR}))?"
        rf"|(?P<m2>{MONTH}) (?:the )?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<y2>{YEAR}))?",
        _day,
    ),
    (
        rf"(?:(?P<before>{YEAR})[ -])?(?:the )?(?:(?P<fiscal>{FISCAL}) )?(?:(?:q|(?P<half>h))(?P<digit>[1-4])|(?P<ordinal>{'|'.join(ORDINALS)}) (?:(?P<half2>half)|quarter))"
        rf"(?:,? (?:of |in )?(?:the )?(?:(?P<fiscal2>{FISCAL})(?: year)? ?)?(?P<year>{YEAR}|'\d\d|(?<=fy)\d\d)(?:/(?P<to>\d{{2,4}}))?| (?P<beside>{BESIDE}))?",
        _named_quarter,
    ),
    (
        rf"(?P<which>last|previous|this|next|coming)? ?(?P<month>{MONTH})(?:,? (?:of )?(?P<year>{YEAR}|'\d\d)| (?P<beside>{BESIDE}))?",
        _named_month,
    ),
    (
        rf"(?:in |during |over |for |within )?(?:the )?(?P<edge>first|last|final) (?P<unit>month|quarter|half) of (?:the )?(?:year )?(?:(?P<year>{YEAR})|(?P<beside>last|previous|this|current) year)",
        _edge_of_year,
    ),
    (rf"(?:{FISCAL})(?: year)? ?(?P<year>{YEAR}|\d\d)(?:[/-](?P<to>\d{{2,4}}))?", _fiscal_year),
    (rf"(?:the )?(?:calendar )?(?:year )?(?P<year>{YEAR})", _plain_year),
    (r"(?:the )?(?P<near>day before yesterday|today|yesterday|tomorrow)", _near_day),
    (rf"(?P<which>last|this|on)? ?(?P<weekday>{'|'.join(DAYS)})", _weekday),
]
"""Each form of a phrase and what it stands for; of several that fit at a place, the longest is taken."""
COMPILED = [(re.compile(rf"(?<!\w)(?:{form})(?!\w)"), reader) for form, reader in READERS]


def spans(text: str, today: Today) -> Iterator[When]:
    """Single phrases, in order, none within another."""
    place = 0
    while place < len(text):
        best: tuple[int, re.Match[str], Reader] | None = None
        for form, reader in COMPILED:
            found = form.match(text, place)
            if found and found.end() > place and (best is None or found.end() > best[0]):
                best = (found.end(), found, reader)
        if best is None or _is_word_may(text, best[1]):
            place += 1
            continue
        yield _read(best[1], best[2], today)
        place = best[0]


def _is_word_may(text: str, found: re.Match[str]) -> bool:
    """`may` and `march` are months only where something beside them says so."""
    said = found[0].strip()
    if said not in {"may", "march", "mar"} or re.match(rf"\s*(?:-|–|to|through|until)\s*{MONTH}", text[found.end() :]):
        return False
    before = re.search(r"(\w+)\W*$", text[: found.start()])
    return not before or before[1] not in {
        *[
            "in",
            "of",
            "by",
            "since",
            "until",
            "till",
            "during",
            "for",
            "from",
            "and",
            "between",
            "to",
            "through",
            "before",
            "after",
            "vs",
            "versus",
            "than",
            "with",
        ],
        *MONTHS,
    }


def _read(found: re.Match[str], reader: Reader, today: Today) -> When:
    try:
        read = reader(found, today)
    except ValueError:
        raise Unclear(f"There is no day {found[0].strip()!r}.") from None
    lead = len(found[0]) - len(found[0].lstrip())
    return replace(read, phrase=found[0].strip(), at=(found.start() + lead, found.end()))
