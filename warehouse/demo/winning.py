"""Whether and when a deal is won: what is known of it by mid stage moves the odds, and nothing makes it certain."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, choose, happens, lognormal, normal, poisson, sigmoid, uniform
from warehouse.demo.columns import Days, working_day
from warehouse.demo.presets import Company

CHAMPION, RIVAL, SLIP, DISCOUNT, FIT, PRICE = 0.95, -0.8, -0.65, 4.0, 0.4, -0.3
"""Log-odds: somebody there is for us; a rival is in; per postponed close date; per whole price given away; per standard
deviation of fit; per standard deviation of price sensitivity (unless the price is lowered)."""
CHAMPIONS, RIVALS, SLIPS = 0.45, 0.35, 0.45
"""Share of deals with a champion, with a rival, and how often a close date is postponed on average."""
DWELL = (9.0, 14.0, 18.0, 12.0)
"""Median days on each rung before the next."""
DWELL_SPREAD = 0.55
LOST_FROM = (0.22, 0.28, 0.30, 0.20)
"""At which rung a lost deal ends: lead, qualified, proposal, negotiation."""
RUNGS = len(DWELL)
PROPOSAL = 2
"""Mid stage: place of the rung among all."""


@dataclass(frozen=True)
class Outlook:
    """What is true of deals from the day they open, and how they end; one row per deal."""

    champion: NDArray[np.bool_]
    rival: NDArray[np.bool_]
    slips: NDArray[np.int64]
    discount: NDArray[np.float64]
    """Share of the list price that is given away."""
    effort: NDArray[np.float64]
    chance: NDArray[np.float64]
    """Of being won, given all of the above, on the day it opens."""
    wins: NDArray[np.bool_]
    highest: NDArray[np.int64]
    """The last rung it stands on before it closes, 0 to 3."""
    rung_days: Days
    """(deals, 4): the working day it reaches each rung; beyond `highest` without meaning."""
    closes_on: Days

    @property
    def chance_at_proposal(self) -> NDArray[np.float64]:
        """The chance of being won, known when a proposal is made: deals that end before are out of it."""
        stays = 1 - sum(LOST_FROM[:PROPOSAL])
        return np.asarray(self.chance / (self.chance + (1 - self.chance) * stays))


def outlook(
    company: Company, seed: int, keys: Keys, opened_on: Days, fit: Any, price: Any, skill: Any, size: Any
) -> Outlook:
    """How deals of customers of this fit and price sensitivity go, in the hands of sellers of this skill.

    `size` is the logarithm of the deal's amount over its usual one: large deals take longer.
    """
    champion = happens(seed, "deal champion", keys, CHAMPIONS)
    rival = happens(seed, "deal rival", keys, RIVALS)
    slips = poisson(seed, "deal slips", keys, SLIPS)
    discount = np.asarray(choose(seed, "deal discount", keys, (34, 14, 20, 12, 12, 8)) * 0.03, np.float64)
    effort = uniform(seed, "deal effort", keys)
    known = (
        CHAMPION * (champion - CHAMPIONS)
        + RIVAL * (rival - RIVALS)
        + SLIP * (slips - SLIPS)
        + (DISCOUNT + 2 * np.maximum(price, 0)) * (discount - 0.05)
        + FIT * fit
        + PRICE * price
        + skill
        + 0.8 * (effort - 0.5)
    )
    base = company.kind.win_chance + company.win_bias + company.drift(opened_on)
    chance = sigmoid(base + company.signal * known)
    wins = happens(seed, "deal wins", keys, chance)
    highest = np.where(wins, RUNGS - 1, choose(seed, "deal ends at", keys, LOST_FROM))
    rung_days, closes_on = _days(seed, keys, opened_on, slips, size, highest)
    return Outlook(champion, rival, slips, discount, effort, chance, wins, highest, rung_days, closes_on)


def _days(
    seed: int, keys: Keys, opened_on: Days, slips: NDArray[np.int64], size: Any, highest: NDArray[np.int64]
) -> tuple[Days, Days]:
    """When each rung is reached and when the deal closes: every step takes a day at least."""
    slower = np.exp(0.15 * np.asarray(size) + 0.25 * normal(seed, "deal pace", keys)) * (1 + 0.2 * slips)
    steps = [
        np.maximum(1, lognormal(seed, "deal dwell", keys, median * slower, DWELL_SPREAD, draw)).astype(np.int64)
        for draw, median in enumerate(DWELL)
    ]
    since = np.cumsum(np.stack(steps, axis=1), axis=1)
    rungs = np.concatenate([np.zeros((len(keys), 1), np.int64), since[:, :-1]], axis=1)
    closes = np.take_along_axis(since, highest[:, None], axis=1)[:, 0]
    # A weekend is moved to its Friday, which may meet the rung before: the order of moments is kept by the hour.
    return (
        np.maximum(working_day(opened_on[:, None] + rungs), opened_on[:, None]),
        np.maximum(working_day(opened_on + closes), opened_on),
    )
