"""The simple methods that are mixed; each takes [series x time], NaN before a series starts, and looks ahead."""

import numpy as np

from ml.forecasts.seasons import index, places
from ml.forecasts.smoothing import damped, level

METHODS = ("seasonal_naive", "ses", "theta", "theta_of_logs", "damped_trend", "holt_winters", "holt_winters_of_logs")


def seasonal_naive(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """The last season again; the last value where there is no whole season."""
    season = season if values.shape[1] >= season else 1
    again = values[:, -season:][:, np.arange(horizon) % season]
    return np.where(np.isnan(again), values[:, -1:], again)


def forecasts(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """All of METHODS, [method x series x horizon]; logarithms where all of a series is above nought."""
    positive = (np.nan_to_num(values, nan=1.0) > 0).all(axis=1)[:, None]
    logs = np.log(np.where(positive, values, 1.0))
    logs[np.isnan(values)] = np.nan
    plain, growing = _smooth(values, horizon, season), _smooth(logs, horizon, season)
    # A trend of logarithms may run away: no further than ten times what was ever there.
    most = 10 * np.nanmax(np.abs(values), axis=1, keepdims=True)
    with np.errstate(over="ignore"):
        of_logs = {
            name: np.where(positive, np.minimum(np.exp(told), most), plain[name]) for name, told in growing.items()
        }
    return np.stack(
        [
            seasonal_naive(values, horizon, season),
            plain["ses"],
            plain["theta"],
            of_logs["theta"],
            plain["damped"],
            plain["winters"],
            of_logs["winters"],
        ]
    )


def _smooth(values: np.ndarray, horizon: int, season: int) -> dict[str, np.ndarray]:
    returning = index(values, season)
    flat = values - returning[:, places(values.shape[1], season)]
    ahead = returning[:, np.arange(horizon) % season]
    now, alpha = level(flat)
    steps = np.arange(horizon) + 1 / alpha[:, None]
    # Assimakopoulos and Nikolopoulos' theta method: the smoothed level and half the slope of a straight line.
    drift = _slope(flat)[:, None] / 2 * steps
    return {
        "ses": now[:, None] + ahead,
        "theta": now[:, None] + drift + ahead,
        "damped": damped(flat, horizon) + ahead,
        "winters": damped(values, horizon, returning),
    }


def _slope(values: np.ndarray) -> np.ndarray:
    """Of a least-squares line through each series."""
    there = ~np.isnan(values)
    time = np.where(there, np.arange(values.shape[1]), np.nan)
    time = np.nan_to_num(time - np.nanmean(time, axis=1, keepdims=True))
    return np.asarray((np.nan_to_num(values) * time).sum(axis=1) / np.maximum((time**2).sum(axis=1), 1.0))
