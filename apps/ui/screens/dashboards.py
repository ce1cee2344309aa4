"""Saved dashboards: one's own, and those that colleagues share."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.keeping import BOARD, SCREEN, board_of, from_file, keep
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_now
from apps.ui.session import current_actor, signed_in
from warehouse.dashboards import NoDashboard
from warehouse.oltp.engine import reading_as
from warehouse.operations.dashboards import SAVES, dashboards_of
from warehouse.operations.reading import names_of
from warehouse.tenancy import Actor


def bring(actor: Actor) -> None:
    """A dashboard from a file that was taken away here or written by hand."""
    with st.popover("Bring a file", icon=":material/upload:"):
        brought = st.file_uploader("A dashboard as YAML", type=["yml", "yaml"], max_upload_size=1)
        if brought is None or not st.button("Keep it", type="primary"):
            return
        try:
            board = from_file(brought.getvalue().decode("utf-8", errors="replace"))
        except NoDashboard as wrong:
            st.error(formats.plain(str(wrong)), title="Not kept")
            return
        made = keep(actor, board, is_shared=False)
        if made:
            st.switch_page(SCREEN, query_params={BOARD: made})


who, actor = signed_in(), current_actor()
say_now()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Saved dashboards", anchor=False, width="content")
    if actor.may(SAVES):
        bring(actor)
with telling():
    with reading_as(actor) as session:
        found = list(dashboards_of(session, actor))
        owners = names_of(session, actor, "memberships", [one.membership_id for one in found])
    if not found:
        st.info(
            "Find a number in Explore and choose “Save to a dashboard”. What colleagues share appears here too.",
            title="No dashboards yet",
        )
        st.page_link("screens/explore.py", label="Explore", icon=":material/travel_explore:")
    for one in found:
        board = board_of(one)
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.page_link(
                SCREEN, label=formats.plain(one.name), icon=":material/dashboard:", query_params={BOARD: one.id}
            )
            whose = (
                "yours" if one.membership_id == actor.membership_id else owners.get(one.membership_id, "a colleague")
            )
            parts = len(board.cards) + len(board.figures)
            st.caption(
                formats.plain(
                    f"{formats.counted(parts, 'number')} · {whose}{', shared' if one.is_shared else ''} · "
                    f"version {one.version}, {formats.moment(one.updated_at, zone(who))}"
                ),
                width="content",
            )
