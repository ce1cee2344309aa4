"""How good would forecasts be? The last horizon of each series is kept back, and what is said of it compared."""

import time as clock
from typing import Any

import numpy as np
import pandas as pd

from ml.forecasts.ahead import forecast
from ml.forecasts.aligned import aligned
from ml.forecasts.bands import LEVELS
from ml.forecasts.methods import seasonal_naive
from ml.forecasts.mix import units
from ml.tables import need

FIGURES = ("mase", "mase_seasonal_naive", "coverage_80", "coverage_95", "cpu_seconds", "champion")


def evaluate(
    frame: pd.DataFrame, time: str, value: str, series: tuple[str, ...], horizon: int, season: int
) -> dict[str, Any]:
    """MASE (scaled by the seasonal naive error before the horizon) and coverage, means over series.

    Coverage is null where no past was long enough to tell a width from. Raises Unusable for columns that are absent
    or of another kind, for a moment that a series has twice, and when no series is without a gap.
    """
    need(frame, [time, value, *series])
    told = aligned(frame, time, value, series)
    least = horizon + max(season + 1, 4)
    enough = (~np.isnan(told.values)).sum(axis=1) >= least
    reasons = [f"{int(enough.sum())} of {len(enough)} series were long enough."]
    if told.lacking:
        some = ", ".join(told.lacking[:3])
        reasons.append(f"{len(told.lacking)} more lack a period or a number and were left out: {some}.")
    if not enough.any():
        reasons[0] = f"No series has {least} periods, the horizon included."
        return {"state": "too_few", "reason": " ".join(reasons), **dict.fromkeys(FIGURES)}
    figures, reason = _measured(told.values[enough], horizon, season)
    state = "ok" if figures["mase"] <= figures["mase_seasonal_naive"] else "no_signal"
    return {"state": state, "reason": " ".join([*reasons, reason]).strip(), **figures}


def _measured(values: np.ndarray, horizon: int, season: int) -> tuple[dict[str, Any], str]:
    started = clock.process_time()
    past, truth = values[:, :-horizon], values[:, -horizon:]
    said, unit = forecast(past, horizon, season), units(past, season)
    figures: dict[str, Any] = {
        "mase": _error(said.points, truth, unit),
        "mase_seasonal_naive": _error(seasonal_naive(past, horizon, season), truth, unit),
    }
    for level in LEVELS:
        bounds = said.bounds(level)
        inside = None if bounds is None else (bounds[0] <= truth) & (truth <= bounds[1])
        figures[f"coverage_{level:.0%}".rstrip("%")] = None if inside is None else round(float(inside.mean()), 5)
    figures |= {"cpu_seconds": round(clock.process_time() - started, 2), "champion": said.champion}
    why = "" if said.bands else "No past was long enough to tell how far off a forecast may be: there are no bounds."
    return figures, why


def _error(said: np.ndarray, truth: np.ndarray, unit: np.ndarray) -> float:
    return round(float((np.abs(said - truth).mean(axis=1) / unit).mean()), 5)
