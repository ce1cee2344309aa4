"""Columns that know the outcome: one column alone that tells it too well is set aside until somebody accepts it."""

import numpy as np
import pandas as pd

from ml.scores.measures import auc

TOO_GOOD = 0.90
FOLDS, BINS, PRIOR_ROWS = 5, 20, 5.0


def leaking(frame: pd.DataFrame, outcome: np.ndarray) -> list[str]:
    """Names of features whose out-of-fold AUC alone is above .90."""
    fold = np.random.default_rng(0).permutation(len(outcome)) % FOLDS
    return [str(name) for name in frame.columns if _alone(frame[name], outcome, fold) > TOO_GOOD]


def _alone(column: pd.Series, outcome: np.ndarray, fold: np.ndarray) -> float:
    """AUC of the share of positives among other folds' rows of the same category or twentieth."""
    if column.dtype == object:
        kind = pd.factorize(column)[0]
    else:
        few = column.nunique() <= BINS
        cut = column if few else pd.qcut(column.rank(method="average"), BINS, labels=False, duplicates="drop")
        kind = pd.factorize(cut)[0] + 1
    told = np.empty(len(outcome))
    for part in range(FOLDS):
        seen, asked = fold != part, fold == part
        size = int(kind.max()) + 1
        rows = np.bincount(kind[seen], minlength=size)
        hits = np.bincount(kind[seen], weights=outcome[seen], minlength=size)
        told[asked] = ((hits + PRIOR_ROWS * outcome[seen].mean()) / (rows + PRIOR_ROWS))[kind[asked]]
    return auc(outcome, told)
