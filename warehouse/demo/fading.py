"""Who uses less and less before they leave, who does so for another reason, and what that says about leaving."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.calendar import BLOCK_DAYS, BLOCKS
from warehouse.demo.chance import Places
from warehouse.demo.columns import NO_DAY, Column, Days
from warehouse.demo.customers import Customers
from warehouse.demo.presets import Company
from warehouse.demo.truth import Truth

WARNED = 0.4
"""Share of those who leave whose use fades before; the others leave without warning."""
FADES_FROM, FADES_UNTIL = 30, 60
"""Days before leaving when fading begins: between these."""
FLOOR = 0.12
"""What is left of the use in the end."""
PAUSED = 0.1
"""Chance in each block of 60 days that the use of a customer fades for another reason, for as long as the block."""
VISIBLE_AFTER = 10
"""Days after which fading can be told from a quiet week."""


@dataclass(frozen=True)
class Fading:
    """For a range of customers: when use fades towards leaving (NaT, never), and in which blocks it does for no reason."""

    origin: np.datetime64
    begins: Days
    """(customers, 2): before the first and the second leaving."""
    ends: Days
    pauses: NDArray[np.bool_]
    """(customers, BLOCKS)."""

    def left(self, rows: Places, days: Days) -> NDArray[np.float64]:
        """The share of the usual use on a day, between FLOOR and 1."""
        share = np.ones(len(rows))
        for time in range(self.begins.shape[1]):
            begin, end = self.begins[rows, time], self.ends[rows, time]
            within = (days >= begin) & (days < end)
            span = np.maximum((end - begin).astype(np.float64), 1)
            gone = np.where(within, (days - begin).astype(np.float64) / (0.6 * span), 0)
            share = np.minimum(share, np.maximum(FLOOR, 1 - gone * (1 - FLOOR)))
        block = np.clip((days - self.origin).astype(np.int64) // BLOCK_DAYS, 0, BLOCKS - 1)
        return np.where(self.pauses[rows, block], np.minimum(share, 0.35), share)

    def is_visible(self, blocks: Places) -> NDArray[np.bool_]:
        """(customers, blocks): whether fading can be seen on the day each block, but for the first, begins."""
        day = (self.origin + BLOCK_DAYS * blocks)[None, :, None]
        seen = (self.begins[:, None, :] + VISIBLE_AFTER <= day) & (day <= self.ends[:, None, :])
        return np.asarray(seen.any(axis=2) | self.pauses[:, blocks - 1])


def fading_of(company: Company, customers: Customers, seed: int) -> Fading:
    """How the use of a range of customers fades. In the null variant nothing fades because somebody leaves."""
    life, keys = customers.life, customers.keys
    ends = np.stack([life.churned_on, life.churned_again_on], axis=1)
    twice = chance.keys_of(keys[:, None], "fading", np.arange(2))
    warned = chance.happens(seed, "warned", twice, WARNED * company.signal)
    ahead = chance.integers(seed, "fades", twice, FADES_FROM, FADES_UNTIL + 1)
    pauses = chance.happens(seed, "pause", chance.keys_of(keys[:, None], "pause", np.arange(BLOCKS)), PAUSED)
    return Fading(company.origin, np.where(warned, ends - ahead.astype("timedelta64[D]"), NO_DAY), ends, pauses)


def seen_before_leaving() -> float:
    """Chance that fading can be seen when a block begins in which a customer leaves on any of its days."""
    offsets = np.arange(BLOCK_DAYS)[:, None]
    ahead = np.arange(FADES_FROM, FADES_UNTIL + 1)[None, :]
    return WARNED * float(np.mean(ahead >= offsets + VISIBLE_AFTER))


def churn_truth(company: Company, customers: Customers, fading: Fading, truth: Truth) -> None:
    """For each block and each customer when it begins: the chance to leave in it given all that can be seen, and the end.

    Blocks that are not over by `until` have no label yet and are left out.
    """
    over = int((company.until - company.origin).astype(np.int64)) // BLOCK_DAYS
    blocks = np.arange(1, min(over, BLOCKS))
    starts = company.origin + BLOCK_DAYS * blocks
    rows, block = np.divmod(np.arange(len(customers) * len(blocks)), max(1, len(blocks)))
    here = customers.is_active(rows, starts[block])
    rows, block = rows[here], block[here]
    seen = fading.is_visible(blocks)[rows, block]
    prior, probability = _chances(company, customers, rows, blocks[block], seen)
    end, start = fading.ends[rows], starts[block][:, None]
    left = np.any((end >= start) & (end < start + BLOCK_DAYS), axis=1)
    columns: dict[str, Column] = {
        "customer_id": customers.ids[rows],
        "snapshot_on": starts[block],
        "probability": probability,
        "latent_probability": prior,
        "is_fading": seen,
        "left": np.asarray(left),
    }
    truth.add("churn", columns)


def _chances(
    company: Company, customers: Customers, rows: Places, blocks: Places, seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The chance to leave in a block by what a customer is like, and that given whether fading is seen (Bayes)."""
    faded = seen_before_leaving() * company.signal
    faded += PAUSED * (1 - faded)
    prior = customers.life.churn_chance[rows, blocks]
    leaving = prior * np.where(seen, faded, 1 - faded)
    staying = (1 - prior) * np.where(seen, PAUSED, 1 - PAUSED)
    return prior, leaving / (leaving + staying)
