"""A table of records of any kind, whose rows open them."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.ui.kinds import Kind
from apps.ui.parts.links import can_open, open_record
from apps.ui.parts.rows import clickable
from apps.ui.parts.values import Words, names_for, value_of
from warehouse.operations.describing import Field, Shape, named, shown_fields
from warehouse.operations.reading import Row, title_of
from warehouse.operations.records import title_columns
from warehouse.tenancy import Actor

RIGHT = frozenset({Shape.MONEY, Shape.NUMBER, Shape.PERCENT, Shape.WHOLE})


def columns_of(kind: Kind, without: str = "", extra: Sequence[Field] = ()) -> list[Field]:
    """What a list shows of each record, after what it is called."""
    known = shown_fields(kind.table)
    return [*named(known, [one for one in kind.columns if one != without]), *extra]


def record_table(actor: Actor, kind: Kind, rows: Sequence[Row], shown: Sequence[Field], place: str, key: str) -> None:
    """Draw the records; a click on any cell opens the one of its row."""
    titles = named(shown_fields(kind.table), title_columns(kind.table))
    names = names_for(actor, [*shown, *titles], [row.record for row in rows])
    lines = [_line(actor, kind, row, shown, titles, names, place) for row in rows]
    settings = {one.label: st.column_config.TextColumn(alignment="right") for one in shown if one.shape in RIGHT}
    settings |= {one.label: st.column_config.TextColumn(width=260) for one in shown if one.shape is Shape.LONG_TEXT}
    settings[kind.label] = st.column_config.TextColumn(width=240, pinned=False)
    picked = clickable(lines, key=key, alt_text=f"{kind.plural}; choose a row to open its record", columns=settings)
    if picked is not None and can_open(actor, kind.table):
        open_record(kind.table, rows[picked].record.id)


def _line(
    actor: Actor,
    kind: Kind,
    row: Row,
    shown: Sequence[Field],
    titles: Sequence[Field],
    names: dict[str, str],
    place: str,
) -> dict[str, str]:
    words = Words(actor, place, row.currency, names)
    called = heading(words, kind, titles, row.record)
    return {kind.label: called} | {one.label: words.say(one, value_of(row.record, one)) for one in shown}


def _part(words: Words, one: Field, value: Any) -> str:
    # What is counted up is known as #7.
    return ("#" if one.name == "number" and isinstance(value, int) else "") + words.say(one, value)


def heading(words: Words, kind: Kind, titles: Sequence[Field], record: Any) -> str:
    """What a record is called, its parts in words."""
    told = [_part(words, one, value_of(record, one)) for one in titles if value_of(record, one) is not None]
    # Of a line, its own words are enough where it has any.
    told = told[:1] if kind.table.endswith("_lines") and told else told
    return " · ".join(told) or title_of(kind.table, record, words.names)
