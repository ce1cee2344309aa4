"""Why this score? What each field adds to a row's log-odds, compared with a typical row; the parts add up."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ml.scores.candidates import PARTS, Coding, Fitted
from ml.scores.features import Kind, Recipe

Decide = Callable[[np.ndarray], np.ndarray]
"""Rows of the coding's matrix → log-odds."""
MOST = 5
RAISES, LOWERS = "raises", "lowers"
LEAST = 0.05
"""Log-odds below which a field is no reason: about one percentage point at even odds."""


def typical(coding: Coding, matrix: np.ndarray) -> np.ndarray:
    """The row that others are compared with: medians, and the most frequent categories."""
    told = np.full(len(coding.columns), np.nan)
    for place, name in enumerate(coding.columns):
        if name in coding.words:
            codes, counts = np.unique(matrix[:, place], return_counts=True)
            told[place] = codes[counts.argmax()]
        else:
            told[place] = np.nanmedian(matrix[:, place])
    return told


def contributions(fitted: Fitted, champion: str, matrix: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """[row x field] in log-odds: together with those of the reference row they are the candidate's log-odds.

    Logistic regression adds its fields up, so each is exact. Boosting's are put into the reference row one after the
    other, in one order and in the reverse one, and the two differences averaged: two permutations of Shapley's value
    (Strumbelj and Kononenko, 2014).
    """
    told = np.zeros(matrix.shape)
    for part in PARTS[champion]:
        decide = fitted.models[part].decision_function
        if part == "logistic":
            added = _one_by_one(decide, matrix, reference)
        else:
            added = (_swept(decide, matrix, reference, 1) + _swept(decide, matrix, reference, -1)) / 2
        told += added / len(PARTS[champion])
    return told


def _one_by_one(decide: Decide, matrix: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """What each field adds alone; asked once per value it takes."""
    told = np.empty(matrix.shape)
    usual = decide(reference[None])[0]
    for place in range(matrix.shape[1]):
        values, where = np.unique(matrix[:, place], return_inverse=True)
        rows = np.tile(reference, (len(values), 1))
        rows[:, place] = values
        told[:, place] = (decide(rows) - usual)[where]
    return told


def _swept(decide: Decide, matrix: np.ndarray, reference: np.ndarray, order: int) -> np.ndarray:
    """What each field adds to those before it in this order."""
    now = np.tile(reference, (len(matrix), 1))
    told = np.zeros(matrix.shape)
    before = np.full(len(matrix), decide(reference[None])[0])
    for place in range(matrix.shape[1])[::order]:
        differs = ~((matrix[:, place] == now[:, place]) | (np.isnan(matrix[:, place]) & np.isnan(now[:, place])))
        if not differs.any():
            continue
        now[:, place] = matrix[:, place]
        after = before.copy()
        after[differs] = decide(now[differs])
        told[:, place], before = after - before, after
    return told


def drivers(
    fitted: Fitted, recipe: Recipe, rows: pd.DataFrame, reference: np.ndarray, parts: np.ndarray
) -> pd.DataFrame:
    """The five fields that move each row most: row, rank, field, value, log_odds, direction, sentence.

    `rows` are features, `parts` their contributions; `row` is their index. What moves nothing is not told.
    """
    names = fitted.coding.columns
    most = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :MOST]
    row = np.repeat(np.arange(len(rows)), most.shape[1])
    place, rank = most.ravel(), np.tile(np.arange(1, most.shape[1] + 1), len(rows))
    weight = parts[row, place]
    heavy = np.abs(weight) >= LEAST
    row, place, rank, weight = row[heavy], place[heavy], rank[heavy], weight[heavy]
    value, usual = np.empty(len(row), dtype=object), np.empty(len(row), dtype=object)
    for number, name in enumerate(names):
        here = place == number
        values = rows[name].to_numpy()[row[here]]
        value[here] = [_shown(one, name, recipe) for one in values]
        usual[here] = _usual(fitted.coding, number, reference[number], recipe)
    field = np.array(names, dtype=object)[place]
    way = np.where(weight > 0, RAISES, LOWERS)
    told = zip(field, value, usual, way, strict=True)
    sentence = [f"{name} is {one} (usually {often}), which {how} the chance." for name, one, often, how in told]
    columns = {"field": field, "value": value, "log_odds": weight, "direction": way, "sentence": sentence}
    return pd.DataFrame({"row": rows.index.to_numpy()[row], "rank": rank, **columns})


def _shown(value: object, name: str, recipe: Recipe) -> str:
    """As a person reads it: a date as a date, or as days from the row's own."""
    if not isinstance(value, float):
        return str(value)
    if np.isnan(value):
        return "unknown"
    if recipe.kinds.get(name) in (Kind.DATE, Kind.DATE_DAY_FIRST):
        return f"{value:+.0f} days" if recipe.since else str(pd.Timestamp(value, unit="D").date())
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _usual(coding: Coding, place: int, code: float, recipe: Recipe) -> str:
    name = coding.columns[place]
    if name not in coding.words:
        return _shown(float(code), name, recipe)
    words = coding.words[name]
    return words[int(code)] if 0 <= code < len(words) else "another"
