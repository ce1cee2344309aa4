"""What was known of a subject before a row's time: earlier outcomes count from the day they became known."""

import numpy as np
import pandas as pd

NAMES = ("known", "positive_share", "last_outcome", "recent_share", "mean_wait", "last_wait", "open")
PRIOR_ROWS = 2.0
"""A subject's share is drawn to one half as though it had so many more rows."""


def history(subject: pd.Series, time: pd.Series, known: pd.Series, outcome: pd.Series) -> pd.DataFrame:
    """Per row the subject's past strictly before `time`: outcomes with `known` >= `time` are not seen.

    `time` and `known` are numbers on one scale (days); waits are in it. Unknown where there is no past, and where
    a row names no subject.
    """
    at, learnt, was = (column.to_numpy(float) for column in (time, known, outcome))
    # No outcome is known before its row is there: a wrong date must not show a row its own outcome.
    learnt = np.maximum(learnt, at)
    told = np.full((len(at), len(NAMES)), np.nan)
    for rows in subject.groupby(subject, sort=True).indices.values():
        told[rows] = _of_one(at[rows], learnt[rows], was[rows])
    columns = [f"{subject.name} history: {name}" for name in NAMES]
    return pd.DataFrame(told, columns=columns, index=subject.index)


def _of_one(at: np.ndarray, learnt: np.ndarray, was: np.ndarray) -> np.ndarray:
    """One subject's rows → its past at each of them."""
    seen = np.flatnonzero(~np.isnan(learnt) & ~np.isnan(was) & ~np.isnan(at))
    order = seen[np.argsort(learnt[seen], kind="stable")]
    outcomes, waits = was[order], learnt[order] - at[order]
    count = np.where(np.isnan(at), 0, np.searchsorted(learnt[order], at, side="left"))
    sums, waited = (np.concatenate([[0.0], np.cumsum(values)]) for values in (outcomes, waits))
    past, last, since = count > 0, np.maximum(count - 1, 0), np.maximum(count - 5, 0)
    told = np.full((len(at), len(NAMES)), np.nan)
    told[:, 0] = count
    told[:, 6] = np.searchsorted(np.sort(at[~np.isnan(at)]), at, side="left") - count
    if len(order):
        rows = np.maximum(count, 1)
        told[:, 1] = np.where(past, (sums[count] + PRIOR_ROWS / 2) / (count + PRIOR_ROWS), np.nan)
        told[:, 2] = np.where(past, outcomes[last], np.nan)
        told[:, 3] = np.where(past, (sums[count] - sums[since]) / np.maximum(count - since, 1), np.nan)
        told[:, 4] = np.where(past, waited[count] / rows, np.nan)
        told[:, 5] = np.where(past, waits[last], np.nan)
    return told
