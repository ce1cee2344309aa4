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
QUIET = {"light": "#4c575b", "dark": "#b4bfbd"}
SERIES = {"light": ["#3f6fb5", "#0b5f5f", "#c2571a"], "dark": ["#86aee8", "#5cc4b8", "#eb9a62"]}
ROW_HEIGHT, SPARK_HEIGHT, TALL = 32, 44, 280
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
    spec, height = _rows_spec(tuple(bars), theme(), pickable), ROW_HEIGHT * max(len(bars), 1) + 10
    if not pickable:
        st.vega_lite_chart(spec, alt=alt_text, key=key, height=height)
        return None
    state = st.vega_lite_chart(spec, alt=alt_text, key=key, height=height, on_select="rerun")
    picked = state.get("selection", {}).get(PICK) or []
    return str(picked[0]["key"]) if picked else None


def draw_columns(bars: list[Bar], *, unit: str, currency: str, alt_text: str, key: str, height: int = TALL) -> None:
    """Vertical bars over time; the strong one is the period that is shown."""
    st.vega_lite_chart(_columns_spec(tuple(bars), unit, currency, theme()), alt=alt_text, key=key, height=height)


def draw_lines(points: list[Point], *, alt_text: str, key: str, height: int = TALL) -> None:
    """One line per series over time."""
    st.vega_lite_chart(_lines_spec(tuple(points), theme()), alt=alt_text, key=key, height=height)


def draw_spark(points: list[Point], *, alt_text: str, key: str) -> None:
    """A small line without axes; the last point is the value on the card."""
    st.vega_lite_chart(_spark_spec(tuple(points), theme()), alt=alt_text, key=key, height=SPARK_HEIGHT)


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def _rows_spec(bars: tuple[Bar, ...], look: str, pickable: bool) -> dict[str, Any]:
    longest = max([abs(bar.value) for bar in bars] + [1e-9])
    axis = alt.Axis(labelLimit=150, labelPadding=8, ticks=False, domain=False, **_words(look))
    base = alt.Chart(_data(bars)).encode(
        y=alt.Y("label:N", sort=[bar.label for bar in bars], title=None, axis=axis),
        # Room at the end of the longest bar for what is written beside it.
        x=alt.X("value:Q", scale=alt.Scale(domain=[0, longest * 1.35]), axis=None),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title="  ")],
    )
    marks = base.mark_bar(cornerRadiusEnd=3, height=18, color=MAIN[look], cursor="pointer" if pickable else "default")
    if pickable:
        marks = marks.add_params(alt.selection_point(name=PICK, fields=["key"]))
    words = base.mark_text(align="left", dx=6, fontSize=12.5, color=TEXT[look]).encode(text="shown:N")
    return _spec(lambda: alt.layer(marks, words))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def _columns_spec(bars: tuple[Bar, ...], unit: str, currency: str, look: str) -> dict[str, Any]:
    chart = (
        alt.Chart(_data(bars))
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=_periods("label", [bar.label for bar in bars], look, alt.Scale(paddingInner=0.28)),
            y=alt.Y("value:Q", title=None, axis=_axis(unit, currency, look)),
            color=alt.condition("datum.strong", alt.value(MAIN[look]), alt.value(MUTED[look])),
            tooltip=[alt.Tooltip("label:O", title=" "), alt.Tooltip("shown:N", title="  ")],
        )
    )
    return _spec(lambda: chart)


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def _lines_spec(points: tuple[Point, ...], look: str) -> dict[str, Any]:
    series = list(dict.fromkeys(point.series for point in points))
    legend = alt.Legend(orient="top", title=None, symbolSize=90, symbolType="circle", offset=4, **_words(look))
    periods = list(dict.fromkeys(point.period for point in points))
    chart = (
        alt.Chart(_data(points))
        .mark_line(point=alt.OverlayMarkDef(size=36, filled=True), strokeWidth=2)
        .encode(
            x=_periods("period", periods, look, alt.Scale()),
            y=alt.Y("value:Q", title=None, axis=_axis("count", "", look)),
            color=alt.Color(
                "series:N",
                sort=series,
                scale=alt.Scale(domain=series, range=SERIES[look][: len(series)]),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("period:O", title="  "),
                alt.Tooltip("shown:N", title="   "),
            ],
        )
    )
    return _spec(lambda: chart)


@st.cache_data(max_entries=2_000, max_size=32_000_000, show_spinner=False)
def _spark_spec(points: tuple[Point, ...], look: str) -> dict[str, Any]:
    values = [point.value for point in points]
    low, high = min(values), max(values)
    room = (high - low) * 0.15 or abs(high) * 0.1 or 1
    base = alt.Chart(_data(points)).encode(
        x=alt.X("period:O", sort=None, axis=None, scale=alt.Scale(padding=0.2)),
        y=alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[low - room, high + room], zero=False)),
        tooltip=[alt.Tooltip("period:O", title=" "), alt.Tooltip("shown:N", title="  ")],
    )
    line = base.mark_line(color=MAIN[look], strokeWidth=1.6, interpolate="monotone")
    last = base.transform_filter(f"datum.period === '{points[-1].period}'").mark_point(
        color=MAIN[look], filled=True, size=46, opacity=1
    )
    # Wide invisible marks, so that a finger or mouse need not hit the line itself.
    reach = base.mark_rule(opacity=0, strokeWidth=18).encode(y=alt.value(0), y2=alt.value(SPARK_HEIGHT))
    return _spec(lambda: alt.layer(line, last, reach).configure_view(stroke=None))


def _data(marks: Sequence[Bar | Point]) -> alt.Data:
    return alt.Data(values=[vars(mark) for mark in marks])  # type: ignore[no-untyped-call]


def _words(look: str) -> dict[str, Any]:
    return {"labelColor": QUIET[look], "labelFontSize": 12}


def _periods(name: str, order: list[str], look: str, scale: alt.Scale) -> alt.X:
    words = "split(datum.label, ' ')"
    # The year stands under the first period and where a year begins.
    told = f"datum.index == 0 || indexof(['Jan', 'Q1'], {words}[0]) >= 0 ? {words} : {words}[0]"
    axis = alt.Axis(labelAngle=0, labelOverlap=True, labelExpr=told, ticks=False, **_words(look))
    return alt.X(f"{name}:O", sort=order, title=None, axis=axis, scale=scale)


def _axis(unit: str, currency: str, look: str) -> alt.Axis:
    """Few lines, short numbers, the organization's currency."""
    front = f"'{symbol(currency)}' + " if unit == "money" else ""
    numbers = f"{front}replace(format(datum.value, '~s'), 'G', 'B')"
    return alt.Axis(tickCount=4, tickMinStep=1, domain=False, ticks=False, labelExpr=numbers, **_words(look))


def _spec(build: Callable[[], Any]) -> dict[str, Any]:
    """Without the validation that costs most of the time."""
    with schemapi.debug_mode(False):
        made: dict[str, Any] = build().to_dict(validate=False)
    # Without it twenty empty pixels stay under every chart.
    return made | {"padding": {"left": 0, "top": 4, "right": 4, "bottom": 0}}
