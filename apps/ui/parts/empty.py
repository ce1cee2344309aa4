"""What a screen says where there is nothing to show yet, and the one next step."""

import streamlit as st

from apps.ui import answers
from apps.ui.parts.header import ask_for_refresh
from apps.ui.parts.new_deal import NEW
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_next
from warehouse.metrics.serving import NoExtract
from warehouse.oltp.engine import reading_as
from warehouse.operations.sales import list_opportunities
from warehouse.tenancy import Actor

DEALS = "screens/sales_deals.py"


def stop_without_numbers(actor: Actor) -> None:
    """End the screen with a friendly sentence where nothing of the organization is in its numbers."""
    try:
        if answers.latest_day(actor) is not None:
            return
    except NoExtract:
        pass
    except Exception:
        # Every other failure is told by the card that meets it.
        with telling():
            raise
        st.stop()
    with reading_as(actor) as session:
        total, _ = list_opportunities(session, actor, limit=1)
    if total:
        _numbers_follow(actor)
    else:
        _no_deals(actor)
    st.stop()


def _no_deals(actor: Actor) -> None:
    if actor.may("sales:write"):
        st.info("There are no deals yet. Add the first one, and this page fills itself.", title="Welcome")
        if st.button("Add the first deal", type="primary", icon=":material/add:"):
            st.switch_page(DEALS, query_params={NEW: "deal"})
    else:
        st.info("There are no deals yet. This page fills itself once a colleague adds the first one.", title="Welcome")


def _numbers_follow(actor: Actor) -> None:
    if actor.may("insights:refresh"):
        st.info("What is entered is kept; its numbers come with the first refresh.", title="Almost there")
        if st.button("Refresh", type="primary", icon=":material/refresh:"):
            ask_for_refresh(actor)
            say_next("Refresh asked for; the numbers follow by themselves")
            st.rerun()
    else:
        st.info("What is entered is kept; its numbers follow with the next refresh.", title="Almost there")
