"""Turns the columns of a table into features, and says which it left out and why; learnt once, done again later."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd

from ml.tables import as_days, as_numbers, days, is_day_first, numbers

MOST_CATEGORIES = 40
BLANK = "(none)"
MANY_LAGS = 31
"""A date after the row's own that takes more lags than this is an event, not a term of 30 or 60 days."""


class Kind(StrEnum):
    """What a column is read as."""

    NUMBER = "number"
    DATE = "date"
    DATE_DAY_FIRST = "date_day_first"
    WORD = "word"


@dataclass
class Recipe:
    """How a table's columns become features; the same for the rows it was learnt on and for those scored later."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Column → why it is no feature."""
    later: list[str] = field(default_factory=list)
    """Columns of dates of things that happened after the row's time."""
    since: bool = False
    """Dates are told as days since the row's time."""


def recipe(table: pd.DataFrame, time: pd.Series | None) -> Recipe:
    """Look at each column: numbers, dates, or categories; dates count from the row's `time` (days) where it has one."""
    told = Recipe(since=time is not None)
    for name in map(str, table.columns):
        kind = _kind(table[name])
        values = _values(table[name], kind, time)
        reason = _unfit_words(values) if kind is Kind.WORD else _unfit_numbers(values, kind)
        if reason:
            told.left_out[name] = reason
            continue
        told.kinds[name] = kind
        dated = told.since and kind in (Kind.DATE, Kind.DATE_DAY_FIRST)
        if dated and (values > 0).mean() > 0.05 and values.round().nunique() > MANY_LAGS:
            told.later.append(name)
    return told


def features(table: pd.DataFrame, recipe: Recipe, time: pd.Series | None) -> pd.DataFrame:
    """The table's features by a recipe: floats, and words as objects; what cannot be read is unknown."""
    since = time if recipe.since else None
    made = {name: _values(table[name], kind, since) for name, kind in recipe.kinds.items()}
    return pd.DataFrame(made, index=table.index)


def _kind(column: pd.Series) -> Kind:
    if as_numbers(column) is not None:
        return Kind.NUMBER
    if as_days(column) is not None:
        return Kind.DATE_DAY_FIRST if is_day_first(column) else Kind.DATE
    return Kind.WORD


def _values(column: pd.Series, kind: Kind, since: pd.Series | None) -> pd.Series:
    if kind is Kind.NUMBER:
        return numbers(column)
    if kind is Kind.WORD:
        return column.astype("string").str.strip().fillna(BLANK).replace("", BLANK).astype(object)
    told = days(column, day_first=kind is Kind.DATE_DAY_FIRST)
    return told if since is None else told - since


def _unfit_words(text: pd.Series) -> str:
    kinds = text.nunique()
    if (text == BLANK).all():
        return "empty"
    if kinds < 2:
        return "always the same"
    return "different in nearly every row" if kinds > MOST_CATEGORIES and kinds > len(text) / 3 else ""


def _unfit_numbers(values: pd.Series, kind: Kind) -> str:
    filled = values.dropna()
    if filled.empty:
        return "empty"
    if filled.nunique() == 1 and len(filled) == len(values):
        return "always the same"
    whole = kind is Kind.NUMBER and len(filled) > 100 and bool(np.all(filled % 1 == 0))
    return "different in every row" if whole and filled.is_unique and len(filled) == len(values) else ""
