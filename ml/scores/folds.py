"""Probabilities of rows that a model did not see, by a candidate that was chosen without them."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from ml.scores.calibration import Line, line
from ml.scores.candidates import CANDIDATES, fit
from ml.scores.measures import brier

FEWEST = 30
"""Of either outcome: with less no model is made."""
CUTS = (0.40, 0.55, 0.70, 0.85, 1.0)
"""Rolling origins: learn before a cut in time, be asked about what lies between it and the next.

The first block only chooses the candidate that the second is told of."""


@dataclass(frozen=True)
class Chosen:
    """A candidate, and how its probabilities are calibrated."""

    name: str = "mean"
    line: Line = field(default_factory=Line)


@dataclass
class Judged:
    """Rows asked in parts; no model saw its part, and no choice of candidate either."""

    told: dict[str, np.ndarray]
    """Candidate → probabilities."""
    truth: np.ndarray
    base: np.ndarray
    """The base rate that was known."""
    part: np.ndarray
    chosen: dict[int, Chosen]
    """Part → what was chosen for it, without it."""

    @property
    def nested(self) -> np.ndarray:
        """Probabilities of what was chosen for each part."""
        made = np.empty(len(self.truth))
        for part, chosen in self.chosen.items():
            here = self.part == part
            made[here] = chosen.line.probability(self.told[chosen.name][here])
        return made

    @property
    def champion(self) -> Chosen:
        """The best over all rows: what is used from here on."""
        return _best(self.told, self.truth, np.ones(len(self.truth), bool))


def shuffled(rows: pd.DataFrame, outcome: np.ndarray, group: np.ndarray) -> Judged:
    """Five folds; a group is in one of them, and a fold's candidate is chosen on the other four."""
    part = _parts(outcome, group)
    told = {name: np.empty(len(outcome)) for name in CANDIDATES}
    base = np.empty(len(outcome))
    for fold in range(5):
        seen, asked = part != fold, part == fold
        rate, p = _asked(rows[seen], outcome[seen], rows[asked])
        base[asked] = rate
        for name in CANDIDATES:
            told[name][asked] = p[name]
    chosen = {fold: _best(told, outcome, part != fold) for fold in range(5)}
    return Judged(told, outcome, base, part, chosen)


def _asked(seen: pd.DataFrame, outcome: np.ndarray, asked: pd.DataFrame) -> tuple[float, dict[str, np.ndarray]]:
    """The base rate of the rows seen, and each candidate's probabilities of those asked."""
    # One thread: on a busy machine two spin for each other and burn several times the time.
    with threadpool_limits(limits=1):
        made = fit(seen, outcome)
        return made.base_rate, made.probabilities(asked)


def _parts(outcome: np.ndarray, group: np.ndarray) -> np.ndarray:
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    part = np.empty(len(first), int)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for fold, (_, asked) in enumerate(folds.split(first, outcome[first])):
        part[asked] = fold
    return part[place]


def rolling(rows: pd.DataFrame, outcome: np.ndarray, time: np.ndarray, known: np.ndarray | None) -> Judged | None:
    """Blocks of time by models of what was known before them; None where too little was.

    A block's candidate is chosen on earlier blocks' outcomes that were known by then. Rows without a time take no
    part, and an outcome without a date of its own is known at the row's time.
    """
    learnt = time if known is None else known
    cuts = [np.nanquantile(time, share) for share in CUTS]
    told: dict[str, list[np.ndarray]] = {name: [] for name in CANDIDATES}
    asked_of: list[np.ndarray] = []
    base: list[float] = []
    chosen: dict[int, Chosen] = {}
    for block, (start, end) in enumerate(pairwise(cuts)):
        asked = np.flatnonzero((time >= start) & ((time < end) | (block == len(CUTS) - 2)))
        seen = (time < start) & (learnt < start)
        if not len(asked) or min(outcome[seen].sum(), (1 - outcome[seen]).sum()) < FEWEST:
            continue
        if block:
            chosen[len(asked_of)] = _before(told, asked_of, outcome, learnt < start)
        rate, p = _asked(rows[seen], outcome[seen], rows.iloc[asked])
        for name in CANDIDATES:
            told[name].append(p[name])
        asked_of.append(asked)
        base.append(rate)
    if not chosen:
        return None
    return _joined(told, asked_of, base, chosen, outcome)


def _before(
    told: dict[str, list[np.ndarray]], asked_of: list[np.ndarray], outcome: np.ndarray, learnt: np.ndarray
) -> Chosen:
    """The best candidate on the blocks so far, by outcomes that are known by now."""
    if not asked_of:
        return Chosen()
    asked = np.concatenate(asked_of)
    return _best({name: np.concatenate(parts) for name, parts in told.items()}, outcome[asked], learnt[asked])


def _joined(
    told: dict[str, list[np.ndarray]],
    asked_of: list[np.ndarray],
    base: list[float],
    chosen: dict[int, Chosen],
    outcome: np.ndarray,
) -> Judged:
    """The blocks that a candidate was chosen for."""
    blocks = list(chosen)
    part = np.concatenate([np.full(len(asked_of[block]), block) for block in blocks])
    joined = {name: np.concatenate([parts[block] for block in blocks]) for name, parts in told.items()}
    truth = outcome[np.concatenate([asked_of[block] for block in blocks])]
    return Judged(joined, truth, np.array([base[block] for block in range(len(base))])[part], part, chosen)


def _best(told: dict[str, np.ndarray], truth: np.ndarray, where: np.ndarray) -> Chosen:
    """The candidate with the least Brier score, calibrated on the same rows; the mean where nothing was tried yet."""
    if not where.any():
        return Chosen()
    name = min(CANDIDATES, key=lambda one: brier(truth[where], told[one][where]))
    return Chosen(name, line(told[name][where], truth[where]))
