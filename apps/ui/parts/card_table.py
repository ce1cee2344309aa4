"""An answer as a table: every row, values that sort, in the formats of their units."""

from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.answers import Shown
from apps.ui.parts.words import value_in_words
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.question import PERIOD

FORMATS = {
    "count": "localized",
    "money": "accounting",
    "share": "percent",
    "number": "%.2f",
    "days": "%.1f",
    "minutes": "%.0f",
}
MOST_LINES = 10


def draw_table(shown: Shown, currency: str, title: str, key: str) -> int | None:
    """The rows; the number of the one that was clicked, in the run that the click caused."""
    told = f"{key}_picked"
    state = st.dataframe(
        table(shown),
        key=key,
        on_select=lambda: st.session_state.update({told: True}),
        selection_mode="single-row",
        **_looks(shown, currency, title),
    )
    rows = state.get("selection", {}).get("rows") or []
    return int(rows[0]) if st.session_state.pop(told, False) and rows else None


def show_table(shown: Shown, currency: str, title: str) -> None:
    """The rows, to look at."""
    st.dataframe(table(shown), **_looks(shown, currency, title))


def _looks(shown: Shown, currency: str, title: str) -> dict[str, Any]:
    return {
        "hide_index": True,
        "column_config": _columns(shown, currency),
        "height": "content" if len(shown.rows) <= MOST_LINES else 400,
        "placeholder": formats.UNKNOWN,
        "alt": title,
    }


def table(shown: Shown) -> list[dict[str, Any]]:
    """Rows under the names of an answer's columns: words for groups, numbers for values."""
    question = shown.question
    return [
        {name: value_in_words(name, row[name] if row[name] is None else str(row[name])) for name in question.by}
        | ({PERIOD: row[PERIOD]} if question.grain else {})
        | {name: None if row[name] is None else float(row[name]) for name in question.metrics}
        for row in shown.rows
    ]


def heading(metric: Metric, currency: str) -> str:
    """A column's heading, with the unit that its plain numbers need: `Won (USD)`, `First reply (minutes)`."""
    told = {"money": currency, "minutes": "minutes", "days": "days"}.get(metric.unit)
    return f"{metric.label} ({told})" if told else metric.label


def _columns(shown: Shown, currency: str) -> dict[str, Any]:
    question = shown.question
    named = {name: st.column_config.TextColumn(name.replace("_", " ").capitalize()) for name in question.by}
    if question.grain:
        named[PERIOD] = st.column_config.TextColumn("Period from")
    return named | {
        one.name: st.column_config.NumberColumn(
            heading(one, currency), format=FORMATS[one.unit], help=formats.plain(one.description)
        )
        for one in shown.metrics
    }
