"""One figure on a card: value, comparison, its last periods, and the way to its receipt."""

from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from apps.ui import formats
from apps.ui.answers import Shown
from apps.ui.kinds import KINDS
from apps.ui.parts.chart_specs import Point
from apps.ui.parts.charts import draw_spark
from apps.ui.parts.receipt import receipt_button
from warehouse.metrics.answer import Cell
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.comparison import Before
from warehouse.operations.identity import SignedIn

GOOD = {"up": 1, "down": -1}


@dataclass(frozen=True)
class Kpi:
    """What a card needs to know."""

    metric: Metric
    shown: Shown
    before: Before | None = None
    before_receipt: str = ""
    """Where the value before is kept."""
    past: list[tuple[str, Cell]] = field(default_factory=list)
    """The value in the last periods, by what they are called; the last is the one shown."""
    unheard: tuple[str, ...] = ()
    """Filters of the screen that this metric does not know."""

    @property
    def cell(self) -> Cell:
        """The value and what it stands on."""
        return self.shown.only(self.metric.name)


def kpi_card(who: SignedIn, kpi: Kpi) -> None:
    """Draw the card."""
    metric, currency = kpi.metric, who.currency or "USD"
    moved = formats.change(kpi.cell.value, kpi.before.value if kpi.before else None, metric.unit)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            metric.label,
            formats.number(kpi.cell.value, metric.unit, currency),
            "unknown" if kpi.cell.value is None else moved.text if moved else None,
            delta_color=_color(metric, moved),
            delta_arrow=_arrow(moved),
            delta_description=kpi.before.words if kpi.before and moved else None,
            help=metric.description,
        )
        _spark(kpi, currency)
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"
        ):
            st.caption(honest_line(kpi), width="content")
            receipt = kpi.shown.receipt
            receipt_button(who, receipt, metric.name, key=f"receipt_{metric.name}", compared=compared(kpi, currency))


def compared(kpi: Kpi, currency: str) -> str:
    """The value the card compares with, and its own receipt."""
    if kpi.before is None or kpi.cell.value is None:
        return ""
    value = formats.plain(formats.in_full(kpi.before.value, kpi.metric.unit, currency))
    kept = f", receipt `{kpi.before_receipt}`" if kpi.before_receipt else ""
    return f"Compared {kpi.before.words.replace('vs', 'with', 1)}: {value}{kept}"


def _color(metric: Metric, moved: formats.Change | None) -> Literal["green", "red", "off"]:
    if moved is None or moved.direction == 0:
        return "off"
    return "green" if moved.direction == GOOD.get(metric.better, 1) else "red"


def _arrow(moved: formats.Change | None) -> Literal["up", "down", "off"]:
    if moved is None or moved.direction == 0:
        return "off"
    return "up" if moved.direction > 0 else "down"


def _spark(kpi: Kpi, currency: str) -> None:
    points = [
        Point(period, kpi.metric.name, float(cell.value), formats.number(cell.value, kpi.metric.unit, currency))
        for period, cell in kpi.past
        if cell.value is not None
    ]
    if kpi.cell.value is None or len(points) < 2:
        st.space("stretch")
        return
    told = "; ".join(f"{point.period}: {point.shown}" for point in points)
    draw_spark(points, alt_text=f"{kpi.metric.label} over time. {told}", key=f"spark_{kpi.metric.name}")


def honest_line(kpi: Kpi) -> str:
    """How much the value stands on, and what it does not know."""
    cell, nouns = kpi.cell, rows_in_words(kpi)
    if kpi.unheard:
        return f"of all: no {' or '.join(kpi.unheard).replace('_', ' ')} here"
    if kpi.metric.unit == "money" and cell.known < cell.rows:
        return f"{cell.known:,} of {cell.rows:,} {nouns} carry a value"
    if cell.value is None:
        return f"no {nouns} to compute it from"
    return f"{'over' if kpi.metric.kind != 'simple' else 'from'} {cell.rows:,} {nouns}"


def rows_in_words(kpi: Kpi) -> str:
    """What the rows behind a value are: `deals`, `open deals`, `bills`; rows, where they add up many records."""
    table = kpi.shown.tables.get(kpi.metric.name)
    if table == "opportunities":
        state = "open " if kpi.metric.is_stock else "won " if kpi.metric.name.startswith("won") else ""
        return f"{state}deals"
    return KINDS[table].nouns if table in KINDS else "rows"
