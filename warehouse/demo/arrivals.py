"""When things happen to customers while they are customers: so many in each block of days, on the days that are busy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.calendar import BLOCK_DAYS, BLOCKS, PLANNED_DAYS
from warehouse.demo.chance import Keys, Numbers, Places
from warehouse.demo.columns import Days
from warehouse.demo.customers import Customers
from warehouse.demo.presets import Company

YEAR = 365.25


@dataclass(frozen=True)
class Arrivals:
    """Things that happened up to `until`, each to a customer on a day; a customer's stand together."""

    customer: Places
    """Row in the range of customers."""
    keys: Keys
    days: Days
    place: Places
    """Counts a customer's arrivals from 0; what was planned and did not come is counted too."""

    def __len__(self) -> int:
        """How many."""
        return len(self.days)


def arrivals(
    company: Company, customers: Customers, seed: int, tag: str, yearly: NDArray[np.float64], busy: Numbers
) -> Arrivals:
    """Poisson arrivals of `yearly` per customer (n) or per customer and block of 60 days (n, BLOCKS).

    `busy` says for each planned day since the origin how many come against an ordinary day. What comes while nobody is
    a customer does not count, so a later `until` or another range changes nothing.
    """
    bought = np.flatnonzero(customers.life.customer_on <= company.until)
    blocks = min(BLOCKS, int((company.until - company.origin).astype(np.int64)) // BLOCK_DAYS + 1)
    done = np.concatenate([[0.0], np.cumsum(busy)])
    edges = np.minimum(np.arange(blocks + 1) * BLOCK_DAYS, PLANNED_DAYS)
    mass = done[edges[1:]] - done[edges[:-1]]
    rate = yearly[bought, :blocks] if yearly.ndim > 1 else yearly[bought, None]
    cells = chance.keys_of(customers.keys[bought][:, None], tag, np.arange(blocks)[None, :])
    count = chance.poisson(seed, f"{tag} count", cells, rate / YEAR * mass)
    cell = np.repeat(np.arange(count.size), count.ravel())
    row, block = np.divmod(cell, blocks)
    place = np.arange(len(cell)) - np.repeat(np.cumsum(count.ravel()) - count.ravel(), count.ravel())
    keys = chance.keys_of(cells.ravel()[cell], place)
    drawn = done[edges[block]] + chance.uniform(seed, f"{tag} day", keys) * mass[block]
    day = np.clip(np.searchsorted(done, drawn, side="right") - 1, edges[block], edges[block + 1] - 1)
    days = company.origin + day
    here = (days <= company.until) & customers.is_active(bought[row], days)
    ahead = np.cumsum(count.sum(axis=1)) - count.sum(axis=1)
    return Arrivals(bought[row][here], keys[here], days[here], (np.arange(len(cell)) - ahead[row])[here])
