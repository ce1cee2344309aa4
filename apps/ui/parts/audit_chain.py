"""Whether the audit is what was written: a badge, and what is wrong where something is."""

from datetime import UTC, datetime

import streamlit as st

from apps.ui import formats
from warehouse.oltp.engine import reading_as
from warehouse.operations.anchors import own_anchors
from warehouse.operations.audit_chain import ChainReport, verify_own_chain
from warehouse.tenancy import Actor

BY_ITSELF = 20_000
"""A longer audit is verified when somebody asks: it takes seconds."""
KEPT_SECONDS = 600
TOLD = 10
ASKED = "audit_verification_asked"


def chain_badge(actor: Actor, rows: int, place: str) -> None:
    """How the chain was when it was last looked at, and the way to look again."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if rows > BY_ITSELF and not st.session_state.get(ASKED):
            st.badge(f"{rows:,} rows, not verified here yet", icon=":material/link:", color="gray")
            st.button("Verify", type="tertiary", icon=":material/verified_user:", on_click=_ask)
            return
        with st.spinner("Verifying …", show_time=True):
            report, checked_at = _verified(actor.organization_id, actor)
        ago = _ago(checked_at, place)
        if report.holds:
            told = f"Chain holds, {formats.counted(report.rows, 'row')}, checked {ago}"
            st.badge(told, icon=":material/verified_user:", color="green", help=_anchored(report))
        else:
            found = formats.counted(len(report.findings) + report.more, "finding")
            st.badge(f"Chain is broken, {found}, checked {ago}", icon=":material/link_off:", color="red")
        st.button("Verify again", type="tertiary", icon=":material/refresh:", on_click=_again, args=(actor,))
    if not report.holds:
        _findings(report)


def _anchored(report: ChainReport) -> str:
    if not report.anchors:
        return "Every row is as it was written. The first anchor is set tonight."
    return f"Every row is as it was written, and the audit fits {formats.counted(report.anchors, 'anchor')}."


def _findings(report: ChainReport) -> None:
    lines = []
    for one in report.findings[:TOLD]:
        where = f"Row {one.position:,}" if one.position else "A row"
        lines.append(f"- **{where}** {f'`{one.row_id}` ' if one.row_id else ''}{formats.plain(one.meaning)}")
    left = len(report.findings) + report.more - TOLD
    more = f"\n\nAnd {left:,} more: `longhouse audit verify` tells them." if left > 0 else ""
    st.error("\n".join(lines) + more, title="Somebody altered the audit past Longhouse")


@st.cache_data(ttl=KEPT_SECONDS, max_entries=500, show_spinner=False)
def _verified(organization_id: str, _actor: Actor) -> tuple[ChainReport, datetime]:
    with reading_as(_actor) as session:
        return verify_own_chain(session, _actor, own_anchors(organization_id)), datetime.now(UTC)


def _ask() -> None:
    st.session_state[ASKED] = True


def _again(actor: Actor) -> None:
    _ask()
    _verified.clear(actor.organization_id, actor)


def _ago(moment: datetime, place: str) -> str:
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    return (
        "just now"
        if seconds < 1
        else f"{seconds} s ago"
        if seconds < 60
        else formats.since(moment, datetime.now(UTC), place)
    )
