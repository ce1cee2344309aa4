"""Rows that stand in a table twice: equal ones count once, rows of one id never stand on both sides of a fold."""

import numpy as np
import pandas as pd

NEARLY_ALL = 0.95
"""So many rows differ in a column that identifies them."""


def identifying(table: pd.DataFrame) -> list[str]:
    """Columns of words or whole numbers in which nearly every row differs."""
    return [str(name) for name in table.columns if _identifies(table[name])]


def _identifies(column: pd.Series) -> bool:
    filled = column.dropna()
    if len(filled) < NEARLY_ALL * max(len(column), 1) or filled.nunique() < NEARLY_ALL * len(filled):
        return False
    return not pd.api.types.is_float_dtype(column) or bool(np.all(filled % 1 == 0))


def first_of_equal(table: pd.DataFrame, ids: list[str]) -> np.ndarray:
    """False for rows that equal an earlier one in every column; without ids equal rows are different things."""
    return ~table.duplicated().to_numpy(bool) if ids else np.ones(len(table), bool)


def groups(table: pd.DataFrame, ids: list[str]) -> np.ndarray:
    """A number per row; rows of the same id have the same."""
    if not ids:
        return np.arange(len(table))
    code, _ = pd.factorize(table[ids[0]])
    return np.where(code < 0, len(table) + np.arange(len(table)), code)
