"""Data checks: what every check last found about this organization's data, failing first."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.check_list import head, listed, section
from apps.ui.parts.header import zone
from apps.ui.parts.problems import telling
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as
from warehouse.operations.checks import (
    Examination,
    checks_of,
    examinations,
    latest_checks,
    latest_import,
    read_evidence,
)
from warehouse.tenancy import Actor

EVIDENCE_PIXELS = 640
CAME_IN = "What came in"
CAME_IN_MEANING = "Rows of imports, connections and people's own edits, as they arrived. Nothing is held back by it."


def label(one: Examination, place: str) -> str:
    """An examination in the list of them: when, how it ended, on what occasion."""
    found = f"{one.not_met} not met" if one.not_met else "all met"
    occasion = "at night" if one.subject == "night" else f"after {one.subject}"
    return f"{formats.moment(one.checked_at, place)} · {found} · {occasion}"


def came_in(actor: Actor, place: str) -> None:
    """The examinations by Great Expectations; the latest is shown, an earlier one can be chosen."""
    with st.container(border=True):
        with reading_as(actor) as session:
            known = examinations(session, actor)
        if not known:
            head(CAME_IN, CAME_IN_MEANING, [], place)
            st.markdown("Imports are examined as they arrive, everything else once a night.")
            return
        ids = {one.id: one for one in known}
        shown = st.session_state.get("examination")
        chosen = ids.get(str(shown), known[0])
        with reading_as(actor) as session:
            rows = checks_of(session, actor, chosen.id)
        head(CAME_IN, CAME_IN_MEANING, rows, place)
        if len(known) > 1:
            st.selectbox(
                "Examination", list(ids), key="examination", format_func=lambda one: label(ids[one], place), width=500
            )
        st.markdown(formats.plain(chosen.told))
        listed(actor, rows)
        evidence(actor, chosen)


def evidence(actor: Actor, chosen: Examination) -> None:
    """The page Great Expectations' results were kept on, to read here or to keep."""
    page = read_evidence(actor, chosen.id)
    if page is None:
        st.caption("The page with the evidence of this examination is no longer kept.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.toggle("Show the evidence", key=f"evidence_{chosen.id}")
        st.download_button(
            "Download it",
            page,
            file_name=f"data-checks-{chosen.checked_at:%Y-%m-%d}.html",
            mime="text/html",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if wanted:
        # Written by us, every value escaped, and its own policy lets nothing in it run or be fetched.
        st.iframe(page, height=EVIDENCE_PIXELS, alt="Evidence of the examination")


who, actor = signed_in(), current_actor()
place = zone(who)
st.title("Data checks", anchor=False)
st.markdown("Everything that is checked about your data, and what was found last.")

with telling():
    with reading_as(actor) as session:
        model = latest_checks(session, actor, "dbt")
        compared = latest_checks(session, actor, "reconciliation")
        brought = latest_import(session, actor)
    came_in(actor, place)
    section(
        actor, "The business model", "Tests of the tables every number is made from, with each build.", model, place
    )
    section(actor, "Store and lake", "Whether the lake has every row the store has, once a night.", compared, place)
    if brought:
        section(actor, "The last import", "What its files left open or wrote in two ways.", brought, place)
