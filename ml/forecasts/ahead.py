"""What comes next in many series at once, and within which bounds: the mix where it was worth it, or the last season."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from ml.forecasts.bands import Bands, bands
from ml.forecasts.methods import seasonal_naive
from ml.forecasts.mix import all_methods, look_back, mixed, tried, weights


@dataclass
class Forecast:
    """Points and bounds, [series x horizon] in the series' own measure."""

    points: np.ndarray
    champion: str
    """`mix`, or `seasonal_naive` where the mix did not do better at earlier moments or none could be tried."""
    bands: Bands | None
    """None where too little of the past could be tried to tell a width."""
    floor: np.ndarray
    """[series]: nought where nothing was ever below it, else minus infinity."""

    def bounds(self, level: float) -> tuple[np.ndarray, np.ndarray] | None:
        """The lower and the upper bound of 0.80 or 0.95; None where no width is known."""
        if self.bands is None:
            return None
        width = self.bands.half_width(level)
        return np.maximum(self.points - width, self.floor[:, None]), self.points + width


def forecast(values: np.ndarray, horizon: int, season: int) -> Forecast:
    """Look `horizon` steps ahead of [series x time], aligned at their ends, NaN before a series starts."""
    # One thread: on a busy machine two spin for each other and burn several times the time.
    with threadpool_limits(limits=1):
        points, champion, widths = _settled(values, horizon, season)
    floor = np.where(np.nanmin(values, axis=1) >= 0, 0.0, -np.inf)
    return Forecast(np.maximum(points, floor[:, None]), champion, widths, floor)


def _settled(values: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, str, Bands | None]:
    naive = seasonal_naive(values, horizon, season)
    windows = look_back(values, horizon, season)
    if windows is None:
        return naive, "seasonal_naive", None
    came, unit = np.stack(windows.came), windows.unit[:, None]
    of_mix = np.abs(tried(windows) - came) / unit
    of_naive = np.abs(np.stack([said[0] for said in windows.made]) - came) / unit
    if np.nanmean(of_mix) > np.nanmean(of_naive):
        return naive, "seasonal_naive", bands(of_naive, windows.unit)
    points = mixed(weights(windows.errors()), all_methods(values, horizon, season))
    return points, "mix", bands(of_mix, windows.unit)
