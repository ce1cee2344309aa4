"""What customers subscribe to: seats that grow and shrink, unpaid spells, cancellations and returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.calendar import BLOCK_DAYS, BLOCKS
from warehouse.demo.catalogue import Catalogue
from warehouse.demo.chance import Keys, choose, happens, identifiers, integers, keys_of, lognormal, sigmoid, uniform
from warehouse.demo.columns import (
    NO_DAY,
    Days,
    Ids,
    Moments,
    Money,
    moment,
)
from warehouse.demo.customers import Customers
from warehouse.demo.presets import Company

SEATS = {"software": (1.0, 8.0, 55.0), "clinics": (1.0, 6.0, 60.0)}
"""Kind → median seats of each segment; one everywhere else."""
PERIODS, PERIOD_SHARES = (1, 3, 12), (0.5, 0.15, 0.35)
YEARLY_MONTHS = 10
"""Whoever pays for a year pays for so many months."""
TRIALS, TRIAL_DAYS = 0.3, 14
GROWS, SHRINKS, STEP = 0.09, 0.05, 0.2
"""Chance per 60 days that seats are added or given up by a customer of average mood, and what share of them."""
INVOLUNTARY = 0.2
"""Share of cancellations that follow payments that failed."""


@dataclass(frozen=True)
class Subscriptions:
    """One subscription for each customer who subscribed by `until`."""

    customer: NDArray[np.int64]
    keys: Keys
    ids: Ids
    plan: NDArray[np.int64]
    """Place in the catalogue."""
    months: NDArray[np.int64]
    """Of a billing period."""
    unit_price: Money
    """Of a seat and a billing period."""
    started_on: Days
    """The first day of the trial, or of what is paid for."""
    paid_from: Days
    first_seats: NDArray[np.int64]
    canceled_on: Days
    returned_on: Days
    canceled_again_on: Days
    """Planned; NaT is never."""
    is_involuntary: NDArray[np.bool_]
    seat_days: Days
    """(subscriptions, blocks): when seats change; NaT where they do not."""
    seats_after: NDArray[np.int64]
    """(subscriptions, blocks): seats once that has happened."""

    def seats_on(self, rows: NDArray[np.int64], days: Days, origin: np.datetime64) -> NDArray[np.int64]:
        """Seats of subscriptions (by row) on days."""
        block = np.clip((days - origin).astype(np.int64) // BLOCK_DAYS, 0, BLOCKS - 1)
        before = np.where(block > 0, self.seats_after[rows, block - 1], self.first_seats[rows])
        changed = days >= self.seat_days[rows, block]
        return np.where(changed, self.seats_after[rows, block], before)


def subscriptions_of(company: Company, customers: Customers, catalogue: Catalogue, seed: int) -> Subscriptions:
    """Which of a range of customers subscribe, to what, and what becomes of it."""
    life = customers.life
    keys = keys_of(customers.keys, "subscription")
    start = life.customer_on + integers(seed, "subscription starts", keys, 1, 8)
    subscribes = happens(seed, "subscribes", keys, company.kind.subscribes) & (start <= company.until)
    subscribes &= ~(life.churned_on <= start + TRIAL_DAYS)
    rows = np.flatnonzero(subscribes)
    keys, start, segment = keys[rows], early(start[rows]), customers.segment[rows]
    trial = happens(seed, "trial", keys, TRIALS) & (company.kind.name == "software")
    paid_from = early(start + np.where(trial, TRIAL_DAYS, 0))
    months = np.asarray(PERIODS)[choose(seed, "period", keys, PERIOD_SHARES)]
    plan = catalogue.goods + segment
    price = catalogue.prices[customers.currency[rows], plan] * np.where(months == 12, YEARLY_MONTHS, months)
    median = np.asarray(SEATS.get(company.kind.name, (1.0, 1.0, 1.0)))[segment]
    seats = np.maximum(1, np.round(lognormal(seed, "seats", keys, median, 0.6))).astype(np.int64)
    seats = np.where(median > 1, seats, 1)
    left = life.churned_on[rows]
    again_at = early(np.where(life.returned_on[rows] > left, life.returned_on[rows], NO_DAY))
    seat_days, seats_after = _seats(company, customers, seed, rows, keys, paid_from, seats, left)
    return Subscriptions(
        customer=rows,
        keys=keys,
        ids=identifiers(seed, "subscriptions", keys, started_at(seed, keys, start)),
        plan=plan,
        months=months,
        unit_price=price,
        started_on=start,
        paid_from=paid_from,
        first_seats=seats,
        canceled_on=left,
        returned_on=again_at,
        canceled_again_on=np.where(np.isnat(again_at), NO_DAY, life.churned_again_on[rows]),
        is_involuntary=happens(seed, "involuntary", keys, INVOLUNTARY),
        seat_days=seat_days,
        seats_after=seats_after,
    )


def early(days: Days) -> Days:
    """The day, or the 28th where it is later in its month: every month has the day on which a period begins."""
    return np.asarray(np.minimum(days, days.astype("datetime64[M]").astype("datetime64[D]") + 27))


def started_at(seed: int, keys: Keys, start: Days) -> Moments:
    """When subscriptions were written down on the day they start."""
    return moment(start, 0.6 + 0.3 * uniform(seed, "subscription hour", keys))


def _seats(
    company: Company, customers: Customers, seed: int, rows: NDArray[np.int64], keys: Keys, paid_from: Days,
    seats: NDArray[np.int64], left: Days,
) -> tuple[Days, NDArray[np.int64]]:  # fmt: skip
    """When seats change in each block, while the subscription runs for the first time, and how many there are then."""
    days = np.full((len(rows), BLOCKS), NO_DAY)
    after = np.empty((len(rows), BLOCKS), np.int64)
    now = seats
    for block in range(BLOCKS):
        mood = customers.latent.mood[rows, block]
        day = company.origin + BLOCK_DAYS * block + integers(seed, "seats on", keys, 0, BLOCK_DAYS, block)
        draw = uniform(seed, "seats change", keys, block)
        runs = (day > paid_from) & ~(day >= left)
        grows = runs & (draw < GROWS * 2 * sigmoid(-mood))
        shrinks = runs & (now > 1) & (draw > 1 - SHRINKS * 2 * sigmoid(mood))
        step = np.maximum(1, np.round(now * STEP)).astype(np.int64)
        now = now + np.where(grows, step, 0) - np.where(shrinks, np.minimum(step, now - 1), 0)
        days[:, block] = np.where(grows | shrinks, day, NO_DAY)
        after[:, block] = now
    return days, after
