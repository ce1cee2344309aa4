"""An answer in plain words as a picture, by rule: time is a line, one group is bars, one number a figure, else a table."""

from datetime import date
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts import charts
from apps.ui.parts.asked import cell, heading, unit_of
from apps.ui.parts.card_table import FORMATS
from apps.ui.parts.chart_specs import Bar, Point
from ml.language.answering import Told
from ml.language.plan import Plan
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.periods import Period, period_of
from warehouse.metrics.question import PERIOD

MOST_BARS, MOST_SERIES, MOST_SHOWN = 15, 6, 200


def draw(plan: Plan, found: Told, catalogue: Catalogue, currency: str, key: str) -> None:
    """The picture of the first number, and every row under it."""
    rows, question = found.table.rows, plan.question
    if question is None or not rows:
        return
    metric = question.metrics[0]
    is_told = metric in found.table.columns
    if len(rows) == 1 and not any(name in found.table.columns for name in question.by):
        figures(found, catalogue, currency)
        return
    if is_told and question.grain and len(question.by) <= 1 and not question.each:
        _lines(plan, found, catalogue, currency, key)
    elif is_told and len(question.by) == 1 and not question.each and not question.grain:
        _bars(plan, found, catalogue, currency, key)
    table(found, catalogue, currency)


def figures(found: Told, catalogue: Catalogue, currency: str) -> None:
    """One row of numbers as figures side by side."""
    [row] = found.table.rows
    with st.grid(3, min_column_width=160, gap="xsmall"):
        for name in found.table.columns:
            with st.container(border=True, height="stretch"):
                label = heading(name, catalogue, "").replace(" ()", "")
                st.metric(formats.plain(label), cell(name, row[name], catalogue, currency))


def _lines(plan: Plan, found: Told, catalogue: Catalogue, currency: str, key: str) -> None:
    question = plan.question
    points: list[tuple[Period, Point]] = []
    assert question is not None
    assert question.grain is not None
    metrics = question.metrics if not question.by else question.metrics[:1]
    unit = unit_of(metrics[0], catalogue)
    names = [name for name in metrics if unit_of(name, catalogue) == unit]
    for row in found.table.rows:
        period = period_of(date.fromisoformat(str(row[PERIOD])), question.grain, question.calendar)
        for name in names:
            series = cell(question.by[0], row[question.by[0]], catalogue, currency) if question.by else ""
            value = row[name]
            if value is not None:
                label = series or catalogue.metrics[name].label
                points.append(
                    (period, Point(period.short, label, float(value), cell(name, value, catalogue, currency)))
                )
    points.sort(key=lambda pair: pair[0].start)
    series_of = list(dict.fromkeys(point.series for _, point in points))
    if len(series_of) > MOST_SERIES or not points:
        return
    shown = [point for _, point in points]
    told = "; ".join(f"{one.series} in {one.period}: {formats.spoken(one.shown)}" for one in shown[:40])
    periods = list(dict.fromkeys(point.period for point in shown))
    charts.draw_lines(shown, periods, alt_text=f"{plan.understood} {told}", key=key, unit=unit, currency=currency)


def _bars(plan: Plan, found: Told, catalogue: Catalogue, currency: str, key: str) -> None:
    question = plan.question
    assert question is not None
    [dimension], name = question.by, question.metrics[0]
    rows = [row for row in found.table.rows if row.get(name) is not None]
    if not question.order and not plan.change:
        rows.sort(key=lambda row: -row[name])
    bars = [_bar(row, dimension, name, catalogue, currency, str(place)) for place, row in enumerate(rows[:MOST_BARS])]
    if bars:
        told = "; ".join(f"{bar.label}: {formats.spoken(bar.shown)}" for bar in bars)
        charts.draw_rows(bars, alt_text=f"{plan.understood} {told}", key=key)
    if len(rows) > MOST_BARS:
        st.caption(f"The first {MOST_BARS} of {len(rows)}.")


def _bar(row: dict[str, Any], dimension: str, name: str, catalogue: Catalogue, currency: str, key: str) -> Bar:
    before = row.get(f"{name}_before")
    return Bar(
        key,
        cell(dimension, row[dimension], catalogue, currency),
        float(row[name]),
        cell(name, row[name], catalogue, currency),
        before=None if before is None else float(before),
        said="" if before is None else f"{cell(name, before, catalogue, currency)} before",
    )


def table(found: Told, catalogue: Catalogue, currency: str) -> None:
    """Every row, up to as many as a screen can show."""
    units = {name: unit_of(name, catalogue) for name in found.table.columns}
    rows = [
        {
            name: _number(row[name])
            if unit
            else row[name]
            if name in _DAYS
            else cell(name, row[name], catalogue, currency)
            for name, unit in units.items()
        }
        for row in found.table.rows[:MOST_SHOWN]
    ]
    columns = {
        name: st.column_config.NumberColumn(heading(name, catalogue, currency), format=FORMATS[unit])
        if unit
        else st.column_config.TextColumn(heading(name, catalogue, currency))
        for name, unit in units.items()
    }
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        height="content" if len(rows) <= 10 else 400,
        placeholder=formats.UNKNOWN,
        alt="The rows of the answer",
    )
    if len(found.table.rows) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} of {len(found.table.rows):,}.")


def _number(value: Any) -> float | None:
    """As a table sorts it: to the last digit, where a sentence rounds."""
    return None if value is None else float(value)


_DAYS = {PERIOD}
