"""Columns of many chunks put on top of each other, so that ten thousand small companies cost what a few large ones do."""

from collections.abc import Sequence

import numpy as np

from warehouse.demo.columns import Column, Words


def stacked(columns: Sequence[Column], sizes: Sequence[int]) -> list[tuple[Column, int]]:
    """The columns as few that mean the same, with their rows: one, where they are of one kind."""
    if len(columns) > 1:
        total = sum(sizes)
        arrays = [column for column in columns if isinstance(column, np.ndarray)]
        if len(arrays) == len(columns):
            kinds = {array.dtype if array.dtype.kind == "M" else array.dtype.kind for array in arrays}
            return [(np.concatenate(arrays), total)] if len(kinds) == 1 else _apart(columns, sizes)
        words = [column for column in columns if isinstance(column, Words)]
        if len(words) == len(columns):
            return [(_all_words(words), total)]
        if not arrays and not words and len({repr(column) for column in columns}) == 1:
            return [(columns[0], total)]
    return _apart(columns, sizes)


def _apart(columns: Sequence[Column], sizes: Sequence[int]) -> list[tuple[Column, int]]:
    return list(zip(columns, sizes, strict=True))


def _all_words(columns: Sequence[Words]) -> Words:
    if all(column.words == columns[0].words for column in columns):
        return Words(np.concatenate([column.codes for column in columns]), columns[0].words)
    before = np.cumsum([0, *(len(column.words) for column in columns)])
    codes = [
        np.where(column.codes < 0, -1, column.codes + first) for column, first in zip(columns, before, strict=False)
    ]
    return Words(np.concatenate(codes), tuple(word for column in columns for word in column.words))
