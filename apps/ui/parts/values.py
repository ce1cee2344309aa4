"""What a field of a record holds, in words."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from apps.ui import formats
from apps.ui.parts.amounts import write_number
from warehouse.oltp.engine import reading_as
from warehouse.oltp.veil import COVER
from warehouse.operations.describing import OWN, Field, Shape
from warehouse.operations.reading import names_of, references
from warehouse.operations.wording import choice_label
from warehouse.tenancy import Actor

GONE = "not known any more"
NOT_GROUPED = ("_year", "number", "version", "revision", "position")
"""Whole numbers that count nothing."""


@dataclass(frozen=True)
class Words:
    """What is needed to tell values: who reads, the names of what is named, the currency and the time zone."""

    actor: Actor
    place: str
    currency: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def say(self, one: Field, value: Any) -> str:
        """A value as people read it."""
        if not self.actor.sees(one.privacy):
            return COVER
        if value is None or value == "" or value == [] or value == {}:
            return formats.UNKNOWN
        return COVER if value == COVER else self._known(one, value)

    def _known(self, one: Field, value: Any) -> str:
        if one.shape is Shape.MONEY:
            return formats.money_in_full(value, self.currency) if self.currency else write_number(value)
        if one.shape in {Shape.PERCENT, Shape.NUMBER}:
            return write_number(value) + ("%" if one.shape is Shape.PERCENT else "")
        if one.shape is Shape.WHOLE:
            return str(value) if one.name.endswith(NOT_GROUPED) else formats.count(value)
        if one.shape is Shape.REFERENCE:
            return self.names.get(value, GONE)
        if one.shape is Shape.YES_NO:
            return "Yes" if value else "No"
        return self._text(one, value)

    def _text(self, one: Field, value: Any) -> str:
        if one.shape is Shape.DAY:
            return formats.day(value)
        if one.shape is Shape.MOMENT:
            return formats.moment(value, self.place)
        if one.shape is Shape.CHOICE:
            return dict(one.choices).get(value) or choice_label(value)
        if one.shape is Shape.WORDS:
            return ", ".join(map(str, value))
        return json.dumps(value, ensure_ascii=False) if one.shape is Shape.JSON else str(value)


def value_of(record: Any, one: Field) -> Any:
    """What a record holds in a field, its own ones included."""
    if not one.is_own:
        return getattr(record, one.name, None)
    kept = (record.custom_fields or {}).get(one.name)
    if kept is None or kept == COVER:
        return None
    readers: dict[Shape, Callable[[str], Any]] = {Shape.NUMBER: Decimal, Shape.DAY: date.fromisoformat}
    return readers[one.shape](kept) if one.shape in readers else kept


def keep_own(value: Any) -> Any:
    """A value of a field the organization added, as the records keep it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def names_for(actor: Actor, fields: Sequence[Field], records: Iterable[Any]) -> dict[str, str]:
    """Id → name of everything these fields of these records name: one query for each kind of thing."""
    found: dict[str, str] = {}
    with reading_as(actor) as session:
        for table, ids in references(fields, list(records)).items():
            found |= names_of(session, actor, table, ids)
    return found


__all__ = ["GONE", "OWN", "Words", "keep_own", "names_for", "value_of"]
