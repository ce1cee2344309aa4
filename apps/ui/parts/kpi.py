"""One figure on a card: value, comparison, its last twelve periods, and the way to its receipt."""

from dataclasses import dataclass, field

import streamlit as st

from apps.ui import formats
from apps.ui.answers import Shown
from apps.ui.parts.receipt import open_receipt
from warehouse.metrics.answer import Cell
from warehouse.metrics.catalogue import Metric
from warehouse.operations.identity import SignedIn

COLORS = {1: "green", 0: "gray", -1: "red"}
CARD_PIXELS = 176


@dataclass(frozen=True)
class Kpi:
    """What a card needs to know."""

    metric: Metric
    shown: Shown
    before: Cell | None = None
    against: str = ""
    """What the comparison is with: `vs Q3 2017`."""
    spark: list[float] = field(default_factory=list)

    @property
    def cell(self) -> Cell:
        """The value and what it stands on."""
        return self.shown.only(self.metric.name)


def kpi_card(who: SignedIn, kpi: Kpi) -> None:
    """Draw the card."""
    currency = who.currency or "USD"
    moved = formats.change(kpi.cell.value, kpi.before.value if kpi.before else None, kpi.metric.unit)
    good = {"down": -1, "up": 1}.get(kpi.metric.better, 0)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            kpi.metric.label,
            formats.number(kpi.cell.value, kpi.metric.unit, currency),
            moved.text if moved else None,
            delta_color=COLORS[moved.direction * good] if moved else "off",  # type: ignore[arg-type]
            delta_arrow={1: "up", 0: "off", -1: "down"}[moved.direction] if moved else "off",  # type: ignore[arg-type]
            delta_description=kpi.against if moved else None,
            chart_data=kpi.spark if len(kpi.spark) > 1 else None,
            chart_type="area",
            help=kpi.metric.description,
        )
        st.caption(honest_line(kpi))
        if st.button(
            "Receipt",
            key=f"receipt_{kpi.metric.name}",
            type="tertiary",
            icon=":material/receipt_long:",
            help=f"What stands behind {kpi.metric.label.lower()}",
        ):
            open_receipt(who, kpi.shown.receipt, kpi.metric.name)


def honest_line(kpi: Kpi) -> str:
    """What the value does not know."""
    cell, what = kpi.cell, "open deals" if kpi.metric.is_stock else "won deals"
    if kpi.metric.unit == "money" and cell.known < cell.rows:
        told = f"{cell.known:,} of {formats.counted(cell.rows, 'deal').rsplit(' ', 1)[0]} {what} carry a value"
        return f"{formats.SPOKEN_UNKNOWN.capitalize()}: {told}" if cell.value is None else told
    if cell.value is None:
        return f"{formats.SPOKEN_UNKNOWN.capitalize()}: no deal to compute it from"
    if kpi.metric.kind == "ratio":
        return f"over {formats.deals(cell.rows)}"
    return f"{formats.deals(cell.rows)}" if kpi.metric.unit == "money" else "neither won nor lost"
