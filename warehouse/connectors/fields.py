"""Parts a record by what was declared of its fields: for the lake, for the operational store, for nowhere yet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from warehouse.connectors.spec import Item, Kind, Thing

CODE = re.compile(r"[A-Za-z0-9_.:;/+\-]{1,255}")
LONGEST_LABEL = 500
MOST_DEPTH = 30
"""Deeper than any answer of a vendor: what is nested further is kept as it is, undeclared."""
NOTHING: Any = object()


@dataclass
class Parted:
    """A record in its three parts, each with the shape the record had."""

    business: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    undeclared: dict[str, Any] = field(default_factory=dict)
    """Place → a value that stood there, of what nobody declared or what is not of the declared kind."""

    @property
    def who(self) -> dict[str, Any]:
        """The personal part, without what is empty."""
        return {name: value for name, value in self.personal.items() if value not in (None, "", [], {})}


class Parting:
    """Parts the records of one kind."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing
        self._undeclared: dict[str, Any] = {}

    @cached_property
    def _branches(self) -> set[str]:
        """Places under which something is declared."""
        declared = (*self._thing.business, *self._thing.personal, *self._thing.unused)
        return {"", *(place[: n.start()] for place in declared for n in re.finditer(r"\.", place))}

    def part(self, record: Item) -> Parted:
        """A record in its three parts. Nothing undeclared comes into the first two."""
        self._undeclared = {}
        business, personal = self._of_entries("", record, 0)
        return Parted(business, personal, self._undeclared)

    def _of(self, place: str, value: Any, depth: int) -> tuple[Any, Any]:
        """What of a value is for the lake, and what for the operational store."""
        thing = self._thing
        if place in thing.personal:
            return NOTHING, value
        if place in thing.unused:
            return NOTHING, NOTHING
        if place in thing.business and _fits(thing.business[place], value):
            return value, NOTHING
        if place in self._branches and depth < MOST_DEPTH:
            if isinstance(value, Mapping):
                return self._of_entries(place, value, depth)
            if isinstance(value, list):
                return self._of_list(place, value, depth)
            if value is None:
                return None, NOTHING
        self._undeclared.setdefault(place, value)
        return NOTHING, NOTHING

    def _of_entries(self, place: str, value: Item, depth: int) -> tuple[dict[str, Any], dict[str, Any]]:
        business, personal = {}, {}
        for key, one in value.items():
            below = f"{place}.{key}" if place else str(key)
            # A key with a dot in it would pass for a place it is not at.
            parts = self._of(below, one, depth + 1) if "." not in key else self._set_aside(below, one)
            if parts[0] is not NOTHING:
                business[key] = parts[0]
            if parts[1] is not NOTHING:
                personal[key] = parts[1]
        return business, personal or NOTHING if place else personal

    def _of_list(self, place: str, value: list[Any], depth: int) -> tuple[Any, Any]:
        parts = [
            self._of_entries(place, one, depth + 1) if isinstance(one, Mapping) else self._set_aside(place, one)
            for one in value
        ]
        business = [one[0] for one in parts if one[0] is not NOTHING]
        personal = [None if one[1] is NOTHING else one[1] for one in parts]
        return business, personal if any(personal) else NOTHING

    def _set_aside(self, place: str, value: Any) -> tuple[Any, Any]:
        self._undeclared.setdefault(place, value)
        return NOTHING, NOTHING


def _fits(kind: Kind, value: Any) -> bool:
    """Whether a value is of a kind; unknown fits every kind, and a list of what fits does."""
    if value is None:
        return True
    if isinstance(value, list):
        return all(not isinstance(one, list | Mapping) and _fits(kind, one) for one in value)
    if isinstance(value, bool):
        return kind is Kind.FLAG
    if isinstance(value, int | float | Decimal):
        return _fits_number(kind, value)
    return isinstance(value, str) and _fits_text(kind, value)


def _fits_number(kind: Kind, value: float | Decimal) -> bool:
    if kind is Kind.MOMENT:
        return moment(value) is not None
    return kind is Kind.NUMBER or (kind is Kind.WHOLE and isinstance(value, int))


def _fits_text(kind: Kind, value: str) -> bool:
    # HubSpot writes every value as text, and an unknown one as no text at all.
    if value == "":
        return True
    if kind is Kind.CODE:
        return is_code(value)
    if kind is Kind.LABEL:
        return len(value) <= LONGEST_LABEL and is_text(value)
    if kind is Kind.FLAG:
        return value in {"true", "false"}
    if kind is Kind.MOMENT:
        return moment(value) is not None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and (kind is Kind.NUMBER or number == number.to_integral_value())


def is_code(value: object) -> bool:
    """Whether a value is one word, as ids and states are."""
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def is_text(value: str) -> bool:
    """Whether every store keeps a text: not with a NUL in it, nor with half a character, as JSON may write one."""
    return "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


def moment(value: Any) -> datetime | None:
    """A vendor's moment, in UTC: seconds since 1970, or ISO 8601; None for anything else."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def is_before(value: Any, day: date) -> bool:
    """Whether a vendor's moment is known to be before a day, in UTC."""
    found = moment(value)
    return found is not None and found.date() < day
