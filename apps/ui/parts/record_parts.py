"""What hangs on a record: its parts, what else names it, and what happened to it."""

from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.kinds import KINDS, Kind, Part
from apps.ui.parts.header import zone
from apps.ui.parts.record_form import ask_new, new_record
from apps.ui.parts.record_list import columns_of, record_table
from apps.ui.parts.values import Words, names_for, value_of
from warehouse.oltp.engine import reading_as
from warehouse.operations.describing import Field, Shape, shown_fields
from warehouse.operations.identity import SignedIn
from warehouse.operations.narrowing import Wanted
from warehouse.operations.reading import Page, Row, history_of, list_records
from warehouse.operations.records import NOTES, RECORDS, is_history, may_read, table_named
from warehouse.operations.wording import choice_label
from warehouse.tenancy import Actor

SHOWN, MORE = 20, 200
"""Rows of a part or history before and after somebody asks for more."""
MORE_OF = "more_of"
"""Where a tab remembers of which part somebody asked for more."""


def parts(who: SignedIn, actor: Actor, kind: Kind, row: Row, *, may_add: bool) -> None:
    """A tab for each thing that hangs on the record; only the open one is read."""
    shown = [one for one in kind.parts if may_read(actor, one.table)]
    if not shown:
        return
    labels = [one.label or KINDS[one.table].plural for one in shown]
    tabs = st.tabs(labels, key=f"parts_{kind.table}", on_change="rerun", bind="query-params")
    for tab, part in zip(tabs, shown, strict=True):
        if tab.open:
            with tab:
                _part(who, actor, part, row, may_add=may_add)


def _part(who: SignedIn, actor: Actor, part: Part, row: Row, *, may_add: bool) -> None:
    key = f"{part.table}_of_{row.record.id}"
    most = MORE if st.session_state.get(MORE_OF) == key else SHOWN
    if is_history(part.table):
        page = _happened(actor, part, row, most)
    else:
        with reading_as(actor) as session:
            page = list_records(session, actor, part.table, Wanted(where={part.column: [row.record.id]}), limit=most)
    if page.rows and is_history(part.table):
        _history_table(who, actor, part, page.rows, key)
    elif page.rows:
        rows = sorted(page.rows, key=lambda one: getattr(one.record, "position", 0))
        kind = KINDS[part.table]
        record_table(actor, kind, rows, columns_of(kind, part.column), zone(who), key)
    else:
        st.caption("Nothing yet.")
    with st.container(horizontal=True, vertical_alignment="center"):
        _add(who, actor, part, row, page.total, may_add=may_add)
        if page.total > len(page.rows):
            st.button(
                f"Show more of {page.total:,}", key=f"{key}_more", type="tertiary", on_click=_show_more, args=(key,)
            )


def _show_more(key: str) -> None:
    st.session_state[MORE_OF] = key


def _happened(actor: Actor, part: Part, row: Row, most: int) -> Page:
    with reading_as(actor) as session:
        rows = history_of(session, actor, part.table, part.column, row.record.id, limit=most)
    return Page(len(rows), rows)


def _add(who: SignedIn, actor: Actor, part: Part, row: Row, number: int, *, may_add: bool) -> None:
    """The button that adds one, for whoever may."""
    table = part.table
    made = RECORDS[table].create if table in RECORDS else NOTES.get(table)
    own_screen = table in KINDS and KINDS[table].screen
    is_part = table in RECORDS and RECORDS[table].parent == part.column
    if made is None or own_screen or not actor.may(made.permission) or (is_part and not may_add):
        return
    label = KINDS[table].label if table in KINDS else NOTES[table].name.split("note_")[1].replace("_", " ").capitalize()
    if st.button(f"New {label[0].lower()}{label[1:]}", icon=":material/add:", key=f"add_{table}"):
        ask_new(table)
    new_record(who, table, label, _start(part, row, number))


def _start(part: Part, row: Row, number: int) -> dict[str, Any]:
    """What a new part begins with: what it is a part of, the same customer and currency, the next position."""
    start: dict[str, Any] = {part.column: row.record.id}
    if row.currency:
        start["currency"] = row.currency
    if getattr(row.record, "customer_id", None):
        start["customer_id"] = row.record.customer_id
    if "position" in table_named(part.table).c:
        start["position"] = number + 1
    return start | part.start(row.record)


def _history_table(who: SignedIn, actor: Actor, part: Part, rows: list[Row], key: str) -> None:
    left_out = {part.column, "recorded_at"}
    fields = [one for one in shown_fields(part.table) if one.name not in left_out and one.shape is not Shape.JSON]
    # Columns in which nothing stands tell nothing.
    fields = [one for one in fields if any(value_of(row.record, one) is not None for row in rows)]
    names = names_for(actor, fields, [row.record for row in rows])
    lines = [_line(Words(actor, zone(who), row.currency, names), row.record, fields) for row in rows]
    st.dataframe(lines, hide_index=True, key=key, alt=part.label or part.table, row_height=36, height="content")


def _line(words: Words, record: Any, fields: list[Field]) -> dict[str, str]:
    return {one.label: words.say(one, value_of(record, one)) for one in fields}


def history(who: SignedIn, actor: Actor, kind: Kind, row: Row) -> None:
    """How the record came to stand where it stands, latest step first."""
    part = kind.history
    if part is None or not may_read(actor, part.table):
        return
    with reading_as(actor) as session:
        steps = history_of(session, actor, part.table, part.column, row.record.id)
    fields = [one for one in shown_fields(part.table) if one.target == "memberships" or one.name == "reason"]
    names = names_for(actor, fields, [one.record for one in steps])
    with st.container(border=True):
        st.markdown("**History**")
        for step in steps:
            _step(who, actor, step.record, names, fields)
        if not steps:
            st.caption("Nothing is recorded.")


def _step(who: SignedIn, actor: Actor, step: Any, names: dict[str, str], fields: list[Field]) -> None:
    words = Words(actor, zone(who), None, names)
    moment = getattr(step, "changed_at", None)
    when = formats.moment(moment, zone(who)) if moment else formats.day(getattr(step, "changed_on", None))
    told = [words.say(one, value_of(step, one)) for one in fields if value_of(step, one)]
    st.markdown(f"{choice_label(step.to_status)}  \n:gray[{formats.plain(' · '.join([when, *told]))}]")
