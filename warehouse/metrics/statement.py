"""One SQL statement for a whole question: every part from its own model, joined by what they are grouped by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.metrics import formula
from warehouse.metrics.catalogue import Catalogue, Dimension, Metric, Part, Timing
from warehouse.metrics.compiler import COMPANIONS, ROWS, Compiler
from warehouse.metrics.literals import condition, day, metric_time, upto, window
from warehouse.metrics.question import Question, checked

PERIOD = "period"
SNAPSHOT_DATES = "dim_snapshot_dates"
"""The evenings that snapshots tell of."""


@dataclass(frozen=True)
class Source:
    """Parts that one compiled query answers: of one model, and of the same moment."""

    model: str
    timing: Timing
    opening: bool
    parts: tuple[Part, ...]


def sources_of(metrics: Iterable[Metric]) -> list[Source]:
    """The queries behind these metrics, each part once."""
    parts = dict.fromkeys(part for metric in metrics for part in metric.parts)
    keys = dict.fromkeys((part.model, part.timing, part.opening) for part in parts)
    return [Source(*key, tuple(p for p in parts if (p.model, p.timing, p.opening) == key)) for key in keys]


def statement(compiler: Compiler, catalogue: Catalogue, question: Question, most: int) -> str:
    """Every value and its companions, ordered; no more rows than `most`."""
    metrics, _ = checked(question, catalogue)
    found = [_source(compiler, catalogue, question, source) for source in sources_of(metrics)]
    keys = [f'"{name}"' for name in (*question.by, *([PERIOD] if question.grain else []))]
    whole = found[0] if len(found) == 1 else _together(found, keys, metrics)
    return f"select * from (\n{whole}\n) as answer\n{_order(question, metrics, keys)}\nlimit {most}"


def _source(compiler: Compiler, catalogue: Catalogue, question: Question, source: Source) -> str:
    """One compiled query, its columns under the names that the question uses."""
    known = catalogue.of_models[source.model]
    dimensions = [known[name] for name in question.by]
    columns = [column_of(dimension) for dimension in dimensions]
    time = [f"metric_time__{question.grain}"] if question.grain else []
    where = [condition(known[name], values) for name, values in question.where.items()]
    asked = [part.name + companion for part in source.parts for companion in COMPANIONS]
    inner = compiler.compile(asked, columns + time, where + _moment(question, source))
    named = [f'{column} as "{one.name}"' for column, one in zip(columns, dimensions, strict=True)]
    named += [f"{_period(question, source, time[0])} as {PERIOD}"] if time else []
    named += [
        f'{part.name}{companion} as "{part.column}{companion}"' for part in source.parts for companion in COMPANIONS
    ]
    chosen = f"select {', '.join(named)} from (\n{inner}\n) as source"
    return f"select * from ({chosen}) as source where {_within(question)}" if time and source.opening else chosen


def records_query(compiler: Compiler, catalogue: Catalogue, question: Question, part: Part, entity: str) -> str:
    """One row per record that adds to a part of an ungrouped question, in a column called as the entity is."""
    source = Source(part.model, part.timing, part.opening, (part,))
    known = catalogue.of_models[part.model]
    where = [condition(known[name], values) for name, values in question.where.items()]
    return compiler.compile([part.name + ROWS], [entity], where + _moment(question, source))


def _together(found: Sequence[str], keys: Sequence[str], metrics: Iterable[Metric]) -> str:
    """Rows of several queries side by side. Each column comes from one of them: its only value is its largest."""
    parts = dict.fromkeys(part.column for metric in metrics for part in metric.parts)
    columns = [f'max("{part}{companion}") as "{part}{companion}"' for part in parts for companion in COMPANIONS]
    rows = "\nunion all by name\n".join(f"select * from (\n{one}\n)" for one in found)
    grouped = f"\ngroup by {', '.join(keys)}" if keys else ""
    return f"select {', '.join([*keys, *columns])} from (\n{rows}\n) as sources{grouped}"


def _moment(question: Question, source: Source) -> list[str]:
    """Which days of the model count."""
    if source.timing is Timing.FLOW:
        return [*window(question.start, question.end), upto(question.as_of)]
    if source.timing is Timing.TRAILING:
        return []  # its table was made for these days
    return [f"{metric_time()} in ({_evenings(question, source)})"]


def _evenings(question: Question, source: Source) -> str:
    """The last evening that is kept of the days asked for, or of each period; for openings, of what came before."""
    bounds = [f"snapshot_on <= {day(last_day(question))}"]
    if source.opening and not question.grain:
        # Without a first day there is nothing before it.
        bounds = [f"snapshot_on < {day(question.start)}" if question.start else "false"]
    elif question.start and not source.opening and question.grain:
        bounds.append(f"snapshot_on >= {day(question.start)}")
    if source.timing is Timing.MONTH_ENDS:
        bounds.append("(is_latest or snapshot_on = last_day(snapshot_on))")
    grouped = f" group by date_trunc('{question.grain}', snapshot_on)" if question.grain else ""
    return f"select max(snapshot_on) from {SNAPSHOT_DATES} where {' and '.join(bounds)}{grouped}"


def last_day(question: Question) -> date:
    """The last day that counts: of the window, or today."""
    return min(question.as_of, question.end - timedelta(days=1)) if question.end else question.as_of


def days_of(question: Question) -> str:
    """The last day of the question, or of each of its periods, as a query over an extract with one column `day`."""
    last = last_day(question)
    if not question.grain:
        return f"select {day(last)} as day"
    bounds = [f"date_day <= {day(last)}", *([f"date_day >= {day(question.start)}"] if question.start else [])]
    periods = f"date_trunc('{question.grain}', date_day)"
    return f"select max(date_day) as day from extract.main.dim_dates where {' and '.join(bounds)} group by {periods}"


def _period(question: Question, source: Source, column: str) -> str:
    """An evening closes its period and opens the next."""
    return f"({column} + interval 1 {question.grain})" if source.opening else column


def _within(question: Question) -> str:
    """The periods a question asks for, where a shift may have led beyond them."""
    bounds = [f"{PERIOD} <= {day(last_day(question))}"]
    if question.start:
        bounds.append(f"{PERIOD} >= date_trunc('{question.grain}', {day(question.start)})")
    return " and ".join(bounds)


def column_of(dimension: Dimension) -> str:
    """What the compiler calls a dimension's column."""
    return f"{dimension.query_name}__day" if dimension.kind == "date" else dimension.query_name


def _order(question: Question, metrics: Sequence[Metric], keys: Sequence[str]) -> str:
    """By what was asked for; else time runs forward, and without time the largest comes first."""
    expressions = {name: f'"{name}"' for name in (*question.by, PERIOD)}
    expressions |= {metric.name: formula.as_sql(metric.formula) for metric in metrics}
    first = question.order or (PERIOD if question.grain else f"-{metrics[0].name}")
    direction = "desc" if first.startswith("-") else "asc"
    terms = [
        f"{expressions[first.removeprefix('-')]} {direction} nulls last",
        *(f"{key} asc nulls last" for key in keys),
    ]
    return f"order by {', '.join(terms)}"
