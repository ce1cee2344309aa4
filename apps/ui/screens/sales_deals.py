"""Deals: every deal of the store, to search, to open and to add."""

from math import ceil
from zlib import crc32

import streamlit as st

from apps.ui import answers, formats
from apps.ui.parts.deal_table import deal_table
from apps.ui.parts.new_deal import NEW, new_deal
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_now
from apps.ui.session import current_actor, signed_in
from warehouse.extracts.process import ExtractUnreadable, QueryFailed, TooSlow, WorkerLost
from warehouse.metrics.serving import NoExtract
from warehouse.oltp.engine import reading_as
from warehouse.oltp.sales import Stage
from warehouse.operations.customers import customer_names
from warehouse.operations.organization import member_names
from warehouse.operations.sales import DealFilter, DealRow, list_opportunities, product_names
from warehouse.tenancy import Actor

PAGE = 50
KEPT = ("q", "stage", "sales_rep", "customer", "product", "regional_office")
STAGES = {stage.label: stage.value for stage in Stage}


def choose(label: str, key: str, options: list[str], everything: str) -> list[str]:
    """One filter; the address keeps it."""
    return st.multiselect(label, options, key=key, bind="query-params", placeholder=everything, wrap=False)


def ids_of(names: dict[str, str], chosen: list[str]) -> list[str]:
    """The records that carry these names; a name several share stands for all of them."""
    return [one for one, name in names.items() if name in set(chosen)]


def choose_deals(actor: Actor) -> DealFilter:
    """The filters, as the address or the person set them."""
    with reading_as(actor) as session:
        people, customers = member_names(session, actor), customer_names(session, actor)
        products = product_names(session, actor)
    text = st.text_input(
        "Search",
        key="q",
        bind="query-params",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Deal, customer or sales rep",
    )
    with st.grid(5, min_column_width=160, gap="xsmall"):
        stages = choose("Stage", "stage", list(STAGES), "All stages")
        reps = choose("Sales rep", "sales_rep", distinct(people), "Everyone")
        with_whom = choose("Customer", "customer", distinct(customers), "All customers")
        what = choose("Product", "product", distinct(products), "All products")
        offices = choose("Regional office", "regional_office", offices_of(actor), "All offices")
    return DealFilter(
        stages=[STAGES[label] for label in stages],
        sales_rep_ids=ids_of(people, reps),
        customer_ids=ids_of(customers, with_whom),
        products=what,
        regional_offices=offices,
        text=text or "",
    )


def offices_of(actor: Actor) -> list[str]:
    """The offices the numbers know; none before there are numbers."""
    try:
        return answers.choices(actor, "regional_office", answers.opens_on(actor).as_of)
    except (NoExtract, ExtractUnreadable, TooSlow, WorkerLost, QueryFailed):
        return []


def distinct(names: dict[str, str]) -> list[str]:
    """Each name once."""
    return list(dict.fromkeys(names.values()))


def clear() -> None:
    """Back to every deal."""
    for key in KEPT:
        st.session_state[key] = "" if key == "q" else []


def page_key(wanted: DealFilter) -> str:
    """Where the page is remembered: other filters begin at their own first page."""
    return f"page_{crc32(repr(wanted).encode())}"


def read_page(actor: Actor, wanted: DealFilter) -> tuple[int, int, list[DealRow]]:
    """The page asked for, or the first when there is no such page any more: its number, all that match, its rows."""
    page = int(st.session_state.get(page_key(wanted)) or 1)
    with reading_as(actor) as session:
        total, rows = list_opportunities(session, actor, wanted, offset=(page - 1) * PAGE, limit=PAGE)
        if rows or not total:
            return page, total, rows
        return 1, *list_opportunities(session, actor, wanted, limit=PAGE)


def nothing(actor: Actor, wanted: DealFilter) -> None:
    """No deal to show: why, and what to do."""
    if any(vars(wanted).values()):
        st.info("No deal matches.")
        st.button("Show all deals", on_click=clear)
    elif actor.may("sales:write"):
        st.info("There are no deals yet. Add the first one with “New deal”.", title="Welcome")
    else:
        st.info("There are no deals yet. They appear here once a colleague adds the first one.", title="Welcome")


who, actor = signed_in(), current_actor()
say_now()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Deals", anchor=False, width="content")
    if actor.may("sales:write"):
        if st.button("New deal", type="primary", icon=":material/add:"):
            st.query_params[NEW] = "deal"
        if st.query_params.get(NEW):
            new_deal(who)

with telling():
    wanted = choose_deals(actor)
    page, total, rows = read_page(actor, wanted)
    if not rows:
        nothing(actor, wanted)
        st.stop()
    first, pages = (page - 1) * PAGE + 1, ceil(total / PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        told = f"{formats.deals(total)}, {first:,} to {first + len(rows) - 1:,} shown, latest change first"
        st.caption(f"{told}. Click one to open it.", width="content")
        if pages > 1:
            st.pagination(pages, key=page_key(wanted), persist_state="session", max_visible_pages=5)
    deal_table(rows, key=f"deals_{page}", alt_text="Deals; choose a row to open its record")
