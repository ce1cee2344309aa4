"""Bad days: releases that break things for every company at once, and how full a support desk is because of them."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.calendar import PLANNED_DAYS, days_from
from warehouse.demo.columns import Days
from warehouse.demo.presets import Company
from warehouse.demo.wording import CATEGORIES

INCIDENT_CHANCE = 0.018
"""Of a release that breaks something, per day: about six in a year."""
INCIDENT_SIZE, INCIDENT_SPREAD = 3.5, 0.6
"""By how many times the usual number tickets rise on the first day: median, and spread of its logarithm."""
INCIDENT_LASTS = 3.0
"""Days after which a third of the rise is left."""
INCIDENT_DAYS = 10
EXPOSURE = {"software": 1.0, "clinics": 0.45, "wholesale": 0.5, "furniture": 0.35, "agency": 0.6}
"""How much of a shared incident customers of a kind of company feel."""
INCIDENT_CATEGORIES = tuple(CATEGORIES.index(name) for name in ("fault", "performance", "access"))
BACKLOG_KEEPS, BACKLOG_GROWS = 0.8, 0.3
"""How much of yesterday's excess work is left today, and what a unit of pressure adds to it."""
BACKLOG_DAYS = 40
"""After so many nothing of it is left to speak of."""
BACKLOG_MOST = 4.0


@dataclass(frozen=True)
class Shocks:
    """For each planned day since the origin: how much more than usual goes wrong, in which category, how full desks are."""

    rise: NDArray[np.float64]
    """0 on a usual day; 1 doubles the tickets."""
    category: NDArray[np.int64]
    """Place in CATEGORIES of what the incident of the day is about; -1 on a usual day."""
    backlog: NDArray[np.float64]
    """0 on a usual day; waiting times grow with it."""


@cache
def _shared(origin: np.datetime64, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Rise and category of incidents that hit everybody; days before the origin are of no interest."""
    days = days_from(origin)
    keys = chance.keys_of("incident", days.astype(np.int64))
    begins = np.flatnonzero(chance.happens(seed, "incident", keys, INCIDENT_CHANCE))
    size = chance.lognormal(seed, "incident size", keys[begins], INCIDENT_SIZE, INCIDENT_SPREAD)
    about = chance.choose(seed, "incident about", keys[begins], (0.5, 0.3, 0.2))
    rise, category = np.zeros(len(days)), np.full(len(days), -1)
    for start, height, kind in zip(begins, size, about, strict=True):
        stretch = np.arange(start, min(int(start) + INCIDENT_DAYS, len(days)))
        added = height * np.exp(-(stretch - start) / INCIDENT_LASTS)
        louder = added > rise[stretch]
        category[stretch[louder]] = INCIDENT_CATEGORIES[kind]
        rise[stretch] += added
    return rise, category


@lru_cache(maxsize=8)
def shocks_of(company: Company, seed: int) -> Shocks:
    """What a company's desk feels: shared incidents by its exposure, and work that piles up behind them."""
    rise, category = _shared(company.origin, seed)
    felt = rise * EXPOSURE[company.kind.name]
    keys = company.key_of("desk", np.arange(PLANNED_DAYS))
    pressure = felt + 0.35 * np.maximum(chance.normal(seed, "desk pressure", keys), -1)
    left = BACKLOG_GROWS * BACKLOG_KEEPS ** np.arange(BACKLOG_DAYS)
    backlog = np.convolve(pressure, left)[:PLANNED_DAYS]
    return Shocks(felt, category, np.clip(backlog, 0.0, BACKLOG_MOST))


def place_of(company: Company, days: Days) -> NDArray[np.int64]:
    """Each day's place since the origin, within the planned days."""
    return np.clip((days - company.origin).astype(np.int64), 0, PLANNED_DAYS - 1)
