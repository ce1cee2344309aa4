"""What returns every season, taken out of series and put back; all series at once, aligned at their ends."""

import numpy as np


def places(length: int, season: int) -> np.ndarray:
    """The place in the season of each column; the last column has place `season` - 1, so all series share it."""
    return (np.arange(length) - length) % season


def index(values: np.ndarray, season: int) -> np.ndarray:
    """[series x season]: the mean departure of each place from a centred moving average, nought in sum.

    `values` is [series x time] with NaN before a series starts. Drawn to nought as far as chance alone would make
    the places differ, and nought for a series too short to tell (2 seasons and a quarter).
    """
    count, length = values.shape
    told = np.zeros((count, season))
    if season < 2 or length < 2 * season:
        return told
    trend = _centred_mean(values, season)
    away = values - trend
    place = places(length, season)
    for one in range(season):
        at = away[:, place == one]
        rows = (~np.isnan(at)).sum(axis=1)
        told[:, one] = np.where(rows > 0, np.nansum(at, axis=1) / np.maximum(rows, 1), 0.0)
    told -= told.mean(axis=1, keepdims=True)
    long_enough = (~np.isnan(values)).sum(axis=1) >= 2 * season + season // 4
    return np.where(long_enough[:, None], told * _kept(away, told, place)[:, None], 0.0)


def _kept(away: np.ndarray, told: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The share of the places' differences that is not chance: 1 - 1/F, as James and Stein draw means together."""
    rows = (~np.isnan(away)).sum(axis=1)
    rest = np.nansum((away - told[:, place]) ** 2, axis=1)
    explained = np.maximum(np.nansum(away**2, axis=1) - rest, 0.0)
    freedom, left = told.shape[1] - 1, np.maximum(rows - told.shape[1], 1)
    by_chance = rest / left
    return np.asarray(np.clip(1 - by_chance / np.maximum(explained / freedom, 1e-12), 0.0, 1.0))


def _centred_mean(values: np.ndarray, season: int) -> np.ndarray:
    """The moving average over one season around each column; NaN where it is not whole."""
    weights = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    half = len(weights) // 2
    told = np.full(values.shape, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(values, len(weights), axis=1)
    told[:, half : values.shape[1] - half] = windows @ (weights / season)
    return told
