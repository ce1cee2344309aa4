"""A table of deals whose rows open the record."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.rows import clickable
from warehouse.operations.sales import DealRow

RECORD = "screens/sales_deal.py"


def deal_table(rows: list[DealRow], *, key: str, alt_text: str, most: int = 50) -> None:
    """Draw the deals; a click on any cell of a row opens its record."""
    columns = {
        "Deal": st.column_config.TextColumn(width=290),
        "Customer": st.column_config.TextColumn(width=190),
        "Amount": st.column_config.TextColumn(alignment="right"),
    }
    picked = clickable([_line(row) for row in rows], key=key, alt_text=alt_text, columns=columns, most=most)
    if picked is not None:
        open_deal(rows[picked].deal.id)


def open_deal(deal_id: str) -> None:
    """Go to a deal's record."""
    st.switch_page(RECORD, query_params={"id": deal_id})


def _line(row: DealRow) -> dict[str, str]:
    deal = row.deal
    closing = f"expected {formats.day(deal.expected_close_on)}" if deal.expected_close_on else formats.UNKNOWN
    return {
        "Deal": deal.name,
        "Stage": deal.stage.label,
        "Amount": formats.money_in_full(deal.amount, deal.currency),
        "Customer": row.customer or formats.UNKNOWN,
        "Sales rep": row.sales_rep or formats.UNKNOWN,
        "Closing": closing if deal.stage.is_open else formats.day(deal.closed_on),
    }
