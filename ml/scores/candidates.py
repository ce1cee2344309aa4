"""The models that compete: regularised logistic regression, gradient boosting, and their mean in log-odds."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from ml.scores.features import MOST_CATEGORIES

PARTS = {"logistic": ("logistic",), "boosting": ("boosting",), "mean": ("logistic", "boosting")}
"""Candidate → the models whose log-odds it averages."""
CANDIDATES = tuple(PARTS)
CERTAIN = 11.5
"""Log-odds beyond which nobody can be surer: one in a hundred thousand."""
UNSEEN = -1.0
"""The code of a category that no row held in training: both models take it as unknown."""


@dataclass
class Coding:
    """Features as numbers for the models: categories as codes, the rare ones as one."""

    columns: list[str] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)
    """Column of categories → those told apart, the most frequent first."""
    rest: list[str] = field(default_factory=list)
    """Columns in which training held further categories: all of them are one."""

    def matrix(self, rows: pd.DataFrame) -> np.ndarray:
        """One float per row and column; the code of a rare category is the number of those told apart."""
        told = np.empty((len(rows), len(self.columns)))
        for place, name in enumerate(self.columns):
            if name in self.words:
                code = pd.Index(self.words[name]).get_indexer(rows[name]).astype(float)
                told[:, place] = np.where(code < 0, len(self.words[name]) if name in self.rest else UNSEEN, code)
            else:
                told[:, place] = rows[name].to_numpy(float)
        return np.where(np.isinf(told), np.nan, told)


def coding(rows: pd.DataFrame) -> Coding:
    """Learn the codes of these rows' categories; columns that say nothing in these rows are not used."""
    told = Coding()
    for name in map(str, rows.columns):
        # A column without any value makes the boosting of scikit-learn 1.9 fail, and a constant one tells nothing.
        if rows[name].notna().any() and rows[name].nunique(dropna=False) > 1:
            told.columns.append(name)
            if not pd.api.types.is_numeric_dtype(rows[name]):
                counted = rows[name].value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
                told.words[name] = [str(word) for word in counted.index[:MOST_CATEGORIES]]
                told.rest += [name] if len(counted) > MOST_CATEGORIES else []
    return told


@dataclass
class Fitted:
    """Models of one set of rows, and how its rows became numbers."""

    coding: Coding
    base_rate: float
    models: dict[str, Any]

    def log_odds(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """Model → log-odds per row of the coding's matrix."""
        return {name: model.decision_function(matrix) for name, model in self.models.items()}

    def probabilities(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """Candidate → probability per row; the base rate for all where nothing could be learnt."""
        if not self.models:
            return {name: np.full(len(rows), self.base_rate) for name in CANDIDATES}
        odds = self.log_odds(self.coding.matrix(rows))
        return {name: probability([odds[part] for part in parts]) for name, parts in PARTS.items()}


def probability(odds: list[np.ndarray]) -> np.ndarray:
    """The probability at the mean of log-odds."""
    return np.asarray(expit(np.clip(np.mean(odds, axis=0), -CERTAIN, CERTAIN)))


def fit(rows: pd.DataFrame, outcome: np.ndarray, names: tuple[str, ...] = PARTS["mean"]) -> Fitted:
    """Fit the models of these names on features and 0/1 outcomes."""
    codes = coding(rows)
    told = Fitted(codes, float(np.mean(outcome)), {})
    if codes.columns and 0 < told.base_rate < 1:
        words = [place for place, name in enumerate(codes.columns) if name in codes.words]
        made = {"logistic": _logistic(words, len(codes.columns)), "boosting": _boosting(words)}
        matrix = codes.matrix(rows)
        told.models = {name: made[name].fit(matrix, outcome) for name in names}
    return told


def _logistic(words: list[int], columns: int) -> Any:
    numbers = [place for place in range(columns) if place not in words]
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    coded = OneHotEncoder(handle_unknown="ignore", min_frequency=10)
    each = ColumnTransformer([("words", coded, words), ("numbers", scaled, numbers)])
    return make_pipeline(each, LogisticRegression(C=0.3, max_iter=1000))


def _boosting(words: list[int]) -> Any:
    # Small and slow: it beats the defaults on the few thousand rows that an organization has.
    return HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=150,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        categorical_features=words or None,
        random_state=0,
    )
