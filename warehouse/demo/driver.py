"""Columns as lists in the form the database's driver takes."""

from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column as StoreColumn

from warehouse.demo.columns import NO_NUMBER, Column, Words
from warehouse.oltp.types import Exact
from warehouse.oltp.veil import bare

FIRST_DAY = np.datetime64("1900-01-01", "D")
_DAYS = 80_000
"""Days whose text is kept: until 2119."""


@lru_cache(maxsize=1)
def day_texts() -> NDArray[np.object_]:
    """The text of each day from FIRST_DAY on."""
    return np.datetime_as_string(FIRST_DAY + np.arange(_DAYS)).astype(object)


@lru_cache(maxsize=1)
def clock_texts() -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """What stands for each minute of a day (` HH:MM:`), and for each millisecond of a minute (`SS.mmm000`)."""
    minutes = [f" {minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440)]
    rest = [f"{ms // 1000:02d}.{ms % 1000:03d}000" for ms in range(60_000)]
    return np.array(minutes, object), np.array(rest, object)


def driver_values(column: Column, target: StoreColumn[Any], dialect: str, rows: int) -> Any:
    """One value per row: a list, or a repetition of the one for all."""
    if isinstance(column, Words):
        return column.of().tolist()
    if not isinstance(column, np.ndarray):
        return repeat(column, rows)
    kind = column.dtype.kind
    if kind == "S":
        return _ids(column)
    if kind == "M":
        return _days(column) if column.dtype == np.dtype("datetime64[D]") else _moments(column, dialect)
    if kind == "i":
        return _numbers(column, target, dialect)
    values: list[Any] = column.tolist()
    return values


def _ids(column: NDArray[np.bytes_]) -> list[str | None]:
    text = np.ascontiguousarray(column.astype("S36")).tobytes().decode()
    size = 36
    if "\0" not in text:
        return [text[at : at + size] for at in range(0, len(text), size)]
    return [text[at : at + size] if text[at] != "\0" else None for at in range(0, len(text), size)]


def _days(column: NDArray[np.datetime64]) -> list[str | None]:
    none = np.isnat(column)
    places = np.where(none, 0, (column - FIRST_DAY).astype(np.int64))
    texts = day_texts()[places]
    texts[none] = None
    found: list[str | None] = texts.tolist()
    return found


def _moments(column: NDArray[np.datetime64], dialect: str) -> list[str | None]:
    """UTC; SQLite keeps it without a zone, PostgreSQL is told it."""
    none = np.isnat(column)
    at = np.where(none, np.datetime64(0, "ms"), column).astype("datetime64[ms]")
    day = at.astype("datetime64[D]")
    into = (at - day).astype(np.int64)
    minutes, rest = clock_texts()
    texts = day_texts()[(day - FIRST_DAY).astype(np.int64)] + minutes[into // 60_000] + rest[into % 60_000]
    if dialect == "postgresql":
        texts = texts + "+00"
    texts[none] = None
    found: list[str | None] = texts.tolist()
    return found


def _numbers(column: NDArray[np.int64], target: StoreColumn[Any], dialect: str) -> list[Any]:
    """Whole numbers; exact decimals are whole numbers of their smallest unit on SQLite."""
    values: list[Any] = column.tolist()
    kind = bare(target)
    if isinstance(kind, Exact) and dialect != "sqlite":
        return [None if value == NO_NUMBER else Decimal(value).scaleb(-kind.places) for value in values]
    if (column == NO_NUMBER).any():
        return [None if value == NO_NUMBER else value for value in values]
    return values
