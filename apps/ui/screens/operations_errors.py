"""Errors: what went wrong on this installation that nobody foresaw? For the operator."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.problems import telling
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading
from warehouse.oltp.errors import ErrorGroup
from warehouse.operations.errors import list_errors
from warehouse.release import release

SHOWN = 50
SOURCES = {"request": "A request", "screen": "A screen", "command": "A command", "job": "A job"}


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count:,} times"


def show(group: ErrorGroup, place: str, current: str) -> None:
    """One group: what it is and how often at a glance, the trace on a click."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{formats.plain(group.kind.rpartition('.')[2])}**", width="content")
            st.badge(times(group.count), color="red" if group.count > 1 else "orange")
            st.badge("This release" if group.release == current else "Another release", color="gray")
            st.markdown(f"`{group.id}`", width="content")
        if group.message:
            st.text(group.message[:300])
        last, first = formats.moment(group.last_at, place), formats.moment(group.first_at, place)
        st.caption(
            f"{SOURCES.get(group.source, group.source)} in {formats.plain(group.place or 'a library')} · "
            f"last {last}{'' if group.count == 1 else f', first {first}'} · release {formats.plain(group.release)}"
        )
        with st.expander("Trace"):
            if group.last_request_id:
                st.caption(f"Last request {group.last_request_id}: the log has its lines.")
            st.code(group.traceback, language="python", wrap_lines=True)


who, actor = signed_in(), current_actor()
if not who.is_operator:
    st.info("Errors are shown to the operator of the installation only.")
    st.stop()
st.title("Errors", anchor=False)
st.markdown("What nobody foresaw, the same failures together. People are told the reference that stands beside each.")
with telling():
    with reading() as session:
        groups = list_errors(session, SHOWN)
    for group in groups:
        show(group, zone(who), release())
    if not groups:
        st.success("Nothing unforeseen has happened on this installation.", icon=":material/check_circle:")
