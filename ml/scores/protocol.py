"""The whole protocol of a score: guards, folds, champion, gate. A table in, a report out; no I/O."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ml.scores.calibration import Line
from ml.scores.features import Recipe, features, recipe
from ml.scores.folds import FEWEST, Judged, rolling, shuffled
from ml.scores.history import history
from ml.scores.labels import labels
from ml.scores.leaks import leaking
from ml.scores.measures import auc, brier, ece, ece_by_chance, lift, lower_bounds
from ml.scores.repeats import first_of_equal, groups, identifying
from ml.tables import Unusable, as_moments, as_numbers, need

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
    repeated_rows: int = 0
    base_rate: float | None = None
    auc: float | None = None
    brier: float | None = None
    brier_skill: float | None = None
    ece: float | None = None
    lift_at_10: float | None = None
    auc_temporal: float | None = None
    ece_temporal: float | None = None
    champion: str = "base_rate"
    calibration: Line = field(default_factory=Line)
    features_quarantined: list[str] = field(default_factory=list)
    features_left_out: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Plain values, rounded to five places."""
        plain = {key: round(value, 5) if isinstance(value, float) else value for key, value in asdict(self).items()}
        return plain | {"calibration": [round(self.calibration.shift, 5), round(self.calibration.stretch, 5)]}


@dataclass
class Prepared:
    """Rows with an outcome, as models see them."""

    rows: pd.DataFrame
    outcome: np.ndarray
    recipe: Recipe
    time: np.ndarray | None
    known: np.ndarray | None
    group: np.ndarray
    repeated: int
    quarantined: list[str]
    telling: list[str]
    """Those of the quarantined that tell the outcome by themselves."""
    remark: str = ""


def evaluate(frame: pd.DataFrame, spec: Spec) -> Report:
    """Run the protocol. Raises Unusable when the columns are not there or do not mean what was said."""
    told = prepared(frame, spec)
    return told if isinstance(told, Report) else measured(told)


def prepared(frame: pd.DataFrame, spec: Spec) -> Prepared | Report:
    """Outcomes and features of a table; a report of `too_few` where no model can be made. Raises Unusable."""
    named = [spec.target, spec.time, spec.subject, spec.known, *spec.drop]
    need(frame, [name for name in named if name])
    if spec.subject and not (spec.time and spec.known):
        raise Unusable(f"The history of {spec.subject} needs a time of each row and the time its outcome was known.")
    ids = identifying(frame)
    once = first_of_equal(frame, ids)
    frame, repeated = frame[once], int((~once).sum())
    moments = _Moments.of(frame, spec)
    outcome = labels(frame[spec.target], spec.positive)
    if moments.known is not None:
        # What has no date of being known is not known yet, whatever stands there.
        outcome = outcome.where(moments.known.notna())
    usable = outcome.notna()
    positive, total = int(outcome[usable].sum()), int(usable.sum())
    if min(positive, total - positive) < FEWEST:
        found = f"{positive} positive and {total - positive} negative rows with an outcome"
        rate = positive / total if total else None
        return Report("too_few", f"{found}: at least {FEWEST} of each are needed.", total, repeated, rate)
    told = _featured(frame, outcome, usable, spec, moments)
    told.group, told.repeated, told.remark = groups(frame[usable], ids), repeated, _rest(frame[usable], spec)
    return told


@dataclass(frozen=True)
class _Moments:
    """When rows are of, and when their outcomes became known: days where the columns hold dates."""

    time: pd.Series | None
    known: pd.Series | None
    dated: bool

    @classmethod
    def of(cls, frame: pd.DataFrame, spec: Spec) -> "_Moments":
        dates = [name for name in (spec.time, spec.known) if name and as_numbers(frame[name]) is None]
        if spec.time and spec.known and len(dates) == 1 and len(frame):
            raise Unusable(f"Columns {spec.time} and {spec.known} are compared: both must be dates, or both numbers.")
        time, known = (as_moments(frame, name) if name else None for name in (spec.time, spec.known))
        return cls(time, known, bool(spec.time and spec.time in dates))


def _rest(frame: pd.DataFrame, spec: Spec) -> str:
    """What counts as not being what is looked for, where that is more than one thing."""
    words = frame[spec.target].dropna().astype(str).str.strip()
    others = sorted({word for word in words.unique() if word.lower() != (spec.positive or "").strip().lower()})
    if spec.positive is None or len(others) < 2 or as_numbers(frame[spec.target]) is not None:
        return ""
    return f" Not {spec.positive} are: {', '.join(others[:8])}."


def _featured(frame: pd.DataFrame, outcome: pd.Series, usable: pd.Series, spec: Spec, moments: _Moments) -> Prepared:
    hidden = {spec.target, spec.time, spec.subject, spec.known, *spec.drop}
    table = frame.loc[usable, [name for name in frame.columns if name not in hidden]]
    time = moments.time[usable] if moments.time is not None else None
    how = recipe(table, time if moments.dated else None)
    rows = features(table, how, time)
    if spec.subject and moments.time is not None and moments.known is not None:
        # Rows whose outcome is open are a subject's open ones.
        past = history(frame[spec.subject], moments.time, moments.known, outcome)[usable]
        rows = pd.concat([rows, past.loc[:, past.nunique(dropna=False) > 1]], axis=1)
    own = outcome[usable].to_numpy(float)
    telling = leaking(rows, own)
    bad = list(dict.fromkeys([*telling, *how.later]))
    rows = rows.drop(columns=bad)
    at = time.to_numpy(float) if time is not None and time.notna().any() else None
    learnt = moments.known[usable].to_numpy(float) if moments.known is not None else None
    return Prepared(rows, own, how, at, learnt, np.arange(len(own)), 0, bad, telling)


def measured(told: Prepared) -> Report:
    """Figures, champion and state of prepared rows."""
    rate = float(told.outcome.mean())
    report = Report("no_signal", "", len(told.rows), told.repeated, rate, features_quarantined=told.quarantined)
    report.features_left_out = told.recipe.left_out
    folds = shuffled(told.rows, told.outcome, told.group)
    ahead = None if told.time is None else rolling(told.rows, told.outcome, told.time, told.known)
    p = folds.nested
    report.auc, report.brier, report.ece = auc(folds.truth, p), brier(folds.truth, p), ece(folds.truth, p)
    report.brier_skill = 1 - report.brier / brier(folds.truth, folds.base)
    report.lift_at_10 = lift(folds.truth, p)
    if ahead:
        report.auc_temporal, report.ece_temporal = auc(ahead.truth, ahead.nested), ece(ahead.truth, ahead.nested)
    # Few rows scatter around any honest probability: that much, added in squares, is no fault of the model.
    report = _gated(report, ahead or folds, float(np.hypot(MOST_ECE, ece_by_chance(p))), told.telling)
    report.reason += told.remark
    return report


def _gated(report: Report, judged: Judged, allowed: float, telling: list[str]) -> Report:
    """The report with its state, its reason, and the champion where one may be used."""
    rate, calibration = float(report.base_rate or 0), float(report.ece or 0)
    rank, skill = lower_bounds(judged.truth, judged.nested, judged.base)
    # Few rows of a late block may look well by chance: then the folds do not.
    if rank < LEAST_AUC or min(skill, float(report.brier_skill or 0)) <= 0 or calibration > allowed:
        report.reason = (
            f"No usable signal: AUC is above {rank:.3f} and Brier skill above {skill:.3f} in nine of ten draws, "
            f"calibration error {calibration:.3f}. The base rate of {rate:.1%} is the honest answer."
        )
        report.state = "leak" if telling else "no_signal"
    elif float(report.auc or 0) > BELIEVABLE:
        report.state = "leak"
        report.reason = f"An AUC of {report.auc:.3f} is too good: columns together tell the outcome."
    else:
        best = judged.champion
        report.state, report.champion, report.calibration = "ok", best.name, best.line
        report.reason = f"{report.champion} beats the base rate of {rate:.1%}."
        if telling:
            names = ", ".join(telling)
            report.state = "leak"
            report.reason = (
                f"Set aside because they tell the outcome too well alone: {names}. Figures are without them."
            )
    return report
