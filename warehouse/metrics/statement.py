"""One SQL statement for a whole question: every part from its own model, joined by what they are grouped by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse import formula
from warehouse.metrics.calendar import step
from warehouse.metrics.catalogue import Catalogue, Dimension, Metric, Part, Timing
from warehouse.metrics.compiler import COMPANIONS, ROWS, Compiler
from warehouse.metrics.literals import between, condition, day, metric_time, none_of, unlike, upto, window
from warehouse.metrics.question import PERIOD, RECORD, Question, checked

SNAPSHOT_DATES = "dim_snapshot_dates"
"""The evenings that snapshots tell of."""


@dataclass(frozen=True)
class Source:
    """Parts that one compiled query answers: of one model, of the same moment, divided by the same."""

    model: str
    timing: Timing
    opening: bool
    across: frozenset[str]
    parts: tuple[Part, ...]

    def divides(self, name: str) -> bool:
        """Whether a dimension groups and filters these parts."""
        return name not in self.across

    def keys(self, question: Question) -> list[str]:
        """What the rows of its query are grouped by."""
        record = [RECORD] if question.each else []
        return [*filter(self.divides, question.by), *record, *([PERIOD] if question.grain else [])]


def sources_of(metrics: Iterable[Metric]) -> list[Source]:
    """The queries behind these metrics, each part once."""
    parts = dict.fromkeys(part for metric in metrics for part in metric.parts)
    keys = dict.fromkeys(map(_source_key, parts))
    return [Source(*key, tuple(part for part in parts if _source_key(part) == key)) for key in keys]


def _source_key(part: Part) -> tuple[str, Timing, bool, frozenset[str]]:
    return part.model, part.timing, part.opening, part.across


def statement(compiler: Compiler, catalogue: Catalogue, question: Question, most: int) -> str:
    """Every value and its companions, ordered; no more rows than `most`."""
    metrics, _ = checked(question, catalogue)
    sources = sources_of(metrics)
    keys = [f'"{name}"' for name in question.keys]
    whole = _beside(compiler, catalogue, question, sources)
    return f"select * from (\n{whole}\n) as answer\n{_order(question, metrics, keys)}\nlimit {most}"


def _source(compiler: Compiler, catalogue: Catalogue, question: Question, source: Source) -> str:
    """One compiled query, its columns under the names that the question uses."""
    known = catalogue.of_models[source.model]
    dimensions = [known[name] for name in question.by if source.divides(name)]
    columns = [column_of(dimension) for dimension in dimensions]
    time = [f"metric_time__{question.calendar.shown_by(question.grain)}"] if question.grain else []
    where = _filters(compiler, catalogue, question, source)
    asked = [part.name + companion for part in source.parts for companion in COMPANIONS]
    record = [str(catalogue.record_of(source.model))] if question.each else []
    inner = compiler.compile(asked, columns + record + time, where + _moment(question, source))
    named = [f'{column} as "{one.name}"' for column, one in zip(columns, dimensions, strict=True)]
    named += [f"{entity}::varchar as {RECORD}" for entity in record]
    named += [f"{_period(question, source, time[0])} as {PERIOD}"] if time else []
    named += [
        f'{part.name}{companion} as "{part.column}{companion}"' for part in source.parts for companion in COMPANIONS
    ]
    chosen = f"select {', '.join(named)} from (\n{inner}\n) as source"
    return f"select * from ({chosen}) as source where {_within(question)}" if time and source.opening else chosen


def records_query(compiler: Compiler, catalogue: Catalogue, question: Question, part: Part, entity: str) -> str:
    """One row per record that adds to a part of an ungrouped question, in a column called as the entity is."""
    source = Source(*_source_key(part), (part,))
    where = _filters(compiler, catalogue, question, source)
    return compiler.compile([part.name + ROWS], [entity], where + _moment(question, source))


def _filters(compiler: Compiler, catalogue: Catalogue, question: Question, source: Source) -> list[str]:
    known = catalogue.of_models[source.model]
    chosen = [condition(known[name], values) for name, values in question.where.items() if source.divides(name)]
    chosen += [unlike(known[name], values) for name, values in question.excluding.items() if source.divides(name)]
    chosen += [bounds for name, days in question.within.items() for bounds in between(known[name], *days)]
    lacking = question.without.items()
    return chosen + [
        none_of(known[name], _having(compiler, catalogue, question, name, metric)) for name, metric in lacking
    ]


def _having(compiler: Compiler, catalogue: Catalogue, question: Question, name: str, metric: str) -> str:
    """The values of a dimension that a metric has rows of, as a query with one column."""
    every = {"by": (), "each": False, "grain": None, "where": {}, "excluding": {}, "within": {}, "without": {}}
    bare = question.model_copy(update=every)
    queries = []
    for source in sources_of([catalogue.metric(metric)]):
        dimension = catalogue.of_models[source.model][name]
        asked = [source.parts[0].name + ROWS]
        inner = compiler.compile(asked, [column_of(dimension)], _moment(bare, source))
        queries.append(f"select {column_of(dimension)} as value from ({inner}) as source")
    return " union all ".join(queries)


def _beside(compiler: Compiler, catalogue: Catalogue, question: Question, sources: Sequence[Source]) -> str:
    """All queries as one. Those that the question divides further than others decide which rows there are."""
    keys = list(question.keys)
    divided = [source for source in sources if source.keys(question) == keys]
    whole = _together([(_source(compiler, catalogue, question, one), one) for one in divided], keys)
    for source in sources:
        if source not in divided:
            whole = _repeated(whole, _source(compiler, catalogue, question, source), source, question)
    return whole


def _together(found: Sequence[tuple[str, Source]], keys: Sequence[str]) -> str:
    """Rows of several queries side by side. Each column comes from one of them: its only value is its largest."""
    if len(found) == 1:
        return found[0][0]
    columns = [f'max("{column}") as "{column}"' for _, source in found for column in _columns(source)]
    rows = "\nunion all by name\n".join(f"select * from (\n{sql}\n)" for sql, _ in found)
    named = [f'"{key}"' for key in keys]
    grouped = f"\ngroup by {', '.join(named)}" if named else ""
    return f"select {', '.join([*named, *columns])} from (\n{rows}\n) as sources{grouped}"


def _repeated(whole: str, sql: str, source: Source, question: Question) -> str:
    """What some dimensions do not divide, beside every row of those that they do."""
    same = [f'divided."{key}" is not distinct from undivided."{key}"' for key in source.keys(question)]
    columns = [f'undivided."{column}"' for column in _columns(source)]
    return (
        f"select divided.*, {', '.join(columns)} from (\n{whole}\n) as divided\n"
        f"left join (\n{sql}\n) as undivided on {' and '.join(same) or 'true'}"
    )


def _columns(source: Source) -> list[str]:
    return [part.column + companion for part in source.parts for companion in COMPANIONS]


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
    grouped = f" group by {question.calendar.first_day(question.grain, 'snapshot_on')}" if question.grain else ""
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
    periods = question.calendar.first_day(question.grain, "date_day")
    return f"select max(date_day) as day from extract.main.dim_dates where {' and '.join(bounds)} group by {periods}"


def _period(question: Question, source: Source, column: str) -> str:
    """An evening closes its period and opens the next."""
    return f"({column} + {step(question.grain)})" if source.opening and question.grain else column


def _within(question: Question) -> str:
    """The periods a question asks for, where a shift may have led beyond them."""
    bounds = [f"{PERIOD} <= {day(last_day(question))}"]
    if question.start:
        assert question.grain is not None
        bounds.append(f"{PERIOD} >= {question.calendar.first_day(question.grain, day(question.start))}")
    return " and ".join(bounds)


def column_of(dimension: Dimension) -> str:
    """What the compiler calls a dimension's column."""
    return f"{dimension.query_name}__day" if dimension.kind == "date" else dimension.query_name


def _order(question: Question, metrics: Sequence[Metric], keys: Sequence[str]) -> str:
    """By what was asked for; else time runs forward, and without time the largest comes first."""
    expressions = {name: f'"{name}"' for name in (*question.by, RECORD, PERIOD)}
    expressions |= {metric.name: formula.as_sql(metric.formula) for metric in metrics}
    first = question.order or (PERIOD if question.grain else f"-{metrics[0].name}")
    direction = "desc" if first.startswith("-") else "asc"
    terms = [
        f"{expressions[first.removeprefix('-')]} {direction} nulls last",
        *(f"{key} asc nulls last" for key in keys),
    ]
    return f"order by {', '.join(terms)}"
