"""Record: one record of any kind, what is known about it, what hangs on it, and what may be done to it."""

import streamlit as st

from apps.ui.kinds import KINDS, Kind
from apps.ui.parts import opened, record_actions, record_parts, record_view
from apps.ui.parts.conflict import Conflict, keep, show_conflict
from apps.ui.parts.header import zone
from apps.ui.parts.links import ID, OF, can_open, list_link, open_record, record_link
from apps.ui.parts.opened import Opened
from apps.ui.parts.problems import telling
from apps.ui.parts.record_save import Editor, editor
from apps.ui.parts.toasts import say_now
from apps.ui.parts.values import Words, names_for
from apps.ui.session import current_actor, signed_in
from warehouse.oltp.engine import reading_as
from warehouse.operations.declare import NotFound
from warehouse.operations.describing import Field, own_fields, shown_fields
from warehouse.operations.identity import SignedIn
from warehouse.operations.reading import Row, get_record, names_of
from warehouse.operations.records import RECORDS, table_named, target_of
from warehouse.tenancy import Actor


def read(actor: Actor, kind: Kind, record_id: str) -> Row | None:
    """The record; None where this organization has none of that id."""
    try:
        with reading_as(actor) as session:
            return get_record(session, actor, kind.table, record_id)
    except NotFound:
        return None


def way_back(actor: Actor, kind: Kind, row: Row | None, words: Words) -> None:
    """To what the record is a part of, else to its list."""
    parent = RECORDS[kind.table].parent
    whole = target_of(table_named(kind.table).c[parent]) if parent else None
    value = getattr(row.record, parent) if row and parent else None
    if value and whole and can_open(actor, whole):
        name = f"{KINDS[whole].label} {words.names.get(value, '')}"
        record_link(whole, value, name, icon=":material/arrow_back:")
    else:
        list_link(kind)


def show(who: SignedIn, actor: Actor, kind: Kind, row: Row, words: Words) -> None:
    """Everything about a record that is there."""
    editing = editor(who, actor, kind)
    may_change = record_actions.may_change(actor, kind, row.record)
    try:
        began = opened.opened(row.record, editing.values_of) if may_change else None
        if began:
            record_actions.moves(editing, row.record, began)
        record_parts.parts(who, actor, kind, row, may_add=may_change)
        left, right = st.columns([3, 2], gap="medium")
        with left:
            details(editing, row, words, began)
        with right:
            if began:
                record_view.facts(kind, row, words, [], editing.fields)
            record_view.found_out(kind, row, words)
            record_parts.history(who, actor, kind, row)
            if may_change:
                record_actions.delete(actor, kind, row.record)
    except Conflict as conflict:
        keep(conflict)
    show_conflict(who, row.record.id, editing.subject(row.currency))


def details(editing: Editor, row: Row, words: Words, began: Opened | None) -> None:
    """The fields, to change or to read. Raises Conflict."""
    try:
        if began and editing.fields:
            record_view.form(editing, row, began)
        elif not began:
            record_view.facts(editing.kind, row, words, editing.own or own(editing.actor, editing.kind))
            if editing.actor.may(RECORDS[editing.kind.table].create.permission):
                st.caption("You change your own records and your team's; this one is somebody else's.")
    finally:
        record_view.saved_line(editing.who, row.record, words.names)


def own(actor: Actor, kind: Kind) -> list[Field]:
    """The organization's own fields of a kind."""
    with reading_as(actor) as session:
        return own_fields(session, actor, kind.table)


def draw(who: SignedIn, actor: Actor, kind: Kind, record_id: str) -> None:
    """The record, or why there is none."""
    if kind.screen:
        open_record(kind.table, record_id)
    row = read(actor, kind, record_id)
    names = names_for(actor, shown_fields(kind.table), [row.record]) if row else {}
    if row and row.record.updated_by:
        with reading_as(actor) as session:
            names |= names_of(session, actor, "memberships", [row.record.updated_by])
    words = Words(actor, zone(who), row.currency if row else None, names)
    way_back(actor, kind, row, words)
    if row is None:
        st.title("Not found", anchor=False)
        st.markdown(f"There is no such {kind.noun} here. It may have been deleted for good, or the link is not whole.")
        return
    record_view.headline(kind, row, words)
    if row.record.deleted_at is not None:
        st.info(f"This {kind.noun} was deleted. It is in no list and, with the next refresh, in no number.")
        record_actions.restore(actor, kind, row.record)
        record_view.facts(kind, row, words, own(actor, kind))
        return
    show(who, actor, kind, row, words)


who, actor = signed_in(), current_actor()
say_now()
kind = KINDS.get(st.query_params.get(OF, ""))
if kind is None or kind.table not in RECORDS:
    st.title("Not found", anchor=False)
    st.markdown("There is no such kind of record. Choose a list in the menu; the link may not be whole.")
elif not actor.may(kind.permission):
    st.title(kind.label, anchor=False)
    st.info(f"You may not see {kind.nouns}. Ask an owner or admin of the organization for {kind.permission}.")
else:
    with telling():
        draw(who, actor, kind, st.query_params.get(ID, ""))
