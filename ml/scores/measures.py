"""How good probabilities are: ranking, honesty, use; with 0/1 outcomes and probabilities of equal length."""

import numpy as np
from scipy.stats import rankdata

DRAWS = 200


def auc(outcome: np.ndarray, p: np.ndarray) -> float:
    """Chance that a positive row ranks above a negative one (Mann-Whitney); .5 when there is one class."""
    positive = outcome == 1
    wins, losses = int(positive.sum()), int((~positive).sum())
    if not wins or not losses:
        return 0.5
    return float((rankdata(p)[positive].sum() - wins * (wins + 1) / 2) / (wins * losses))


def brier(outcome: np.ndarray, p: np.ndarray) -> float:
    """Mean squared distance of the probability from what happened."""
    return float(np.mean((p - outcome) ** 2))


def ece(outcome: np.ndarray, p: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equally many rows."""
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return float(sum(abs(p[part].mean() - outcome[part].mean()) * len(part) for part in parts if len(part)) / len(p))


def ece_by_chance(p: np.ndarray) -> float:
    """The calibration error that probabilities have which are exactly right: the median of seeded draws."""
    draw = np.random.default_rng(0)
    return float(np.quantile([ece((draw.random(len(p)) < p).astype(float), p) for _ in range(DRAWS)], 0.5))


def lift(outcome: np.ndarray, p: np.ndarray, share: float = 0.1) -> float:
    """How many times the base rate the best-scored tenth holds."""
    best = np.argsort(-p, kind="stable")[: max(1, round(len(p) * share))]
    return float(outcome[best].mean() / outcome.mean())


def lower_bounds(outcome: np.ndarray, p: np.ndarray, base: np.ndarray) -> tuple[float, float]:
    """What AUC and Brier skill over `base` reach in nine of ten bootstrap draws; seeded."""
    draw = np.random.default_rng(0)
    ranks, skills = [], []
    for _ in range(DRAWS):
        rows = draw.integers(0, len(p), len(p))
        ranks.append(auc(outcome[rows], p[rows]))
        skills.append(1 - brier(outcome[rows], p[rows]) / max(brier(outcome[rows], base[rows]), 1e-12))
    return float(np.quantile(ranks, 0.1)), float(np.quantile(skills, 0.1))
