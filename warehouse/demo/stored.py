"""Columns as Arrow arrays of what SQLite keeps: texts, and whole numbers for everything that is counted."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Boolean, Float, Integer
from sqlalchemy import Column as StoreColumn

from warehouse.demo.columns import NO_NUMBER, Column, Words
from warehouse.demo.driver import FIRST_DAY, clock_texts, day_texts
from warehouse.oltp.types import Exact
from warehouse.oltp.veil import bare

ID_LENGTH = 36
_MOMENT = np.dtype([("day", "S10"), ("minute", "S7"), ("rest", "S9")])


def stored_values(column: Column, target: StoreColumn[Any], rows: int) -> pa.Array:
    """One value per row, in the type the store's column has on SQLite."""
    kind = _kind_of(target)
    if isinstance(column, Words):
        return _words(column)
    if not isinstance(column, np.ndarray):
        value = int(column) if isinstance(column, bool) else column
        return pa.repeat(pa.scalar(value, kind), rows)
    if column.dtype.kind == "S":
        return _fixed(np.ascontiguousarray(column, f"S{ID_LENGTH}"))
    if column.dtype.kind == "M":
        return _days(column) if column.dtype == np.dtype("datetime64[D]") else _moments(column)
    if column.dtype.kind == "i":
        none = column == NO_NUMBER
        return pa.array(column, kind, mask=none if none.any() else None)
    if column.dtype.kind == "b":
        return pa.array(column.astype(np.int64), kind)
    return pa.array(column).cast(kind)


@lru_cache(maxsize=4096)
def _kind_of(target: StoreColumn[Any]) -> pa.DataType:
    kind = bare(target)
    if isinstance(kind, Exact | Integer | Boolean):
        return pa.int64()
    return pa.float64() if isinstance(kind, Float) else pa.string()


def _words(column: Words) -> pa.Array:
    words, codes = pa.array(column.words, pa.string()), np.ascontiguousarray(column.codes)
    none = codes < 0
    return words.take(pa.array(codes, mask=none if none.any() else None))


def _fixed(texts: NDArray[np.bytes_]) -> pa.Array:
    """Texts of one length as they lie in memory; an empty one is null."""
    length, count = texts.dtype.itemsize, len(texts)
    there = texts.view(np.uint8).reshape(count, length)[:, 0] != 0
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    offsets = length * np.arange(count + 1, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(texts), valid)


@lru_cache(maxsize=1)
def _texts() -> tuple[NDArray[np.bytes_], NDArray[np.bytes_], NDArray[np.bytes_]]:
    """Of each day, each minute of a day and each millisecond of a minute."""
    minutes, rest = clock_texts()
    return day_texts().astype("S10"), minutes.astype("S7"), rest.astype("S9")


def _days(column: NDArray[np.datetime64]) -> pa.Array:
    none = np.isnat(column)
    texts = _texts()[0][np.where(none, 0, (column - FIRST_DAY).astype(np.int64))]
    texts[none] = b""
    return _fixed(texts)


def _moments(column: NDArray[np.datetime64]) -> pa.Array:
    none = np.isnat(column)
    at = np.where(none, np.datetime64(0, "ms"), column).astype("datetime64[ms]")
    day = at.astype("datetime64[D]")
    into = (at - day).astype(np.int64)
    days, minutes, rest = _texts()
    texts = np.empty(len(at), _MOMENT)
    texts["day"] = days[(day - FIRST_DAY).astype(np.int64)]
    texts["minute"], texts["rest"] = minutes[into // 60_000], rest[into % 60_000]
    whole = texts.view("S26")
    whole[none] = b""
    return _fixed(whole)
