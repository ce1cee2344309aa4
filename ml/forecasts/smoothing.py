"""Exponential smoothing of many series at once: each takes the constants that err least one step ahead."""

from itertools import product

import numpy as np

ALPHAS = (0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
BETAS, GAMMAS, DAMPING = (0.03, 0.15), (0.05, 0.2), (0.8, 0.95)
MOST_CELLS = 400_000
"""Series and constants tried together: more than fits a core's cache is slower."""


def level(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Simple smoothing of [series x time], NaN before a series starts: the last level and the constant, per series."""
    alphas = np.array(ALPHAS)
    now = np.full((len(values), len(alphas)), np.nan)
    error = np.zeros(now.shape)
    for column in values.T:
        away = column[:, None] - now
        error += np.nan_to_num(away) ** 2
        now = np.where(np.isnan(now), column[:, None], now + alphas * np.nan_to_num(away))
    best = error.argmin(axis=1)
    return now[np.arange(len(now)), best], alphas[best]


def damped(values: np.ndarray, horizon: int, index: np.ndarray | None = None) -> np.ndarray:
    """A level and a trend that fades, [series x horizon]; with `index` [series x season] a season that moves too.

    Additive damped Holt-Winters (Hyndman and others, ETS(A,Ad,A)), started from the index and a trend of nought.
    """
    gammas = GAMMAS if index is not None else (0.0,)
    grid = np.array(list(product(ALPHAS, BETAS, gammas, DAMPING))).T
    step = max(1, MOST_CELLS // grid.shape[1])
    parts = [
        _damped(values[k : k + step], horizon, None if index is None else index[k : k + step], grid)
        for k in range(0, len(values), step)
    ]
    return np.concatenate(parts)


def _damped(values: np.ndarray, horizon: int, index: np.ndarray | None, grid: np.ndarray) -> np.ndarray:
    alpha, beta, gamma, phi = grid
    count, length = values.shape
    season = 1 if index is None else index.shape[1]
    seasons = np.zeros((season, count, 1)) if index is None else index.T[:, :, None]
    seasons = np.repeat(seasons, len(alpha), axis=2)
    now, trend = np.full((count, len(alpha)), np.nan), np.zeros((count, len(alpha)))
    error = np.zeros(now.shape)
    for t, column in enumerate(values.T):
        place = (t - length) % season
        flat = column[:, None] - seasons[place]
        away = np.nan_to_num(flat - now - phi * trend)
        error += away**2
        now = np.where(np.isnan(now), flat, now + phi * trend + alpha * away)
        trend = phi * trend + alpha * beta * away
        if index is not None:
            seasons[place] += gamma * (1 - alpha) * away
    rows, best = np.arange(count), error.argmin(axis=1)
    fade = np.cumsum(phi[best][:, None] ** np.arange(1, horizon + 1), axis=1)
    ahead = seasons[np.arange(horizon) % season][:, rows, best].T
    return np.asarray(now[rows, best][:, None] + trend[rows, best][:, None] * fade + ahead)
