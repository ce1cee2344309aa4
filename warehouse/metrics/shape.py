"""What is made of an answer's rows once they are known: shares, ranks, running totals, thresholds, two windows.

The values beneath are the answer's own, and its receipt proves them; nothing here asks for a number that no metric
defines. The compiler has no words for any of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.formula import PLACES
from warehouse.metrics.answer import Answer, Line, answer
from warehouse.metrics.calendar import MONTHS, Calendar
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.periods import period_of, shifted
from warehouse.metrics.question import PERIOD, Question
from warehouse.metrics.serving import Serving

Value = Decimal | int | None
Kind = Literal["share", "rank", "running"]
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "=": eq, "!=": ne}


class NotShapely(Exception):
    """This cannot be made of these rows; says why."""


class Made(BaseModel):
    """A further column: a metric's share of the total, its rank (1 is the largest) or what it has run up to.

    `within` names columns that the rows are grouped by: each group has its own total, ranks and start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    metric: str
    within: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """What it is called: `won_value_share`."""
        return f"{self.metric}_{self.kind}"


class Threshold(BaseModel):
    """Only rows whose value is on this side; a row whose value is unknown is on neither."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    operator: Literal[">", ">=", "<", "<=", "=", "!="]
    value: Decimal

    def holds(self, value: Value) -> bool:
        """Whether a value is on the right side."""
        return value is not None and OPERATORS[self.operator](value, self.value)


class Shape(BaseModel):
    """What is made of an answer, in this order: columns, thresholds on any column, a number of rows, one row of all.

    `whole` makes one row of those that are left: how many there are, the sum of each number, or its mean over the
    groups that are known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    made: tuple[Made, ...] = ()
    having: tuple[Threshold, ...] = ()
    limit: Annotated[int, Field(ge=1)] | None = None
    whole: Literal["count", "mean", "sum"] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        columns = [one.column for one in self.made]
        twice = [one for one in dict.fromkeys(columns) if columns.count(one) > 1]
        if twice:
            raise ValueError(f"the column {', '.join(twice)} is asked for twice")
        return self

    @property
    def is_plain(self) -> bool:
        """Nothing is made of anything."""
        return self == Shape()


@dataclass(frozen=True)
class Table:
    """Rows for people: the answer's columns, then those that were made."""

    columns: list[str]
    rows: list[dict[str, Any]]
    headings: dict[str, str] = field(default_factory=dict)
    """What a column that stands beside its metric is called there, where that is shorter."""


def shape(found: Answer, wanted: Shape) -> Table:
    """Make of an answer what is wanted. Raises NotShapely.

    The answer must be whole: a question that is cut to a number of rows knows no total.
    """
    question, catalogue = found.plan.question, found.serving.catalogue
    if question.limit and not wanted.is_plain:
        raise NotShapely(
            "A question that is cut to some rows knows neither totals nor ranks: say the limit in the shape."
        )
    rows = [dict(row) for row in found.rows]
    for made in wanted.made:
        _check(made, question, catalogue)
        for row, value in zip(rows, _column(made, question, found.lines), strict=True):
            row[made.column] = value
    columns = [*found.columns, *(one.column for one in wanted.made)]
    numbers = [*question.metrics, *(one.column for one in wanted.made)]
    for threshold in wanted.having:
        if threshold.column not in numbers:
            raise NotShapely(f"A threshold is put on one of {', '.join(numbers)}, not on {threshold.column!r}.")
    kept = [row for row in rows if all(one.holds(row[one.column]) for one in wanted.having)]
    kept = kept[: wanted.limit]
    return _whole(wanted.whole, kept, question, numbers) if wanted.whole else Table(columns, kept)


COUNT = "count"
"""The column that tells how many rows there are."""


def _whole(
    kind: Literal["count", "mean", "sum"], rows: Sequence[dict[str, Any]], question: Question, numbers: list[str]
) -> Table:
    """One row of all: a group that nobody knows is none, and what is unknown of a group has no part in the mean.

    A sum leaves no group out.
    """
    if not question.keys:
        raise NotShapely("Only groups can be counted, or averaged: say by what.")
    known = [row for row in rows if all(row[key] is not None for key in question.keys)]
    if kind == "count":
        return Table([COUNT], [{COUNT: len(known)}])
    if kind == "sum":
        return Table(numbers, [{name: sum(row[name] or 0 for row in rows) for name in numbers}])
    means = {f"{name}_mean": _mean([row[name] for row in known]) for name in numbers}
    return Table(list(means), [means])


def _mean(values: Sequence[Value]) -> Value:
    told = [Decimal(value) for value in values if value is not None]
    return (sum(told, Decimal(0)) / len(told)).quantize(PLACES) if told else None


def _check(made: Made, question: Question, catalogue: Catalogue) -> None:
    if made.metric not in question.metrics:
        raise NotShapely(f"{made.metric} is not asked for. Asked for: {', '.join(question.metrics)}.")
    for name in made.within:
        if name not in question.keys:
            raise NotShapely(f"The rows are not grouped by {name!r}.")
    metric = catalogue.metric(made.metric)
    if made.kind != "rank" and not _adds_up(metric):
        raise NotShapely(f"{metric.label} of several groups does not add up, so it has no {_WORDS[made.kind]}.")
    if made.kind == "running" and (metric.is_stock or PERIOD not in question.keys):
        why = "tells how things stand" if metric.is_stock else "is not asked by period"
        raise NotShapely(f"{metric.label} {why}, so it does not run up to anything.")


_WORDS = {"share": "shares of a total", "running": "running total"}


def _adds_up(metric: Metric) -> bool:
    return metric.kind == "simple" and metric.parts[0].is_sum


def _column(made: Made, question: Question, lines: Sequence[Line]) -> list[Value]:
    found: list[Value] = [None] * len(lines)
    groups: dict[tuple[Any, ...], list[int]] = {}
    apart = [name for name in question.keys if name in made.within or (made.kind == "running" and name != PERIOD)]
    for place, line in enumerate(lines):
        groups.setdefault(tuple(line.keys[name] for name in apart), []).append(place)
    for places in groups.values():
        if made.kind == "running":
            places.sort(key=lambda place: str(lines[place].keys[PERIOD]))
        values = [lines[place].cells[made.metric].value for place in places]
        for place, value in zip(places, _MAKE[made.kind](values), strict=True):
            found[place] = value
    return found


def _shares(values: Sequence[Value]) -> list[Value]:
    total = sum((Decimal(value) for value in values if value is not None), Decimal(0))
    return [None if value is None or not total else (Decimal(value) / total).quantize(PLACES) for value in values]


def _ranks(values: Sequence[Value]) -> list[Value]:
    """Equals share a rank, and the next comes after all of them."""
    known = sorted((value for value in values if value is not None), reverse=True)
    places = {value: place for place, value in reversed(list(enumerate(known, start=1)))}
    return [None if value is None else places[value] for value in values]


def _running(values: Sequence[Value]) -> list[Value]:
    total: Decimal | int = 0
    found: list[Value] = []
    for value in values:
        total += value or 0
        found.append(total)
    return found


_MAKE: dict[Kind, Callable[[Sequence[Value]], list[Value]]] = {"share": _shares, "rank": _ranks, "running": _running}


Before = Literal["previous", "year"]
BESIDE = {"_before": "before", "_change": "change", "_change_share": "relative"}
"""What stands beside a number that is compared: ending of the column → what it is called there."""


@dataclass(frozen=True)
class Comparison:
    """The same question of two windows; each has its own answer, and so its own receipt."""

    now: Answer
    before: Answer
    table: Table
    """Beside each metric: `…_before`, `…_change` and `…_change_share`, the last of which is of what was before."""


def earlier(question: Question, before: Before) -> Question:
    """The question of the window before, or of the same days a year earlier. Raises NotShapely without a window.

    Before a whole calendar period comes the whole one before it; before any other days, as many days.
    """
    start, end = question.start, question.end
    if start is None or end is None:
        raise NotShapely("A comparison needs a window: say its first day and the day after its last.")
    window = _window_before(start, end, before, question.calendar)
    return question.model_copy(update=dict(zip(("start", "end"), window, strict=True)))


def _window_before(start: date, end: date, before: Before, calendar: Calendar) -> tuple[date, date]:
    if before == "year":
        return _a_year_before(start), _a_year_before(end)
    for grain in MONTHS:
        period = period_of(start, grain, calendar)
        if (period.start, period.end) == (start, end):
            previous = shifted(period, -1)
            return previous.start, previous.end
    return start - (end - start), start


def _a_year_before(day: date) -> date:
    """The same day of the year before; a leap day has none, and the first of March stands for it."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, 3, 1) if is_leap_day else day.replace(year=day.year - 1)


def compare(
    serving: Serving, question: Question, before: Before | None, against: tuple[date | None, date | None] | None = None
) -> Comparison:
    """Two windows side by side, rows matched by what they are grouped by; periods by their place in the window.

    The other window is the one `before`, or the days `against`, half-open. A window that is not over is compared with as many days of the one before. Both are asked whole: a group that is
    large in one window may be small in the other.
    """
    question, limit = question.model_copy(update={"limit": None}), question.limit
    if against is not None:
        then = question.model_copy(update=dict(zip(("start", "end"), against, strict=True)))
    else:
        then = earlier(question, before or "previous")
    if against is None and question.end and question.as_of < question.end - timedelta(days=1):
        assert question.start is not None
        assert then.start is not None
        passed = question.as_of - question.start
        then = then.model_copy(update={"as_of": min(question.as_of, then.start + passed)})
    now, past = answer(serving, question), answer(serving, then)
    table = _beside(question, now, past)
    return Comparison(now, past, replace(table, rows=table.rows[:limit]))


def _beside(question: Question, now: Answer, past: Answer) -> Table:
    present, former = _by_place(now), _by_place(past)
    rows = []
    for key in dict.fromkeys((*present, *former)):
        row: dict[str, Any] = dict(zip(question.by, key, strict=False))
        if question.grain:
            row[PERIOD] = _period_at(question, key[-1]).isoformat()
        for name in question.metrics:
            empty = nothing(now.serving.catalogue.metric(name))
            row |= change(name, present.get(key, {}).get(name, empty), former.get(key, {}).get(name, empty))
        rows.append(row)
    made = [f"{name}{suffix}" for name in question.metrics for suffix in ("", *BESIDE)]
    headings = {f"{name}{suffix}": word for name in question.metrics for suffix, word in BESIDE.items()}
    return Table([*question.keys, *made], rows, headings)


def nothing(metric: Metric) -> Value:
    """What a group that is not there has: what is added up is nothing there, everything else is unknown."""
    part = metric.parts[0]
    return (0 if part.is_whole else Decimal(0)) if metric.kind == "simple" and part.adds_up else None


def _by_place(found: Answer) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by their groups and by how many periods after the first of the window they lie."""
    question = found.plan.question
    return {
        (*(row[name] for name in question.by), *([_place(question, row[PERIOD])] if question.grain else [])): row
        for row in found.rows
    }


def _place(question: Question, told: str) -> int:
    assert question.grain is not None
    first, day = _period_at(question, 0), date.fromisoformat(told)
    if question.grain in MONTHS:
        return ((day.year - first.year) * 12 + day.month - first.month) // MONTHS[question.grain]
    return (day - first).days // (7 if question.grain == "week" else 1)


def _period_at(question: Question, place: int) -> date:
    """The first day of a period of the window."""
    assert question.grain is not None
    assert question.start is not None
    return shifted(period_of(question.start, question.grain, question.calendar), place).start


def change(name: str, value: Value, before: Value) -> dict[str, Value]:
    """A number beside what it is compared with, the difference, and the difference as a share of the latter."""
    change = None if value is None or before is None else Decimal(value) - Decimal(before)
    share = (change / abs(Decimal(before))).quantize(PLACES) if change is not None and before else None
    return {name: value, f"{name}_before": before, f"{name}_change": change, f"{name}_change_share": share}
