"""Which rows are what a score looks for: a column of outcomes becomes 0, 1 or unknown."""

import operator
import re

import numpy as np
import pandas as pd

from ml.tables import Unusable, as_numbers

YES, NO = {"1", "1.0", "yes", "y", "true", "t"}, {"0", "0.0", "no", "n", "false", "f"}
COMPARED = {">=": operator.ge, "<=": operator.le, "!=": operator.ne, ">": operator.gt, "<": operator.lt}


def labels(column: pd.Series, positive: str | None, *, must_occur: bool = True) -> pd.Series:
    """1 for what is looked for, 0 for the rest, NaN where the outcome is blank.

    Raises Unusable for a column that cannot mean that, and where `must_occur` for one that never holds it.
    """
    text = column.astype("string").str.strip()
    known = text.notna() & (text != "")
    if positive is None:
        return _plain(column.name, text, known)
    compared = re.fullmatch(r"(>=|<=|!=|>|<)\s*(-?\d+(?:\.\d+)?)", positive.strip())
    if compared:
        numbers = as_numbers(column)
        if numbers is None:
            raise Unusable(f"Column {column.name} does not hold numbers, so {positive} says nothing about it.")
        found = COMPARED[compared[1]](numbers, float(compared[2])).astype(float)
        return found.where(numbers.notna(), np.nan)
    is_it = (text == positive) | (text.str.lower() == positive.strip().lower())
    numbers = as_numbers(column)
    if numbers is not None and re.fullmatch(r"-?\d+(\.\d+)?", positive.strip()):
        is_it = is_it | (numbers == float(positive))
    if must_occur and known.any() and not is_it.fillna(False).any():
        seen = ", ".join(sorted(text[known].unique())[:8])
        raise Unusable(f"Column {column.name} never holds {positive}; it holds: {seen}.")
    return is_it.fillna(False).astype(float).where(known, np.nan)


def _plain(name: object, text: pd.Series, known: pd.Series) -> pd.Series:
    """Yes and no in the usual words."""
    lower = text.str.lower()
    if not lower[known].isin(YES | NO).all():
        seen = ", ".join(sorted(text[known].unique())[:8])
        raise Unusable(f"Column {name} holds more than yes and no ({seen}): say with --positive what is looked for.")
    return lower.isin(YES).astype(float).where(known, np.nan)
