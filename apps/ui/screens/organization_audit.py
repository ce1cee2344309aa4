"""Audit: who did what, when, to which record? For owners and admins."""

from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import streamlit as st

from apps.ui import formats
from apps.ui.parts.audit_chain import chain_badge
from apps.ui.parts.audit_words import PAGES, details_in_words, record_in_words
from apps.ui.parts.header import zone
from apps.ui.parts.notices import EVENT, notices
from apps.ui.parts.problems import telling
from apps.ui.parts.toasts import say_now
from apps.ui.reruns import by_click
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.audit_search import (
    PAGE,
    RIGHT,
    EventFilter,
    EventRow,
    as_csv,
    audited_names,
    begin_export,
    export_events,
    get_event,
    list_events,
)
from warehouse.operations.events import known_operations
from warehouse.tenancy import Actor, operator_actor

FILTERS = ("since", "until", "by", "what", "record")
ROUND = "audit_round"
ROW_PIXELS = 36
MOST_IN_A_FILE = 100_000


def choose_events(names: dict[str, str], place: str) -> EventFilter:
    """The filters, as the address or the person set them."""
    operator = operator_actor("").label
    people = names | {operator: operator.capitalize()}
    said = known_operations()
    with st.grid(5, min_column_width=140, gap="xsmall"):
        since = st.date_input("From", value=None, key="since", bind="query-params", format="YYYY-MM-DD")
        until = st.date_input("To", value=None, key="until", bind="query-params", format="YYYY-MM-DD")
        by = choose("Who", "by", list(dict.fromkeys(people.values())), "Everyone")
        what = choose("What", "what", list(dict.fromkeys(said.values())), "Everything")
        record = st.text_input("Record", key="record", bind="query-params", placeholder="Id of a record")
    return EventFilter(
        since=beginning(since, place),
        until=beginning(until + timedelta(days=1) if isinstance(until, date) else None, place),
        who=[one for one, name in people.items() if name in set(by)],
        operations=[one for one, words in said.items() if words in set(what)],
        record=(record or "").strip(),
    )


def choose(label: str, key: str, options: list[str], everything: str) -> list[str]:
    """One filter; the address keeps it."""
    return st.multiselect(label, options, key=key, bind="query-params", placeholder=everything, wrap=False)


def beginning(day: object, place: str) -> datetime | None:
    """The first moment of a day where the organization lives."""
    return datetime.combine(day, time.min, ZoneInfo(place)).astimezone(UTC) if isinstance(day, date) else None


def clear() -> None:
    """Back to everything."""
    for key in FILTERS:
        st.session_state[key] = {"record": "", "by": [], "what": []}.get(key)


def read_page(actor: Actor, wanted: EventFilter) -> tuple[int, int, list[EventRow]]:
    """The page asked for, or the first when there is no such page any more: its number, all that match, its rows."""
    page = int(st.session_state.get(page_key(wanted)) or 1)
    with reading_as(actor) as session:
        total, rows = list_events(session, actor, wanted, offset=(page - 1) * PAGE)
        if rows or not total:
            return page, total, rows
        return 1, *list_events(session, actor, wanted)


def page_key(wanted: EventFilter) -> str:
    """Where the page is remembered: other filters begin at their own first page."""
    return f"audit_page_{crc32(repr(wanted).encode())}"


def table(rows: list[EventRow], names: dict[str, str], place: str, key: str) -> None:
    """The rows; a click opens one."""
    shown = st.dataframe(
        [
            {
                "When": formats.moment(row.happened_at, place),
                "Who": row.who,
                "What": row.what,
                "Record": record_in_words(row, names),
            }
            for row in rows
        ],
        hide_index=True,
        key=f"{key}_{st.session_state.get(ROUND, 0)}",
        alt="What was done, latest first; choose a row to open it",
        on_select="rerun",
        selection_mode="single-cell",
        row_height=ROW_PIXELS,
        height="content",
        column_config={
            "When": st.column_config.TextColumn(width=160),
            "Who": st.column_config.TextColumn(width=160),
            "What": st.column_config.TextColumn(width=300),
        },
    )
    picked: Any = shown.get("selection", {}).get("cells") or []
    if picked and picked[0][0] < len(rows):
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.query_params[EVENT] = rows[picked[0][0]].id
        st.rerun()


def close() -> None:
    """The address no longer asks for a row."""
    st.query_params.pop(EVENT, "")


@st.dialog("What was done", width="medium", on_dismiss=close)
@by_click
def opened(row: EventRow, names: dict[str, str], place: str) -> None:
    """One row: in words, with its record and its place in the chain."""
    st.markdown(f"**{formats.plain(row.who)}** · {formats.plain(row.what)}")
    st.caption(f"{formats.moment(row.happened_at, place)} · {formats.plain(record_in_words(row, names))}")
    told = details_in_words(row.details, names)
    if told:
        st.markdown("\n".join(f"- {formats.plain(name)}: {words}" for name, words in told))
    if row.entity in PAGES and row.entity_id:
        page, part = PAGES[row.entity]
        if st.button("Open the record", icon=":material/open_in_new:"):
            st.switch_page(page, query_params={part: row.entity_id})
    chain = {"Row": row.id, "Record": row.entity_id, "Hash": row.hash, "Hash of the row before": row.previous_hash}
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"Row **{row.position:,}** of the chain")
        for name, value in chain.items():
            if value:
                st.markdown(f":small[{name}]  \n`{value}`")


def open_asked(actor: Actor, names: dict[str, str], place: str) -> None:
    """The row that the address asks for."""
    asked = st.query_params.get(EVENT)
    if not asked:
        return
    with reading_as(actor) as session:
        found = get_event(session, actor, asked)
    if found:
        opened(found, names, place)
    else:
        st.warning("There is no such row in this organization's audit.")


def download(actor: Actor, wanted: EventFilter, total: int) -> None:
    """What was found as a file; taking it away is noted first."""

    def file() -> bytes:
        with writing_as(actor) as session:
            before = begin_export(session, actor, "csv")
        with reading_as(actor) as session:
            rows = export_events(session, actor, wanted, before=before, most=MOST_IN_A_FILE)
            return "".join(as_csv(rows)).encode("utf-8-sig")

    st.download_button(
        "Download",
        file,
        file_name=f"audit-{datetime.now(UTC):%Y-%m-%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        help=f"The latest {MOST_IN_A_FILE:,}; `longhouse audit list --format csv` has all."
        if total > MOST_IN_A_FILE
        else None,
        on_click="ignore",
    )


who, actor = signed_in(), current_actor()
say_now()
st.title("Audit", anchor=False)
if not actor.may(RIGHT):
    st.info("The audit is for owners and admins of the organization.")
    st.stop()
with telling():
    place = zone(who)
    with reading_as(actor) as session:
        names = audited_names(session, actor)
        everything, _ = list_events(session, actor, EventFilter(), limit=1)
    chain_badge(actor, everything, place)
    notices(who, actor, most=3)
    wanted = choose_events(names, place)
    page, total, rows = read_page(actor, wanted)
    open_asked(actor, names, place)
    if not rows:
        st.info("Nothing that was done matches.")
        st.button("Show everything", on_click=clear)
        st.stop()
    first, pages = (page - 1) * PAGE + 1, ceil(total / PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        told = f"{formats.counted(total, 'row')}, {first:,} to {first + len(rows) - 1:,} shown, latest first"
        st.caption(f"{told}. Click one to open it.", width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if pages > 1:
                st.pagination(pages, key=page_key(wanted), persist_state="session", max_visible_pages=5)
            download(actor, wanted, total)
    table(rows, names, place, f"audit_{page}")
