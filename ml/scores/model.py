"""A model of one outcome: trained on a table, asked about another; the base rate where nothing better was found."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml.scores.candidates import PARTS, Fitted, fit, probability
from ml.scores.drivers import contributions, drivers, typical
from ml.scores.features import Recipe, features
from ml.scores.history import history
from ml.scores.labels import labels
from ml.scores.protocol import Report, Spec, measured, prepared
from ml.tables import Unusable, as_moments, is_day_first, need


@dataclass
class Scored:
    """Scores of rows, under the index of the table that was asked about."""

    probability: pd.Series
    drivers: pd.DataFrame
    """row, rank, field, value, log_odds, direction (`raises` or `lowers`) and sentence; empty for a base rate."""


@dataclass
class Model:
    """What was learnt, and how good it is. `report.champion` is `base_rate` where nothing may be used."""

    spec: Spec
    report: Report
    recipe: Recipe
    fitted: Fitted | None
    reference: np.ndarray
    """The typical row that drivers compare with, as the coding's numbers."""
    day_first: dict[str, bool]
    """Columns of moments → whether their dates start with the day: a few rows alone would not tell."""

    def score(self, frame: pd.DataFrame, past: pd.DataFrame | None = None) -> Scored:
        """Probability and reasons of each row; the base rate without reasons where no model may be used.

        `past` holds earlier rows with their outcomes, where the spec names a subject. Raises Unusable when a column
        that the model needs is not there. A probability is NaN where not even a base rate is known.
        """
        if self.fitted is None or frame.empty:
            rate = np.nan if self.report.base_rate is None else self.report.base_rate
            return Scored(pd.Series(rate, index=frame.index, dtype=float), pd.DataFrame())
        rows = self._features(frame, past)
        matrix = self.fitted.coding.matrix(rows)
        with threadpool_limits(limits=1):
            odds = self.fitted.log_odds(matrix)
            parts = contributions(self.fitted, self.report.champion, matrix, self.reference)
        p = self.report.calibration.probability(probability([odds[part] for part in PARTS[self.report.champion]]))
        parts = parts * self.report.calibration.stretch
        reasons = drivers(self.fitted, self.recipe, rows, self.reference, parts)
        return Scored(pd.Series(p, index=frame.index), reasons)

    def _features(self, frame: pd.DataFrame, past: pd.DataFrame | None) -> pd.DataFrame:
        spec = self.spec
        need(frame, [*self.recipe.kinds, *(name for name in (spec.time, spec.subject) if name)])
        time = self._moments(frame, spec.time) if spec.time else None
        rows = features(frame, self.recipe, time)
        if not spec.subject or time is None:
            return rows
        if past is None:
            raise Unusable(f"The history of {spec.subject} is part of these scores: give earlier rows with outcomes.")
        return pd.concat([rows, self._of_subjects(frame, past, time)], axis=1)

    def _of_subjects(self, frame: pd.DataFrame, past: pd.DataFrame, time: pd.Series) -> pd.DataFrame:
        """The history of the frame's rows, known from the past."""
        spec = self.spec
        subject, at, known = str(spec.subject), str(spec.time), str(spec.known)
        need(past, [subject, at, known, spec.target])
        nothing = pd.Series(np.nan, index=frame.index)
        both = [
            (past[subject], frame[subject]),
            (self._moments(past, at), time),
            (self._moments(past, known), nothing),
            (labels(past[spec.target], spec.positive, must_occur=False), nothing),
        ]
        who, when, learnt, outcome = (pd.concat(pair, ignore_index=True) for pair in both)
        told = history(who.rename(subject), when, learnt, outcome).iloc[len(past) :]
        return told.set_axis(frame.index)

    def _moments(self, frame: pd.DataFrame, column: str) -> pd.Series:
        return as_moments(frame, column, day_first=self.day_first[column])


def train(frame: pd.DataFrame, spec: Spec) -> Model:
    """Run the protocol, then fit its champion on all rows with an outcome. Raises Unusable as `evaluate` does."""
    told = prepared(frame, spec)
    if isinstance(told, Report):
        return Model(spec, told, Recipe(), None, np.empty(0), {})
    report = measured(told)
    if report.champion == "base_rate":
        return Model(spec, report, told.recipe, None, np.empty(0), {})
    with threadpool_limits(limits=1):
        fitted = fit(told.rows, told.outcome, PARTS[report.champion])
    # Later rows need only the columns that a model looks at.
    told.recipe.kinds = {name: kind for name, kind in told.recipe.kinds.items() if name in fitted.coding.columns}
    reference = typical(fitted.coding, fitted.coding.matrix(told.rows))
    day_first = {name: is_day_first(frame[name]) for name in (spec.time, spec.known) if name}
    return Model(spec, report, told.recipe, fitted, reference, day_first)
