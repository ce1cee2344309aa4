"""How far off may it be? Conformal bands: as wide as past misses were, wider where those bands held too little."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.forecasts.mix import GROUP_WINDOWS

LEVELS = (0.80, 0.95)
FEWEST_MISSES = 4
"""Windows of all series together: from fewer no width is told."""
PACE = 0.25
"""How much of a shortfall of one window's coverage is made up in the level asked of the next."""
HIGHEST = 0.995


@dataclass
class Bands:
    """Half widths in units of each series' size, by level and step ahead."""

    widths: dict[float, np.ndarray]
    size: np.ndarray

    def half_width(self, level: float) -> np.ndarray:
        """[series x horizon], in the series' own measure."""
        return np.asarray(self.size[:, None] * self.widths[level])


def bands(misses: np.ndarray, unit: np.ndarray) -> Bands | None:
    """Widths from past misses [window x series x horizon], the oldest window first; None where too few were seen.

    Misses are absolute and in units of each series [series]; NaN where nothing was said. A series that was in no
    window has the widths of all others, in its own unit.
    """
    if (~np.isnan(misses).all(axis=2)).sum() < FEWEST_MISSES:
        return None
    widths = {level: _quantiles(_sized(misses), _adapted(misses, level)) for level in LEVELS}
    return Bands(widths, _size(misses) * unit)


def _size(misses: np.ndarray) -> np.ndarray:
    """Per series how its misses compare with everybody's, drawn to 1 as though by some windows more."""
    seen = (~np.isnan(misses).all(axis=2)).sum(axis=0)
    usual = float(np.nanmean(misses))
    if not usual > 0:
        return np.ones(misses.shape[1])
    each = np.nansum(misses, axis=(0, 2)) / np.maximum((~np.isnan(misses)).sum(axis=(0, 2)), 1)
    return np.asarray((seen * each / usual + GROUP_WINDOWS) / (seen + GROUP_WINDOWS))


def _sized(misses: np.ndarray) -> np.ndarray:
    """Misses over the series' size; a window's own misses do not tell its size."""
    if len(misses) == 1:
        return misses
    return np.stack([misses[k] / _size(np.delete(misses, k, axis=0))[:, None] for k in range(len(misses))])


def _quantiles(sized: np.ndarray, level: float) -> np.ndarray:
    """Per step ahead the width that holds `level` of all misses; steps share their shape, which never narrows."""
    steps = np.maximum.accumulate(np.maximum(np.nanmean(sized, axis=(0, 1)), 1e-9))
    shaped = sized / steps
    seen = int((~np.isnan(sized).all(axis=2)).sum())
    # A quantile of n is no further out than n/(n+1): beyond, the tail of a normal distribution goes on from there.
    reached = min(level * (seen + 1) / seen, seen / (seen + 1))
    beyond = max(1.0, float(norm.ppf((1 + level) / 2) / norm.ppf((1 + reached) / 2)))
    return np.asarray(np.nanquantile(shaped, reached) * beyond * steps)


def _adapted(misses: np.ndarray, level: float) -> float:
    """The level to ask for, so that windows looked at one after the other would have held `level` (Gibbs, Candès)."""
    asked = level
    for k in range(1, len(misses)):
        before, now = misses[:k], misses[k]
        told = ~np.isnan(now)
        if not told.any() or np.isnan(before).all():
            continue
        width = _quantiles(_sized(before), asked) * _size(before)[:, None]
        held = float((now <= width)[told].mean())
        # One series says little of coverage: few misses move the level little.
        trust = told.any(axis=1).sum() / (told.any(axis=1).sum() + 10)
        asked = float(np.clip(asked + PACE * trust * (level - held), level / 2, HIGHEST))
    return max(asked, level)
