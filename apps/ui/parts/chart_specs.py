"""Chart specifications: built once per content and theme, drawn or written to a picture many times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import streamlit as st
from altair.utils import schemapi

from apps.ui.formats import symbol

MAIN = {"light": "#0b5f5f", "dark": "#5cc4b8"}
MUTED = {"light": "#aed5d1", "dark": "#2f6f6b"}
TEXT = {"light": "#0f1a1e", "dark": "#e8ecea"}
QUIET = {"light": "#4c575b", "dark": "#b4bfbd"}
SERIES = {
    "light": ["#3f6fb5", "#0b5f5f", "#c2571a", "#7a4f9a", "#8a7a1f", "#7d8b8e"],
    "dark": ["#86aee8", "#5cc4b8", "#eb9a62", "#c3a0e0", "#d8c65c", "#93a2a5"],
}
"""One colour per series; the last is for what is not told apart."""
GOOD = {"light": "#1f7a4d", "dark": "#5fc08f"}
BAD = {"light": "#b3261e", "dark": "#f08a80"}
FAINT = {"light": "#eef4f3", "dark": "#1c2d2e"}
INK_ON_MAIN = {"light": "#ffffff", "dark": "#0c1c1b"}
TIMES = (1, 2, 3, 5, 6, 10, 15, 20, 30, 60, 120, 365)
MOST_LINES = 5
FEW_COLUMNS = 7
"""So many words fit side by side under a grid."""
SHORT_WORD = 4
"""Words of so many letters fit under any column."""
ROW_HEIGHT, SPARK_HEIGHT, TALL = 32, 44, 280
PICK = "pick"
"""The parameter that holds the mark a person clicked."""


@dataclass(frozen=True)
class Bar:
    """One mark: what it is called, how long it is, and what is written beside it."""

    key: str
    label: str
    value: float
    shown: str
    strong: bool = True
    before: float | None = None
    """What it is compared with, drawn as a tick on the bar."""
    said: str = ""
    """The comparison in words."""


@dataclass(frozen=True)
class Point:
    """One value of a series in a period."""

    period: str
    series: str
    value: float
    shown: str
    key: str = ""


@dataclass(frozen=True)
class Square:
    """One square of a grid."""

    row: str
    column: str
    value: float
    shown: str
    key: str


@dataclass(frozen=True)
class Step:
    """One step of a bridge: the whole as it begins and ends, `more` or `less` between."""

    label: str
    low: float
    high: float
    shown: str
    kind: str
    key: str


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def rows(bars: tuple[Bar, ...], look: str, pickable: bool = False) -> dict[str, Any]:
    """Horizontal bars, each with its value beside it and a tick where the value before lies."""
    reached = [abs(value) for bar in bars for value in (bar.value, bar.before or 0)]
    longest, lowest = max([*reached, 1e-9]), min([0.0, *(bar.value for bar in bars)])
    axis = alt.Axis(labelLimit=150, labelPadding=8, ticks=False, domain=False, **_words(look))
    base = alt.Chart(_data(bars)).encode(
        y=alt.Y("label:N", sort=[bar.label for bar in bars], title=None, axis=axis),
        # Room at the end of the longest bar for what is written beside it.
        x=alt.X("value:Q", scale=alt.Scale(domain=[lowest * 1.05, longest * 1.35]), axis=None),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title="  "), *_said(bars)],
    )
    marks = base.mark_bar(cornerRadiusEnd=3, height=18, color=MAIN[look], cursor=_cursor(pickable))
    layers = [_picked(marks, pickable)]
    if any(bar.before is not None for bar in bars):
        layers.append(
            base.transform_filter("isValid(datum.before)")
            .mark_tick(thickness=2.5, size=24, color=TEXT[look], opacity=0.75)
            .encode(x="before:Q")
        )
    # Right of whatever reaches further, so that neither the bar nor its tick runs through the words.
    words = base.transform_calculate(end="max(datum.value, datum.before || 0, 0)").mark_text(
        align="left", dx=6, fontSize=12.5, color=TEXT[look]
    )
    layers.append(words.encode(x="end:Q", text="shown:N"))
    return _spec(lambda: alt.layer(*layers))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def columns(bars: tuple[Bar, ...], unit: str, currency: str, look: str, pickable: bool = False) -> dict[str, Any]:
    """Vertical bars over time; the strong one is the period that is shown."""
    chart = (
        alt.Chart(_data(bars))
        .mark_bar(cornerRadiusEnd=3, cursor=_cursor(pickable))
        .encode(
            x=_periods("label", [bar.label for bar in bars], look, alt.Scale(paddingInner=0.28)),
            y=alt.Y("value:Q", title=None, axis=_axis(unit, currency, look, max([bar.value for bar in bars] + [0]))),
            color=alt.condition("datum.strong", alt.value(MAIN[look]), alt.value(MUTED[look])),
            tooltip=[alt.Tooltip("label:O", title=" "), alt.Tooltip("shown:N", title="  ")],
        )
    )
    return _spec(lambda: _picked(chart, pickable))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def stacks(
    points: tuple[Point, ...], periods: tuple[str, ...], unit: str, currency: str, look: str, pickable: bool = False
) -> dict[str, Any]:
    """Vertical bars over time, each divided into its parts."""
    highest = max([sum(one.value for one in points if one.period == period) for period in periods] + [0])
    chart = (
        alt.Chart(_data(points))
        .mark_bar(cursor=_cursor(pickable))
        .encode(
            x=_periods("period", list(periods), look, alt.Scale(paddingInner=0.28, domain=list(periods))),
            y=alt.Y("sum(value):Q", title=None, axis=_axis(unit, currency, look, highest)),
            color=_series(points, look),
            tooltip=_of_points(),
        )
    )
    return _spec(lambda: _picked(chart, pickable))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def lines(
    points: tuple[Point, ...], periods: tuple[str, ...], unit: str, currency: str, look: str, pickable: bool = False
) -> dict[str, Any]:
    """One line per series over time."""
    chart = (
        alt.Chart(_data(points))
        .mark_line(point=alt.OverlayMarkDef(size=36, filled=True, cursor=_cursor(pickable)), strokeWidth=2)
        .encode(
            x=_periods("period", list(periods), look, alt.Scale(domain=list(periods))),
            y=alt.Y("value:Q", title=None, axis=_axis(unit, currency, look, max([one.value for one in points] + [0]))),
            color=_series(points, look),
            tooltip=_of_points(),
        )
    )
    return _spec(lambda: _picked(chart, pickable))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def heatmap(
    squares: tuple[Square, ...],
    down: tuple[str, ...],
    across: tuple[str, ...],
    look: str,
    pickable: bool = False,
) -> dict[str, Any]:
    """A grid of values: the darker, the larger; every value is written too."""
    highest = max([one.value for one in squares] + [1e-9])
    angle = 0 if len(across) <= FEW_COLUMNS or all(len(one) <= SHORT_WORD for one in across) else -40
    quiet: dict[str, Any] = {"ticks": False, "domain": False, "labelOverlap": False, **_words(look)}
    base = alt.Chart(_data(squares)).encode(
        x=alt.X(
            "column:O",
            sort=list(across),
            title=None,
            axis=alt.Axis(labelAngle=angle, labelLimit=110, **quiet),
            scale=alt.Scale(paddingInner=0.04),
        ),
        y=alt.Y(
            "row:O",
            sort=list(down),
            title=None,
            axis=alt.Axis(labelLimit=130, **quiet),
            scale=alt.Scale(paddingInner=0.06),
        ),
        tooltip=[
            alt.Tooltip("row:O", title=" "),
            alt.Tooltip("column:O", title="  "),
            alt.Tooltip("shown:N", title="   "),
        ],
    )
    marks = base.mark_rect(cornerRadius=3, cursor=_cursor(pickable)).encode(
        color=alt.Color("value:Q", scale=alt.Scale(domain=[0, highest], range=[FAINT[look], MAIN[look]]), legend=None)
    )
    # Written in whichever ink is read better on the square under it.
    words = base.mark_text(fontSize=11.5).encode(
        text="shown:N",
        color=alt.condition(f"datum.value > {highest * 0.55}", alt.value(INK_ON_MAIN[look]), alt.value(TEXT[look])),
    )
    return _spec(lambda: alt.layer(_picked(marks, pickable), words))


@st.cache_data(max_entries=500, max_size=32_000_000, show_spinner=False)
def bridge(steps: tuple[Step, ...], look: str, pickable: bool = False) -> dict[str, Any]:
    """From a value over what was added and taken away to the value at the end, one line each: names need the room."""
    highest = max([step.high for step in steps] + [1e-9])
    axis = alt.Axis(labelLimit=130, labelPadding=8, ticks=False, domain=False, **_words(look))
    base = alt.Chart(_data(steps)).encode(
        y=alt.Y("label:O", sort=[one.label for one in steps], title=None, axis=axis),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title="  ")],
    )
    kinds = {"whole": MUTED[look], "more": GOOD[look], "less": BAD[look]}
    marks = base.mark_bar(cornerRadius=2, height=18, cursor=_cursor(pickable)).encode(
        # Room at the end for what is written beside the longest.
        x=alt.X("low:Q", axis=None, scale=alt.Scale(domain=[min([0.0, *(s.low for s in steps)]), highest * 1.35])),
        x2="high:Q",
        color=alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=None),
    )
    words = base.mark_text(align="left", dx=6, fontSize=12.5, color=TEXT[look]).encode(x="high:Q", text="shown:N")
    return _spec(lambda: alt.layer(_picked(marks, pickable), words))


@st.cache_data(max_entries=2_000, max_size=32_000_000, show_spinner=False)
def spark(points: tuple[Point, ...], look: str) -> dict[str, Any]:
    """A small line without axes, its last point marked."""
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


def _picked(chart: Any, pickable: bool) -> Any:
    return chart.add_params(alt.selection_point(name=PICK, fields=["key"])) if pickable else chart


def _cursor(pickable: bool) -> Literal["pointer", "default"]:
    return "pointer" if pickable else "default"


def _said(bars: Sequence[Bar]) -> list[alt.Tooltip]:
    return [alt.Tooltip("said:N", title="   ")] if any(bar.said for bar in bars) else []


def _of_points() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("period:O", title="  "),
        alt.Tooltip("shown:N", title="   "),
    ]


def _series(points: Sequence[Point], look: str) -> alt.Color:
    series = list(dict.fromkeys(point.series for point in points))
    legend = alt.Legend(
        orient="top",
        title=None,
        symbolSize=90,
        symbolType="circle",
        offset=4,
        columns=3,
        labelLimit=150,
        **_words(look),
    )
    scale = alt.Scale(domain=series, range=SERIES[look][: len(series)])
    return alt.Color("series:N", sort=series, scale=scale, legend=legend)


def _data(marks: Sequence[Bar | Point | Square | Step]) -> alt.Data:
    return alt.Data(values=[vars(mark) for mark in marks])  # type: ignore[no-untyped-call]


def _words(look: str) -> dict[str, Any]:
    return {"labelColor": QUIET[look], "labelFontSize": 12}


def _periods(name: str, order: list[str], look: str, scale: alt.Scale) -> alt.X:
    words = "split(datum.label, ' ')"
    # The year stands under the first period and where a year begins.
    told = f"datum.index == 0 || indexof(['Jan', 'Q1'], {words}[0]) >= 0 ? {words} : {words}[0]"
    axis = alt.Axis(labelAngle=0, labelOverlap=True, labelExpr=told, ticks=False, **_words(look))
    return alt.X(f"{name}:O", sort=order, title=None, axis=axis, scale=scale)


def _axis(unit: str, currency: str, look: str, highest: float) -> alt.Axis:
    """Few lines, short numbers, in the unit's own way: the organization's currency, percent, hours."""
    front = f"'{symbol(currency)}' + " if unit == "money" else ""
    numbers = f"{front}replace(format(datum.value, '~s'), 'G', 'B')"
    if unit == "share":
        numbers = "format(datum.value, '~%')"
    if unit == "minutes":
        return _axis_of_times(look, highest)
    # Whole things have no halves.
    step = 1 if unit == "count" else alt.Undefined
    return alt.Axis(tickCount=4, domain=False, ticks=False, labelExpr=numbers, tickMinStep=step, **_words(look))


def _axis_of_times(look: str, highest: float) -> alt.Axis:
    """Lines where people read time: at quarters of an hour, hours, days; minutes come in."""
    name, size = next((one for one in (("d", 1440), ("h", 60)) if highest > 2 * one[1]), ("min", 1))
    step = next((one for one in TIMES if highest / size / one <= MOST_LINES), TIMES[-1]) * size
    lines = [step * line for line in range(int(highest // step) + 2)]
    told = f"format(datum.value / {size}, '~r') + ' {name}'"
    return alt.Axis(values=lines, domain=False, ticks=False, labelExpr=told, **_words(look))


def _spec(build: Callable[[], Any]) -> dict[str, Any]:
    """Without the validation that costs most of the time."""
    with schemapi.debug_mode(False):
        made: dict[str, Any] = build().to_dict(validate=False)
    # Without it twenty empty pixels stay under every chart.
    return made | {"padding": {"left": 0, "top": 4, "right": 4, "bottom": 0}}
