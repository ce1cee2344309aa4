"""What may be done with a record besides changing its fields: take it to another state, delete it, bring it back."""

from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.kinds import KINDS, Kind
from apps.ui.parts import opened
from apps.ui.parts.opened import Opened
from apps.ui.parts.problems import saving
from apps.ui.parts.record_save import Editor, asked
from apps.ui.parts.toasts import SAVED, say_next
from apps.ui.session import today
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.declare import NotFound
from warehouse.operations.reading import get_record
from warehouse.operations.records import FLOWS, MOVES, RECORDS, STATE, table_named, target_of
from warehouse.operations.wording import choice_label
from warehouse.tenancy import Actor

DELETED = "Deleted; dashboards follow with the next refresh"
RESTORED = "Restored; dashboards follow with the next refresh"


def may_change(actor: Actor, kind: Kind, record: Any) -> bool:
    """Whether the actor may change this record: their own, their team's, and parts of such."""
    kept = RECORDS[kind.table]
    responsible = getattr(record, kept.kind.responsible) if kept.kind.responsible else None
    if not actor.may_for(kept.create.permission, responsible):
        return False
    whole = _whole_of(actor, kind.table, record)
    return whole is None or actor.may_for(kept.create.permission, whole)


def _whole_of(actor: Actor, table: str, record: Any) -> str | None:
    """Who is responsible for what a record is a part of."""
    parent = RECORDS[table].parent
    whole = target_of(table_named(table).c[parent]) if parent else None
    if not parent or whole not in KINDS or not actor.may(KINDS[whole].permission):
        return None
    column = RECORDS[whole].kind.responsible
    if column is None:
        return None
    try:
        with reading_as(actor) as session:
            responsible: str | None = getattr(get_record(session, actor, whole, getattr(record, parent)).record, column)
            return responsible
    except NotFound:
        return None


def moves(editing: Editor, record: Any, began: Opened) -> None:
    """Where the record may go from where it stands. Raises Conflict when someone saved first."""
    table = editing.kind.table
    if table not in MOVES:
        return
    now = getattr(record, STATE)
    ways = [one for one in type(now) if one in FLOWS[table][now]]
    if not ways:
        return
    key = f"move_{record.id}_{began.version}"
    to = st.pills("May become", ways, key=key, format_func=choice_label)
    if to is None:
        return
    with st.container(border=True):
        with st.grid(2, min_column_width=180, gap="small"):
            on = st.date_input("On", today(), key=f"{key}_on", format="YYYY-MM-DD")
            reason = st.text_input("Reason", key=f"{key}_reason", max_chars=200, placeholder="If there is one to keep")
        if st.button(f"Make it {choice_label(to).lower()}", type="primary", key="move_record"):
            _move(editing, record, began, {"to": to, "on": on, "reason": reason or None})


def _move(editing: Editor, record: Any, began: Opened, values: dict[str, Any]) -> None:
    version = 0
    with saving():
        request = asked(MOVES[editing.kind.table].input, id=record.id, version=began.version, **values)
        version = editing.move(request, editing.all_of(record) | began.values)
    if version:
        _go_on(editing, record.id, version, began)
        say_next(SAVED)
        st.rerun()


def _go_on(editing: Editor, record_id: str, version: int, began: Opened) -> None:
    """Keep what is typed, unless the step wrote fields of the form."""
    with reading_as(editing.actor) as session:
        now = get_record(session, editing.actor, editing.kind.table, record_id).record
    if editing.values_of(now) == began.values:
        opened.moved_to(version)
    else:
        opened.forget()


def delete(actor: Actor, kind: Kind, record: Any) -> None:
    """Delete the record, after asking once more."""
    with st.popover("Delete", icon=":material/delete:", type="tertiary"):
        st.markdown(
            f"Delete this {formats.plain(kind.noun)}? It leaves every list and, with the next refresh, every number. "
            "You can restore it."
        )
        if st.button(f"Delete this {kind.noun}", key="delete_record", type="primary"):
            _do(actor, RECORDS[kind.table].delete, record, DELETED)


def restore(actor: Actor, kind: Kind, record: Any) -> None:
    """Bring a deleted record back."""
    if may_change(actor, kind, record) and st.button(f"Restore this {kind.noun}", type="primary", key="restore_record"):
        _do(actor, RECORDS[kind.table].restore, record, RESTORED)


def _do(actor: Actor, operation: Any, record: Any, said: str) -> None:
    done = False
    with saving(), writing_as(actor) as session:
        operation(session, actor, operation.input(id=record.id, version=record.version))
        done = True
    if done:
        opened.forget()
        say_next(said)
        st.rerun()
