"""The dialog that adds a deal."""

import streamlit as st

from apps.ui.parts.deal_fields import (
    LABELS,
    People,
    amount_field,
    choice_field,
    day_field,
    name_field,
    people_of,
)
from apps.ui.parts.deal_table import open_deal
from apps.ui.parts.problems import saving
from apps.ui.parts.toasts import SAVED, say_next
from apps.ui.parts.typed import Typed
from apps.ui.reruns import by_click
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.oltp.sales import Stage
from warehouse.operations.identity import SignedIn
from warehouse.operations.sales import CreateOpportunity, create_opportunity, product_names
from warehouse.tenancy import Actor, BusinessFunction

KEY, ASK = "new_deal", "new_deal_asked"
NEW = "new"
"""The part of the address that opens the dialog, so that whatever redraws the screen, it stays."""
OPEN_STAGES = [stage for stage in Stage if stage.is_open]


def _close() -> None:
    st.query_params.pop(NEW, "")


@st.dialog("New deal", width="medium", icon=":material/add:", on_dismiss=_close)
@by_click
def new_deal(who: SignedIn) -> None:
    """Ask for the deal's fields and create it."""
    actor = who.actor
    if actor is None:
        return
    currency = who.currency or "USD"
    typed = Typed(asked=bool(st.session_state.get(ASK)))
    with st.form(KEY, border=False):
        _fields(actor, people_of(actor), typed, currency)
        asked = st.form_submit_button("Add deal", type="primary", key=ASK)
    if asked and not typed.wrong:
        _create(actor, typed, currency)


def _fields(actor: Actor, people: People, typed: Typed, currency: str) -> None:
    with reading_as(actor) as session:
        products = product_names(session, actor)
    name_field(typed, "", KEY)
    left, right = st.columns(2)
    mine = actor.membership_id if BusinessFunction.SALES in actor.functions else None
    with left:
        choice_field(typed, "customer_id", people.customers, None, KEY)
        amount_field(typed, None, currency, KEY)
        typed.values["stage"] = st.selectbox(
            "Stage", OPEN_STAGES, key=f"{KEY}_stage", format_func=lambda one: one.label
        )
    with right:
        choice_field(typed, "sales_rep_id", people.members, mine, KEY)
        typed.values["product_id"] = st.selectbox(
            "Product",
            list(products),
            index=None,
            key=f"{KEY}_product",
            placeholder="None yet",
            format_func=lambda one: products[one],
        )
        day_field(typed, "expected_close_on", None, KEY)
    st.caption(f"{LABELS['amount']} left empty means unknown, not zero.")


def _create(actor: Actor, typed: Typed, currency: str) -> None:
    made: str | None = None
    with saving(), writing_as(actor) as session:
        made = create_opportunity(session, actor, CreateOpportunity(**typed.values, currency=currency)).id
    if made:
        say_next(SAVED)
        open_deal(made)
