"""Charts on a screen: bars, columns, lines and small lines, and which mark a person clicked."""

from typing import Any

import streamlit as st

from apps.ui.parts import chart_specs
from apps.ui.parts.chart_specs import PICK, ROW_HEIGHT, SPARK_HEIGHT, TALL, Bar, Point, Square, Step


def theme() -> str:
    """`light` or `dark`, as the person looks at it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw_rows(bars: list[Bar], *, alt_text: str, key: str, pickable: bool = False) -> str | None:
    """Horizontal bars with their values written beside them; the key of the one that was clicked."""
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
) -> str | None:
    """Vertical bars over time; the strong one is the period that is shown. The key of the one that was clicked."""
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
) -> str | None:
    """One line per series over time; the key of the point that was clicked."""
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
) -> str | None:
    """Columns divided into parts; the key of the part that was clicked."""
    spec = chart_specs.stacks(tuple(points), tuple(periods), unit, currency, theme(), pickable)
    return _draw(spec, alt_text, key, TALL, pickable=pickable)


def draw_heatmap(
    squares: list[Square], down: list[str], across: list[str], *, alt_text: str, key: str, pickable: bool = False
) -> str | None:
    """A grid of values, its rows and columns in these orders; the key of the square that was clicked."""
    spec = chart_specs.heatmap(tuple(squares), tuple(down), tuple(across), theme(), pickable)
    return _draw(spec, alt_text, key, ROW_HEIGHT * len(down) + 60, pickable=pickable)


def draw_bridge(
    steps: list[Step], *, unit: str, currency: str, alt_text: str, key: str, pickable: bool = False
) -> str | None:
    """From a value to a value; the key of the step that was clicked."""
    spec = chart_specs.bridge(tuple(steps), unit, currency, theme(), pickable)
    return _draw(spec, alt_text, key, TALL, pickable=pickable)


def _draw(spec: dict[str, Any], alt_text: str, key: str, height: int, *, pickable: bool) -> str | None:
    if not pickable:
        st.vega_lite_chart(spec, alt=alt_text, key=key, height=height)
        return None
    # A mark stays marked until another is clicked: a click is told once, in the run that it caused.
    told = f"{key}_picked"
    state = st.vega_lite_chart(
        spec, alt=alt_text, key=key, height=height, on_select=lambda: st.session_state.update({told: True})
    )
    picked = (state.get("selection") or st.session_state.get(key, {}).get("selection", {})).get(PICK) or []
    if not st.session_state.pop(told, False) or not picked:
        return None
    return str(picked[0]["key"])


def draw_spark(points: list[Point], *, alt_text: str, key: str) -> None:
    """A small line without axes; the last point is the value on the card."""
    st.vega_lite_chart(chart_specs.spark(tuple(points), theme()), alt=alt_text, key=key, height=SPARK_HEIGHT)
