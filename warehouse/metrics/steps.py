"""The change of a number from each period to the next: a row for each period, the one before it beside it."""

from datetime import date
from typing import Any

from warehouse.metrics.answer import Answer, answer
from warehouse.metrics.periods import period_of, shifted
from warehouse.metrics.question import PERIOD, Question
from warehouse.metrics.serving import Serving
from warehouse.metrics.shape import BESIDE, NotShapely, Table, change, nothing


def widened(question: Question) -> Question:
    """The same question from one period earlier on: what the first period is compared with. Raises NotShapely."""
    if question.grain is None:
        raise NotShapely("A change from period to period needs periods: say by day, week, month, quarter or year.")
    if question.start is None:
        return question
    first = shifted(period_of(question.start, question.grain, question.calendar), -1)
    return question.model_copy(update={"start": first.start})


def steps(serving: Serving, question: Question) -> tuple[Answer, Table]:
    """A row per group and period of the window: `…`, `…_before`, `…_change`, `…_change_share` (of what was before).

    The one answer beneath is of the window and the period before it. The first period that there is at all is compared
    with nothing. Raises NotShapely, Unknown.
    """
    wide = widened(question.model_copy(update={"limit": None, "order": None}))
    found = answer(serving, wide)
    at = {_key(question, row, date.fromisoformat(row[PERIOD])): row for row in found.rows}
    begin = wide.start or min((date.fromisoformat(row[PERIOD]) for row in found.rows), default=None)
    rows = []
    for row in found.rows:
        day = date.fromisoformat(row[PERIOD])
        if question.start is None or day >= _period(question, question.start):
            rows.append(_stepped(serving, question, row, _before(question, at, row, day, begin)))
    rows.sort(key=lambda row: str(row[PERIOD]))
    names = [f"{name}{suffix}" for name in question.metrics for suffix in ("", *BESIDE)]
    headings = {f"{name}{suffix}": word for name in question.metrics for suffix, word in BESIDE.items()}
    return found, Table([*question.keys, *names], rows, headings)


def _period(question: Question, day: date) -> date:
    assert question.grain is not None
    return period_of(day, question.grain, question.calendar).start


def _key(question: Question, row: dict[str, Any], day: date) -> tuple[Any, ...]:
    return (*(row[name] for name in question.by), _period(question, day))


def _before(
    question: Question, at: dict[tuple[Any, ...], dict[str, Any]], row: dict[str, Any], day: date, begin: date | None
) -> dict[str, Any] | None:
    """The row of the period before; an empty one where nothing happened, None before there was anything."""
    assert question.grain is not None
    earlier = shifted(period_of(day, question.grain, question.calendar), -1).start
    return at.get(_key(question, row, earlier), {} if begin and earlier >= begin else None)


def _stepped(
    serving: Serving, question: Question, row: dict[str, Any], before: dict[str, Any] | None
) -> dict[str, Any]:
    told: dict[str, Any] = {name: row[name] for name in question.keys}
    for name in question.metrics:
        empty = nothing(serving.catalogue.metric(name)) if before is not None else None
        told |= change(name, row[name], (before or {}).get(name, empty))
    return told
