"""What narrows and orders a list of records, kept in the address."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.ui.kinds import Kind
from warehouse.oltp.engine import reading_as
from warehouse.operations.describing import Field, Shape, named, shown_fields
from warehouse.operations.narrowing import Wanted, may_narrow, may_sort
from warehouse.operations.reading import choices_of
from warehouse.operations.records import RECORDS, may_read, seen_parts
from warehouse.tenancy import Actor

LATEST = "Latest change"
YES_NO = {"Yes": True, "No": False}


def choose(actor: Actor, kind: Kind, own: list[Field]) -> Wanted:
    """The filters and the order of a list, as the address or the person set them."""
    text = st.text_input(
        "Search",
        key=f"{kind.table}_q",
        bind="query-params",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder=f"Search {kind.nouns}",
    )
    fields = [one for one in named(shown_fields(kind.table), kind.filters) if _offered(actor, one)]
    own_filters = [one for one in own if one.shape in {Shape.CHOICE, Shape.YES_NO}]
    with st.grid(5, min_column_width=160, gap="xsmall"):
        where = {one.name: _filter(actor, kind, one) for one in fields}
        mine = {one.name: _filter(actor, kind, one) for one in own_filters}
        sort, descending = _order(actor, kind)
        deleted = _deleted(actor, kind)
    return Wanted(text or "", where, mine, sort, descending, deleted)


def _offered(actor: Actor, one: Field) -> bool:
    """Whether a filter makes sense for somebody: covered names cannot be told apart."""
    if not may_narrow(actor, one):
        return False
    return one.target is None or (may_read(actor, one.target) and bool(seen_parts(actor, one.target)))


def _filter(actor: Actor, kind: Kind, one: Field) -> list[Any]:
    options = _options(actor, one)
    chosen = st.multiselect(
        one.label,
        list(dict.fromkeys(options.values())),
        key=f"{kind.table}_{one.name}",
        bind="query-params",
        placeholder="All",
        wrap=False,
    )
    # A name that several share stands for all of them.
    return [value for value, name in options.items() if name in set(chosen)]


def _options(actor: Actor, one: Field) -> Mapping[Any, str]:
    if one.shape is Shape.YES_NO:
        return {value: label for label, value in YES_NO.items()}
    if one.target is None:
        return dict(one.choices)
    with reading_as(actor) as session:
        return choices_of(session, actor, one.target)


def _order(actor: Actor, kind: Kind) -> tuple[str, bool]:
    ways: dict[str, tuple[str, bool]] = {LATEST: ("", False)}
    for one in named(shown_fields(kind.table), sortable(kind)):
        if may_sort(actor, one):
            up, down = _directions(one)
            ways |= {f"{one.label}, {up}": (one.name, False), f"{one.label}, {down}": (one.name, True)}
    chosen = st.selectbox("Order", list(ways), key=f"{kind.table}_order", bind="query-params")
    return ways[chosen]


def sortable(kind: Kind) -> tuple[str, ...]:
    """The columns a list may be put in order by: what a record is called, and what the list shows."""
    titles = tuple(one.name for one in shown_fields(kind.table) if one.name in {"name", "title", "number", "subject"})
    return tuple(dict.fromkeys((*titles[:1], *kind.columns)))


def _directions(one: Field) -> tuple[str, str]:
    if one.shape in {Shape.DAY, Shape.MOMENT}:
        return "earliest first", "latest first"
    if one.shape in {Shape.TEXT, Shape.CHOICE}:
        return "A to Z", "Z to A"
    return ("no first", "yes first") if one.shape is Shape.YES_NO else ("lowest first", "highest first")


def _deleted(actor: Actor, kind: Kind) -> bool:
    """What was deleted is looked for by whoever may bring it back."""
    if not actor.may(RECORDS[kind.table].restore.permission):
        return False
    shown = st.selectbox("Show", ["Present", "Deleted"], key=f"{kind.table}_show", bind="query-params")
    return shown == "Deleted"


def clear(table: str) -> None:
    """Back to the whole list."""
    for name in list(st.session_state):
        if str(name).startswith(f"{table}_") and str(name) != f"{table}_order":
            kept = st.session_state[name]
            if isinstance(kept, list):
                st.session_state[name] = []
            elif isinstance(kept, str):
                st.session_state[name] = "Present" if str(name) == f"{table}_show" else ""
