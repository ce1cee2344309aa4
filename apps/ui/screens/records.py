"""Records: every record of one kind, to search, to open and to add; the address says of which kind."""

from math import ceil
from zlib import crc32

import streamlit as st

from apps.ui import formats
from apps.ui.kinds import KINDS, Kind
from apps.ui.parts import record_filters
from apps.ui.parts.header import zone
from apps.ui.parts.links import OF, open_record
from apps.ui.parts.problems import telling
from apps.ui.parts.record_form import ask_new, new_record
from apps.ui.parts.record_list import columns_of, record_table
from apps.ui.parts.toasts import say_now
from apps.ui.session import current_actor, screen_path, signed_in
from warehouse.oltp.engine import reading_as
from warehouse.operations.describing import Field, Shape, own_fields, shown_fields
from warehouse.operations.narrowing import Wanted
from warehouse.operations.reading import Page, list_records
from warehouse.operations.records import RECORDS
from warehouse.tenancy import Actor

PAGE = 50


def kind_asked() -> Kind | None:
    """The kind that the address names."""
    named = st.query_params.get(OF) or screen_path().replace("-", "_")
    found = KINDS.get(named)
    return found if found and found.table in RECORDS and not found.screen else None


def page_key(kind: Kind, wanted: Wanted) -> str:
    """Where the page is remembered: other filters begin at their own first page."""
    return f"{kind.table}_page_{crc32(repr(wanted).encode())}"


def read_page(actor: Actor, kind: Kind, wanted: Wanted) -> tuple[int, Page]:
    """The page asked for, or the first when there is no such page any more."""
    number = int(st.session_state.get(page_key(kind, wanted)) or 1)
    with reading_as(actor) as session:
        page = list_records(session, actor, kind.table, wanted, offset=(number - 1) * PAGE, limit=PAGE)
        if page.rows or not page.total:
            return number, page
        return 1, list_records(session, actor, kind.table, wanted, limit=PAGE)


def more_columns(actor: Actor, kind: Kind, own: list[Field]) -> list[Field]:
    """Columns the person adds to the list: the organization's own fields, and whatever else a record has."""
    known = {one.name for one in columns_of(kind)}
    rest = [one for one in shown_fields(kind.table) if one.name not in known and actor.sees(one.privacy)]
    offered = [*own, *(one for one in rest if one.shape not in {Shape.JSON, Shape.LONG_TEXT})]
    if not offered:
        return []
    with st.popover("Columns", icon=":material/view_column:", type="tertiary"):
        chosen = st.multiselect(
            "Also show", [one.label for one in offered], key=f"{kind.table}_columns", bind="query-params"
        )
    return [one for one in offered if one.label in chosen]


def nothing(actor: Actor, kind: Kind, wanted: Wanted) -> None:
    """No record to show: why, and what to do."""
    if wanted.is_narrowed:
        st.info("There are no deleted ones." if wanted.deleted else f"No {kind.noun} matches.")
        st.button(f"Show all {kind.nouns}", on_click=record_filters.clear, args=(kind.table,))
    elif actor.may(RECORDS[kind.table].create.permission):
        st.info(f"{kind.told} Add the first one with “New {kind.noun}”.", title=f"No {kind.nouns} yet")
    else:
        st.info(f"{kind.told} They appear here once a colleague adds the first one.", title=f"No {kind.nouns} yet")


def not_for(actor: Actor, kind: Kind) -> bool:
    """Tell somebody without the right whom to ask."""
    if actor.may(kind.permission):
        return False
    st.title(kind.plural, anchor=False)
    st.info(f"You may not see {kind.nouns}. Ask an owner or admin of the organization for {kind.permission}.")
    return True


def draw(actor: Actor, kind: Kind) -> None:
    """The list, its filters and its way to something new."""
    who = signed_in()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(kind.plural, anchor=False, width="content")
        if actor.may(RECORDS[kind.table].create.permission):
            if st.button(f"New {kind.noun}", type="primary", icon=":material/add:"):
                ask_new(kind.table)
            made = new_record(who, kind.table, kind.label)
            if made:
                open_record(kind.table, made)
    with reading_as(actor) as session:
        own = own_fields(session, actor, kind.table)
    wanted = record_filters.choose(actor, kind, own)
    number, page = read_page(actor, kind, wanted)
    if not page.rows:
        nothing(actor, kind, wanted)
        return
    first, pages = (number - 1) * PAGE + 1, ceil(page.total / PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        told = formats.counted(page.total, kind.noun) if page.total == 1 else f"{page.total:,} {kind.nouns}"
        if pages > 1:
            told += f", {first:,} to {first + len(page.rows) - 1:,} shown"
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption(f"{told}. Click one to open it.", width="content")
            extra = more_columns(actor, kind, own)
        if pages > 1:
            st.pagination(pages, key=page_key(kind, wanted), persist_state="session", max_visible_pages=5)
    record_table(actor, kind, page.rows, columns_of(kind, extra=extra), zone(who), f"{kind.table}_rows_{number}")


actor, kind = current_actor(), kind_asked()
say_now()
if kind is None:
    st.title("Not found", anchor=False)
    st.markdown("There is no such list. Choose one in the menu; the link may not be whole.")
elif not not_for(actor, kind):
    with telling():
        draw(actor, kind)
