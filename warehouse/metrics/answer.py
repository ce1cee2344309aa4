"""Answers a question from an organization's extract, with what a receipt needs beside every value."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from warehouse import formula
from warehouse.extracts.process import Reader
from warehouse.metrics.catalogue import Catalogue, Metric, Part
from warehouse.metrics.compiler import FINGERPRINT, KNOWN, ROWS
from warehouse.metrics.names import ids_for, words_for
from warehouse.metrics.question import Question, checked
from warehouse.metrics.serving import Serving
from warehouse.metrics.statement import days_of, records_query, statement

MOST_ROWS = 50_000


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
        update={
            chosen: {n: ids_for(serving, catalogue.dimensions[n], v) for n, v in getattr(question, chosen).items()}
            for chosen in ("where", "excluding")
        }
    )
    # A name is not in the SQL, so rows ordered by one are cut after names are known.
    most = MOST_ROWS + 1 if _by_name(question, catalogue) else question.limit or MOST_ROWS + 1
    sql = statement(serving.compiler, catalogue, resolved, most)
    return Plan(resolved, sql, serving.views(resolved, days_of(resolved)))


def parts_by_line(serving: Serving, question: Question) -> list[tuple[dict[str, Any], dict[str, Cell]]]:
    """Every line's keys, and the parts its metrics are computed from apart from each other, by column."""
    made = plan(serving, question)
    metrics, _ = checked(question, serving.catalogue)
    found = _found(serving.reader, made, serving.tables())
    parts = {part.column: part for metric in metrics for part in metric.parts}
    return [
        ({name: _key(row[name]) for name in question.keys}, {name: _part(row, part) for name, part in parts.items()})
        for row in found
    ]


def run(reader: Reader, the_plan: Plan, catalogue: Catalogue, tables: frozenset[str]) -> list[Line]:
    """Execute a plan and compute each line's cells."""
    question = the_plan.question
    metrics, _ = checked(question, catalogue)
    return [_line(row, question, metrics) for row in _found(reader, the_plan, tables)]


def _found(reader: Reader, the_plan: Plan, tables: frozenset[str]) -> list[dict[str, Any]]:
    found = reader.query(the_plan.sql, tables=tables, views=the_plan.views, compiled=True)
    if found.truncated or len(found.rows) > MOST_ROWS:
        raise TooManyRows(f"The answer has more than {MOST_ROWS:,} rows; narrow it with a filter, a window or a limit.")
    return found.records()


def answer(serving: Serving, question: Question) -> Answer:
    """Answer from the organization's extract."""
    made = plan(serving, question)
    lines = run(serving.reader, made, serving.catalogue, serving.tables())
    rows = _named(serving, question, lines)
    if _by_name(question, serving.catalogue):
        lines, rows = _cut_by_name(question, lines, rows)
    return Answer(made, lines, rows, serving)


def records_behind(serving: Serving, the_plan: Plan, part: Part, limit: int) -> list[str]:
    """Ids of the records that contribute to one part of an ungrouped value, in their order.

    Rows of a snapshot that adds up many records have no one record, and give none.
    """
    catalogue, question = (
        serving.catalogue,
        the_plan.question.model_copy(update={"by": (), "each": False, "grain": None}),
    )
    entity = catalogue.record_of(part.model)
    if entity is None:
        return []
    inner = records_query(serving.compiler, catalogue, question, part, entity)
    sql = f"select {entity}::varchar from (\n{inner}\n) as answer order by 1 limit {limit}"
    found = serving.reader.query(sql, tables=serving.tables(), views=the_plan.views, compiled=True)
    return [str(key) for (key,) in found.rows if key is not None]


def _line(row: dict[str, Any], question: Question, metrics: Sequence[Metric]) -> Line:
    keys = {name: _key(row[name]) for name in question.keys}
    return Line(keys, {metric.name: _cell(row, metric) for metric in metrics})


def _key(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else value


def _cell(row: dict[str, Any], metric: Metric) -> Cell:
    parts = {part.column: _part(row, part) for part in metric.parts}
    if metric.kind == "simple":
        return parts[metric.formula]
    # What is computed stands on the rows of all its parts; their sums are kept in one.
    return Cell(
        formula.evaluate(metric.formula, {name: cell.value for name, cell in parts.items()}),
        max(cell.rows for cell in parts.values()),
        sum(cell.fingerprint for cell in parts.values()),
        max(cell.known for cell in parts.values()),
    )


def _part(row: dict[str, Any], part: Part) -> Cell:
    name = part.column
    rows, known = int(row[name + ROWS] or 0), int(row[name + KNOWN] or 0)
    fingerprint = int(row[name + FINGERPRINT] or 0)
    # Where nothing happened the sum is nothing; where something did and nobody knows its value, it is unknown.
    value = row[name] if rows or not part.adds_up else 0
    if value is None:
        return Cell(None, rows, fingerprint, known)
    return Cell(int(value) if part.is_whole else Decimal(str(value)), rows, fingerprint, known)


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
