"""The planned life of a customer: found, qualified, won, left, perhaps come back. Nothing here knows what day it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.calendar import BLOCK_DAYS, BLOCKS
from warehouse.demo.chance import Keys, happens, integers, lognormal, normal, sigmoid, uniform
from warehouse.demo.columns import NO_DAY, Days, working_day
from warehouse.demo.presets import Company
from warehouse.demo.winning import Outlook, outlook

LEAD_FIT, LEAD_ENGAGEMENT, LEAD_RESPONSE = 1.15, 1.15, -0.5
"""Log-odds of being qualified per standard deviation of fit and engagement, and per unit of the logarithm of the hours
until the first answer over a day."""
QUALIFY_DAYS, QUALIFY_SPREAD, QUALIFY_WITHIN = 12.0, 0.8, 90
"""Median days from lead to qualified; nobody is after the last."""
SECOND_TRY, SECOND_TRY_AFTER = 0.3, (45, 180)
"""Share of leads whose first deal was lost that try once more, and the days in between."""

MOOD_KEEPS = 0.75
"""How much of a customer's unhappiness lasts into the next 60 days."""
CHURN_MOOD, CHURN_LATENESS = 1.5, 0.25
"""Log-odds of leaving within 60 days per standard deviation of unhappiness and of lateness."""
RETURNS, RETURNS_AFTER = 0.14, (60, 260)
"""Share of those who left that come back, and the days in between."""


@dataclass(frozen=True)
class Latent:
    """What a customer is like; it is in no table."""

    fit: NDArray[np.float64]
    engagement: NDArray[np.float64]
    price_sensitivity: NDArray[np.float64]
    lateness: NDArray[np.float64]
    """Standard normal each."""
    mood: NDArray[np.float64]
    """(customers, blocks): unhappiness in each block of 60 days of history, about standard normal."""
    response_hours: NDArray[np.float64]
    """Until somebody answered the lead."""


@dataclass(frozen=True)
class Tries:
    """The first deals of leads: one attempt per lead, made or not."""

    keys: Keys
    happens: NDArray[np.bool_]
    opened_on: Days
    """NaT where there is none."""
    outlook: Outlook


@dataclass(frozen=True)
class Life:
    """Days on which a customer comes to stand somewhere else; NaT is never."""

    lead_chance: NDArray[np.float64]
    """Of being qualified, given everything."""
    qualified: NDArray[np.bool_]
    qualified_on: Days
    tries: tuple[Tries, Tries]
    customer_on: Days
    churned_on: Days
    returned_on: Days
    churned_again_on: Days
    churn_chance: NDArray[np.float64]
    """(customers, blocks): of leaving in the block, if a customer when it begins."""


def latent_of(company: Company, seed: int, keys: Keys) -> Latent:
    """What customers are like, by their keys."""
    engagement = normal(seed, "engagement", keys)
    mood = np.empty((len(keys), BLOCKS))
    steady = -0.25 * engagement
    now = normal(seed, "mood", keys, 0)
    for block in range(BLOCKS):
        mood[:, block] = steady + now
        now = MOOD_KEEPS * now + (1 - MOOD_KEEPS**2) ** 0.5 * normal(seed, "mood", keys, block + 1)
    return Latent(
        fit=normal(seed, "fit", keys),
        engagement=engagement,
        price_sensitivity=normal(seed, "price sensitivity", keys),
        lateness=normal(seed, "lateness", keys),
        mood=mood,
        response_hours=lognormal(seed, "response hours", keys, 10.0, 1.1),
    )


def life_of(
    company: Company, seed: int, keys: Keys, met_on: Days, latent: Latent, bonus: NDArray[np.float64],
    skill: NDArray[np.float64],
    can_be: NDArray[np.bool_],
) -> Life:  # fmt: skip
    """The lives of customers met on these days; `bonus` is what their source adds to the log-odds of being qualified.

    `can_be` says who can be qualified at all.
    """
    known = (
        LEAD_FIT * latent.fit
        + LEAD_ENGAGEMENT * latent.engagement
        + LEAD_RESPONSE * np.log(latent.response_hours / 24)
        + bonus
        + 0.5 * skill
    )
    lead_chance = sigmoid(company.kind.lead_chance + company.lead_bias + company.signal * known)
    qualified = happens(seed, "qualified", keys, lead_chance) & can_be
    wait = np.clip(lognormal(seed, "qualify days", keys, QUALIFY_DAYS, QUALIFY_SPREAD), 1, QUALIFY_WITHIN)
    qualified_on = np.where(qualified, np.maximum(met_on, working_day(met_on + wait.astype(np.int64))), NO_DAY)
    first = _try(company, seed, keys, 1, qualified_on, latent, skill)
    again = first.happens & ~first.outlook.wins & happens(seed, "second try", keys, SECOND_TRY)
    after = integers(seed, "second try after", keys, *SECOND_TRY_AFTER)
    second_on = np.where(again, working_day(first.outlook.closes_on + after), NO_DAY)
    second = _try(company, seed, keys, 2, second_on, latent, skill)
    customer_on = np.where(
        first.happens & first.outlook.wins,
        first.outlook.closes_on,
        np.where(second.happens & second.outlook.wins, second.outlook.closes_on, NO_DAY),
    )
    churn = sigmoid(
        company.kind.churn_chance
        + company.churn_bias
        + company.drift(company.origin + BLOCK_DAYS * np.arange(BLOCKS))
        + company.signal * (CHURN_MOOD * latent.mood + CHURN_LATENESS * latent.lateness[:, None])
    )
    churned_on = _leaves(company, seed, "leaves", keys, customer_on, churn)
    returns = happens(seed, "returns", keys, RETURNS)
    after = integers(seed, "returns after", keys, *RETURNS_AFTER)
    returned_on = np.where(returns, working_day(churned_on + after), NO_DAY)
    left_again = _leaves(company, seed, "leaves again", keys, returned_on, churn)
    return Life(
        lead_chance, qualified, qualified_on, (first, second), customer_on, churned_on, returned_on, left_again, churn
    )


def _try(
    company: Company, seed: int, keys: Keys, number: int, opened_on: Days, latent: Latent, skill: NDArray[np.float64]
) -> Tries:
    own = keys ^ np.uint64(number)
    happened = ~np.isnat(opened_on)
    day = np.where(happened, opened_on, company.origin)
    size = normal(seed, "deal size", own)
    return Tries(
        own, happened, opened_on, outlook(company, seed, own, day, latent.fit, latent.price_sensitivity, skill, size)
    )


def block_of(company: Company, days: Days) -> NDArray[np.int64]:
    """The 60-day block of history each day lies in; the first for days before history."""
    return np.clip((days - company.origin).astype(np.int64) // BLOCK_DAYS, 0, BLOCKS - 1)


def _leaves(company: Company, seed: int, tag: str, keys: Keys, since: Days, chance: NDArray[np.float64]) -> Days:
    """The day each leaves who was a customer since then: the first block, begun as a customer, in which it happens."""
    starts = company.origin + BLOCK_DAYS * np.arange(BLOCKS)
    draws = np.stack([uniform(seed, tag, keys, block) for block in range(BLOCKS)], axis=1)
    leaving = (draws < chance) & (starts[None, :] >= since[:, None])
    block = np.argmax(leaving, axis=1)
    offset = integers(seed, f"{tag} on", keys, 0, BLOCK_DAYS)
    return np.where(leaving.any(axis=1), starts[block] + offset, NO_DAY)
