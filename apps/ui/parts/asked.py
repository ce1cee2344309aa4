"""A question in plain words, on its way to a screen: understood once, answered from the numbers, kept in the tab."""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from apps.model_budget import budget_of
from apps.ui import answers, formats
from apps.ui.parts.words import value_in_words
from ml.language.answering import Told, told
from ml.language.plan import Plan
from ml.language.planner import read
from ml.language.provider import Connection
from ml.language.work import Asking
from warehouse.dashboards import Card, Over, forms_of
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.question import PERIOD, RECORD, Question
from warehouse.metrics.serving import serving_as
from warehouse.metrics.shape import BESIDE, COUNT
from warehouse.tenancy import Actor

SUFFIXES = {**BESIDE, "_share": "share", "_rank": "rank", "_running": "running total", "_mean": "on average"}
"""Ending of a column that was made of a number → what it is called."""
MOST_DIMENSIONS = 2
TELLING = (
    "sales_rep",
    "agent",
    "campaign",
    "sector",
    "product",
    "channel",
    "category",
    "country",
    "acquisition_source",
)
"""What a number is divided by next, the most telling first."""


@dataclass(frozen=True)
class Turn:
    """One question of a conversation, what it was understood as, and what was said last about it."""

    text: str
    plan: Plan
    sentence: str = ""
    seconds: float = 0.0


def understand(actor: Actor, text: str, before: Plan | None) -> Turn:
    """Read a question; with the plan before, a text that goes on from it."""
    began = perf_counter()
    plan = read(asking_of(actor), text, before, Connection.of_settings(), budget_of(actor))
    return Turn(text, plan, plan.reason, perf_counter() - began)


def asking_of(actor: Actor) -> Asking:
    """Of whom is asked, and on which day."""
    return Asking(serving_as(actor), answers.opens_on(actor).as_of, answers.calendar(actor))


def answered(actor: Actor, turn: Turn) -> tuple[Told, Turn]:
    """The rows of a plan, and the turn with the time they took."""
    began = perf_counter()
    found = told(serving_as(actor), turn.plan)
    return found, replace(turn, seconds=turn.seconds + perf_counter() - began)


def metric_of(column: str, catalogue: Catalogue) -> tuple[Metric, str] | None:
    """The number a column tells of, and what was made of it; None for groups."""
    if column in catalogue.metrics:
        return catalogue.metrics[column], ""
    for ending, words in sorted(SUFFIXES.items(), key=lambda pair: -len(pair[0])):
        name = column.removesuffix(ending)
        if name != column and name in catalogue.metrics:
            return catalogue.metrics[name], words
    return None


def unit_of(column: str, catalogue: Catalogue) -> str:
    """How a column's values are written."""
    found = metric_of(column, catalogue)
    if found is None:
        return "count" if column == COUNT else ""
    metric, made = found
    return {"share": "share", "relative": "share", "rank": "count"}.get(made, metric.unit)


def heading(column: str, catalogue: Catalogue, currency: str) -> str:
    """What stands above a column: `Won (USD), before`."""
    found = metric_of(column, catalogue)
    if found is None:
        known = catalogue.dimensions.get(column)
        return (
            known.label if known else {PERIOD: "Period from", RECORD: "Record", COUNT: "How many"}.get(column, column)
        )
    metric, made = found
    unit = {"money": currency, "minutes": "minutes", "days": "days"}.get(unit_of(column, catalogue))
    return f"{metric.label}{f' ({unit})' if unit else ''}{f', {made}' if made else ''}"


def cell(column: str, value: Any, catalogue: Catalogue, currency: str) -> str:
    """A value as people read it."""
    unit = unit_of(column, catalogue)
    if unit:
        return formats.number(value, unit, currency)
    return value_in_words(column, None if value is None else str(value))


def sentence(turn: Turn, found: Told, catalogue: Catalogue, currency: str) -> str:
    """The answer in one sentence: its value, or who leads."""
    table, understood = found.table, turn.plan.understood
    if not table.rows:
        return f"There is no data for this. {understood}"
    keys = [name for name in table.columns if not unit_of(name, catalogue)]
    values = [name for name in table.columns if unit_of(name, catalogue)]
    first = table.rows[0]
    if len(table.rows) == 1 and values:
        named = " · ".join(cell(name, first[name], catalogue, currency) for name in keys)
        said = " · ".join(_said(name, first[name], catalogue, currency) for name in values)
        return f"{f'{named}: ' if named else ''}{said}. {understood}"
    question = turn.plan.question
    if question and question.order and values and keys:
        leader = cell(keys[0], first[keys[0]], catalogue, currency)
        return f"First is {leader} with {_said(values[0], first[values[0]], catalogue, currency)}. {understood}"
    return f"{formats.counted(len(table.rows), 'row')}. {understood}"


def _said(column: str, value: Any, catalogue: Catalogue, currency: str) -> str:
    found = metric_of(column, catalogue)
    words = found[1] if found else ""
    return f"{cell(column, value, catalogue, currency)}{f' {words}' if words else ''}"


def follow_ups(plan: Plan, catalogue: Catalogue) -> list[str]:
    """What may be asked next, in words that are understood: other cuts of the same."""
    question = plan.question
    if question is None or plan.missing or question.each:
        return []
    metrics = [catalogue.metrics[name] for name in question.metrics if name in catalogue.metrics]
    known = [
        catalogue.dimensions[name]
        for name in (metrics[0].dimensions if metrics else ())
        if name in catalogue.dimensions and all(name in one.dimensions for one in metrics)
    ]
    free = [one for one in known if one.kind == "category" and one.name not in (*question.by, *question.where)]
    free.sort(key=lambda one: TELLING.index(one.name) if one.name in TELLING else len(TELLING))
    chips = [f"by {one.label.lower()}" for one in free[:MOST_DIMENSIONS]]
    if not question.grain and not plan.before and not plan.against:
        chips.append("by month")
    if question.start and question.end and not plan.before and not plan.against and not question.grain:
        chips.append("compared with the same period last year")
    return chips


def card_of(turn: Turn, catalogue: Catalogue) -> Card | None:
    """The answer as a card of a dashboard; None where a card cannot say it."""
    plan, question = turn.plan, turn.plan.question
    is_plain = plan.shape.is_plain and not (plan.before or plan.against or plan.steps or plan.missing or plan.only)
    if question is None or not is_plain or len(question.by) > MOST_DIMENSIONS or question.each:
        return None
    if question.excluding or question.within or question.without:
        return None
    stands = all(catalogue.metrics[name].is_stock for name in question.metrics)
    over: Over = "trend" if question.grain else "now" if stands else "period"
    form = forms_of(question.metrics, question.by, over)[0]
    title = turn.text.strip()[:1].upper() + turn.text.strip()[1:80]
    return Card(
        title=title,
        form=form,
        metrics=question.metrics,
        by=question.by,
        over=over,
        where=question.where,
        order=question.order,
        limit=min(question.limit or 10, 200),
    )


def asked_in_words(actor: Actor, question: Question) -> str:
    """A card's question in words that are understood again: its numbers, groups, values and days."""
    known = answers.catalogue(actor)
    told_of = " and ".join(known.metrics[name].label for name in question.metrics)
    cuts = [known.dimensions[name].label.lower() for name in question.by if name in known.dimensions]
    cuts += [question.grain.replace("_", " ")] if question.grain else []
    divided = f" by {' and '.join(cuts)}" if cuts else ""
    named = [word for name, ids in question.where.items() for word in answers.names(actor, name, ids)]
    narrowed = f" for {' and '.join(named)}" if named else ""
    return f"{told_of}{divided}{narrowed}{_days(question)}"


def _days(question: Question) -> str:
    if question.start and question.end:
        return f" from {question.start} to {question.end.fromordinal(question.end.toordinal() - 1)}"
    return f" since {question.start}" if question.start else ""
