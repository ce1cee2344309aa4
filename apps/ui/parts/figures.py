"""The figures on top of a screen: each with its last periods and what it is compared with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.kpi import Kpi, kpi_card
from apps.ui.parts.problems import telling
from warehouse.dashboards import MOST_FIGURES, MOST_METRICS, Dashboard, Where
from warehouse.metrics.answer import Cell, Line
from warehouse.metrics.calendar import MONTHS
from warehouse.metrics.comparison import (
    MOST_PERIODS,
    Against,
    Before,
    before,
    end_before,
    one_period_before,
    window_before,
)
from warehouse.metrics.dashboard import PERIODS, View
from warehouse.metrics.periods import Period, period_of, shifted
from warehouse.metrics.question import PERIOD, Question
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor


def batched(names: list[str], size: int) -> list[list[str]]:
    """The names, so many at a time."""
    return [names[start : start + size] for start in range(0, len(names), size)]


Past = dict[str, list[tuple[Period, Cell]]]


@dataclass(frozen=True)
class Asked:
    """Metrics that one question answers: all of what happened, or all of how things stand, under the same filters."""

    names: tuple[str, ...]
    is_stock: bool
    where: Where
    unheard: tuple[str, ...]


def figure_cards(who: SignedIn, actor: Actor, dashboard: Dashboard, view: View, against: Against) -> None:
    """Draw the figures of a dashboard, six across where there is room."""
    with telling():
        cards = figures(actor, dashboard.figures, view, against)
        with st.grid(3, min_column_width=160, gap="xsmall"):
            for kpi in cards.values():
                kpi_card(who, kpi)


def figures(actor: Actor, names: Sequence[str], view: View, against: Against) -> dict[str, Kpi]:
    """Each metric's figure, in the order of the names: the first of those that the organization has anything of."""
    found: dict[str, Kpi] = {}
    for group in _groups(actor, names, view):
        found |= (_stocks if group.is_stock else _flows)(actor, group, view, against)
    begun = [name for name in names if any(cell.rows for _, cell in found[name].past)]
    rest = [name for name in names if name not in begun]
    shown = [*begun, *rest][:MOST_FIGURES]
    return {name: found[name] for name in names if name in shown}


def _groups(actor: Actor, names: Iterable[str], view: View) -> list[Asked]:
    groups: dict[tuple[bool, tuple[str, ...]], list[str]] = {}
    for name in names:
        metric = answers.metric(actor, name)
        unheard = tuple(one for one in view.where if one not in metric.dimensions)
        groups.setdefault((metric.is_stock, unheard), []).append(name)
    return [
        Asked(tuple(some), is_stock, {n: v for n, v in view.where.items() if n not in unheard}, unheard)
        for (is_stock, unheard), named in groups.items()
        for some in batched(named, MOST_METRICS)
    ]


def _flows(actor: Actor, group: Asked, view: View, against: Against) -> dict[str, Kpi]:
    """What happened in the period."""
    period = view.period
    now = answers.ask(
        actor,
        Question(metrics=group.names, start=period.start, end=period.end, where=group.where, as_of=view.today),
    )
    past, receipt = _past(actor, group, view)
    running = _running(actor, group, view, against) if view.is_running else None
    cards = {}
    for name in group.names:
        compared, its_receipt = before(past[name], period, against, now.metric(name).better), receipt
        if running:
            compared, its_receipt = running[0][name], running[1]
        shown = [*past[name][1 - PERIODS :], (period, now.only(name))]
        cards[name] = _kpi(now, name, compared, its_receipt, [(one.label, cell) for one, cell in shown], group)
    return cards


def _past(actor: Actor, group: Asked, view: View) -> tuple[Past, str]:
    """The values of the periods before the one that is shown, since the first in which anything happened."""
    first = shifted(view.period, -MOST_PERIODS)
    trend = answers.ask(
        actor,
        Question(
            metrics=group.names,
            grain=view.period.grain,
            start=first.start,
            end=view.period.start,
            where=group.where,
            as_of=view.today,
        ),
    )
    cells = {line.keys[PERIOD]: line.cells for line in trend.lines}
    periods = [shifted(view.period, -back) for back in range(MOST_PERIODS, 0, -1)]
    known = {one: cells[start] for one in periods if (start := one.start.isoformat()) in cells}
    return {name: [(one, of[name]) for one, of in known.items()] for name in group.names}, trend.receipt


def _running(actor: Actor, group: Asked, view: View, against: Against) -> tuple[dict[str, Before | None], str]:
    """A period that is not over is compared with as many days of the other one, or with nothing."""
    if not against.is_a_window:
        return dict.fromkeys(group.names), ""
    other = window_before(view.period, against)
    end = end_before(view.period, other, view.today)
    shown = answers.ask(
        actor, Question(metrics=group.names, start=other.start, end=end, where=group.where, as_of=view.today)
    )
    words = f"vs {formats.counted((end - other.start).days, 'day')} of {other.short}"
    return {name: Before(shown.only(name).value, words) for name in group.names}, shown.receipt


def _stocks(actor: Actor, group: Asked, view: View, against: Against) -> dict[str, Kpi]:
    """How things stand on the last day, and how they stood as each period ended."""
    now = answers.ask(actor, Question(metrics=group.names, where=group.where, as_of=view.now))
    ends = [one for one in _ends(view) if one < view.now]
    trend = _at_ends(actor, group, view, ends)
    earlier, receipt = _stood_before(actor, group, view, against)
    cards = {}
    for name in group.names:
        past = [(period_of(day, view.period.grain, view.period.calendar), line.cells[name]) for day, line in trend]
        compared = earlier.get(name) or before(past, view.period, against, now.metric(name).better)
        told = [(formats.day(day), line.cells[name]) for day, line in trend][1 - PERIODS :]
        cards[name] = _kpi(now, name, compared, receipt, [*told, (formats.day(view.now), now.only(name))], group)
    return cards


def _ends(view: View) -> list[date]:
    return [shifted(view.period, -back).end - timedelta(days=1) for back in range(MOST_PERIODS, -1, -1)]


def _at_ends(actor: Actor, group: Asked, view: View, ends: list[date]) -> list[tuple[date, Line]]:
    if not ends:
        return []
    first = shifted(view.period, -MOST_PERIODS)
    lines = answers.sketch(
        actor,
        Question(
            metrics=group.names,
            grain=view.period.grain,
            start=first.start,
            end=ends[-1] + timedelta(days=1),
            where=group.where,
            as_of=view.now,
        ),
    )
    found = {line.keys[PERIOD]: line for line in lines}
    starts = {end: period_of(end, view.period.grain, view.period.calendar).start.isoformat() for end in ends}
    return [(end, found[start]) for end, start in starts.items() if start in found]


def _stood_before(actor: Actor, group: Asked, view: View, against: Against) -> tuple[dict[str, Before], str]:
    if not against.is_a_window:
        return {}, ""
    grain = view.period.grain
    back = 1 if against is Against.PREVIOUS else 12 // MONTHS[grain]
    day = one_period_before(view.now, grain, back)
    shown = answers.ask(actor, Question(metrics=group.names, where=group.where, as_of=day))
    return {name: Before(shown.only(name).value, f"vs {_short(day, view.now)}") for name in group.names}, shown.receipt


def _short(day: date, today: date) -> str:
    """A card has little room: the year only where it is another one."""
    return f"{day.day} {day:%b}" if day.year == today.year else formats.day(day)


def _kpi(
    shown: answers.Shown,
    name: str,
    compared: Before | None,
    receipt: str,
    past: list[tuple[str, Cell]],
    group: Asked,
) -> Kpi:
    return Kpi(shown.metric(name), shown, compared, receipt, past, group.unheard)
