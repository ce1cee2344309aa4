"""Asks the metrics through a cache that knows the organization and the build."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from warehouse import cache
from warehouse.cache import CacheKey
from warehouse.extracts.publish import Provenance
from warehouse.metrics.answer import Cell, Line, answer, plan, records_behind
from warehouse.metrics.calendar import Calendar, calendar_of
from warehouse.metrics.catalogue import Catalogue, Metric, Part, Unknown
from warehouse.metrics.names import words_for
from warehouse.metrics.periods import Opening, opening
from warehouse.metrics.question import Question
from warehouse.metrics.receipts import canonical, write_receipt
from warehouse.metrics.serving import Serving, last_event, serving_as
from warehouse.metrics.why import Why
from warehouse.metrics.why import why as taken
from warehouse.oltp.days import today_at
from warehouse.oltp.engine import reading_as
from warehouse.tenancy import Actor


@dataclass(frozen=True)
class Shown:
    """An answer as a screen shows it, with the receipt that stands behind it."""

    question: Question
    metrics: tuple[Metric, ...]
    rows: list[dict[str, Any]]
    lines: list[Line]
    receipt: str
    provenance: Provenance
    tables: dict[str, str | None]
    """Metric → the operational table whose records its rows are, where people keep them."""

    def only(self, metric: str) -> Cell:
        """The single cell of an ungrouped answer."""
        return self.lines[0].cells[metric]

    def metric(self, name: str) -> Metric:
        """One of its metrics, by name."""
        return next(metric for metric in self.metrics if metric.name == name)


def ask(actor: Actor, question: Question) -> Shown:
    """Answer a question and keep its receipt; the same question of the same build is answered once."""
    opened, question = _open(actor), _asked_here(actor, question)
    kept = cache.get_or_make(_key(actor, opened, "answers", question), lambda: _answered(actor, opened, question))
    lines = _lines(kept)
    metrics = tuple(opened.catalogue.metric(name) for name in question.metrics)
    tables = {one.name: opened.catalogue.table_of(one.parts[0].model) for one in metrics}
    return Shown(question, metrics, _rows(lines, kept["words"]), lines, kept["receipt"], opened.provenance, tables)


def why(actor: Actor, now: Question, before: Question) -> Why:
    """Take the change of a metric between two windows apart. Raises NotDivisible."""
    return taken(_open(actor), now, before)


def sketch(actor: Actor, question: Question) -> list[Line]:
    """Answer a question that only draws a line in the background: no receipt is written."""
    opened, question = _open(actor), _asked_here(actor, question)
    key = _key(actor, opened, "sketches", question)
    return _lines(cache.get_or_make(key, lambda: {"lines": [one.stored() for one in answer(opened, question).lines]}))


def records(actor: Actor, question: Question, part: Part, limit: int) -> list[str]:
    """Ids of the records behind one part of a question's metric."""
    opened = _open(actor)

    def behind() -> list[str]:
        return records_behind(opened, plan(opened, question), part, limit)

    return cache.get_or_make(_key(actor, opened, "records", question, part.column, limit), behind)


def choices(actor: Actor, dimension: str, as_of: date, metric: str = "deal_count") -> list[str]:
    """The words a dimension can be filtered by, sorted: those that a metric has rows of."""
    opened = _open(actor)
    question = Question(metrics=(metric,), by=(dimension,), order=dimension, as_of=as_of)

    def offered() -> list[str]:
        found = answer(opened, question).rows
        return sorted({str(row[dimension]) for row in found if row[dimension] is not None}, key=str.casefold)

    return cache.get_or_make(_key(actor, opened, "choices", question), offered)


def names(actor: Actor, dimension: str, ids: tuple[str | None, ...]) -> list[str]:
    """What people call the values of a filter. Raises Unknown for one the actor does not know."""
    opened = _open(actor)
    told = opened.catalogue.dimensions.get(dimension)
    if told is None:
        raise Unknown(f"There is no {dimension!r} to group or filter by.")
    words = words_for(opened, told, ids) if told.names else {}
    return ["unknown" if one is None else str(words.get(one) or one) for one in ids]


def catalogue(actor: Actor) -> Catalogue:
    """Everything this actor may ask their organization's numbers for."""
    return _open(actor).catalogue


def metric(actor: Actor, name: str) -> Metric:
    """A metric as this organization's numbers define it."""
    return _open(actor).catalogue.metric(name)


def offers(actor: Actor, dimension: str) -> bool:
    """Whether this actor may group and filter by a dimension."""
    return dimension in _open(actor).catalogue.dimensions


def latest_day(actor: Actor) -> date | None:
    """The last day anything happened in this actor's organization; None before that."""
    return last_event(_open(actor))


def opens_on(actor: Actor) -> Opening:
    """Which day a screen counts from."""
    with reading_as(actor) as session:
        today = today_at(session, actor.organization_id)
    return opening(today, latest_day(actor))


def calendar(actor: Actor) -> Calendar:
    """Where this organization's weeks and fiscal years begin."""
    with reading_as(actor) as session:
        return calendar_of(session, actor.organization_id)


def _asked_here(actor: Actor, question: Question) -> Question:
    """Periods begin where the organization lets them begin."""
    return question.model_copy(update={"calendar": calendar(actor)}) if question.grain else question


def _open(actor: Actor) -> Serving:
    return serving_as(actor)


def _key(actor: Actor, opened: Serving, what: str, question: Question, *parts: str | int) -> CacheKey:
    """The same question of the same file is answered once; an answer with names in it stays in this process."""
    made = opened.path.stat().st_mtime_ns
    told = canonical(question.canonical())
    known = opened.catalogue.dimensions
    # An unknown one is told of when the question is planned.
    names_people = any(name in known and known[name].is_person for name in question.by)
    return CacheKey.of(actor, what, str(opened.path), made, told, *parts, personal=names_people)


def _answered(actor: Actor, opened: Serving, question: Question) -> dict[str, Any]:
    found = answer(opened, question)
    people = [name for name in question.by if opened.catalogue.dimensions[name].is_person]
    return {
        "lines": [line.stored() for line in found.lines],
        "words": {name: [row[name] for row in found.rows] for name in people},
        "receipt": write_receipt(actor, found),
    }


def _lines(kept: dict[str, Any]) -> list[Line]:
    return [Line(one["keys"], {name: _cell(cell) for name, cell in one["cells"].items()}) for one in kept["lines"]]


def _cell(kept: dict[str, Any]) -> Cell:
    return Cell(stored_value(kept), kept["rows"], int(kept["fingerprint"]), kept["known"])


def _rows(lines: list[Line], words: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """What each line says to people: the words found for ids, and plain values."""
    return [
        line.keys
        | {name: found[number] for name, found in words.items()}
        | {name: cell.value for name, cell in line.cells.items()}
        for number, line in enumerate(lines)
    ]


def stored_value(cell: dict[str, Any]) -> int | Decimal | None:
    """A receipt's value as it was: counts are whole, everything else is exact text."""
    value = cell["value"]
    return Decimal(value) if isinstance(value, str) else value


def moment(told: str) -> datetime:
    """A build's time."""
    return datetime.fromisoformat(told)
