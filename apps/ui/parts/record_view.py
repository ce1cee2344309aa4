"""What a record of any kind shows: what it is called, where it stands, its facts, and the form to change them."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.kinds import Kind
from apps.ui.parts import opened
from apps.ui.parts.fields import Form, choices_for
from apps.ui.parts.header import zone
from apps.ui.parts.links import can_open, record_link
from apps.ui.parts.opened import Opened
from apps.ui.parts.problems import saving
from apps.ui.parts.record_list import heading
from apps.ui.parts.record_save import Editor
from apps.ui.parts.toasts import SAVED, say_next
from apps.ui.parts.typed import Typed
from apps.ui.parts.values import Words, value_of
from warehouse.oltp.veil import COVER
from warehouse.operations.describing import Field, Shape, named, shown_fields
from warehouse.operations.identity import SignedIn
from warehouse.operations.reading import Row
from warehouse.operations.records import STATE, title_columns
from warehouse.operations.wording import choice_label

NOTHING: tuple[Any, ...] = (None, "", [], {})
GOOD = {"active", "accepted", "signed", "paid", "succeeded", "customer", "published", "resolved", "deployed"}
GOOD |= {"integrated", "completed"}
BAD = {"declined", "expired", "terminated", "void", "uncollectible", "failed", "churned", "canceled", "past_due"}
BAD |= {"escalated"}
LEADING = frozenset({"customers", "invoices", "quotes", "tickets", "campaigns"})
"""What a record names right under its title."""
BIG = ("total", "value", "amount", "monthly_value", "budget", "list_price", "unit_price")
"""The amount a record is known for, the first that it has."""


def state_badge(state: Any) -> None:
    """Where a record stands."""
    color = "green" if state.value in GOOD else "red" if state.value in BAD else "blue"
    st.badge(choice_label(state), color=color)  # type: ignore[arg-type]


def headline(kind: Kind, row: Row, words: Words) -> None:
    """What the record is called, where it stands and what it is worth."""
    fields = shown_fields(kind.table)
    st.title(formats.plain(heading(words, kind, named(fields, title_columns(kind.table)), row.record)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if hasattr(row.record, STATE):
            state_badge(getattr(row.record, STATE))
        worth = next((one for one in named(fields, BIG) if value_of(row.record, one) is not None), None)
        if worth and worth.shape is Shape.MONEY:
            st.markdown(f"**{formats.plain(words.say(worth, value_of(row.record, worth)))}**", width="content")
        for one in fields:
            if one.target in LEADING:
                _link(words, one, value_of(row.record, one))


def _link(words: Words, one: Field, value: Any) -> None:
    if value and one.target and can_open(words.actor, one.target):
        record_link(one.target, value, words.say(one, value), icon=None)


def facts(kind: Kind, row: Row, words: Words, own: Sequence[Field], without: Sequence[Field] = ()) -> None:
    """Every field that is not in a form, to read; references lead to what they name."""
    left_out = {one.name for one in without} | {STATE}
    shown = [one for one in [*shown_fields(kind.table), *own] if one.name not in left_out and not one.is_derived]
    if without:
        # Below a form only what is there: what nobody filled in yet says nothing.
        told = {*title_columns(kind.table), "currency"}
        shown = [one for one in shown if one.name not in told and one.target not in LEADING]
        shown = [one for one in shown if value_of(row.record, one) not in NOTHING]
    if not shown:
        return
    with st.container(border=True):
        st.markdown("**Details**" if not without else "**Kept by Longhouse**")
        with st.grid(2, min_column_width=140, gap="small"):
            for one in shown:
                if one.shape not in {Shape.LONG_TEXT, Shape.JSON}:
                    _fact(one, value_of(row.record, one), words)
        for one in shown:
            if one.shape in {Shape.LONG_TEXT, Shape.JSON}:
                _long(one, value_of(row.record, one), words)


def _fact(one: Field, value: Any, words: Words) -> None:
    label, text = formats.plain(one.label), words.say(one, value)
    if value and one.target and can_open(words.actor, one.target) and text != COVER:
        with st.container(gap=None):
            st.markdown(f":gray[{label}]")
            record_link(one.target, value, text)
        return
    st.markdown(f":gray[{label}]  \n{formats.plain(text)}")


def _long(one: Field, value: Any, words: Words) -> None:
    text = words.say(one, value)
    st.markdown(f":gray[{formats.plain(one.label)}]")
    if one.shape is Shape.JSON and text not in {COVER, formats.UNKNOWN}:
        st.json(value, expanded=2)
    else:
        st.text(text)


def found_out(kind: Kind, row: Row, words: Words) -> None:
    """What the platform found out about a record, where it has."""
    derived = [one for one in shown_fields(kind.table) if one.is_derived]
    there = [one for one in derived if value_of(row.record, one) not in NOTHING]
    if not there:
        return
    with st.container(border=True):
        st.markdown("**Found out**")
        for one in there:
            (_long if one.shape is Shape.JSON else _fact)(one, value_of(row.record, one), words)
        as_of = getattr(row.record, "derived_as_of", None)
        if as_of:
            st.caption(f"As of {formats.moment(as_of, words.place)}")


def form(editing: Editor, row: Row, began: Opened) -> None:
    """Every field that may be changed. Raises Conflict when someone saved first."""
    record, typed = row.record, Typed()
    place = zone(editing.who)
    narrowed = {"customer_id": record.customer_id} if getattr(record, "customer_id", None) else {}
    within = {table: narrowed for table in ("contacts", "contracts", "subscriptions", "quotes") if narrowed}
    choices = choices_for(editing.actor, editing.fields, within)
    with st.form(f"{began.key}_form"):
        st.markdown("**Details**")
        Form(editing.actor, began.key, row.currency, place, choices).draw(editing.fields, began.values, typed)
        asked = st.form_submit_button("Save", type="primary", key="save_record")
    if record.version != began.version:
        st.warning("This was changed since you opened it. Save to compare, or read it anew.")
        st.button("Read it anew", on_click=opened.forget, key="read_anew")
    if asked and not typed.wrong:
        _save(editing, record, typed, began)


def _save(editing: Editor, record: Any, typed: Typed, began: Opened) -> None:
    mine = {name: value for name, value in typed.values.items() if not _same(value, began.values[name])}
    if not mine:
        st.info("Nothing was changed.")
        return
    saved = 0
    before = began.values | {name: value for name, value in editing.all_of(record).items() if name not in began.values}
    with saving():
        saved = editing.save(record.id, began.version, mine, before)
    if saved:
        opened.forget()
        say_next(SAVED)
        st.rerun()


def _same(typed: Any, kept: Any) -> bool:
    # A choice comes back as what it was given as; an empty text and none are the same to people.
    return bool(typed == kept) or (typed in (None, "") and kept in (None, ""))


def saved_line(who: SignedIn, record: Any, names: Mapping[str, str]) -> None:
    """Who saved the record last, and when."""
    by = names.get(record.updated_by or "")
    told = f"Saved {formats.moment(record.updated_at, zone(who))}{f' by {by}' if by else ''} · version {record.version}"
    st.caption(formats.plain(told))
