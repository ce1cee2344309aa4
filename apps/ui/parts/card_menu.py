"""What can be done with a card: see its rows, take them away, read what its numbers mean and stand on."""

import csv
import io
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.answers import Shown
from apps.ui.parts.card_table import draw_table, heading
from apps.ui.parts.receipt import open_receipt
from apps.ui.parts.words import value_in_words
from apps.ui.reruns import by_click
from warehouse.metrics.question import PERIOD
from warehouse.operations.identity import SignedIn

ROWS, RECEIPT = "Rows and export", "Definition, SQL, receipt"


def card_menu(who: SignedIn, shown: Shown, title: str, key: str) -> None:
    """The menu at the corner of a card."""
    chosen = st.menu_button(
        "⋯", [ROWS, RECEIPT], key=f"menu_{key}", type="tertiary", help=f"More about {title[0].lower() + title[1:]}"
    )
    if chosen == ROWS:
        open_rows(who, shown, title)
    elif chosen == RECEIPT:
        open_receipt(who, shown.receipt, shown.question.metrics[0])


@st.dialog("Rows", width="large", icon=":material/table_rows:")
@by_click
def open_rows(who: SignedIn, shown: Shown, title: str) -> None:
    """Every row of a card, to read and to take away."""
    currency = who.currency or "USD"
    st.markdown(f"**{formats.plain(title)}** · {formats.counted(len(shown.rows), 'row')} · receipt `{shown.receipt}`")
    draw_table(shown, currency, title, "rows_of_card")
    st.download_button(
        "CSV", as_csv(shown, currency), f"{_file_name(title)}.csv", "text/csv", icon=":material/download:"
    )


def as_csv(shown: Shown, currency: str) -> bytes:
    """The rows with every digit, for a spreadsheet: UTF-8 with a mark that lets Excel know, the receipt beside each."""
    question, written = shown.question, io.StringIO()
    writer = csv.writer(written)
    names = [name.replace("_", " ").capitalize() for name in question.by]
    period = ["Period from"] if question.grain else []
    writer.writerow([*names, *period, *(heading(one, currency) for one in shown.metrics), "Receipt"])
    for row in shown.rows:
        told = [_cell(value_in_words(name, _text(row[name]))) for name in question.by]
        writer.writerow([*told, *([row[PERIOD]] if question.grain else []), *_values(shown, row), shown.receipt])
    return written.getvalue().encode("utf-8-sig")


def _values(shown: Shown, row: dict[str, Any]) -> list[str]:
    return ["" if row[one.name] is None else f"{row[one.name]}" for one in shown.metrics]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _cell(text: str) -> str:
    """Spreadsheets compute what begins like a formula: a name of that kind is told as a text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _file_name(title: str) -> str:
    return "".join(mark if mark.isalnum() else "-" for mark in title.lower()).strip("-")
