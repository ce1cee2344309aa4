"""Mixes the methods by four rolling windows, puts conformal bands around, and tells how it did on the last horizon."""

import time as clock
from typing import Any

import numpy as np
import pandas as pd

from ml.forecasts.methods import forecasts
from ml.tables import Unusable, as_moments, as_numbers, need

WINDOWS = 4
EMPTY = dict.fromkeys(("mase", "mase_seasonal_naive", "coverage_80", "coverage_95", "cpu_seconds"))


def evaluate(
    frame: pd.DataFrame, time: str, value: str, series: tuple[str, ...], horizon: int, season: int
) -> dict[str, Any]:
    """MASE (scaled by the seasonal naive error before the horizon) and coverage, means over series.

    Raises Unusable for columns that are absent or of another kind, and for a moment that a series lacks or has twice.
    """
    need(frame, [time, value, *series])
    started = clock.process_time()
    groups = _aligned(frame, time, value, series)
    need_rows = horizon + max(2 * season, 4)
    fit = [values for values in groups if values.shape[1] >= need_rows]
    if not fit:
        return {"state": "too_few", "reason": f"No series has {need_rows} periods, the horizon included.", **EMPTY}
    told = [_tried(values, horizon, season) for values in fit]
    mase, naive, in_80, in_95 = (float(np.concatenate([one[k] for one in told]).mean()) for k in range(4))
    return {
        "state": "ok" if mase <= naive else "no_signal",
        "reason": f"{sum(map(len, fit))} of {sum(map(len, groups))} series were long enough.",
        "mase": round(mase, 5),
        "mase_seasonal_naive": round(naive, 5),
        "coverage_80": round(in_80, 5),
        "coverage_95": round(in_95, 5),
        "cpu_seconds": round(clock.process_time() - started, 2),
    }


def _aligned(frame: pd.DataFrame, time: str, value: str, series: tuple[str, ...]) -> list[np.ndarray]:
    """Series of equal length as matrices, in order of time."""
    values = as_numbers(frame[value])
    if values is None:
        raise Unusable(f"Column {value} does not hold numbers.")
    moments = as_moments(frame, time)
    told = pd.DataFrame({"at": moments, "value": values})
    told["series"] = frame[list(series)].astype(str).agg("|".join, axis=1) if series else ""
    told = told.dropna().sort_values(["series", "at"])
    if told.duplicated(["series", "at"]).any():
        raise Unusable(f"A series holds a moment of {time} twice: name with --series what tells series apart.")
    by_length: dict[int, list[np.ndarray]] = {}
    for name, one in told.groupby("series", sort=True):
        gaps = np.diff(one["at"].to_numpy())
        # Months and quarters differ by a tenth; a gap of one and a half steps is a period that is not there.
        if len(gaps) and gaps.max() > 1.5 * np.median(gaps):
            raise Unusable(f"Series {name or value} lacks a period: fill it, with 0 when nothing happened.")
        by_length.setdefault(len(one), []).append(one["value"].to_numpy(float))
    return [np.stack(same) for same in by_length.values()]


def _tried(values: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, ...]:
    """Per series: MASE of the mix and of the seasonal naive, share of the last horizon inside 80 and 95 % bands."""
    past, truth = values[:, :-horizon], values[:, -horizon:]
    lag = season if past.shape[1] > season else 1
    scale = np.abs(past[:, lag:] - past[:, :-lag]).mean(axis=1)
    scale = np.where(scale > 0, scale, 1.0)
    windows = [k for k in range(1, WINDOWS + 1) if past.shape[1] - k * horizon >= max(2 * season, 4)]
    made = [forecasts(past[:, : past.shape[1] - k * horizon], horizon, season) for k in windows]
    seen = [past[:, past.shape[1] - k * horizon :][:, :horizon] for k in windows]
    now = forecasts(past, horizon, season)
    away = [np.abs(guess - was).mean(axis=2) / scale for guess, was in zip(made, seen, strict=True)]
    weight = _weights(away, now.shape[:2])
    point = np.einsum("ms,msh->sh", weight, now)
    naive = np.abs(now[0] - truth).mean(axis=1) / scale
    residuals = []
    for k, (guess, was) in enumerate(zip(made, seen, strict=True)):
        others = _weights(away[:k] + away[k + 1 :], now.shape[:2])
        residuals.append(np.abs(np.einsum("ms,msh->sh", others, guess) - was) / scale[:, None])
    known = np.concatenate(residuals) if residuals else np.ones((1, horizon))
    miss = np.abs(point - truth) / scale[:, None]
    inside = [(miss <= np.quantile(known, level, axis=0)).mean(axis=1) for level in (0.80, 0.95)]
    return np.abs(point - truth).mean(axis=1) / scale, naive, *inside


def _weights(errors: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """error^-2 per series, drawn to the group's error as by two windows; members within 25 % of the best."""
    if not errors:
        return np.full(shape, 1 / shape[0])
    own, count = np.mean(errors, axis=0), len(errors)
    shrunk = (count * own + 2 * own.mean(axis=1, keepdims=True)) / (count + 2)
    shrunk = np.maximum(shrunk, 1e-9)
    weight = np.where(shrunk <= 1.25 * shrunk.min(axis=0), shrunk**-2, 0.0)
    return np.asarray(weight / weight.sum(axis=0))
