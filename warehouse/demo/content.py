"""The content hash: what was generated, whatever order, slices and store it came in."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, bits_from, keys_of, stable, start_of
from warehouse.demo.columns import Chunk, Column, Words
from warehouse.demo.stacks import stacked

_HALVES = 2
_WHOLE = 1 << 64
_ID_WORDS = 5
"""Of eight bytes each, that hold an id."""
_AT_ONCE = 2048
"""Rows mixed at a time."""


class Content:
    """Adds up hashes of rows, per table: 128 bits that do not depend on the order of rows or of companies."""

    def __init__(self) -> None:
        self._sums: dict[str, list[int]] = {}
        self.rows: dict[str, int] = defaultdict(int)

    def add(self, slug: str, chunk: Chunk) -> None:
        """Count some rows of a company in."""
        self.add_all([(slug, chunk)])

    def add_all(self, chunks: Sequence[tuple[str, Chunk]]) -> None:
        """Count in chunks of one table that name the same columns, each with the slug of its company."""
        table, sizes = chunks[0][1].table, [chunk.rows for _, chunk in chunks]
        self.rows[table] += sum(sizes)
        if not self.rows[table]:
            return
        mixed = _of_rows([chunk for _, chunk in chunks], sizes)
        slugs = [stable(slug) & 0xFFFFFFFF for slug, _ in chunks]
        starts = (np.array([start_of(slug, table, half) for slug in slugs], np.uint64) for half in range(_HALVES))
        # Sums of numpy wrap around at 64 bits, which is what is wanted.
        self._count(table, [int(bits_from(np.repeat(start, sizes), mixed).sum()) for start in starts])

    def merge(self, other: "Content") -> None:
        """Count in what another has counted."""
        for table, rows in other.rows.items():
            self.rows[table] += rows
        for table, halves in other._sums.items():
            self._count(table, halves)

    def _count(self, table: str, halves: Sequence[int]) -> None:
        before = self._sums.get(table, [0] * _HALVES)
        self._sums[table] = [(one + other) % _WHOLE for one, other in zip(before, halves, strict=True)]

    def tables(self) -> dict[str, str]:
        """Table → its hash."""
        return {name: "".join(f"{half:016x}" for half in halves) for name, halves in sorted(self._sums.items())}

    def digest(self) -> str:
        """One hash of all tables and their rows."""
        told = " ".join(f"{name}:{self.rows[name]}:{text}" for name, text in self.tables().items())
        return "".join(f"{stable(f'{half} {told}'):016x}" for half in range(_HALVES))


def _of_rows(chunks: Sequence[Chunk], sizes: Sequence[int]) -> Keys:
    """A number per row: the sum of one for each of its values."""
    columns = {name: stacked([chunk.columns[name] for chunk in chunks], sizes) for name in chunks[0].columns}
    names = sorted(columns, key=lambda name: not _are_ids(columns[name]))
    starts = np.array([[start_of(stable(name) & 0xFFFF, name)] for name in names], np.uint64)
    ids = [_as_words(columns[name][0][0]) for name in names if _are_ids(columns[name])]
    others = [np.concatenate([_of_column(*run) for run in columns[name]]) for name in names[len(ids) :]]
    mixed = np.empty(sum(sizes), np.uint64)
    # All columns at once, since each step has its price however few rows there are; some rows at a time, to stay close.
    for first in range(0, len(mixed), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        words = np.stack([one[rows] for one in ids])
        own = [keys_of(*(words[:, :, place] for place in range(_ID_WORDS)))]
        if others:
            own.append(np.stack([one[rows] for one in others]))
        mixed[rows] = bits_from(starts, np.concatenate(own)).sum(axis=0)
    return mixed


def _are_ids(runs: Sequence[tuple[Column, int]]) -> bool:
    """Whether a column has ids in all rows; elsewhere they are mixed one run after the other."""
    return len(runs) == 1 and _is_ids(runs[0][0])


def _is_ids(column: Column) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "S"


def _as_words(column: Column) -> NDArray[np.uint64]:
    ids = np.ascontiguousarray(np.asarray(column))
    padded = np.zeros((len(ids), 8 * _ID_WORDS), np.uint8)
    padded[:, : ids.itemsize] = ids.view(np.uint8).reshape(len(ids), ids.itemsize)
    return padded.view(np.uint64)


def _of_column(column: Column, rows: int) -> Keys:
    if isinstance(column, Words):
        words = np.array([*(0 if word is None else stable(word) for word in column.words), 0], np.uint64)
        return words[column.codes]
    if not isinstance(column, np.ndarray):
        return np.full(rows, stable(repr(column)) if column is not None else 0, np.uint64)
    if _is_ids(column):
        words = _as_words(column)
        return keys_of(*(words[:, place] for place in range(_ID_WORDS)))
    if column.dtype == object:
        return _of_texts(column)
    if column.dtype.kind == "f":
        return np.ascontiguousarray(column, np.float64).view(np.uint64)
    return column.astype(np.int64).astype(np.uint64)


def _of_texts(column: NDArray[Any]) -> Keys:
    found = [0 if one is None else 1 + crc32(str(one).encode()) for one in column.tolist()]
    return np.array(found, np.uint64)
