"""A table of moments and values becomes series aligned at their ends; what is no regular series is left out and said."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ml.tables import Unusable, as_moments, as_numbers

GAP = 1.5
"""Months and quarters differ by a tenth; a step of one and a half usual ones is a period that is not there."""


@dataclass
class Aligned:
    """[series x time], NaN before a series starts; and series that could not be used."""

    values: np.ndarray
    names: list[str]
    lacking: list[str] = field(default_factory=list)
    """Those with a period that is not there, or without a number."""


def aligned(frame: pd.DataFrame, time: str, value: str, series: tuple[str, ...]) -> Aligned:
    """Raises Unusable for columns of another kind, a moment that a series has twice, and when no series is regular."""
    numbers = as_numbers(frame[value])
    if numbers is None:
        raise Unusable(f"Column {value} does not hold numbers.")
    told = pd.DataFrame({"at": as_moments(frame, time), "value": numbers})
    told["series"] = frame[list(series)].astype(str).agg(" / ".join, axis=1) if series else ""
    told = told.dropna(subset=["at"]).sort_values(["series", "at"], kind="stable")
    if told.duplicated(["series", "at"]).any():
        what = "name with --series what tells series apart, or add its rows up first"
        raise Unusable(f"A series holds a moment of {time} twice: {what}.")
    found, lacking = {}, []
    for name, one in told.groupby("series", sort=True):
        whole = _regular(one)
        if whole is None:
            lacking.append(str(name) or value)
        else:
            found[str(name) or value] = whole
    if lacking and not found:
        raise Unusable(f"Series {lacking[0]} lacks a period or a number: fill it, with 0 when nothing happened.")
    longest = max((len(one) for one in found.values()), default=0)
    values = np.full((len(found), longest), np.nan)
    for row, one in enumerate(found.values()):
        values[row, longest - len(one) :] = one
    return Aligned(values, list(found), lacking)


def _regular(one: pd.DataFrame) -> np.ndarray | None:
    """The values of one series in order of time, blanks at either end cut off; None where one within is missing."""
    there = np.flatnonzero(one["value"].notna())
    if not len(there):
        return None
    inner = one.iloc[there[0] : there[-1] + 1]
    gaps = np.diff(inner["at"].to_numpy())
    if inner["value"].isna().any() or (len(gaps) and gaps.max() > GAP * np.median(gaps)):
        return None
    return np.asarray(inner["value"], dtype=float)
