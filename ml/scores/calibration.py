"""What a model calls seventy of a hundred should be seventy: log-odds are moved and stretched by what happened."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

SHIFT_WITHIN, STRETCH_WITHIN = 1.0, 0.5
"""How far the line goes from none at all without evidence: standard deviations of a normal prior."""


@dataclass(frozen=True)
class Line:
    """calibrated log-odds = shift + stretch x log-odds."""

    shift: float = 0.0
    stretch: float = 1.0

    def probability(self, p: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of probabilities."""
        return np.asarray(expit(self.shift + self.stretch * logit(p)))


def line(p: np.ndarray, outcome: np.ndarray) -> Line:
    """Platt's (1999) two numbers by penalised likelihood; without rows nothing is moved."""
    odds = logit(p)

    def cost(told: np.ndarray) -> tuple[float, np.ndarray]:
        shift, stretch = told
        moved = shift + stretch * odds
        wrong = expit(moved) - outcome
        value = np.logaddexp(0, moved).sum() - (outcome * moved).sum()
        value += (shift / SHIFT_WITHIN) ** 2 / 2 + ((stretch - 1) / STRETCH_WITHIN) ** 2 / 2
        slope = [wrong.sum() + shift / SHIFT_WITHIN**2, wrong @ odds + (stretch - 1) / STRETCH_WITHIN**2]
        return float(value), np.array(slope)

    # A stretch below nought would turn the ranking round: then the order itself is no guide.
    found = minimize(cost, [0.0, 1.0], jac=True, method="L-BFGS-B", bounds=[(None, None), (0.05, None)])
    return Line(float(found.x[0]), float(found.x[1]))
