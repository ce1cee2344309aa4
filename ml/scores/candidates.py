"""The models that compete: base rate, regularised logistic regression, gradient boosting, and their mean in log-odds."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from ml.scores.features import capped

CANDIDATES = ("logistic", "boosting", "mean")
CERTAIN = 1e-5


class Fitted:
    """Both models on one set of rows; asked for any candidate's probabilities."""

    def __init__(self, rows: pd.DataFrame, outcome: np.ndarray) -> None:
        """Fit on features and 0/1 outcomes; columns that say nothing in these rows are not used."""
        self._columns = [name for name in rows.columns if rows[name].nunique(dropna=False) > 1]
        self._columns = [name for name in self._columns if rows[name].notna().any()]
        self._seen = rows[self._columns]
        self.base_rate = float(np.mean(outcome))
        self._models: dict[str, Any] = {}
        if self._columns and 0 < self.base_rate < 1:
            told = capped(self._seen, self._seen)
            words = [name for name in self._columns if told[name].dtype == object]
            numbers = [name for name in self._columns if name not in words]
            for name, model in (("logistic", _logistic(words, numbers)), ("boosting", _boosting(words, numbers))):
                self._models[name] = model.fit(told, outcome)

    def probabilities(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """Candidate → probability per row; the base rate for all where nothing could be learnt."""
        if not self._models:
            return {name: np.full(len(rows), self.base_rate) for name in CANDIDATES}
        told = capped(self._seen, rows[self._columns])
        made = {
            name: np.clip(model.predict_proba(told)[:, 1], CERTAIN, 1 - CERTAIN) for name, model in self._models.items()
        }
        return {**made, "mean": expit((logit(made["logistic"]) + logit(made["boosting"])) / 2)}


def _logistic(words: list[str], numbers: list[str]) -> Pipeline:
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    coded = OneHotEncoder(handle_unknown="ignore", min_frequency=10)
    columns = ColumnTransformer([("words", coded, words), ("numbers", scaled, numbers)])
    return make_pipeline(columns, LogisticRegression(C=0.3, max_iter=1000))


def _boosting(words: list[str], numbers: list[str]) -> Pipeline:
    coded = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([("words", coded, words), ("numbers", "passthrough", numbers)])
    # Small and slow: it beats the defaults on the few thousand rows that an organization has.
    model = HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=150,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        categorical_features=list(range(len(words))) or None,
        random_state=0,
    )
    return make_pipeline(columns, model)
