"""What a list and a record of one kind show; everything else about them follows from the tables and operations."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.operations.records import room_of


class Place(StrEnum):
    """Where people find a kind of record."""

    MENU = "menu"
    SET_UP = "set-up"
    """Behind the room's set-up entry: looked at now and then, by few."""
    PART = "part"
    """With the record it is a part of; its list has an address and no entry."""


def nothing_known(_record: Any) -> dict[str, Any]:
    """A new part begins empty."""
    return {}


@dataclass(frozen=True)
class Part:
    """Rows of another table that hang on a record."""

    table: str
    column: str
    """Theirs, which names the record."""
    label: str = ""
    """What the tab is called; empty, the plural of their kind."""
    start: Callable[[Any], dict[str, Any]] = nothing_known
    """What a new one begins with, given the record."""


@dataclass(frozen=True)
class Kind:
    """One kind of record on the screens."""

    table: str
    label: str
    plural: str
    icon: str
    told: str
    """What it is, in one sentence."""
    columns: tuple[str, ...]
    """Of the list, after what the record is called."""
    filters: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    """Shown with a record, one tab each."""
    history: Part | None = None
    """How it came to stand where it stands."""
    place: Place = Place.PART
    screen: str | None = None
    """The screen of its records, where that is one of its own."""

    @property
    def noun(self) -> str:
        """Inside a sentence."""
        return self.label if self.label.isupper() else self.label[0].lower() + self.label[1:]

    @property
    def nouns(self) -> str:
        """Several, inside a sentence."""
        return self.plural[0].lower() + self.plural[1:]

    @property
    def path(self) -> str:
        """The address of its list."""
        return self.table.replace("_", "-")

    @property
    def permission(self) -> str:
        """What it takes to see it."""
        return f"{room_of(self.table)}:read"
