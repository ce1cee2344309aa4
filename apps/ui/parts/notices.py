"""What an owner or admin has to know about the safety of their organization, until they put it away."""

from datetime import UTC, datetime

import streamlit as st

from apps.ui import formats
from apps.ui.parts.header import zone
from apps.ui.parts.problems import saving
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.identity import SignedIn
from warehouse.operations.inbox import Said, put_away, unread_notices
from warehouse.tenancy import Actor

AUDIT = "screens/organization_audit.py"
EVENT = "event"
"""The part of the audit's address that opens a row."""


def notices(who: SignedIn, actor: Actor, most: int) -> None:
    """The latest unread notices, `most` of them; nothing for people whom they do not concern."""
    if not actor.may("organization:audit") or actor.membership_id is None:
        return
    with reading_as(actor) as session:
        unread = unread_notices(session, actor)
    if not unread:
        return
    with st.container(border=True, gap="small", key="notices"):
        for one in unread[:most]:
            _notice(who, actor, one)
        if len(unread) > 1:
            _rest(actor, unread, len(unread) - most)


def _notice(who: SignedIn, actor: Actor, told: Said) -> None:
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(gap=None):
            st.markdown(f":orange[:material/shield:] {formats.plain(told.text)}")
            st.caption(f"{formats.plain(told.title)} · {formats.since(told.at, datetime.now(UTC), zone(who))}")
        with st.container(horizontal=True, width="content", gap="small"):
            if st.button("Show", key=f"notice_show_{told.id}", type="tertiary"):
                st.switch_page(AUDIT, query_params={EVENT: told.audit_event_id or ""})
            st.button(
                "Put away", key=f"notice_away_{told.id}", type="tertiary", on_click=_put_away, args=(actor, [told.id])
            )


def _rest(actor: Actor, unread: list[Said], left: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(formats.counted(left, "more security notice") if left > 0 else "", width="content")
        ids = [one.id for one in unread]
        st.button("Put all away", key="notices_all", type="tertiary", on_click=_put_away, args=(actor, ids))


def _put_away(actor: Actor, notice_ids: list[str]) -> None:
    with saving(), writing_as(actor) as session:
        put_away(session, actor, notice_ids, datetime.now(UTC))
