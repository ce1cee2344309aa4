"""What waits for somebody: the records to act on first, each a way to itself."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts.cards import card_head
from apps.ui.parts.links import can_open, record_link
from apps.ui.parts.problems import telling
from warehouse.oltp.days import today_at
from warehouse.oltp.engine import reading_as
from warehouse.operations.attention import Waiting, needs_attention
from warehouse.tenancy import Actor

ICONS = {
    "opportunities": ":material/handshake:",
    "invoices": ":material/receipt:",
    "tickets": ":material/support_agent:",
}


def attention_card(actor: Actor) -> None:
    """The most pressing records, from the store itself: what was done a moment ago is gone from it."""
    with st.container(border=True, height="stretch"):
        card_head("Needs attention")
        with telling():
            with reading_as(actor) as session:
                found = needs_attention(session, actor, today_at(session, actor.organization_id))
            if not found:
                st.caption("Nothing is late: no open deal, bill or ticket is past its day.")
            for one in found:
                _line(actor, one)


def _line(actor: Actor, one: Waiting) -> None:
    amount = formats.money(one.amount, one.currency) if one.amount is not None else ""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        if can_open(actor, one.table):
            record_link(one.table, one.id, formats.plain(one.name), ICONS[one.table])
        else:
            st.markdown(formats.plain(one.name), width="content")
        st.caption(
            formats.plain(" · ".join(filter(None, (f"{one.why}, {formats.counted(one.days, 'day')}", amount)))),
            width="content",
        )
