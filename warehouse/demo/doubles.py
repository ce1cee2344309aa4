"""Customers who were written down twice: the second record is merged into the first some time later."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, happens, integers
from warehouse.demo.columns import NO_DAY, Days, working_day
from warehouse.demo.presets import Company

DOUBLES, WITHIN_LAST, MERGED_AFTER = 0.006, 40, (5, 150)
"""Share of customers that are somebody met before; among how many before; days until somebody notices."""


@dataclass(frozen=True)
class Doubles:
    """Per customer: whose second record it is and when it was merged."""

    of: NDArray[np.int64]
    """Number of the customer that survives; -1 for almost all."""
    merged_on: Days
    """NaT where there is nothing to merge."""

    @property
    def is_one(self) -> NDArray[np.bool_]:
        """Whether the record is a second one."""
        return np.asarray(self.of >= 0)


def doubles_of(company: Company, seed: int, numbers: NDArray[np.int64], keys: Keys, met_on: Days) -> Doubles:
    """Which customers are second records; the survivor is never one itself."""
    back = integers(seed, "double of", keys, 1, WITHIN_LAST)
    survivor = numbers - back
    doubled = _drawn(seed, keys) & (survivor >= 0)
    doubled &= ~_drawn(seed, company.key_of("customer", np.maximum(survivor, 0)))
    noticed = working_day(met_on + integers(seed, "merged after", keys, *MERGED_AFTER))
    return Doubles(np.where(doubled, survivor, -1), np.where(doubled, np.maximum(noticed, met_on), NO_DAY))


def _drawn(seed: int, keys: Keys) -> NDArray[np.bool_]:
    return happens(seed, "double", keys, DOUBLES)
