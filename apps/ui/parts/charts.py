"""Charts on a screen or on paper: bars, columns, lines and small lines, and which mark a person clicked."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from apps.ui.parts import chart_specs
from apps.ui.parts.chart_specs import PICK, ROW_HEIGHT, SPARK_HEIGHT, TALL, Bar, Point, Square, Step


@dataclass(frozen=True)
class Drawn:
    """A chart that was drawn: what it is made from, and the key of the mark that was clicked just now."""

    spec: dict[str, Any]
    height: int
    picked: str | None = None


@dataclass
class Sheet:
    """What was drawn and said while nobody looked."""

    drawn: list[Drawn] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_sheet: ContextVar[Sheet | None] = ContextVar("sheet", default=None)


@contextmanager
def on_paper() -> Iterator[Sheet]:
    """Inside, charts are collected instead of shown: there is no screen, as in a report that goes out at night."""
    sheet = Sheet()
    kept = _sheet.set(sheet)
    try:
        yield sheet
    finally:
        _sheet.reset(kept)


def note(text: str) -> None:
    """A quiet line under a chart; Markdown where it is shown."""
    sheet = _sheet.get()
    if sheet is None:
        st.caption(text)
    else:
        sheet.notes.append(text)


def theme() -> str:
    """`light` or `dark`, as the person looks at it; paper is light."""
    if _sheet.get() is not None:
        return "light"
    return "dark" if st.context.theme.type == "dark" else "light"


def draw_rows(bars: list[Bar], *, alt_text: str, key: str, pickable: bool = False) -> Drawn:
    """Horizontal bars with their values written beside them."""
    spec, height = chart_specs.rows(tuple(bars), theme(), pickable), ROW_HEIGHT * max(len(bars), 1) + 10
    return _draw(spec, alt_text, key, height, pickable=pickable)


def draw_columns(
    bars: list[Bar],
    *,
    unit: str,
    currency: str,
    alt_text: str,
    key: str,
    height: int = TALL,
    pickable: bool = False,
) -> Drawn:
    """Vertical bars over time; the strong one is the period that is shown."""
    spec = chart_specs.columns(tuple(bars), unit, currency, theme(), pickable)
    return _draw(spec, alt_text, key, height, pickable=pickable)


def draw_lines(
    points: list[Point],
    periods: list[str],
    *,
    alt_text: str,
    key: str,
    height: int = TALL,
    unit: str = "count",
    currency: str = "",
    pickable: bool = False,
) -> Drawn:
    """One line per series over time."""
    spec = chart_specs.lines(tuple(points), tuple(periods), unit, currency, theme(), pickable)
    return _draw(spec, alt_text, key, height, pickable=pickable)


def draw_stacks(
    points: list[Point],
    periods: list[str],
    *,
    unit: str,
    currency: str,
    alt_text: str,
    key: str,
    pickable: bool = False,
) -> Drawn:
    """Columns divided into parts."""
    spec = chart_specs.stacks(tuple(points), tuple(periods), unit, currency, theme(), pickable)
    return _draw(spec, alt_text, key, TALL, pickable=pickable)


def draw_heatmap(
    squares: list[Square], down: list[str], across: list[str], *, alt_text: str, key: str, pickable: bool = False
) -> Drawn:
    """A grid of values, its rows and columns in these orders."""
    spec = chart_specs.heatmap(tuple(squares), tuple(down), tuple(across), theme(), pickable)
    return _draw(spec, alt_text, key, ROW_HEIGHT * len(down) + 60, pickable=pickable)


def draw_bridge(steps: list[Step], *, alt_text: str, key: str, pickable: bool = False) -> Drawn:
    """From a value to a value."""
    spec = chart_specs.bridge(tuple(steps), theme(), pickable)
    return _draw(spec, alt_text, key, ROW_HEIGHT * len(steps) + 10, pickable=pickable)


def draw_spark(points: list[Point], *, alt_text: str, key: str) -> Drawn:
    """A small line without axes; the last point is the value on the card."""
    return _draw(chart_specs.spark(tuple(points), theme()), alt_text, key, SPARK_HEIGHT, pickable=False)


def _draw(spec: dict[str, Any], alt_text: str, key: str, height: int, *, pickable: bool) -> Drawn:
    sheet = _sheet.get()
    if sheet is not None:
        sheet.drawn.append(Drawn(spec, height))
        return sheet.drawn[-1]
    if not pickable:
        st.vega_lite_chart(spec, alt=alt_text, key=key, height=height)
        return Drawn(spec, height)
    # A mark stays marked until another is clicked: a click is told once, in the run that it caused.
    told = f"{key}_picked"
    state = st.vega_lite_chart(
        spec, alt=alt_text, key=key, height=height, on_select=lambda: st.session_state.update({told: True})
    )
    picked = state.get("selection", {}).get(PICK) or []
    is_new = st.session_state.pop(told, False)
    return Drawn(spec, height, str(picked[0]["key"]) if picked and is_new else None)
