"""Turns the columns of a table into features, and says which it left out and why."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ml.tables import as_days, as_numbers

MOST_CATEGORIES = 40
BLANK = "(none)"
MANY_LAGS = 31
"""A date after the row's own that takes more lags than this is an event, not a term of 30 or 60 days."""


@dataclass
class Features:
    """Columns ready for a model, and what became of the others."""

    frame: pd.DataFrame
    left_out: dict[str, str] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
    """Dates of things that happened after the row's time."""


def features(table: pd.DataFrame, time: pd.Series | None) -> Features:
    """Numbers as floats, dates as days (since the row's time where there is one), the rest as capped categories."""
    made: dict[str, pd.Series] = {}
    told = Features(pd.DataFrame(index=table.index))
    for name in table.columns:
        column, reason = _feature(table[name], time, told, name)
        if reason:
            told.left_out[name] = reason
        elif column is not None:
            made[name] = column
    told.frame = pd.DataFrame(made, index=table.index)
    return told


def _feature(column: pd.Series, time: pd.Series | None, told: Features, name: str) -> tuple[pd.Series | None, str]:
    numbers = as_numbers(column)
    if numbers is not None:
        return (None, why) if (why := _unfit_numbers(numbers)) else (numbers, "")
    days = as_days(column)
    if days is not None:
        lag = days - time if time is not None and time.max() > 1000 else days
        if time is not None and (lag > 0).mean() > 0.05 and lag.round().nunique() > MANY_LAGS:
            told.later.append(name)
        return (None, why) if (why := _unfit_numbers(lag, dates=True)) else (lag, "")
    text = column.astype("string").str.strip().fillna(BLANK).replace("", BLANK).astype(object)
    if (text == BLANK).all():
        return None, "empty"
    kinds = text.nunique()
    if kinds < 2:
        return None, "always the same"
    if kinds > MOST_CATEGORIES and kinds > len(text) / 3:
        return None, "different in nearly every row"
    return text, ""


def _unfit_numbers(numbers: pd.Series, *, dates: bool = False) -> str:
    filled = numbers.dropna()
    if filled.empty:
        return "empty"
    if filled.nunique() == 1 and len(filled) == len(numbers):
        return "always the same"
    whole = not dates and len(filled) > 100 and bool((filled % 1 == 0).all())
    return "different in every row" if whole and filled.is_unique and len(filled) == len(numbers) else ""


def capped(train: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """`other` with the categories that `train` does not hold often as one; a model never sees an unknown word."""
    made = other.copy()
    for name in other.columns:
        if other[name].dtype == object:
            common = train[name].value_counts().head(MOST_CATEGORIES).index
            made[name] = other[name].where(other[name].isin(common), "(other)")
        else:
            made[name] = other[name].replace([np.inf, -np.inf], np.nan)
    return made
