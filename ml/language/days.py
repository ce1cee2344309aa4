"""Which days a question means, of which date, and with which it compares them."""

import re
from dataclasses import replace
from datetime import timedelta

from ml.language.assembly import Draft
from ml.language.english import english
from ml.language.groups import Named, every_name
from ml.language.moments import When, whole
from ml.language.operators import (
    COMPARING,
)
from ml.language.plan import clarify, unanswerable
from ml.language.times import read_times
from ml.language.work import Work
from warehouse.metrics.calendar import Grain
from warehouse.metrics.periods import period_of, shifted

EARLIER = re.compile(r"\b(?:the )?(?P<unit>week|month|quarter|year) (?:before|earlier|prior)(?: that)?\b(?! last)")
NOW = re.compile(r"\b(?:now|today|current(?:ly)?|at present)\b")
COMPARED_WITH = re.compile(
    r"\b(?:vs\.?|versus|compared (?:to|with)|against|than|relative to)(?: in| of| for)?(?: the)?\s*$"
)


def find_days(work: Work) -> list[When]:
    """The spans of days that are said, claimed. Raises Unclear."""
    taken = [(t.start, t.end) for place, t in enumerate(work.reading.tokens) if place in work.reading.claims]
    masked = lambda start, end: any(first < end and start < last for first, last in taken)  # noqa: E731
    windows = read_times(work.reading.small, work.asking.as_of, work.asking.calendar, masked)
    windows += _the_one_before(work, windows)
    for window in windows:
        work.reading.claim_characters(*window.at, "time")
    return windows


def _the_one_before(work: Work, windows: list[When]) -> list[When]:
    """`and the quarter before?`: the period before that of the question before."""
    before = work.previous.question if work.previous else None
    found = EARLIER.search(work.reading.small)
    if windows or before is None or before.start is None or not found:
        return []
    grain: Grain = found["unit"]  # type: ignore[assignment]
    period = shifted(period_of(before.start, grain, work.asking.calendar), -1)
    return [replace(whole(period, found[0]), at=found.span())]


def find_roles(work: Work) -> list[Named]:
    """Dates that no metric counts by, said in several words, such as `expected to close`: claimed."""
    catalogue = work.vocabulary.catalogue
    counted_by = {metric.default_time for metric in catalogue.metrics.values()}
    found = []
    for one in every_name(work.reading, work.vocabulary, dates=True):
        dates = [name for name in one.dimensions if work.vocabulary.is_date(name)]
        if dates and not counted_by.intersection(dates) and one.end - one.start > 1:
            found.append(one)
            work.reading.claim(one.start, one.end, "role")
    return found


def set_roles(work: Work, draft: Draft, windows: list[When], roles: list[Named]) -> None:
    """Days that are said of another date than the metric's own: `expected to close next month`."""
    catalogue = work.vocabulary.catalogue
    for one in [*roles, *every_name(work.reading, work.vocabulary, dates=True)]:
        dates = [name for name in one.dimensions if catalogue.dimensions[name].kind == "date"]
        if not dates:
            continue
        if "closed_on" in dates and draft.is_stock and "stage" in draft.metrics[0].dimensions:
            dates = ["expected_close_on"]  # what is open has closed on no day yet
        if any(name == draft.own_time for name in dates):
            work.reading.claim(one.start, one.end, "time")
            continue
        said = work.stems(one)
        own = any(said <= phrase.meanings for phrase in work.vocabulary.phrases if phrase.metric in draft.names())
        if one not in roles and (own or said <= english().fillers):
            continue
        window = _window_of(work, one, windows)
        if window is None and one in roles:
            raise clarify(work.text, f"Which days are meant by “{work.reading.said(one.start, one.end)}”?")
        if window is None:
            continue
        name = draft.reach_date(dates, work.values)
        if name is None:
            raise work.cannot_divide(one, draft.metrics)
        if name:
            windows.remove(window)
            if name.startswith(("expected_", "due_")):
                window = _nearest(work, window)
            draft.within[name] = (window.start, window.end)
            draft.said_windows.append(window)
            work.reading.claim(one.start, one.end, "time")


def _nearest(work: Work, window: When) -> When:
    """A month or quarter that was said without a year, of a date that looks ahead: the nearer of the last and the next."""
    if not window.floats or window.start is None or window.end is None:
        return window
    today, coming = work.asking.as_of, window.start.replace(year=window.start.year + 1)
    if window.end > today or (today - window.end) <= (coming - today):
        return window
    work.notes.append(f"“{window.phrase}”: the coming one, which begins in {coming:%B %Y}")
    return replace(window, start=coming, end=window.end.replace(year=window.end.year + 1), note="")


def _window_of(work: Work, one: Named, windows: list[When]) -> When | None:
    """The span right behind a verb, with nothing but small words between."""
    last = work.reading.tokens[one.end - 1]
    for window in windows:
        between = [t for t in work.reading.tokens if last.end <= t.start < window.at[0]]
        if window.at[0] >= last.end and all(token.stem in english().fillers for token in between):
            return window if window.kind in {"window", "edge"} else None
    return None


def set_days(work: Work, draft: Draft, windows: list[When]) -> None:
    """The days of the question, and those it is compared with. Raises NoPlan."""
    moments = [window for window in windows if window.kind == "as_of"]
    spans = [window for window in windows if window.kind in {"window", "edge"}]
    for moment in moments:
        assert moment.end is not None
        if moment.end > work.asking.as_of + timedelta(days=1):
            raise unanswerable(work.text, f"{moment.phrase} is in the future.", "future")
        draft.as_of = moment.end - timedelta(days=1)
    draft.said_windows += spans
    comparing = bool(COMPARING.search(work.reading.small)) or work.arithmetic.change or bool(work.arithmetic.before)
    if (
        len(spans) == 2
        or work.previous
        or work.arithmetic.before
        or work.arithmetic.change
        or (spans and spans[0].parts)
    ):
        work.claim_comparison()
    if len(spans) == 1 and spans[0].parts and comparing:
        spans = list(spans[0].parts)
    if len(spans) == 1 and comparing and draft.is_stock and NOW.search(work.reading.small):
        work.claim_comparison()
        evening = spans[0].moment
        draft.against = (None, evening + timedelta(days=1) if evening else spans[0].end)
        return
    if len(spans) == 1 and comparing and work.previous and not draft.metrics_said:
        before = work.previous.question
        assert before is not None
        spans = [When("before", before.start, before.end), *spans] if before.start else spans
    spans = _one_before(work, _this_period(work, spans, comparing), comparing)
    spans = _year_before(work, spans, comparing)
    if len(spans) > 2:
        raise clarify(work.text, f"There are {len(spans)} spans of days: which one is meant?")
    if len(spans) == 2:
        first, second = sorted(spans, key=lambda span: span.at)
        between = work.reading.small[first.at[1] : second.at[0]]
        draft.two_windows(spans, comparing, work.text, between)
    elif spans:
        draft.window(spans[0], work.text)


def _this_period(work: Work, spans: list[When], comparing: bool) -> list[When]:
    """`higher than last month`: this month is, where no other days are said."""
    if len(spans) != 1 or not comparing or spans[0].parts or spans[0].grain is None:
        return spans
    before = work.reading.small[: spans[0].at[0]]
    current = period_of(work.asking.as_of, spans[0].grain, work.asking.calendar)
    if not COMPARED_WITH.search(before) or spans[0].end != current.start:
        return spans
    work.claim_comparison()
    work.notes.append(f"compared is this {spans[0].grain.replace('_', ' ')}")
    return [spans[0], whole(current, f"this {spans[0].grain}")]


def _one_before(work: Work, spans: list[When], comparing: bool) -> list[When]:
    """`Q3 compared with the previous quarter`: with the one before Q3, not with the one before today."""
    if len(spans) != 2 or not comparing:
        return spans
    one, other = sorted(spans, key=lambda span: span.at)
    said = re.fullmatch(r"(?:the )?(?P<which>previous|prior|preceding|last) (?:week|month|quarter|year)", other.phrase)
    is_same = (one.start, one.end) == (other.start, other.end)
    if said and one.grain == other.grain and one.start and (said["which"] != "last" or is_same):
        work.arithmetic.before = "previous"
        return [one]
    return spans


def _year_before(work: Work, spans: list[When], comparing: bool) -> list[When]:
    """`this quarter compared with last year`: with the same days of it."""
    if len(spans) != 2 or not comparing:
        return spans
    for one, other in (spans, spans[::-1]):
        is_said = re.fullmatch(
            r"(?:the )?(?:same \w+(?: period)? (?:of |in )?(?:the )?)?(?:last|previous|prior) year", one.phrase
        )
        if is_said and ("same" in one.phrase or other.grain != "year") and other.start and other.end:
            work.arithmetic.before = "year"
            return [other]
    return spans
