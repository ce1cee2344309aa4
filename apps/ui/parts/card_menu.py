"""What can be done with a card: see its rows, take them away, read what its numbers mean and stand on, be told of them."""

import streamlit as st

from apps.ui import formats
from apps.ui.answers import Shown
from apps.ui.parts.alert_form import ask_alert
from apps.ui.parts.asked import asked_in_words
from apps.ui.parts.card_files import as_csv, as_picture, as_workbook
from apps.ui.parts.card_table import show_table
from apps.ui.parts.charts import Drawn, theme
from apps.ui.parts.receipt import open_receipt
from apps.ui.reruns import by_click
from warehouse.operations.alerts import SAVES
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

ROWS, RECEIPT, ASK, ALERT = "Rows and export", "Definition, SQL, receipt", "Ask about this", "Alert me"
SCREEN = "screens/ask.py"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def card_menu(actor: Actor, title: str, key: str) -> str | None:
    """The menu at the corner of a card; what was chosen just now."""
    offered = [ROWS, RECEIPT, ASK, *([ALERT] if actor.may(SAVES) and actor.membership_id else [])]
    return st.menu_button("⋯", offered, key=f"menu_{key}", type="tertiary", help=f"More about “{formats.plain(title)}”")


def open_chosen(who: SignedIn, chosen: str, shown: Shown, title: str, drawn: Drawn | None) -> None:
    """Open what was chosen in a card's menu."""
    if chosen == RECEIPT:
        open_receipt(who, shown.receipt, shown.question.metrics[0])
    elif chosen == ALERT:
        ask_alert(who, shown.question)
    elif chosen == ASK and who.actor:
        st.switch_page(SCREEN, query_params={"q": asked_in_words(who.actor, shown.question)})
    else:
        open_rows(who, shown, title, drawn)


@st.dialog("Rows", width="large", icon=":material/table_rows:")
@by_click
def open_rows(who: SignedIn, shown: Shown, title: str, drawn: Drawn | None) -> None:
    """Every row of a card, to read and to take away."""
    currency, name = who.currency or "USD", _file_name(title)
    st.markdown(f"**{formats.plain(title)}** · {formats.counted(len(shown.rows), 'row')}")
    show_table(shown, currency, title)
    with st.container(horizontal=True):
        icon = ":material/download:"
        st.download_button("CSV", as_csv(shown, currency), f"{name}.csv", "text/csv", icon=icon, key="as_csv")
        st.download_button(
            "XLSX", lambda: as_workbook(shown, currency, title), f"{name}.xlsx", WORKBOOK, icon=icon, key="as_xlsx"
        )
        if drawn and drawn.spec:
            spec, height, look = drawn.spec, drawn.height, theme()
            st.download_button(
                "PNG",
                lambda: as_picture(spec, height, look, title),
                f"{name}.png",
                "image/png",
                icon=":material/image:",
                key="as_png",
            )
    st.caption(f"Receipt `{shown.receipt}`")


def _file_name(title: str) -> str:
    return "".join(mark if mark.isalnum() else "-" for mark in title.lower()).strip("-")
