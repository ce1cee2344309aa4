"""Dashboards people keep: a card put onto one, a dashboard changed, shared, taken away as a file, put away."""

import streamlit as st
import yaml

from apps.ui import formats
from apps.ui.parts.problems import saving
from apps.ui.parts.report_form import ask_schedule
from apps.ui.parts.toasts import say_next
from apps.ui.reruns import by_click
from warehouse.dashboards import Card, Dashboard, NoDashboard, read_dashboard
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.oltp.insights import SavedDashboard
from warehouse.operations.dashboards import (
    SAVES,
    EditDashboard,
    KeepDashboard,
    OneDashboard,
    dashboards_of,
    delete_dashboard,
    edit_dashboard,
    keep_dashboard,
    may_change,
)
from warehouse.operations.identity import SignedIn
from warehouse.tenancy import Actor

NEW = "A new dashboard"
SCREEN, BOARD = "screens/dashboard.py", "board"
SIDE_BY_SIDE = 2


def board_of(kept: SavedDashboard) -> Dashboard:
    """What is kept, as data; it was sound when it was kept."""
    return read_dashboard(kept.body)


def keep(actor: Actor, board: Dashboard, *, is_shared: bool, kept: SavedDashboard | None = None) -> str | None:
    """Save it; the id, None when it was refused and the person was told why."""
    body = board.model_dump(mode="json", exclude_defaults=True)
    with saving(), writing_as(actor) as session:
        if kept is None:
            return keep_dashboard(session, actor, KeepDashboard(body=body, is_shared=is_shared)).id
        asked = EditDashboard(id=kept.id, version=kept.version, body=body, is_shared=is_shared)
        return edit_dashboard(session, actor, asked).id
    return None


def with_card(board: Dashboard, card: Card) -> Dashboard:
    """The dashboard with one more card: figures go on top, others beside the last one where there is room."""
    if not card.by and card.over != "trend":
        return board.model_copy(update={"figures": tuple(dict.fromkeys((*board.figures, *card.metrics)))})
    *above, last = board.rows or ((),)
    fits = len(last) < SIDE_BY_SIDE and card.form != "table" and not any(one.form == "table" for one in last)
    rows = (*above, (*last, card)) if fits else (*board.rows, (card,))
    return board.model_copy(update={"rows": rows})


def without_card(board: Dashboard, place: int, number: int) -> Dashboard:
    """The dashboard without one of its cards."""
    rows = [
        tuple(card for at, card in enumerate(row) if (line, at) != (place, number))
        for line, row in enumerate(board.rows)
    ]
    return board.model_copy(update={"rows": tuple(row for row in rows if row)})


def as_file(board: Dashboard) -> str:
    """As a file says it: what can be kept beside code, changed and brought back."""
    told = board.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=110)


def from_file(text: str) -> Dashboard:
    """What such a file says. Raises NoDashboard."""
    try:
        return read_dashboard(yaml.safe_load(text))
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise NoDashboard(f"Line {mark.line + 1 if mark else '?'} is no YAML.") from None


@st.dialog("Save to a dashboard", icon=":material/dashboard_customize:")
@by_click
def ask_where(actor: Actor, card: Card) -> None:
    """Put a card onto a dashboard of one's own, or begin one with it."""
    with reading_as(actor) as session:
        offered = {one.id: one for one in dashboards_of(session, actor) if may_change(actor, one)}
    chosen = st.selectbox(
        "Dashboard", ["", *offered], format_func=lambda one: offered[one].name if one else NEW, key="keep_where"
    )
    with st.form("keep_card", border=False):
        named = "" if chosen else st.text_input("Its name", max_chars=80, placeholder="Monday morning")
        title = st.text_input("What the card is called", card.title, max_chars=80)
        is_shared = offered[chosen].is_shared if chosen else st.checkbox("Everybody here may see it")
        if not st.form_submit_button("Save", type="primary"):
            return
    if not title.strip() or not (chosen or named.strip()):
        st.error("It needs a name.", title="Not saved")
        return
    kept = offered.get(chosen)
    board = board_of(kept) if kept else Dashboard(name="saved", title=named.strip())
    try:
        wanted = read_dashboard(with_card(board, card.model_copy(update={"title": title.strip()})).model_dump())
    except NoDashboard:
        st.error("This dashboard has as many figures as it can hold.", title="Not saved")
        return
    made = keep(actor, wanted, is_shared=is_shared, kept=kept)
    if made:
        say_next(f"Saved to {wanted.title}")
        st.switch_page(SCREEN, query_params={BOARD: made})


def tools(who: SignedIn, actor: Actor, kept: SavedDashboard) -> None:
    """What can be done with a kept dashboard, on its own screen."""
    board = board_of(kept)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Shared with everybody here" if kept.is_shared else "Only you see it", width="content")
        if actor.may(SAVES) and st.button(
            "Mail it", icon=":material/schedule_send:", type="tertiary", key="mail_board"
        ):
            ask_schedule(who, kept)
        if may_change(actor, kept):
            if st.button("Change", icon=":material/edit:", type="tertiary", key="change_board"):
                ask_changes(actor, kept)
            if st.button("Put away", icon=":material/delete:", type="tertiary", key="delete_board"):
                ask_away(actor, kept)
        if "personal" in actor.hidden and kept.membership_id != actor.membership_id:
            # A colleague's filters may name people.
            return
        st.download_button(
            "YAML",
            as_file(board),
            f"{board.title}.yml",
            "application/yaml",
            icon=":material/download:",
            type="tertiary",
        )


@st.dialog("Change the dashboard", width="large", icon=":material/edit:")
@by_click
def ask_changes(actor: Actor, kept: SavedDashboard) -> None:
    """Its name, whom it is for, its cards; the whole of it as a file for those who like that better."""
    board = board_of(kept)
    for place, row in enumerate(board.rows):
        for number, card in enumerate(row):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(formats.plain(card.title), width="content")
                if st.button("Remove", key=f"remove_{place}_{number}", icon=":material/close:", type="tertiary"):
                    _save(actor, without_card(board, place, number), kept, is_shared=kept.is_shared)
    with st.form("change_board_form", border=False):
        is_shared = st.checkbox("Everybody here may see it", kept.is_shared)
        text = st.text_area("As a file", as_file(board), height=320)
        if not st.form_submit_button("Save", type="primary"):
            return
    try:
        wanted = from_file(text)
    except NoDashboard as wrong:
        st.error(formats.plain(str(wrong)), title="Not saved")
        return
    _save(actor, wanted, kept, is_shared=is_shared)


def _save(actor: Actor, board: Dashboard, kept: SavedDashboard, *, is_shared: bool) -> None:
    if keep(actor, board, is_shared=is_shared, kept=kept):
        say_next("Saved")
        st.rerun()


@st.dialog("Put the dashboard away", icon=":material/delete:")
@by_click
def ask_away(actor: Actor, kept: SavedDashboard) -> None:
    """Ask once more."""
    st.markdown(f"**{formats.plain(kept.name)}** will be gone{' for everybody' if kept.is_shared else ''}.")
    if st.button("Put away", type="primary", key="really_away"):
        with saving(), writing_as(actor) as session:
            delete_dashboard(session, actor, OneDashboard(id=kept.id, version=kept.version))
            say_next(f"{kept.name} is put away")
        st.switch_page("screens/dashboards.py")
