"""Rows by column: what the rooms make, the loader writes and the content hash reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.bytes_]
Days = NDArray[np.datetime64]
Moments = NDArray[np.datetime64]
Money = NDArray[np.int64]
"""Ten-thousandths of the currency, as SQLite keeps them."""

NO_ID = b""
NO_NUMBER = int(np.iinfo(np.int64).min)
NO_DAY = np.datetime64("NaT", "D")
NO_MOMENT = np.datetime64("NaT", "ms")
CENT = 100
"""Ten-thousandths."""
UNIT = 10_000
"""Ten-thousandths."""
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Words:
    """Text by code: row → place in a list of words; -1 is null."""

    codes: NDArray[np.int64]
    words: tuple[str | None, ...]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.codes)

    def of(self) -> NDArray[np.object_]:
        """The text of each row; null is None."""
        return np.array([*self.words, None], object)[self.codes]


Column = NDArray[Any] | Words | str | int | bool | None
"""One value per row, or one for all of them.

Null is empty bytes among ids (dtype S36), `NO_NUMBER` among whole numbers, NaT among days (datetime64[D]) and moments
(datetime64[ms], UTC), None among texts (dtype object) and -1 among codes. JSON stands as its text.
"""
Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Chunk:
    """Some rows of one table; `organization_id`, `change_seq` and defaults are filled in by the loader."""

    table: str
    columns: Columns
    rows: int


def take(column: Column, rows: NDArray[Any]) -> Column:
    """Some rows of a column: a mask or places."""
    if isinstance(column, Words):
        return Words(column.codes[rows], column.words)
    return column[rows] if isinstance(column, np.ndarray) else column


def chunk(table: str, columns: Columns, keep: NDArray[np.bool_] | None = None) -> Chunk:
    """The rows of a table, by its ids; with `keep`, only those."""
    ids = columns["id"]
    assert isinstance(ids, np.ndarray)
    if keep is None or bool(keep.all()):
        return Chunk(table, dict(columns), len(ids))
    return Chunk(table, {name: take(column, keep) for name, column in columns.items()}, int(keep.sum()))


def written(at: Moments, by: Column = None, changed: Moments | None = None) -> dict[str, Column]:
    """Who made a record when, and when it last changed; the maker is an id per row or nobody."""
    return {
        "created_at": at,
        "created_by": by,
        "updated_at": at if changed is None else np.where(np.isnat(changed), at, np.maximum(at, changed)),
        "updated_by": by,
    }


def known(at: Moments) -> dict[str, Column]:
    """When a row of a history became known."""
    return {"recorded_at": at, "recorded_at_assumed": False}


def day_of(moments: Moments) -> Days:
    """The UTC day of each moment."""
    return moments.astype("datetime64[D]")


def moment(days: Days, share: Any) -> Moments:
    """A moment of working hours (08:00 to 17:00 UTC) on each day; `share` says how far into them."""
    into = ((8 + 9 * np.asarray(share)) * 3_600_000).astype(np.int64).astype("timedelta64[ms]")
    found: Moments = days.astype("datetime64[ms]") + into
    return found


def evening(until: np.datetime64) -> np.datetime64:
    """The moment after the last one of the day."""
    found: np.datetime64 = (until + DAY).astype("datetime64[ms]")
    return found


def to_cent(ten_thousandths: NDArray[Any]) -> Money:
    """Amounts rounded to the cent, half a cent upwards, as on a bill; none is negative."""
    exact = np.asarray(ten_thousandths, np.int64)
    return (exact + CENT // 2) // CENT * CENT


def working_day(days: Days) -> Days:
    """The day itself, or the Friday before a weekend."""
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return np.where(np.isnat(days), days, days - np.maximum(0, weekday - 4).astype("timedelta64[D]"))
