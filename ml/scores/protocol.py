"""The whole protocol of a score: guards, folds, champion, gate. A table in, a report or a model out; no I/O."""

from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from ml.scores.candidates import CANDIDATES, Fitted
from ml.scores.features import Features, features
from ml.scores.history import history
from ml.scores.labels import labels
from ml.scores.leaks import leaking
from ml.scores.measures import auc, brier, ece, lift, lower_bounds
from ml.tables import as_moments, need

FEWEST = 30
"""Of either outcome: with less no model is made."""
CUTS = (0.55, 0.70, 0.85, 1.0)
"""Rolling origins: learn before a cut in time, be asked about what lies between it and the next."""
LEAST_AUC, MOST_ECE, BELIEVABLE = 0.55, 0.05, 0.98


@dataclass(frozen=True)
class Spec:
    """What a table's columns mean."""

    target: str
    positive: str | None = None
    time: str | None = None
    subject: str | None = None
    known: str | None = None
    drop: tuple[str, ...] = ()


@dataclass
class Report:
    """What scores would be worth on this table; figures are of five shuffled folds unless they say temporal."""

    state: str
    reason: str
    rows: int = 0
    base_rate: float | None = None
    auc: float | None = None
    brier: float | None = None
    brier_skill: float | None = None
    ece: float | None = None
    lift_at_10: float | None = None
    auc_temporal: float | None = None
    champion: str = "base_rate"
    features_quarantined: list[str] = field(default_factory=list)
    features_left_out: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Plain values, rounded to five places."""
        return {key: round(value, 5) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass
class _Prepared:
    rows: Features
    outcome: np.ndarray
    time: np.ndarray | None
    known: np.ndarray | None
    quarantined: list[str]
    telling: list[str]
    """Those of the quarantined that tell the outcome by themselves."""


def evaluate(frame: pd.DataFrame, spec: Spec) -> Report:
    """Run the protocol. Raises Unusable when the columns are not there or do not mean what was said."""
    named = [spec.target, spec.time, spec.subject, spec.known, *spec.drop]
    need(frame, [name for name in named if name])
    outcome = labels(frame[spec.target], spec.positive)
    known = outcome.notna()
    positive, total = int(outcome[known].sum()), int(known.sum())
    if min(positive, total - positive) < FEWEST:
        return Report(
            "too_few",
            f"{positive} positive and {total - positive} negative rows with an outcome: at least {FEWEST} of each are needed.",
            total,
            positive / total if total else None,
        )
    # One thread: on a busy machine two spin for each other and burn several times the time.
    with threadpool_limits(limits=1):
        return _measured(_prepared(frame[known], outcome[known], spec))


def _prepared(frame: pd.DataFrame, outcome: pd.Series, spec: Spec) -> _Prepared:
    time = as_moments(frame, spec.time) if spec.time else None
    known = as_moments(frame, spec.known) if spec.known else None
    hidden = {spec.target, spec.time, spec.subject, spec.known, *spec.drop}
    rows = features(frame[[name for name in frame.columns if name not in hidden]], time)
    if spec.subject and time is not None and known is not None:
        past = history(frame[spec.subject].astype("string").fillna("").rename(spec.subject), time, known, outcome)
        rows.frame = pd.concat([rows.frame, past.loc[:, past.nunique(dropna=False) > 1]], axis=1)
    own = outcome.to_numpy(float)
    telling = leaking(rows.frame, own)
    bad = list(dict.fromkeys([*telling, *(name for name in rows.later if name in rows.frame)]))
    rows.frame = rows.frame.drop(columns=bad)
    moments = time.fillna(time.min()).to_numpy(float) if time is not None and time.notna().any() else None
    return _Prepared(rows, own, moments, known.to_numpy(float) if known is not None else None, bad, telling)


def _measured(told: _Prepared) -> Report:
    rows, outcome = told.rows.frame, told.outcome
    rate = float(outcome.mean())
    report = Report("no_signal", "", len(rows), rate, features_quarantined=told.quarantined)
    report.features_left_out = told.rows.left_out
    folds = _shuffled(rows, outcome)
    ahead = _rolling(told)
    judged, truth, base = ahead or (folds, outcome, np.full(len(outcome), rate))
    champion = min(CANDIDATES, key=lambda name: brier(truth, judged[name]))
    p = folds[champion]
    report.auc, report.brier, report.ece = auc(outcome, p), brier(outcome, p), ece(outcome, p)
    report.brier_skill = 1 - report.brier / (rate * (1 - rate))
    report.lift_at_10 = lift(outcome, p)
    report.auc_temporal = auc(truth, judged[champion]) if ahead else None
    rank, skill = lower_bounds(truth, judged[champion], base)
    # Few rows scatter around any honest probability: that much is no fault of the model.
    allowed = max(MOST_ECE, float(np.sqrt(rate * (1 - rate) * 10 / len(rows))))
    if rank < LEAST_AUC or skill <= 0 or report.ece > allowed:
        report.reason = (
            f"No usable signal: AUC is above {rank:.3f} and Brier skill above {skill:.3f} in nine of ten draws, "
            f"calibration error {report.ece:.3f}. The base rate of {rate:.1%} is the honest answer."
        )
        report.state = "leak" if told.telling else "no_signal"
        return report
    report.champion = champion
    if told.telling:
        report.state, names = "leak", ", ".join(told.telling)
        report.reason = f"Set aside because they tell the outcome too well alone: {names}. Figures are without them."
    elif report.auc > BELIEVABLE:
        report.state, report.reason = (
            "leak",
            f"An AUC of {report.auc:.3f} is too good: columns together tell the outcome.",
        )
    else:
        report.state, report.reason = "ok", f"{champion} beats the base rate of {rate:.1%}."
    return report


def _shuffled(rows: pd.DataFrame, outcome: np.ndarray) -> dict[str, np.ndarray]:
    """Candidate → probabilities of each row by models that did not see it, five folds."""
    told = {name: np.empty(len(outcome)) for name in CANDIDATES}
    for seen, asked in StratifiedKFold(5, shuffle=True, random_state=0).split(rows, outcome):
        for name, p in Fitted(rows.iloc[seen], outcome[seen]).probabilities(rows.iloc[asked]).items():
            told[name][asked] = p
    return told


def _rolling(told: _Prepared) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray] | None:
    """Probabilities, outcomes and base rates of rows by models of what was known before their block of time."""
    if told.time is None:
        return None
    parts: list[tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]] = []
    for start, end in pairwise(CUTS):
        cut = np.quantile(told.time, start)
        asked = (told.time >= cut) & ((told.time < np.quantile(told.time, end)) | (end == 1))
        seen = told.time < cut
        if told.known is not None:
            seen &= told.known < cut
        outcome = told.outcome[seen]
        if not asked.any() or min(outcome.sum(), len(outcome) - outcome.sum()) < FEWEST:
            continue
        p = Fitted(told.rows.frame[seen], outcome).probabilities(told.rows.frame[asked])
        parts.append((p, told.outcome[asked], np.full(int(asked.sum()), outcome.mean())))
    if not parts:
        return None
    joined = {name: np.concatenate([part[0][name] for part in parts]) for name in CANDIDATES}
    return joined, np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])
