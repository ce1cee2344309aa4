"""One card of a dashboard: its question asked, its form drawn, and every mark of it a way to the number behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from apps.ui import answers, formats
from apps.ui.answers import Shown
from apps.ui.parts import charts
from apps.ui.parts.card_menu import card_menu, open_chosen
from apps.ui.parts.card_table import draw_table
from apps.ui.parts.cards import card_head
from apps.ui.parts.chart_specs import TALL, Bar, Point, Square, Step
from apps.ui.parts.charts import Drawn
from apps.ui.parts.cohorts import draw_cohorts
from apps.ui.parts.cross_filter import ways
from apps.ui.parts.problems import telling
from apps.ui.parts.receipt import open_receipt
from apps.ui.parts.words import ORDERS, in_order, value_in_words
from warehouse.dashboards import Card, Dashboard
from warehouse.metrics.answer import Line
from warehouse.metrics.comparison import Against, window_before
from warehouse.metrics.dashboard import View, question_of, unheard
from warehouse.metrics.periods import Period, shifted
from warehouse.metrics.question import PERIOD, Question
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

MOST_SERIES = 5
"""More cannot be told apart by colour; the rest is drawn as one."""
OTHERS = "Others"


@dataclass(frozen=True)
class Drawing:
    """A card with its answer, on its way to the screen."""

    who: SignedIn
    actor: Actor
    card: Card
    view: View
    against: Against
    shown: Shown
    key: str
    filters: tuple[str, ...] = ()
    """What the page can be filtered by, so that a mark can filter it."""

    @property
    def metric(self) -> str:
        """The metric of a card that shows one."""
        return self.card.metrics[0]

    @property
    def unit(self) -> str:
        """Its unit."""
        return self.shown.metric(self.metric).unit

    @property
    def currency(self) -> str:
        """Of every amount on it."""
        return self.who.currency or "USD"

    def told(self, value: Any, metric: str = "") -> str:
        """A value as a card writes it."""
        return formats.number(value, self.shown.metric(metric or self.metric).unit, self.currency)

    def word(self, dimension: str, row: dict[str, Any]) -> str:
        """What a line is called by a dimension."""
        return value_in_words(dimension, row[dimension] if row[dimension] is None else str(row[dimension])).replace(
            "unknown", "Unknown"
        )


def card_rows(who: SignedIn, actor: Actor, dashboard: Dashboard, view: View, against: Against) -> None:
    """The cards of a dashboard, side by side where it says so."""
    for place, row in enumerate(dashboard.rows):
        for number, (column, card) in enumerate(zip(st.columns(len(row)), row, strict=True)):
            with column:
                key = f"{dashboard.name}_{place}_{number}"
                dashboard_card(who, actor, card, view, against, key, dashboard.filters)


def dashboard_card(
    who: SignedIn,
    actor: Actor,
    card: Card,
    view: View,
    against: Against,
    key: str,
    filters: tuple[str, ...] = (),
) -> None:
    """Ask and draw; whatever goes wrong is told in this card alone."""
    with st.container(border=True, height="stretch"):
        head = card_head(card.title)
        with telling():
            known = answers.catalogue(actor)
            shown = answers.ask(actor, question_of(card, view, known))
            drawing = Drawing(who, actor, card, view, against, shown, key, filters)
            with head:
                chosen = card_menu(actor, card.title, key)
            drawn = None
            if all(cell.value is None for line in drawing.shown.lines for cell in line.cells.values()):
                st.caption(f"Nothing {_when(card, view)}.")
            else:
                drawn = FORMS[card.form](drawing)
            _notes(card, unheard(card, view, known))
            if chosen:
                open_chosen(who, chosen, drawing.shown, card.title, drawn)
            elif drawn and drawn.picked:
                _open(drawing, drawn.picked)


def _when(card: Card, view: View) -> str:
    if card.over == "now":
        return f"as of {formats.day(view.now)}"
    return f"in {view.period.label}" if card.over == "period" else "in these periods"


def _notes(card: Card, unheard: list[str]) -> None:
    told = [card.note] if card.note else []
    if unheard:
        told.append(f"Not filtered by {' or '.join(unheard).replace('_', ' ')}, which it does not know.")
    if told:
        st.caption(formats.plain(" ".join(told)))


def _open(drawing: Drawing, picked: str) -> None:
    """The number behind a mark: the same question of that mark alone, with the records it stands on."""
    number, _, metric = picked.partition(":")
    question, narrow = drawing.shown.question, dict[str, str]()
    if number.isdigit():
        row, known = drawing.shown.rows[int(number)], answers.catalogue(drawing.actor)
        narrow = ways(drawing.actor, row, drawing.filters, metric, known)
        question = question.of_line(drawing.shown.lines[int(number)].keys, metric)
    else:
        question = question.model_copy(update={"metrics": (metric,)})
    open_receipt(drawing.who, answers.ask(drawing.actor, question).receipt, metric, narrow=narrow)


def _by_period(drawing: Drawing) -> list[tuple[Period, list[tuple[int, Line]]]]:
    """The periods of a trend with their lines, since the first that has any."""
    found: dict[str, list[tuple[int, Line]]] = {}
    for number, line in enumerate(drawing.shown.lines):
        found.setdefault(line.keys[PERIOD], []).append((number, line))
    first = min(found)
    return [(one, found.get(start, [])) for one in drawing.view.trend if (start := one.start.isoformat()) >= first]


def _columns(drawing: Drawing) -> Drawn | None:
    if drawing.card.by:
        # Only what adds up can be stacked: shares and averages of parts are no parts of the whole.
        return _stacks(drawing) if _adds_up(drawing) else _lines(drawing)
    nothing = 0 if drawing.shown.metric(drawing.metric).kind == "simple" else None
    bars = []
    for period, lines in _by_period(drawing):
        value = lines[0][1].cells[drawing.metric].value if lines else nothing
        key = f"{lines[0][0]}:{drawing.metric}" if lines else ""
        is_shown = period.start == drawing.view.period.start
        if value is not None:
            bars.append(Bar(key, period.short, float(value), drawing.told(value), is_shown))
    return charts.draw_columns(
        bars,
        unit=drawing.unit,
        currency=drawing.currency,
        alt_text=_alt(drawing, [f"{bar.label}: {formats.spoken(bar.shown)}" for bar in bars]),
        key=drawing.key,
        pickable=True,
    )


def _stacks(drawing: Drawing) -> Drawn | None:
    points = _points_of_groups(drawing)
    return charts.draw_stacks(
        points,
        [period.short for period, _ in _by_period(drawing)],
        unit=drawing.unit,
        currency=drawing.currency,
        alt_text=_alt(drawing, [f"{one.series} in {one.period}: {one.shown}" for one in points]),
        key=drawing.key,
        pickable=True,
    )


def _points_of_groups(drawing: Drawing) -> list[Point]:
    """The largest groups each for itself, the others as one where they add up; the others cannot be clicked."""
    [dimension], shown = drawing.card.by, drawing.shown
    sizes: dict[str, Decimal] = {}
    for row in shown.rows:
        name = drawing.word(dimension, row)
        sizes[name] = sizes.get(name, Decimal(0)) + abs(Decimal(row[drawing.metric] or 0))
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))
    kept = largest if len(largest) <= MOST_SERIES + 1 else largest[:MOST_SERIES]
    adds_up = _adds_up(drawing)
    points: list[Point] = []
    others: dict[str, Decimal] = {}
    for period, lines in _by_period(drawing):
        for number, line in lines:
            name, value = drawing.word(dimension, shown.rows[number]), line.cells[drawing.metric].value
            if value is None:
                continue
            if name in kept:
                key = f"{number}:{drawing.metric}"
                points.append(Point(period.short, name, float(value), drawing.told(value), key))
            elif adds_up:
                others[period.short] = others.get(period.short, Decimal(0)) + Decimal(value)
    points.sort(key=lambda point: kept.index(point.series))
    return points + [Point(name, OTHERS, float(value), drawing.told(value)) for name, value in others.items()]


def _adds_up(drawing: Drawing) -> bool:
    metric = drawing.shown.metric(drawing.metric)
    return metric.kind == "simple" and metric.parts[0].is_sum


def _lines(drawing: Drawing) -> Drawn | None:
    points = _points_of_groups(drawing) if drawing.card.by else _points_of_metrics(drawing)
    return charts.draw_lines(
        points,
        [period.short for period, _ in _by_period(drawing)],
        alt_text=_alt(drawing, [f"{one.series} in {one.period}: {formats.spoken(one.shown)}" for one in points]),
        key=drawing.key,
        unit=drawing.unit,
        currency=drawing.currency,
        height=TALL,
        pickable=True,
    )


def _points_of_metrics(drawing: Drawing) -> list[Point]:
    points = []
    for name in drawing.card.metrics:
        metric = drawing.shown.metric(name)
        for period, lines in _by_period(drawing):
            value = lines[0][1].cells[name].value if lines else (0 if metric.kind == "simple" else None)
            if value is not None:
                key = f"{lines[0][0]}:{name}" if lines else ""
                points.append(Point(period.short, metric.label, float(value), drawing.told(value, name), key))
    return points


def _bars(drawing: Drawing) -> Drawn | None:
    [dimension], shown = drawing.card.by, drawing.shown
    before = _before(drawing)
    bars, past = [], before[1] if before else {}
    for number, (row, line) in enumerate(zip(shown.rows, shown.lines, strict=True)):
        cell = line.cells[drawing.metric]
        if cell.value is None:
            continue
        was = past.get(line.keys[dimension])
        said = f"{drawing.told(was)} in {before[0].short}" if before and was is not None else ""
        bars.append(
            Bar(
                f"{number}:{drawing.metric}",
                drawing.word(dimension, row),
                float(cell.value),
                drawing.told(cell.value),
                before=None if was is None else float(was),
                said=said,
            )
        )
    if dimension in ORDERS:
        words = [value_in_words(dimension, one) for one in in_order(dimension, [row[dimension] for row in shown.rows])]
        bars.sort(key=lambda bar: words.index(bar.label) if bar.label in words else len(words))
    told = [f"{bar.label}: {formats.spoken(bar.shown)}{f', {bar.said}' if bar.said else ''}" for bar in bars]
    drawn = charts.draw_rows(bars, alt_text=_alt(drawing, told), key=drawing.key, pickable=True)
    _under_bars(drawing, before[0] if before else None, any(bar.said for bar in bars))
    return drawn


def _under_bars(drawing: Drawing, before: Period | None, are_compared: bool) -> None:
    told = []
    if len(drawing.shown.rows) == drawing.card.limit:
        told.append(f"The first {drawing.card.limit}.")
    if before and are_compared:
        told.append(f"The tick is {before.label}.")
    if told:
        charts.note(" ".join(told))


def _before(drawing: Drawing) -> tuple[Period, dict[Any, Any]] | None:
    """What the bars are compared with: the same groups in the one other period, by their keys."""
    card, view = drawing.card, drawing.view
    if card.over != "period" or view.is_running or not drawing.against.is_a_window:
        return None
    other, [dimension] = window_before(view.period, drawing.against), card.by
    keys = tuple(line.keys[dimension] for line in drawing.shown.lines)
    asked = drawing.shown.question
    question = asked.model_copy(
        update={
            "start": other.start,
            "end": other.end,
            "limit": None,
            "where": asked.where if dimension in asked.where else asked.where | {dimension: keys},
        }
    )
    lines = answers.sketch(drawing.actor, question)
    return other, {line.keys[dimension]: line.cells[drawing.metric].value for line in lines}


def _table(drawing: Drawing) -> Drawn | None:
    picked = draw_table(drawing.shown, drawing.currency, drawing.card.title, drawing.key)
    return None if picked is None else Drawn({}, 0, f"{picked}:{drawing.metric}")


def _heatmap(drawing: Drawing) -> Drawn | None:
    card, shown = drawing.card, drawing.shown
    down, across = (card.by[0], PERIOD) if card.over == "trend" else card.by
    squares = []
    for number, (row, line) in enumerate(zip(shown.rows, shown.lines, strict=True)):
        value = line.cells[drawing.metric].value
        if value is not None:
            first, second = _word(drawing, down, row), _word(drawing, across, row)
            squares.append(Square(first, second, float(value), drawing.told(value), f"{number}:{drawing.metric}"))
    orders = [
        list(
            dict.fromkeys(
                _word(drawing, one, {one: value}) for value in in_order(one, {row[one] for row in shown.rows})
            )
        )
        for one in (down, across)
    ]
    told = [f"{one.row}, {one.column}: {one.shown}" for one in squares]
    return charts.draw_heatmap(squares, *orders, alt_text=_alt(drawing, told), key=drawing.key, pickable=True)


def _word(drawing: Drawing, name: str, row: dict[str, Any]) -> str:
    return _period_word(drawing, row) if name == PERIOD else drawing.word(name, row)


def _period_word(drawing: Drawing, row: dict[str, Any]) -> str:
    start = date.fromisoformat(row[PERIOD])
    return next((one.short for one in drawing.view.trend if one.start == start), row[PERIOD])


def _bridge(drawing: Drawing) -> Drawn | None:
    whole, *moves = drawing.card.metrics
    opened = answers.ask(drawing.actor, _at_the_start(drawing)).only(whole).value or Decimal(0)
    cells, at = drawing.shown.lines[0].cells, Decimal(opened)
    steps = [Step(shifted(drawing.view.period, -1).short, 0.0, float(opened), drawing.told(opened), "whole", "")]
    for name in moves:
        value = Decimal(cells[name].value or 0)
        if not value:
            continue
        ends = sorted((at, at + value))
        moved = ("+" if value > 0 else "") + drawing.told(value)
        label = drawing.shown.metric(name).label.removesuffix(f" {drawing.shown.metric(whole).label}")
        kind = "more" if value >= 0 else "less"
        steps.append(Step(label, float(ends[0]), float(ends[1]), moved, kind, f"0:{name}"))
        at += value
    closed = cells[whole].value or Decimal(0)
    steps.append(Step(drawing.view.period.short, 0.0, float(closed), drawing.told(closed), "whole", f"0:{whole}"))
    told = [f"{step.label}: {step.shown}" for step in steps]
    drawn = charts.draw_bridge(
        steps,
        alt_text=_alt(drawing, told),
        key=drawing.key,
        pickable=True,
    )
    if at != closed:
        rest = drawing.told(Decimal(closed) - at)
        charts.note(
            formats.plain(f"{rest} of the change is of no kind: amounts in another currency moved with its rate.")
        )
    return drawn


def _at_the_start(drawing: Drawing) -> Question:
    """The whole as it stood on the evening before the period began."""
    before = shifted(drawing.view.period, -1)
    return drawing.shown.question.model_copy(
        update={"metrics": drawing.card.metrics[:1], "start": before.start, "end": before.end}
    )


def _alt(drawing: Drawing, told: list[str]) -> str:
    return f"{drawing.card.title}. {'; '.join(told)}"


FORMS: dict[str, Callable[[Drawing], Drawn | None]] = {
    "columns": _columns,
    "lines": _lines,
    "bars": _bars,
    "table": _table,
    "heatmap": _heatmap,
    "bridge": _bridge,
    "cohorts": draw_cohorts,
}
"""How each form is drawn; gives the mark that was clicked, as the number of its line and its metric."""
