"""The words a vendor is described in: where it is, how it lets us in, what it has, and how private each field is.

A vendor is data and two small functions: `ask` says which lists to walk, `read` takes a record out of what they list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

Item = Mapping[str, Any]
"""One entry of a list, as the vendor answered it."""


class Kind(StrEnum):
    """What a field that may enter the lake holds; anything else in its place stays out."""

    CODE = "code"
    """An id, a state, a currency: one word of letters, digits and `. _ : ; / + -`, no address and no sentence."""
    WHOLE = "whole"
    NUMBER = "number"
    """A number, or text that is one."""
    FLAG = "flag"
    MOMENT = "moment"
    """Seconds since 1970, or ISO 8601."""
    LABEL = "label"
    """What the organization calls a thing that is no person, such as a product or a stage."""


@dataclass(frozen=True)
class Bearer:
    """A key that goes into every request."""

    parts: tuple[str, ...] = ("token",)


@dataclass(frozen=True)
class Basic:
    """A user and a password that go into every request."""

    parts: tuple[str, ...] = ("user", "password")


@dataclass(frozen=True)
class Refreshed:
    """OAuth 2.0: an access token that is asked for with a refresh token, and again when it is refused."""

    path: str
    parts: tuple[str, ...] = ("client_id", "client_secret", "refresh_token")


Auth = Bearer | Basic | Refreshed


@dataclass(frozen=True)
class AfterLast:
    """The next page is what comes after a field of the last entry."""

    parameter: str
    """Where that goes: a parameter of the address, or a place in the body such as `filters.0.value`."""
    field: str
    more: str
    """The place in the answer that says whether there is more."""


@dataclass(frozen=True)
class AfterToken:
    """The answer carries the word that asks for the next page."""

    parameter: str
    token: str
    """Its place in the answer; not there, that was the last page."""


@dataclass(frozen=True)
class Ask:
    """One list to walk to its end."""

    path: str
    pages: AfterLast | AfterToken
    items: str
    """The place of the entries in the answer."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    """Where there is one, it is posted."""
    newest_first: bool = False
    """Whether, of an id listed twice, the first one is the newest; else it is the last one."""
    per_second: float | None = None
    """How many such requests the vendor lets us make, where they are fewer than of others."""


@dataclass(frozen=True)
class Since:
    """From when on: what changed at or after a moment, of what was made on or after a day. None: everything."""

    changed: datetime | None = None
    made: date | None = None


@dataclass(frozen=True)
class Read:
    """A record as the vendor has it now."""

    record: Item
    is_deleted: bool = False


@dataclass(frozen=True)
class Cursor:
    """How far back changes are asked for, so that none that came to light late is lost."""

    lookback: timedelta
    """Before the beginning of the last sync that brought something: covers clocks that differ and late changes."""
    reaches_back: timedelta
    """Changes older than this the vendor does not tell any more: then everything is read again."""
    all_again: timedelta = timedelta(days=7)
    """So often everything is read, and what is not there any more is marked as deleted."""


@dataclass(frozen=True)
class Thing:
    """One kind of record a vendor has; its rows become `raw.<vendor>_<name>`.

    Fields are named by their place, `lines.data.amount`; lists on the way count for all of their entries.
    """

    name: str
    path: str
    business: Mapping[str, Kind]
    """What the lake gets."""
    personal: tuple[str, ...] = ()
    """What identifies people or is free text, with all that is under it: stays in the operational store."""
    unused: tuple[str, ...] = ()
    """Known, and kept nowhere, with all that is under it."""
    key: str = "id"
    made: str | None = None
    """The place of the moment it was made, for connections that want only what came after a day."""
    is_always_whole: bool = False
    """Whether the vendor cannot say what changed: everything is read each time."""
    vendor_name: str = ""
    """What the vendor calls it, where its answers say so."""


@dataclass(frozen=True)
class Vendor:
    """An outside system."""

    name: str
    title: str
    address: str
    auth: Auth
    per_second: float
    """How many requests it lets us make."""
    cursor: Cursor
    things: tuple[Thing, ...]
    ask: Callable[[Thing, Since], list[Ask]]
    read: Callable[[Thing, Item], Read | None]
    """A record out of an entry of one of those lists; None where the entry is about something else."""
    api_version: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def thing(self, name: str) -> Thing:
        """One of its kinds of records."""
        return next(one for one in self.things if one.name == name)

    def table(self, thing: Thing) -> str:
        """The lake's table for one of its kinds of records."""
        return f"{self.name}_{thing.name}"


def at(place: str, within: Any) -> Any:
    """The value at a place of an answer, `paging.next.after`; None where it leads nowhere."""
    for step in place.split("."):
        if not isinstance(within, Mapping) or step not in within:
            return None
        within = within[step]
    return within
