"""Draws any field of a record as people type it, and reads it back exactly, with a sentence where it cannot be."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from apps.ui import formats
from apps.ui.parts.amounts import NotAnAmount, read_number, write_amount, write_number
from apps.ui.parts.choices import CURRENCIES
from apps.ui.parts.typed import Typed
from apps.ui.parts.values import GONE
from warehouse.oltp.engine import reading_as
from warehouse.operations.describing import Field, Shape
from warehouse.operations.reading import MOST_CHOICES, called, choices_of
from warehouse.operations.records import may_read
from warehouse.tenancy import Actor

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
WIDE = frozenset({Shape.LONG_TEXT, Shape.JSON, Shape.WORDS})
"""Fields that take the whole width of a form."""
NEVER_EMPTY = frozenset({Shape.YES_NO, Shape.JSON, Shape.WORDS})
"""Fields that need no star: what is left empty is no, or nothing of many."""
CODES = {"currency", "from_currency", "to_currency"}


class Unreadable(ValueError):
    """What was typed is no value of its field; the message says what to type."""


@dataclass(frozen=True)
class Form:
    """What drawing fields needs: who types, in which currency and time zone, and what references may name."""

    actor: Actor
    key: str
    currency: str | None
    place: str
    choices: Mapping[str, Mapping[str, str]]
    """Table → id and name of what may be chosen."""

    def draw(self, fields: Sequence[Field], values: Mapping[str, Any], typed: Typed) -> None:
        """Every field, narrow ones side by side, wide ones below."""
        narrow = [one for one in fields if one.shape not in WIDE]
        if narrow:
            grid = st.grid(2, min_column_width=210, gap="small")
            for one in narrow:
                with grid.cell():
                    self.field(one, values.get(one.name), typed)
        for one in fields:
            if one.shape in WIDE:
                self.field(one, values.get(one.name), typed)

    def field(self, one: Field, value: Any, typed: Typed) -> None:
        """One field, and under it what is wrong with it."""
        try:
            read = _DRAW[one.shape](self, one, value)
        except (NotAnAmount, Unreadable) as why:
            typed.refuse(one.name, str(why))
            return
        typed.values[one.name] = read
        refusal = one.refusal(read)
        if refusal:
            typed.refuse(one.name, refusal)

    def label(self, one: Field) -> str:
        """What stands over a field; `*` where it is needed."""
        unit = f", {self.currency}" if one.shape is Shape.MONEY and self.currency else ""
        # People who listen hear the marks that Markdown would need, so only words of others get them.
        label = formats.plain(one.label) if one.is_own else one.label
        return f"{label}{unit}" + (" *" if one.is_needed and one.shape not in NEVER_EMPTY else "")

    def key_of(self, one: Field) -> str:
        """What the field's widget is called."""
        return f"{self.key}_{one.name}"


def choices_for(actor: Actor, fields: Sequence[Field], within: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Table → what its references may name; `within` narrows a table's by a column's value."""
    found = {}
    with reading_as(actor) as session:
        for table in {one.target for one in fields if one.target}:
            if may_read(actor, table):
                found[table] = choices_of(session, actor, table, within=within.get(table))
    return found


def _text(form: Form, one: Field, value: Any) -> Any:
    if one.name in CODES:
        return _one_of(form, one, value, {code: code for code in CURRENCIES})
    if one.name == "timezone":
        return _one_of(form, one, value, {zone: zone.replace("_", " ") for zone in sorted(available_timezones())})
    empty = "Given by itself" if one.is_filled else None
    text = st.text_input(
        form.label(one), value or "", key=form.key_of(one), max_chars=one.longest, placeholder=empty, help=one.help
    )
    return (text or "").strip() or None


def _long_text(form: Form, one: Field, value: Any) -> str | None:
    text = st.text_area(form.label(one), value or "", key=form.key_of(one), height=120, help=one.help)
    return (text or "").strip() or None


def _words(form: Form, one: Field, value: Any) -> list[str]:
    shown = "\n".join(map(str, value or []))
    told = st.text_area(f"{form.label(one)}, one per line", shown, key=form.key_of(one), height=120, help=one.help)
    return [line.strip() for line in (told or "").splitlines() if line.strip()]


def _amount(form: Form, one: Field, value: Any) -> Any:
    text = st.text_input(form.label(one), write_amount(value), key=form.key_of(one), max_chars=60, help=one.help)
    return read_number(_without_sign(text), one.places)


def _number(form: Form, one: Field, value: Any) -> Any:
    text = st.text_input(form.label(one), write_number(value), key=form.key_of(one), max_chars=60, help=one.help)
    return read_number(text, one.places)


def _without_sign(text: str | None) -> str:
    return (text or "").strip().lstrip("$€£¥₹").strip()


def _whole(form: Form, one: Field, value: Any) -> int | None:
    text = st.text_input(
        form.label(one), "" if value is None else str(value), key=form.key_of(one), max_chars=20, help=one.help
    )
    read = read_number(text, 0)
    return None if read is None else int(read)


def _day(form: Form, one: Field, value: Any) -> Any:
    return st.date_input(
        form.label(one), value, FIRST_DAY, LAST_DAY, key=form.key_of(one), format="YYYY-MM-DD", help=one.help
    )


def _moment(form: Form, one: Field, value: datetime | None) -> datetime | None:
    zone = ZoneInfo(form.place)
    shown = value.astimezone(zone).replace(tzinfo=None) if value else None
    typed = st.datetime_input(
        f"{form.label(one)}, {form.place.replace('_', ' ')}",
        shown,
        datetime.combine(FIRST_DAY, datetime.min.time()),
        datetime.combine(LAST_DAY, datetime.min.time()),
        key=form.key_of(one),
        format="YYYY-MM-DD",
        help="Left empty, it is now." if one.is_filled else None,
    )
    if typed is None:
        return None
    # The field knows minutes: what was not touched keeps its seconds.
    if shown is not None and typed.replace(second=0) == shown.replace(second=0, microsecond=0):
        return value
    return typed.replace(tzinfo=zone)


def _yes_no(form: Form, one: Field, value: Any) -> Any:
    if one.is_needed and not one.is_own:
        return st.checkbox(form.label(one), bool(value), key=form.key_of(one))
    options = {True: "Yes", False: "No"}
    return _one_of(form, one, value, options)


def _choice(form: Form, one: Field, value: Any) -> Any:
    return _one_of(form, one, value, dict(one.choices))


def _one_of(form: Form, one: Field, value: Any, options: Mapping[Any, str]) -> Any:
    # One that is not offered any more still has to be shown where it stands.
    offered = [*options, *([value] if value is not None and value not in options else [])]
    return st.selectbox(
        form.label(one),
        offered,
        index=offered.index(value) if value is not None else None,
        key=form.key_of(one),
        placeholder="Choose" if one.is_needed else "None",
        format_func=lambda it: options.get(it, str(it)),
        help=one.help,
    )


def _reference(form: Form, one: Field, value: Any) -> Any:
    table = one.target or ""
    names = form.choices.get(table, {})
    offered = [*names, *([value] if value and value not in names else [])]
    cut = len(names) >= MOST_CHOICES
    chosen = st.selectbox(
        form.label(one),
        offered,
        index=offered.index(value) if value else None,
        key=form.key_of(one),
        placeholder="Choose, or type a whole name" if cut else "Choose" if one.is_needed else "None",
        format_func=lambda it: names.get(it, GONE if it == value else it),
        accept_new_options=cut,
    )
    if chosen is None or chosen in offered:
        return chosen
    with reading_as(form.actor) as session:
        found = called(session, form.actor, table, chosen)
    if found is None:
        raise Unreadable(f"There is none called “{chosen[:60]}”, or several are.")
    return found


def _data(form: Form, one: Field, value: Any) -> Any:
    empty: Any = [] if one.is_list else {}
    shown = json.dumps(value or empty, indent=2, ensure_ascii=False)
    text = st.text_area(form.label(one), shown, key=form.key_of(one), height=120, help=one.help or "JSON")
    if not (text or "").strip():
        return empty
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as why:
        place = f" in line {why.lineno}" if isinstance(why, json.JSONDecodeError) else ""
        raise Unreadable(f"This is not JSON{place}: look for a missing quote, comma or bracket.") from why
    if not isinstance(read, type(empty)):
        wanted = "a list, as [1, 2]" if one.is_list else 'an object, as {"country": ["Norway"]}'
        raise Unreadable(f"This has to be {wanted}.")
    return read


_DRAW: dict[Shape, Any] = {
    Shape.TEXT: _text,
    Shape.LONG_TEXT: _long_text,
    Shape.WORDS: _words,
    Shape.MONEY: _amount,
    Shape.PERCENT: _number,
    Shape.NUMBER: _number,
    Shape.WHOLE: _whole,
    Shape.DAY: _day,
    Shape.MOMENT: _moment,
    Shape.YES_NO: _yes_no,
    Shape.CHOICE: _choice,
    Shape.REFERENCE: _reference,
    Shape.JSON: _data,
}
