"""One figure on a card: value, comparison, its last periods, and the way to its receipt."""

from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from apps.ui import formats
from apps.ui.answers import Shown
from apps.ui.parts.charts import Point, draw_spark
from apps.ui.parts.receipt import receipt_button
from warehouse.metrics.answer import Cell
from warehouse.metrics.catalogue import Metric
from warehouse.operations.identity import SignedIn

GOOD = {"up": 1, "down": -1}


@dataclass(frozen=True)
class Kpi:
    """What a card needs to know."""

    metric: Metric
    shown: Shown
    before: Cell | None = None
    against: str = ""
    """What the comparison is with: `vs Q3 2017`."""
    before_receipt: str = ""
    """Where the value before is kept."""
    past: list[tuple[str, Cell]] = field(default_factory=list)
    """The value in the last periods, by what they are called; the last is the one shown."""

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
            delta_description=kpi.against if moved else None,
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
    return f"Compared {kpi.against.replace('vs', 'with', 1)}: {value}, receipt `{kpi.before_receipt}`"


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
    cell = kpi.cell
    if kpi.metric.unit == "money" and cell.known < cell.rows:
        told = f"{cell.known:,} of {cell.rows:,} {'open' if kpi.metric.is_stock else 'won'} deals carry a value"
        return told
    if cell.value is None:
        return "no deal to compute it from"
    if kpi.metric.name == "open_deal_count":
        return "neither won nor lost"
    return f"{'over' if kpi.metric.kind == 'ratio' else 'from'} {formats.deals(cell.rows)}"
