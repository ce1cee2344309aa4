"""Where does this text belong? Words and letters, one linear model; sure answers are told from unsure ones."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

from ml.tables import need

FEWEST = 5
"""Texts of a category: one with fewer cannot be learnt and tried."""
PRECISION = 0.95


def evaluate(frame: pd.DataFrame, text: str, target: str, test: pd.DataFrame | None = None) -> dict[str, Any]:
    """Accuracy, macro F1 and the share that can be routed at 95 % precision; on `test`, or on a held-out fifth."""
    need(frame, [text, target])
    texts, categories = _texts(frame, text, target)
    common = categories.map(categories.value_counts()) >= FEWEST
    texts, categories = texts[common], categories[common]
    if categories.nunique() < 2:
        return {
            "state": "too_few",
            "reason": f"Fewer than two categories with {FEWEST} texts each.",
            "accuracy": None,
            "macro_f1": None,
            "coverage_at_95_precision": None,
        }
    if test is not None:
        need(test, [text, target])
        asked, truth = _texts(test, text, target)
    else:
        seen, rest = next(StratifiedKFold(5, shuffle=True, random_state=0).split(texts, categories))
        asked, truth = texts.iloc[rest], categories.iloc[rest]
        texts, categories = texts.iloc[seen], categories.iloc[seen]
    if truth.empty:
        return {
            "state": "too_few",
            "reason": "The test file holds no text with a category.",
            "accuracy": None,
            "macro_f1": None,
            "coverage_at_95_precision": None,
        }
    with threadpool_limits(limits=1):
        model = _model().fit(texts, categories)
        p = model.predict_proba(asked)
    guess = model.classes_[p.argmax(axis=1)]
    right = guess == truth.to_numpy()
    accuracy, usual = float(right.mean()), float((truth == categories.mode()[0]).mean())
    return {
        "state": "ok" if accuracy > usual + 2 * np.sqrt(0.25 / len(right)) else "no_signal",
        "reason": f"The most frequent category alone would be right in {usual:.1%}.",
        "accuracy": round(accuracy, 5),
        "macro_f1": round(float(f1_score(truth, guess, average="macro")), 5),
        "coverage_at_95_precision": round(_coverage(p.max(axis=1), right), 5),
    }


def _texts(frame: pd.DataFrame, text: str, target: str) -> tuple[pd.Series, pd.Series]:
    filled = frame[text].notna() & frame[target].notna()
    return frame.loc[filled, text].astype(str), frame.loc[filled, target].astype(str).str.strip()


def _model() -> Pipeline:
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, max_features=60_000)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=60_000)
    # float32 halves what the optimiser moves and changes no answer.
    parts = FeatureUnion(
        [("words", words.set_params(dtype=np.float32)), ("letters", letters.set_params(dtype=np.float32))]
    )
    return make_pipeline(parts, LogisticRegression(C=20, max_iter=60, tol=1e-3))


def _coverage(sure: np.ndarray, right: np.ndarray) -> float:
    """The largest share of the surest answers of which 95 % are right."""
    hits = np.cumsum(right[np.argsort(-sure, kind="stable")]) / np.arange(1, len(right) + 1)
    good = np.flatnonzero(hits >= PRECISION)
    return float((good[-1] + 1) / len(right)) if len(good) else 0.0
