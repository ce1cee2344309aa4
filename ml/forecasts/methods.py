"""The methods that are mixed; each takes a matrix [series x time] without gaps and gives [series x horizon]."""

import numpy as np

ALPHAS = (0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
DAMPING = 0.9
METHODS = ("seasonal_naive", "ses", "theta", "damped_trend")


def seasonal_naive(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """The last season again; the last value where there is no whole season."""
    season = season if values.shape[1] >= season else 1
    return values[:, -season:][:, np.arange(horizon) % season]


def forecasts(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """All of METHODS, [method x series x horizon]."""
    flat, ahead = _without_season(values, horizon, season)
    level = _smoothed(flat, 0.0)
    steps = np.arange(1, horizon + 1)
    time = np.arange(flat.shape[1]) - (flat.shape[1] - 1) / 2
    slope = flat @ time / max(float(time @ time), 1.0)
    damped = np.cumsum(DAMPING**steps)
    recent = flat[:, -max(4, min(2 * season, flat.shape[1])) :]
    drift = (recent[:, -1] - recent[:, 0]) / max(recent.shape[1] - 1, 1)
    kinds = (
        level[:, None] + np.zeros(horizon),
        level[:, None] + slope[:, None] / 2 * steps,
        level[:, None] + drift[:, None] / 2 * damped,
    )
    return np.stack([seasonal_naive(values, horizon, season), *(kind + ahead for kind in kinds)])


def _without_season(values: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Values less their mean departure from a centred moving average per place in the season, and those to come."""
    length = values.shape[1]
    if season < 2 or length < 2 * season + season // 4:
        return values, np.zeros((len(values), horizon))
    weights = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    half = len(weights) // 2
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    inner = (sums[:, season:] - sums[:, :-season]) / season
    trend = (inner[:, 1:] + inner[:, :-1]) / 2 if season % 2 == 0 else inner
    away = values[:, half : half + trend.shape[1]] - trend
    place = (np.arange(trend.shape[1]) + half) % season
    index = np.stack([away[:, place == one].mean(axis=1) for one in range(season)], axis=1)
    index -= index.mean(axis=1, keepdims=True)
    return values - index[:, np.arange(length) % season], index[:, (length + np.arange(horizon)) % season]


def _smoothed(values: np.ndarray, start: float) -> np.ndarray:
    """The level of simple exponential smoothing, per series with the constant that errs least one step ahead."""
    best, error = values[:, 0] + start, np.full(len(values), np.inf)
    for alpha in ALPHAS:
        level, total = values[:, 0].copy(), np.zeros(len(values))
        for column in values.T[1:]:
            away = column - level
            total += away**2
            level += alpha * away
        better = total < error
        best, error = np.where(better, level, best), np.where(better, total, error)
    return best
