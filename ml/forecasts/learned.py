"""One model of all series: what follows a recent past, in units of that past. It knows no series by name."""

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from ml.forecasts.seasons import index, places

MOST_ROWS = 120_000
FEWEST_ROWS = 400
"""Pairs of a past and what followed: from fewer nothing general is learnt."""


class Learned:
    """Direct forecasts: the horizon is a feature, so one model looks any number of steps ahead."""

    def __init__(self, values: np.ndarray, horizon: int, season: int, *, deseasonalised: bool) -> None:
        """Learn from all pasts of [series x time], NaN before a series starts."""
        self._horizon, self._season, self._without = horizon, season, deseasonalised
        self._lags = int(min(max(season, 6), 26))
        flat, _ = self._flat(values)
        rows, follows = self._pairs(flat)
        self._model: Any = None
        if len(rows) >= FEWEST_ROWS:
            self._model = HistGradientBoostingRegressor(
                loss="absolute_error",
                learning_rate=0.08,
                max_iter=100,
                max_leaf_nodes=15,
                min_samples_leaf=100,
                early_stopping=False,
                random_state=0,
            ).fit(rows, follows)

    def ahead(self, values: np.ndarray) -> np.ndarray:
        """[series x horizon]; NaN for a series whose past is shorter than what the model looks at."""
        flat, returning = self._flat(values)
        told = np.full((len(values), self._horizon), np.nan)
        fit = ~np.isnan(flat[:, -self._need :]).any(axis=1)
        if self._model is None or values.shape[1] < self._need or not fit.any():
            return told
        base, unit, seen = self._past(flat[:, None, -self._need :])
        for step in range(self._horizon):
            rows = self._rows(flat, np.array([values.shape[1] - 1]), step, base, unit, seen)[:, 0]
            told[fit, step] = self._model.predict(rows[fit])
        return np.asarray(base + told * unit + returning)

    @property
    def _need(self) -> int:
        """Values that one past takes."""
        return max(self._lags, 2 * self._season) + 1

    def _flat(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not self._without:
            return values, np.zeros((len(values), self._horizon))
        returning = index(values, self._season)
        flat = values - returning[:, places(values.shape[1], self._season)]
        return flat, returning[:, np.arange(self._horizon) % self._season]

    def _past(self, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """[series x origin x need] → level of the last season, mean change, and lags in units of it."""
        level = windows[:, :, -max(self._season, 3) :].mean(axis=2)
        unit = np.abs(np.diff(windows, axis=2)).mean(axis=2)
        unit = np.where(unit > 0, unit, 1.0)
        lags = (windows[:, :, -self._lags :] - level[:, :, None]) / unit[:, :, None]
        before = windows[:, :, -2 * max(self._season, 1) : -max(self._season, 1)].mean(axis=2)
        trend = (level - before) / unit
        size = np.log1p(np.abs(level) / unit)
        return level, unit, np.concatenate([lags, trend[:, :, None], size[:, :, None]], axis=2)

    def _rows(
        self,
        flat: np.ndarray,
        origins: np.ndarray,
        step: int,
        base: np.ndarray,
        unit: np.ndarray,
        seen: np.ndarray,
    ) -> np.ndarray:
        """Features of each series and origin for one step: the past, the step, and the same place a season ago."""
        back = step + 1 - self._season * (step // self._season + 1)
        same = (flat[:, origins + back] - base) / unit
        again = (flat[:, np.maximum(origins + back - self._season, 0)] - base) / unit
        steps = np.full((*same.shape, 1), float(step + 1))
        return np.concatenate([seen, steps, same[:, :, None], again[:, :, None]], axis=2)

    def _pairs(self, flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features and what followed, of all origins and steps or of evenly drawn ones."""
        length = flat.shape[1]
        origins = np.arange(self._need - 1, length - 1)
        if not len(origins):
            return np.empty((0, 1)), np.empty(0)
        step_by = max(1, int(np.ceil(len(flat) * len(origins) * self._horizon / MOST_ROWS)))
        windows = np.lib.stride_tricks.sliding_window_view(flat, self._need, axis=1)[:, : len(origins)]
        base, unit, seen = self._past(windows)
        rows, follows = [], []
        for step in range(self._horizon):
            there = origins + step + 1 < length
            at = origins[there]
            made = self._rows(flat, at, step, base[:, there], unit[:, there], seen[:, there])
            then = (flat[:, at + step + 1] - base[:, there]) / unit[:, there]
            fit = ~(np.isnan(then) | np.isnan(made).any(axis=2))
            picked = np.flatnonzero(fit.ravel())[step % step_by :: step_by]
            rows.append(made.reshape(-1, made.shape[2])[picked])
            follows.append(then.ravel()[picked])
        return np.concatenate(rows), np.concatenate(follows)
