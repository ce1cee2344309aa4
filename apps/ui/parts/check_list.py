"""Checks and what they found: failing first, each with the records it names."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from apps.ui import formats
from apps.ui.parts.words import check_in_words
from warehouse.oltp.engine import reading_as
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.operations.declare import NotFound
from warehouse.operations.sales import get_opportunity
from warehouse.tenancy import Actor

DEAL = "screens/sales_deal.py"
DEALS = {"opportunities", "fct_opportunities"}
"""Subjects whose samples are deals, which have a record to open."""
BADGES = {
    Severity.HOLD: (":material/front_hand:", "red", "Holds back newer numbers"),
    Severity.WARN: (":material/warning:", "orange", "Worth a look"),
    Severity.INFO: (":material/info:", "blue", "Good to know"),
}


def section(actor: Actor, title: str, meaning: str, rows: Sequence[CheckResult], place: str) -> None:
    """One source of checks in a card: how it stands, what fails, and what passes behind a click."""
    with st.container(border=True):
        head(title, meaning, rows, place)
        listed(actor, rows)


def head(title: str, meaning: str, rows: Sequence[CheckResult], place: str) -> None:
    """The first lines of a card: how the checks stand, and when they were made."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}**", width="content")
        failing = sum(not row.passed for row in rows)
        if rows and rows[0].source == "import":
            st.badge(formats.counted(failing, "finding"), icon=":material/info:", color="blue")
        elif failing:
            label = f"{failing} of {formats.counted(len(rows), 'check')} found something"
            st.badge(label, icon=":material/warning:", color="orange")
        elif rows:
            passing = f"{formats.counted(len(rows), 'check')} {'passes' if len(rows) == 1 else 'pass'}"
            st.badge(passing, icon=":material/check_circle:", color="green")
    when = formats.moment(_latest(rows), place) if rows else ""
    st.caption(f"{meaning} Last looked {when}." if when else f"{meaning} Nothing was looked at yet.")


def listed(actor: Actor, rows: Sequence[CheckResult]) -> None:
    """What fails, open; what passes, folded away."""
    for row in rows:
        if not row.passed:
            _failing(actor, row)
    passing = [row for row in rows if row.passed]
    if passing:
        passes = f"{formats.counted(len(passing), 'check')} {'passes' if len(passing) == 1 else 'pass'}"
        with st.expander(passes, icon=":material/check_circle:"):
            st.markdown("\n".join(f"- {formats.plain(sentence(row))}" for row in passing))


def sentence(row: CheckResult) -> str:
    """What a check looks at or found, in words."""
    if row.source == "dbt":
        words = check_in_words(row.check_name, row.subject or "")
        found = "" if row.passed else f": {formats.counted(row.rows_failing, 'row')} failing"
        return f"{words[0].upper()}{words[1:]}{found}"
    if row.source == "reconciliation" and row.passed:
        return f"{(row.subject or '').replace('_', ' ').capitalize()}: the lake has what the store has"
    return row.message or row.check_name.replace("_", " ").capitalize()


def _failing(actor: Actor, row: CheckResult) -> None:
    icon, color, told = BADGES[row.severity]
    with st.container(gap="xxsmall"):
        st.markdown(f":{color}[{icon}] {formats.plain(sentence(row))} :{color}-badge[{told}]")
        if row.sample_ids:
            _records(actor, row)


def _records(actor: Actor, row: CheckResult) -> None:
    """Some of the records a check names; deals by their name, to open."""
    opened = actor.may("sales:read") and row.subject in DEALS
    names = _names(actor, row.sample_ids) if opened else {}
    with st.container(horizontal=True, gap="small"):
        for one, name in names.items():
            st.page_link(DEAL, label=formats.plain(name), icon=":material/handshake:", query_params={"id": one})
        others = [one for one in row.sample_ids if one not in names]
        if others:
            st.caption(f"Records: {', '.join(f'`{one}`' for one in others)}")


def _names(actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    found = {}
    with reading_as(actor) as session:
        for one in ids:
            try:
                found[one] = get_opportunity(session, actor, one).deal.name or one
            except NotFound:
                continue
    return found


def _latest(rows: Sequence[CheckResult]) -> datetime:
    return max(row.checked_at for row in rows)
