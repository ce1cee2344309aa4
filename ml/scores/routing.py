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
TRIES = 3
"""Parts of the training texts; each tells how sure is sure enough by a model of the others."""
UNKNOWN = ("accuracy", "macro_f1", "coverage_at_95_precision", "precision_when_routed", "routed_from")


def evaluate(frame: pd.DataFrame, text: str, target: str, test: pd.DataFrame | None = None) -> dict[str, Any]:
    """Accuracy, macro F1, and what is routed unasked; on `test`, or on a held-out fifth.

    An answer is routed from a probability (`routed_from`) above which 95 % of answers to *training* texts were right,
    by models that had not seen them. `coverage_at_95_precision` is the share of the tried texts that is then routed,
    `precision_when_routed` the share of those that is right. Raises Unusable for a missing column.
    """
    need(frame, [text, target])
    texts, categories = _texts(frame, text, target)
    common = categories.map(categories.value_counts()) >= FEWEST
    texts, categories = texts[common], categories[common]
    if categories.nunique() < 2:
        return _too_few(f"Fewer than two categories with {FEWEST} texts each.")
    if test is not None:
        need(test, [text, target])
        asked, truth = _texts(test, text, target)
    else:
        seen, rest = next(StratifiedKFold(5, shuffle=True, random_state=0).split(texts, categories))
        asked, truth = texts.iloc[rest], categories.iloc[rest]
        texts, categories = texts.iloc[seen], categories.iloc[seen]
    if truth.empty:
        return _too_few("The test file holds no text with a category.")
    try:
        with threadpool_limits(limits=1):
            enough = _sure_enough(texts, categories)
            sure, right, guess = _answers(texts, categories, asked, truth)
    except ValueError as wrong:
        # scikit-learn says so of texts that hold no word of two letters.
        return _too_few(f"Nothing can be learnt from the texts of {text}: {str(wrong).split(';')[0]}.")
    routed, usual = sure >= enough, float((truth == categories.mode()[0]).mean())
    accuracy = float(right.mean())
    return {
        "state": "ok" if accuracy > usual + 2 * np.sqrt(0.25 / len(right)) else "no_signal",
        "reason": f"The most frequent category alone would be right in {usual:.1%}.",
        "accuracy": round(accuracy, 5),
        "macro_f1": round(float(f1_score(truth, guess, average="macro")), 5),
        "coverage_at_95_precision": round(float(routed.mean()), 5),
        "precision_when_routed": round(float(right[routed].mean()), 5) if routed.any() else None,
        "routed_from": round(enough, 5) if np.isfinite(enough) else None,
    }


def _too_few(reason: str) -> dict[str, Any]:
    return {"state": "too_few", "reason": reason, **dict.fromkeys(UNKNOWN)}


def _answers(
    texts: pd.Series, categories: pd.Series, asked: pd.Series, truth: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per asked text: probability of the likeliest category, whether it is right, and which it is."""
    model = _model().fit(texts, categories)
    p = model.predict_proba(asked)
    guess = model.classes_[p.argmax(axis=1)]
    return p.max(axis=1), guess == truth.to_numpy(), guess


def _sure_enough(texts: pd.Series, categories: pd.Series) -> float:
    """The least probability above which 95 % of answers are right; infinite when none is."""
    folds = StratifiedKFold(TRIES, shuffle=True, random_state=0).split(texts, categories)
    tried = [
        _answers(texts.iloc[seen], categories.iloc[seen], texts.iloc[asked], categories.iloc[asked])
        for seen, asked in folds
    ]
    sure, right = (np.concatenate([one[k] for one in tried]) for k in (0, 1))
    order = np.argsort(-sure, kind="stable")
    good = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= PRECISION)
    return float(sure[order][good[-1]]) if len(good) else float("inf")


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
