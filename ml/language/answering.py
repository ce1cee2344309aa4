"""Answers a plan from the organization's extract: rows for people, and the receipts that prove them."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ml.language.plan import Plan
from warehouse.metrics.answer import Answer, answer
from warehouse.metrics.receipts import write_receipt
from warehouse.metrics.serving import Serving
from warehouse.metrics.shape import COUNT, Table, compare, shape
from warehouse.metrics.steps import steps
from warehouse.tenancy import Actor


@dataclass(frozen=True)
class Told:
    """The table that answers a plan, and the answers beneath it."""

    table: Table
    answers: list[Answer] = field(default_factory=list)

    def receipts(self, actor: Actor) -> list[str]:
        """Ids of the receipts, written where they are not yet."""
        return [write_receipt(actor, one) for one in self.answers]


def told(serving: Serving, plan: Plan, *, with_ids: bool = False) -> Told:
    """The rows of a semantic plan; `with_ids`, beside every name the id of whose it is, as `customer_id`.

    Raises Unknown, NotShapely, TooManyRows.
    """
    question = plan.question
    assert question is not None
    if plan.missing:
        return _missing(serving, plan, plan.missing)
    if plan.steps:
        stepped, table = steps(serving, question)
        return Told(_beside_names(table, stepped) if with_ids else table, [stepped])
    if plan.before or plan.against:
        against = (plan.against.start, plan.against.end) if plan.against else None
        pair = compare(serving, question, plan.before, against)
        table = _changed(plan, pair.table)
        return Told(_beside_names(table, pair.now, pair.before) if with_ids else table, [pair.now, pair.before])
    found = _with_ids(answer(serving, question)) if with_ids else answer(serving, question)
    made = shape(found, plan.shape)
    shown = Table(made.columns, [row for row in made.rows if _is_shown(row, plan)], made.headings)
    return Told(_in_unit(serving, plan, shown), [found])


def _with_ids(found: Answer) -> Answer:
    dimensions = found.serving.catalogue.dimensions
    people = [name for name in found.plan.question.by if dimensions[name].is_person]
    pairs = zip(found.rows, found.lines, strict=True)
    return replace(found, rows=[row | {f"{name}_id": line.keys[name] for name in people} for row, line in pairs])


def _beside_names(table: Table, *answers: Answer) -> Table:
    """The same for rows that are matched by name: an id where only one record has the name."""
    ids: dict[tuple[str, object], set[object]] = {}
    for found in map(_with_ids, answers):
        for row in found.rows:
            for name in found.plan.question.by:
                if f"{name}_id" in row:
                    ids.setdefault((name, row[name]), set()).add(row[f"{name}_id"])
    rows = [
        row
        | {f"{name}_id": next(iter(ids[name, row[name]])) for name in row if len(ids.get((name, row[name]), ())) == 1}
        for row in table.rows
    ]
    return replace(table, rows=rows)


def _changed(plan: Plan, table: Table) -> Table:
    """The groups that changed as was asked, those that changed most first."""
    if plan.change is None or plan.question is None:
        return table
    column, sign = f"{plan.question.metrics[0]}_change", 1 if plan.change == "up" else -1
    rows = [row for row in table.rows if row[column] is not None and sign * row[column] > 0]
    rows.sort(key=lambda row: -sign * row[column])
    return replace(table, rows=rows[: plan.shape.limit])


MINUTES = {"minutes": 1, "hours": 60, "days": 1440}


def _in_unit(serving: Serving, plan: Plan, table: Table) -> Table:
    """Durations beside in the unit that was asked for."""
    if plan.unit is None or plan.question is None:
        return table
    columns, rows = list(table.columns), [dict(row) for row in table.rows]
    for name in plan.question.metrics:
        own = MINUTES[serving.catalogue.metrics[name].unit]
        columns.append(f"{name}_{plan.unit}")
        for row in rows:
            value = row.get(name)
            row[columns[-1]] = None if value is None else Decimal(value) * own / MINUTES[plan.unit]
    return replace(table, columns=columns, rows=rows)


def _missing(serving: Serving, plan: Plan, dimension: str) -> Told:
    """The values of a dimension that have nothing of a number in these days: of those that are there, or had some once.

    Who is there, a share tells that is one of whoever still is (`plan.among`). They are told apart by their ids.
    """
    question = plan.question
    assert question is not None
    metric = question.metrics[0]
    found = answer(serving, question)
    whole = {"start": None, "end": None, "metrics": (plan.among or metric,)}
    ever = answer(serving, question.model_copy(update=whole))
    has = {line.keys[dimension] for line in found.lines if line.cells[metric].value}
    rows = [
        {dimension: row[dimension], f"{dimension}_id": line.keys[dimension]}
        for row, line in zip(ever.rows, ever.lines, strict=True)
        if row[plan.among or metric] and line.keys[dimension] not in has | {None}
    ]
    if plan.shape.whole == "count":
        return Told(Table([COUNT], [{COUNT: len(rows)}]), [found, ever])
    return Told(Table([dimension], rows), [found, ever])


def _is_shown(row: dict[str, Any], plan: Plan) -> bool:
    return all(row.get(name) in values for name, values in plan.only.items())
