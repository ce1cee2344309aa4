"""Ways from screen to screen: to a list, to a record, to a room's set-up."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from apps.ui.kinds import KINDS, Kind, Place
from apps.ui.rooms import ROOMS, Screen
from warehouse.operations.records import RECORDS
from warehouse.tenancy import Actor

SCREENS = Path(__file__).parents[1] / "screens"
LIST, RECORD = "screens/records.py", "screens/record.py"
OF, ID = "of", "id"
"""Parts of an address: the kind of record, and which one."""
NEW = "new"
"""The part of the address that opens the dialog for a new record of a kind, so that whatever redraws the screen, it stays."""


def page_of(screen: Screen) -> StreamlitPage:
    """A screen as Streamlit knows it."""
    return st.Page(
        SCREENS / screen.file,
        title=screen.title,
        icon=screen.icon,
        url_path=screen.path,
        default=screen.path is None,
        visibility=screen.visibility,
    )


def list_link(kind: Kind) -> None:
    """Back to the list of a kind."""
    label, icon = f"All {kind.nouns}", ":material/arrow_back:"
    found = _entry(kind)
    if found:
        st.page_link(page_of(found), label=label, icon=icon)
    else:
        st.page_link(LIST, label=label, icon=icon, query_params={OF: kind.table})


def _entry(kind: Kind) -> Screen | None:
    if kind.place is not Place.MENU and kind.screen is None:
        return None
    path = "deals" if kind.table == "opportunities" else kind.path
    return next((one for room in ROOMS.values() for one in room if one.path == path), None)


def can_open(actor: Actor, table: str) -> bool:
    """Whether there is a record screen for a table's rows that the actor may enter."""
    return table in KINDS and table in RECORDS and actor.may(KINDS[table].permission)


def open_record(table: str, record_id: str) -> None:
    """Go to a record."""
    screen, query = _record(table, record_id)
    st.switch_page(screen, query_params=query)


def record_link(table: str, record_id: str, name: str, icon: str | None = None) -> None:
    """A link to a record, called by its name."""
    screen, query = _record(table, record_id)
    st.page_link(screen, label=name, icon=icon, query_params=query)


def _record(table: str, record_id: str) -> tuple[str, dict[str, str]]:
    if KINDS[table].screen:
        return f"screens/{KINDS[table].screen}", {ID: record_id}
    return RECORD, {OF: table, ID: record_id}
