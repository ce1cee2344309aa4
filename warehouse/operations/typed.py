"""What kind of value a column takes, as the type of a field that operations are given."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints
from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, Enum, Integer, String

from warehouse.cards import refuse_card
from warehouse.oltp.types import DIGITS, Exact, Id, Moment
from warehouse.oltp.veil import bare
from warehouse.operations.fields import Currency, Zone, refuse_no_text

LONGEST_TEXT = 100_000
LONGEST_JSON = 100_000
DEEPEST_JSON = 20
SMALLEST, LARGEST = -(2**31), 2**31 - 1
BY_NAME: dict[str, Any] = {
    "currency": Currency,
    "from_currency": Currency,
    "to_currency": Currency,
    "timezone": Zone,
    "evidence_sha256": Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")],
    "key": Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")],
    "slug": Annotated[str, StringConstraints(pattern="^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$")],
}
"""Columns whose values have a form of their own."""


def value_type(column: Column[Any]) -> Any:
    """The type of a column's values, with the bounds the table holds it to; null is not thought of."""
    if column.name in BY_NAME:
        return BY_NAME[column.name]
    kind, (least, most) = bare(column), bounds_of(column)
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class
    if isinstance(kind, Id):
        return Annotated[str, StringConstraints(max_length=36)]
    if isinstance(kind, Exact):
        return Annotated[Decimal, Field(max_digits=DIGITS, decimal_places=kind.places, ge=least, le=most)]
    if isinstance(kind, Integer):
        return Annotated[int, Field(ge=SMALLEST if least is None else least, le=LARGEST if most is None else most)]
    if isinstance(kind, String):
        shortest = 0 if column.nullable else 1
        return Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=shortest, max_length=kind.length or LONGEST_TEXT),
        ]
    return _plain_type(column, kind)


def _plain_type(column: Column[Any], kind: object) -> Any:
    if isinstance(kind, JSON):
        shape = list[Any] if empty_value(column) == [] else dict[str, Any]
        return Annotated[shape, AfterValidator(_can_be_kept)]
    for known, made in ((Boolean, bool), (Date, date), (Moment, AwareDatetime)):
        if isinstance(kind, known):
            return made
    raise TypeError(f"No operation knows how to be given {column.table.name}.{column.name}")


def empty_value(column: Column[Any]) -> Any:
    """What a column holds when nothing is given: an empty object or list, or a plain default; None, nothing."""
    default: Any = column.default
    if default is None:
        return None
    return default.arg if default.is_scalar else default.arg(None)


def bounds_of(column: Column[Any]) -> tuple[int | None, int | None]:
    """The least and the most that the table lets a column hold; None, no bound."""
    for rule in column.table.constraints:
        if isinstance(rule, CheckConstraint) and rule.info.get("column") == column.name:
            return rule.info["least"], rule.info["most"]
    return None, None


def _can_be_kept(value: Any) -> Any:
    """Refuses what no store keeps: too much, too deep, numbers that are none, texts that are none or hold a card."""
    for text in _texts(value, 0):
        refuse_no_text(text)
        refuse_card(text)
    if len(json.dumps(value, allow_nan=False)) > LONGEST_JSON:
        raise ValueError(f"is longer than {LONGEST_JSON:,} characters")
    return value


OwnFields = Annotated[dict[str, Any], AfterValidator(_can_be_kept)]
"""Values of the fields an organization added, by key."""


def _texts(value: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST_JSON:
        raise ValueError(f"is nested deeper than {DEEPEST_JSON} levels")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield str(name)
            yield from _texts(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, depth + 1)
