"""Chart specifications: built once per content and theme, drawn many times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import streamlit as st
from altair.utils import schemapi

from apps.ui.formats import symbol

MAIN = {"light": "#0b5f5f", "dark": "#5cc4b8"}
MUTED = {"light": "#aed5d1", "dark": "#2f6f6b"}
TEXT = {"light": "#0f1a1e", "dark": "#e8ecea"}
SERIES = {"light": ["#3f6fb5", "#0b5f5f", "#c2571a"], "dark": ["#86aee8", "#5cc4b8", "#eb9a62"]}
ROW_HEIGHT = 32
PICK = "pick"


@dataclass(frozen=True)
class Bar:
    """One mark: what it is called, how long it is, and what is written beside it."""

    key: str
    label: str
    value: float
    shown: str
    strong: bool = True


@dataclass(frozen=True)
class Point:
    """One value of a series in a period."""

    period: str
    series: str
    value: float
    shown: str


def theme() -> str:
    """`light` or `dark`, as the person looks at it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw_rows(bars: list[Bar], *, alt_text: str, key: str, pickable: bool = False) -> str | None:
    """Horizontal bars with their values written beside them; the key of the one that was clicked."""
    spec = _rows_spec(tuple(bars), theme(), pickable)
    if not pickable:
        st.vega_lite_chart(spec, alt=alt_text, key=key)
        return None
    state = st.vega_lite_chart(spec, alt=alt_text, key=key, on_select="rerun")
    picked = state.get("selection", {}).get(PICK) or []
    return str(picked[0]["key"]) if picked else None


def draw_columns(bars: list[Bar], *, unit: str, currency: str, alt_text: str, key: str) -> None:
    """Vertical bars over time; the strong one is the period that is shown."""
    st.vega_lite_chart(_columns_spec(tuple(bars), unit, currency, theme()), alt=alt_text, key=key)


def draw_lines(points: list[Point], *, alt_text: str, key: str) -> None:
    """One line per series over time."""
    st.vega_lite_chart(_lines_spec(tuple(points), theme()), alt=alt_text, key=key)


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def _rows_spec(bars: tuple[Bar, ...], look: str, pickable: bool) -> dict[str, Any]:
    order = [bar.label for bar in bars]
    longest = max([abs(bar.value) for bar in bars] + [1e-9])
    base = alt.Chart(_data(bars)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=170, ticks=False, domain=False)),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title="  ")],
    )
    # Room at the end of the longest bar for what is written beside it.
    scale = alt.Scale(domain=[0, longest * 1.32])
    x = alt.X("value:Q", scale=scale, axis=None)
    marks = base.mark_bar(cornerRadiusEnd=3, height=18, color=MAIN[look], cursor="pointer" if pickable else "default")
    if pickable:
        marks = marks.add_params(alt.selection_point(name=PICK, fields=["key"]))
    words = base.mark_text(align="left", dx=6, fontSize=12.5, color=TEXT[look]).encode(x=x, text="shown:N")
    return _spec(lambda: alt.layer(marks.encode(x=x), words).properties(height=ROW_HEIGHT * max(len(bars), 1)))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def _columns_spec(bars: tuple[Bar, ...], unit: str, currency: str, look: str) -> dict[str, Any]:
    chart = (
        alt.Chart(_data(bars))
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=alt.X(
                "label:O",
                sort=[bar.label for bar in bars],
                title=None,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False),
                scale=alt.Scale(paddingInner=0.28),
            ),
            y=alt.Y("value:Q", title=None, axis=_axis(unit, currency)),
            color=alt.condition("datum.strong", alt.value(MAIN[look]), alt.value(MUTED[look])),
            tooltip=[alt.Tooltip("label:O", title=" "), alt.Tooltip("shown:N", title="  ")],
        )
        .properties(height=260)
    )
    return _spec(lambda: chart)


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def _lines_spec(points: tuple[Point, ...], look: str) -> dict[str, Any]:
    series = list(dict.fromkeys(point.series for point in points))
    chart = (
        alt.Chart(_data(points))
        .mark_line(point=alt.OverlayMarkDef(size=36, filled=True), strokeWidth=2)
        .encode(
            x=alt.X(
                "period:O",
                sort=list(dict.fromkeys(point.period for point in points)),
                title=None,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False),
            ),
            y=alt.Y("value:Q", title=None, axis=_axis("count", "")),
            color=alt.Color(
                "series:N",
                sort=series,
                scale=alt.Scale(domain=series, range=SERIES[look][: len(series)]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=[
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("period:O", title="  "),
                alt.Tooltip("shown:N", title="   "),
            ],
        )
        .properties(height=260)
    )
    return _spec(lambda: chart)


def _data(marks: Sequence[Bar | Point]) -> alt.Data:
    return alt.Data(values=[vars(mark) for mark in marks])  # type: ignore[no-untyped-call]


def _axis(unit: str, currency: str) -> alt.Axis:
    """Few lines, short numbers, the organization's currency."""
    front = f"'{symbol(currency)}' + " if unit == "money" else ""
    return alt.Axis(
        tickCount=4,
        tickMinStep=1,
        domain=False,
        ticks=False,
        labelExpr=f"{front}replace(format(datum.value, '~s'), 'G', 'B')",
    )


def _spec(build: Callable[[], Any]) -> dict[str, Any]:
    """Without the validation that costs most of the time."""
    with schemapi.debug_mode(False):
        made: dict[str, Any] = build().to_dict(validate=False)
    return made
