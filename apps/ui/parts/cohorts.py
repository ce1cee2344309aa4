"""A grid of cohorts: what came in one period, and how it stood so many periods later; each square is a number of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts import charts
from apps.ui.parts.chart_specs import Square
from apps.ui.parts.charts import Drawn
from apps.ui.parts.receipt import open_receipt
from warehouse.metrics.periods import Period
from warehouse.metrics.question import PERIOD, Question
from warehouse.tenancy import Actor

if TYPE_CHECKING:
    from apps.ui.parts.dashboard_card import Drawing


@dataclass(frozen=True)
class Stay:
    """One cohort, so many periods later."""

    cohort: Period
    later: int
    value: Decimal
    question: Question
    """That asks for this value alone."""


def stays(actor: Actor, asked: Question, trend: Sequence[Period], today: date) -> list[Stay]:
    """The metric of each period of the trend, as it was known at the end of that period and of each later one.

    The last period may run: then it is told as of today. `asked` divides the metric by the trend's periods.
    """
    [metric] = asked.metrics
    places = {period.start.isoformat(): number for number, period in enumerate(trend)}
    found = []
    for number, period in enumerate(trend):
        as_of = min(period.end - timedelta(days=1), today)
        question = asked.model_copy(update={"start": trend[0].start, "end": period.end, "as_of": as_of})
        for line in answers.sketch(actor, question):
            place, value = places.get(line.keys[PERIOD]), line.cells[metric].value
            if place is not None and value is not None:
                cell = question.of_line(line.keys, metric)
                found.append(Stay(trend[place], number - place, Decimal(value), cell))
    return sorted(found, key=lambda one: (one.cohort.start, one.later))


def draw_cohorts(drawing: "Drawing") -> Drawn | None:
    """The cohorts below one another, the periods since beside one another; a square leads to its receipt."""
    found = stays(drawing.actor, drawing.shown.question, drawing.view.trend, drawing.view.today)
    if not found:
        st.caption("Nothing in these periods.")
        return None
    squares = [
        Square(one.cohort.short, _since(one.later), float(one.value), drawing.told(one.value), str(number))
        for number, one in enumerate(found)
    ]
    told = [f"{one.row}, {one.column}: {formats.spoken(one.shown)}" for one in squares]
    drawn = charts.draw_heatmap(
        squares,
        list(dict.fromkeys(one.row for one in squares)),
        [_since(later) for later in range(max(one.later for one in found) + 1)],
        alt_text=f"{drawing.card.title}. {'; '.join(told)}",
        key=drawing.key,
        pickable=True,
    )
    if drawn.picked:
        receipt = answers.ask(drawing.actor, found[int(drawn.picked)].question).receipt
        open_receipt(drawing.who, receipt, drawing.metric)
    return Drawn(drawn.spec, drawn.height)


def _since(later: int) -> str:
    """What a column is called: how many periods after the cohort's own."""
    return f"+{later}"
