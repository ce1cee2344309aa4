"""Mixes the methods for each series by how well each did on rolling windows, its own and everybody's."""

from dataclasses import dataclass

import numpy as np

from ml.forecasts.learned import Learned
from ml.forecasts.methods import forecasts

WINDOWS = 4
GROUP_WINDOWS = 4.0
"""A series' own error counts as the group's does, as though the group had shown so many windows more."""
NEAR_BEST = 1.5
POWER = 3.0
"""Chosen with the two above on four sets of other series and earlier moments; equal weights are near on most of them."""
"""Methods that err more than this many times as much as the best have no weight."""


@dataclass
class Windows:
    """What would have been said at earlier moments, and what came; errors are in units of each series."""

    made: list[np.ndarray]
    """Per window, the oldest first: [method x series x horizon]; NaN where a series was too short."""
    came: list[np.ndarray]
    unit: np.ndarray

    def errors(self) -> np.ndarray:
        """[window x method x series]: mean absolute error over the horizon, NaN where nothing was said."""
        found = [np.abs(said - came).mean(axis=2) / self.unit for said, came in zip(self.made, self.came, strict=True)]
        return np.stack(found)


def units(values: np.ndarray, season: int) -> np.ndarray:
    """The mean absolute seasonal difference of each series, what MASE divides by; 1 where it is nought or unknown."""
    lag = season if values.shape[1] > season else 1
    away = np.abs(values[:, lag:] - values[:, :-lag])
    rows = (~np.isnan(away)).sum(axis=1)
    told = np.nansum(away, axis=1) / np.maximum(rows, 1)
    return np.where(told > 0, told, 1.0)


def look_back(values: np.ndarray, horizon: int, season: int) -> Windows | None:
    """Forecasts at up to four earlier moments, a horizon apart; None when no series is long enough for one.

    The learned models know what lay before the oldest of these moments, and look ahead from each.
    """
    least = max(2 * season, 4)
    backs = [k for k in range(WINDOWS, 0, -1) if values.shape[1] - k * horizon >= least]
    lengths = (~np.isnan(values)).sum(axis=1)
    backs = [k for k in backs if (lengths - k * horizon >= least).any()]
    if not backs:
        return None
    learnt = _learnt(values[:, : -backs[0] * horizon], horizon, season)
    told = Windows([], [], units(values, season))
    for k in backs:
        past = values[:, : -k * horizon]
        said = all_methods(past, horizon, season, learnt)
        said[:, lengths - k * horizon < least] = np.nan
        told.made.append(said)
        told.came.append(values[:, values.shape[1] - k * horizon :][:, :horizon])
    return told


def _learnt(values: np.ndarray, horizon: int, season: int) -> list[Learned]:
    kinds = (False, True) if season > 1 else (False,)
    return [Learned(values, horizon, season, deseasonalised=kind) for kind in kinds]


def all_methods(values: np.ndarray, horizon: int, season: int, learnt: list[Learned] | None = None) -> np.ndarray:
    """[method x series x horizon]: the simple methods, then the learned ones; NaN where one cannot look ahead."""
    learnt = _learnt(values, horizon, season) if learnt is None else learnt
    # A series that has not started at this moment has nothing to look ahead from.
    there = ~np.isnan(values[:, -1])
    simple = forecasts(values[there], horizon, season)
    learned = [model.ahead(values[there]) for model in learnt]
    told = np.full((len(simple) + len(learned), len(values), horizon), np.nan)
    told[:, there] = np.concatenate([simple, np.array(learned).reshape(len(learned), -1, horizon)])
    return told


def weights(errors: np.ndarray) -> np.ndarray:
    """[window x method x series] → [method x series]: error^-2, drawn to the group; only methods near the best."""
    windows = (~np.isnan(errors)).sum(axis=0)
    own = np.nansum(errors, axis=0) / np.maximum(windows, 1)
    tried = (windows > 0).sum(axis=1, keepdims=True)
    of_all = np.where(tried > 0, own.sum(axis=1, keepdims=True) / np.maximum(tried, 1), np.nan)
    shrunk = (windows * own + GROUP_WINDOWS * of_all) / (windows + GROUP_WINDOWS)
    shrunk = np.maximum(np.where(np.isnan(shrunk), np.inf, shrunk), 1e-9)
    weight = np.where(shrunk <= NEAR_BEST * shrunk.min(axis=0), shrunk**-POWER, 0.0)
    return np.asarray(weight / weight.sum(axis=0))


def mixed(weight: np.ndarray, said: np.ndarray) -> np.ndarray:
    """[series x horizon]: the weighted mean of what is there."""
    there = ~np.isnan(said)
    heavy = np.where(there, weight[:, :, None], 0.0)
    total = heavy.sum(axis=0)
    # Where none of the weighty methods could say anything, those that could count alike.
    heavy = np.where(total > 0, heavy, there.astype(float))
    total = heavy.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray((heavy * np.nan_to_num(said)).sum(axis=0) / total)


def tried(windows: Windows) -> np.ndarray:
    """[window x series x horizon]: the mix of each window, by weights of the other windows."""
    errors = windows.errors()
    told = []
    for k, said in enumerate(windows.made):
        others = np.delete(errors, k, axis=0) if len(errors) > 1 else errors
        told.append(mixed(weights(others), said))
    return np.stack(told)
