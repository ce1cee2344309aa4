"""Forms for records of any kind: what may be given is drawn, checked, and saved through the kind's own operation."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from pydantic import ValidationError

from apps.ui import formats
from apps.ui.kinds import KINDS
from apps.ui.parts import opened
from apps.ui.parts.fields import Form, choices_for
from apps.ui.parts.header import zone
from apps.ui.parts.links import NEW
from apps.ui.parts.problems import saving
from apps.ui.parts.toasts import SAVED, say_next
from apps.ui.parts.typed import Typed
from apps.ui.parts.values import keep_own
from apps.ui.reruns import by_click
from apps.ui.session import today
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.declare import Operation
from warehouse.operations.describing import OWN, Field, Shape, given_fields, own_fields
from warehouse.operations.identity import SignedIn
from warehouse.operations.records import MOVES, NOTES, RECORDS, STATE, kind_of
from warehouse.tenancy import Actor


def new_fields(actor: Actor, table: str) -> tuple[list[Field], list[Field]]:
    """What may be given for a new row of a table: its columns that the actor sees, and the organization's own fields."""
    return _seen(actor, given_fields(table, creation(table).input)), _own(actor, table)


def edit_fields(actor: Actor, table: str) -> tuple[list[Field], list[Field]]:
    """The same for a record that is there; its state is moved, not edited."""
    edit = RECORDS[table].edit
    fields = _seen(actor, given_fields(table, edit.input)) if edit else []
    return [one for one in fields if not (one.name == STATE and table in MOVES)], _own(actor, table) if fields else []


def creation(table: str) -> Operation[Any, Any]:
    """The operation that makes a new row of a table: of a record, or of a history noted by hand."""
    return RECORDS[table].create if table in RECORDS else NOTES[table]


def _seen(actor: Actor, fields: list[Field]) -> list[Field]:
    return [one for one in fields if one.name != OWN and actor.sees(one.privacy)]


def _own(actor: Actor, table: str) -> list[Field]:
    with reading_as(actor) as session:
        return own_fields(session, actor, table)


def request_values(mine: Mapping[str, Any], own: list[Field], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values as an operation takes them: the organization's own fields go into theirs, over what is kept."""
    keys = {one.name for one in own}
    values = {name: value for name, value in mine.items() if name not in keys}
    changed = {name: keep_own(value) for name, value in mine.items() if name in keys}
    if changed:
        values[OWN] = {name: value for name, value in {**kept, **changed}.items() if value is not None}
    return values


def _close() -> None:
    st.query_params.pop(NEW, "")


def ask_new(table: str) -> None:
    """Open the dialog for a new row of a table."""
    st.query_params[NEW] = table


def new_record(who: SignedIn, table: str, label: str, start: Mapping[str, Any] | None = None) -> str | None:
    """The dialog for a new row, where the address asks for it; the id of what was just made."""
    if st.query_params.get(NEW) == table and who.actor:
        title = f"New {label[0].lower()}{label[1:]}"
        st.dialog(title, width="large", icon=":material/add:", on_dismiss=_close)(_dialog)(
            who, table, dict(start or {})
        )
    made = st.session_state.pop(_made_key(table), None)
    return str(made) if made else None


def _made_key(table: str) -> str:
    return f"made_{table}"


@by_click
def _dialog(who: SignedIn, table: str, start: dict[str, Any]) -> None:
    actor = who.actor
    if actor is None:
        return
    key, ask = f"new_{table}", f"new_{table}_asked"
    columns, own = new_fields(actor, table)
    hidden = [one.label for one in given_fields(table, creation(table).input) if one.is_needed and one not in columns]
    if [one for one in hidden if one != "Own fields"]:
        st.info(f"This needs {hidden[0].lower()}, which only people with more rights see. Ask a colleague who does.")
        return
    # What it is a part of is settled by where the person stands.
    drawn = [one for one in columns if one.name not in start or one.target is None]
    values = _begin(who, table, columns, start)
    currency = str(start.get("currency") or values.get("currency") or who.currency or "USD")
    form = Form(actor, key, currency, zone(who), choices_for(actor, drawn, _within(start)))
    typed = Typed(asked=bool(st.session_state.get(ask)))
    with st.form(f"{key}_form", border=False):
        form.draw([*drawn, *own], values, typed)
        asked = st.form_submit_button(f"Add {_noun(table)}", type="primary", key=ask)
    fixed = {one.name: start[one.name] for one in columns if one not in drawn}
    if asked and not typed.wrong:
        _create(actor, table, request_values(typed.values | fixed, own, {}))


def _noun(table: str) -> str:
    if table in KINDS:
        return KINDS[table].noun
    return NOTES[table].name.split("note_")[1].replace("_", " ")


def _within(start: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Of a customer's things, only their own contacts and the like are offered."""
    customer = start.get("customer_id")
    narrowed = ("contacts", "contracts", "subscriptions", "opportunities", "quotes")
    return {table: {"customer_id": customer} for table in narrowed} if customer else {}


def _begin(who: SignedIn, table: str, columns: list[Field], start: Mapping[str, Any]) -> dict[str, Any]:
    """What a new row's form shows at first: defaults, today where a day is needed, oneself as who is responsible."""
    kind = kind_of(table)
    values: dict[str, Any] = {}
    for one in columns:
        values[one.name] = one.start
        if one.shape is Shape.DAY and one.is_needed:
            values[one.name] = today()
        elif one.shape is Shape.MOMENT and one.is_needed:
            values[one.name] = datetime.now(UTC).replace(second=0, microsecond=0)
    if "currency" in values:
        values["currency"] = who.currency or values["currency"]
    responsible = getattr(kind, "responsible", None)
    if responsible in values and who.actor:
        values[responsible] = who.actor.membership_id
    return values | {name: value for name, value in start.items() if value is not None}


def _create(actor: Actor, table: str, values: dict[str, Any]) -> None:
    made: str | None = None
    with saving():
        given = {name: value for name, value in values.items() if value is not None}
        try:
            request = creation(table).input(**given)
        except ValidationError as refused:
            st.error(formats.plain(str(refused.errors()[0]["msg"])), title="Not saved")
            return
        with writing_as(actor) as session:
            made = creation(table)(session, actor, request).id
    if made:
        _close()
        # What it is a part of may have another version by now, and other sums.
        opened.forget()
        say_next(SAVED)
        st.session_state[_made_key(table)] = made
        st.rerun()


__all__ = ["ask_new", "edit_fields", "new_record", "request_values"]
