"""Answers a question from an organization's extract, with what a receipt needs beside every value."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from warehouse.extracts.process import Reader
from warehouse.metrics.catalogue import Catalogue, Dimension, Metric
from warehouse.metrics.compiler import FINGERPRINT, KNOWN, ROWS, Compiler
from warehouse.metrics.literals import condition, window
from warehouse.metrics.names import ids_for, words_for
from warehouse.metrics.question import Question, checked
from warehouse.metrics.serving import Serving

MOST_ROWS = 50_000
RATIO_PLACES = Decimal(1).scaleb(-16)


class TooManyRows(Exception):
    """The answer has more rows than we hand out."""


@dataclass(frozen=True)
class Cell:
    """One value and what it stands on: source rows, the sum of their fingerprints, rows whose value is known."""

    value: int | Decimal | None
    rows: int
    fingerprint: int
    known: int

    def stored(self) -> dict[str, Any]:
        """As a receipt keeps it."""
        value = self.value if self.value is None or isinstance(self.value, int) else str(self.value)
        return {"value": value, "rows": self.rows, "fingerprint": str(self.fingerprint), "known": self.known}


@dataclass(frozen=True)
class Line:
    """One row of an answer: what it is grouped by (ids), and a cell per metric."""

    keys: dict[str, Any]
    cells: dict[str, Cell]

    def stored(self) -> dict[str, Any]:
        """As a receipt keeps it."""
        return {"keys": self.keys, "cells": {name: cell.stored() for name, cell in self.cells.items()}}


@dataclass(frozen=True)
class Plan:
    """A compiled question: the same text runs on the extract and, for verification, on one remade from the lake."""

    question: Question
    """With names resolved to ids."""
    sql: str
    views: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Rows for people: names joined in, values exact."""

    plan: Plan
    lines: list[Line]
    rows: list[dict[str, Any]]
    serving: Serving

    @property
    def columns(self) -> list[str]:
        """Names of what each row holds, in order."""
        return self.plan.question.columns

    def only(self, metric: str) -> Cell:
        """The single cell of an ungrouped answer."""
        return self.lines[0].cells[metric]


def plan(serving: Serving, question: Question) -> Plan:
    """Check, resolve names to ids, compile. Raises Unknown."""
    catalogue = serving.catalogue
    checked(question, catalogue)
    resolved = question.model_copy(
        update={"where": {n: ids_for(serving, catalogue.dimensions[n], v) for n, v in question.where.items()}}
    )
    sql = compile_sql(serving.compiler, catalogue, resolved)
    return Plan(resolved, sql, serving.views(question.as_of))


def compile_sql(compiler: Compiler, catalogue: Catalogue, question: Question) -> str:
    """One statement with every value and its companions, ordered and limited."""
    metrics, dimensions = checked(question, catalogue)
    parts = list(dict.fromkeys(part for metric in metrics for part in metric.parts))
    asked = [part + suffix for part in parts for suffix in ("", ROWS, FINGERPRINT, KNOWN)]
    where = [condition(catalogue.dimensions[name], values) for name, values in question.where.items()]
    columns = [_column(dimension) for dimension in dimensions] + _period(question)
    inner = compiler.compile(asked, columns, where + window(question.start, question.end))
    # A name is not in the SQL, so rows ordered by one are cut after names are known.
    limit = MOST_ROWS + 1 if _by_name(question, catalogue) else question.limit or MOST_ROWS + 1
    return f"select * from (\n{inner}\n) as answer\n{_order(question, metrics, dimensions)}\nlimit {limit}"


def run(reader: Reader, the_plan: Plan, catalogue: Catalogue, tables: frozenset[str]) -> list[Line]:
    """Execute a plan and compute each line's cells."""
    question = the_plan.question
    found = reader.query(the_plan.sql, tables=tables, views=the_plan.views, compiled=True)
    if found.truncated or len(found.rows) > MOST_ROWS:
        raise TooManyRows(f"The answer has more than {MOST_ROWS:,} rows; narrow it with a filter, a window or a limit.")
    metrics, dimensions = checked(question, catalogue)
    return [_line(row, question, metrics, dimensions) for row in found.records()]


def answer(serving: Serving, question: Question) -> Answer:
    """Answer from the organization's extract."""
    made = plan(serving, question)
    lines = run(serving.reader, made, serving.catalogue, serving.tables())
    rows = _named(serving, question, lines)
    if _by_name(question, serving.catalogue):
        lines, rows = _cut_by_name(question, lines, rows)
    return Answer(made, lines, rows, serving)


def records_behind(serving: Serving, the_plan: Plan, metric: Metric, limit: int) -> list[str]:
    """Ids of the records that contribute to an ungrouped value, in the order of their ids.

    A ratio's records are the ones it divides by: those of its numerator are among them.
    """
    question = the_plan.question
    catalogue = serving.catalogue
    entity = next(d for d in catalogue.dimensions.values()).query_name.split("__")[0]
    where = [condition(catalogue.dimensions[name], values) for name, values in question.where.items()]
    inner = serving.compiler.compile([metric.parts[-1] + ROWS], [entity], where + window(question.start, question.end))
    sql = f"select {entity}::varchar from (\n{inner}\n) as answer order by 1 limit {limit}"
    found = serving.reader.query(sql, tables=serving.tables(), views=the_plan.views, compiled=True)
    return [str(key) for (key,) in found.rows if key is not None]


def _column(dimension: Dimension) -> str:
    return f"{dimension.query_name}__day" if dimension.kind == "date" else dimension.query_name


def _period(question: Question) -> list[str]:
    return [f"metric_time__{question.grain}"] if question.grain else []


def _order(question: Question, metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> str:
    """By what was asked for; else time runs forward, and without time the largest comes first."""
    expressions = {d.name: _column(d) for d in dimensions} | {m.name: _expression(m) for m in metrics}
    if question.grain:
        expressions["period"] = _period(question)[0]
    first = question.order or ("period" if question.grain else f"-{metrics[0].name}")
    direction = "desc" if first.startswith("-") else "asc"
    keys = [_column(d) for d in dimensions] + _period(question)
    terms = [
        f"{expressions[first.removeprefix('-')]} {direction} nulls last",
        *(f"{key} asc nulls last" for key in keys),
    ]
    return f"order by {', '.join(terms)}"


def _expression(metric: Metric) -> str:
    if metric.kind == "simple":
        return metric.name
    numerator, denominator = metric.parts
    return f"({numerator}::double / nullif({denominator}, 0))"


def _line(row: dict[str, Any], question: Question, metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> Line:
    keys = {dimension.name: _key(row[_column(dimension)]) for dimension in dimensions}
    if question.grain:
        keys["period"] = _key(row[_period(question)[0]])
    return Line(keys, {metric.name: _cell(row, metric) for metric in metrics})


def _key(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else value


def _cell(row: dict[str, Any], metric: Metric) -> Cell:
    parts = [_part(row, part) for part in metric.parts]
    if metric.kind == "simple":
        return _in_unit(parts[0], metric.unit)
    above, below = parts
    value = None
    if above.value is not None and below.value:
        value = (Decimal(above.value) / Decimal(below.value)).quantize(RATIO_PLACES)
    # A ratio stands on the rows of its denominator and of its numerator; both sums are kept in one.
    return Cell(
        value, max(above.rows, below.rows), above.fingerprint + below.fingerprint, max(above.known, below.known)
    )


def _part(row: dict[str, Any], name: str) -> Cell:
    rows, known = int(row[name + ROWS] or 0), int(row[name + KNOWN] or 0)
    # Where nothing happened the sum is nothing; where something did and nobody knows its value, it is unknown.
    value = row[name] if rows else Decimal(0)
    return Cell(value, rows, int(row[name + FINGERPRINT] or 0), known)


def _in_unit(cell: Cell, unit: str) -> Cell:
    """Counts are whole numbers, everything else is a decimal."""
    if cell.value is None:
        return cell
    return replace(cell, value=int(cell.value) if unit == "count" else Decimal(cell.value))


def _by_name(question: Question, catalogue: Catalogue) -> bool:
    ordered = (question.order or "").removeprefix("-")
    return ordered in question.by and catalogue.dimensions[ordered].is_person


def _named(serving: Serving, question: Question, lines: list[Line]) -> list[dict[str, Any]]:
    """Rows with names for ids, in the order of the question's columns."""
    words = {
        name: words_for(serving, serving.catalogue.dimensions[name], {line.keys[name] for line in lines})
        for name in question.by
        if serving.catalogue.dimensions[name].is_person
    }
    return [
        {name: words.get(name, {}).get(key, key) for name, key in line.keys.items()}
        | {name: cell.value for name, cell in line.cells.items()}
        for line in lines
    ]


def _cut_by_name(
    question: Question, lines: list[Line], rows: list[dict[str, Any]]
) -> tuple[list[Line], list[dict[str, Any]]]:
    name = (question.order or "").removeprefix("-")
    backwards = (question.order or "").startswith("-")
    pairs = sorted(
        zip(rows, lines, strict=True), key=lambda pair: str(pair[0][name] or "").casefold(), reverse=backwards
    )
    pairs = pairs[: question.limit]
    return [line for _, line in pairs], [row for row, _ in pairs]
