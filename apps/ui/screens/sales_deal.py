"""Deal: one record, what is known about it, and what may be done to it."""

import streamlit as st

from apps.ui import formats
from apps.ui.parts import deal_record, opened
from apps.ui.parts.conflict import Conflict, keep, show_conflict
from apps.ui.parts.deal_conflict import deal_subject
from apps.ui.parts.deal_fields import people_of, values_of
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_now
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as
from warehouse.oltp.sales import Opportunity
from warehouse.operations.declare import NotFound, find
from warehouse.operations.sales import DealRow, close_date_history, get_opportunity, stage_history
from warehouse.tenancy import Actor

DEALS = "screens/sales_deals.py"


def read(actor: Actor, deal_id: str) -> DealRow | None:
    """The deal with its names; None where this organization has none of that id."""
    try:
        with reading_as(actor) as session:
            return get_opportunity(session, actor, deal_id)
    except NotFound:
        return None


def read_deleted(actor: Actor, deal_id: str) -> Opportunity | None:
    """A deal that was deleted here; None for every other."""
    actor.must("sales:read")
    try:
        with reading_as(actor) as session:
            return find(session, actor, Opportunity, deal_id, deleted=True)
    except NotFound:
        return None


def not_here(actor: Actor, deal_id: str) -> None:
    """Nothing to show under this id, or a deal that can come back."""
    deleted = read_deleted(actor, deal_id) if deal_id else None
    if deleted is None:
        st.title("Not found", anchor=False)
        st.markdown("There is no such deal here. It may have been deleted, or the link is not whole.")
        return
    st.title(formats.plain(deleted.name), anchor=False)
    st.info("This deal was deleted. It is in no list and, with the next refresh, in no number.", title="Deleted")
    deal_record.restore(actor, deleted)


who, actor = signed_in(), current_actor()
say_now()
st.page_link(DEALS, label="All deals", icon=":material/arrow_back:")
deal_id = st.query_params.get("id", "")

with telling():
    row = read(actor, deal_id)
    if row is None:
        not_here(actor, deal_id)
        st.stop()
    with reading_as(actor) as session:
        steps = stage_history(session, actor, deal_id)
        moves = close_date_history(session, actor, deal_id)
    people = people_of(actor)
    deal_record.headline(who, row)
    left, right = st.columns([3, 2], gap="medium")
    try:
        if actor.may_for("sales:write", row.deal.sales_rep_id):
            began = opened.opened(row.deal, values_of)
            with right:
                deal_record.stage(actor, row.deal, began)
            with left:
                deal_record.form(who, actor, row, people, began)
        else:
            with left:
                deal_record.facts(who, row, people)
                if actor.may("sales:write"):
                    st.caption("You change your own deals and your team's; this one is somebody else's.")
    except Conflict as conflict:
        keep(conflict)
    with right:
        deal_record.history(steps, moves, people)
        if actor.may_for("sales:write", row.deal.sales_rep_id):
            deal_record.delete(actor, row.deal)
    show_conflict(who, deal_id, deal_subject(who, actor))
