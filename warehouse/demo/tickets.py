"""What customers ask for help with: when, about what, how urgent, and how well the words give it away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.arrivals import Arrivals, arrivals
from warehouse.demo.calendar import days_from, is_holiday, weekday_of
from warehouse.demo.chance import Keys, Numbers, Places
from warehouse.demo.columns import Column, Moments, Words, evening
from warehouse.demo.customers import Customers
from warehouse.demo.incidents import place_of, shocks_of
from warehouse.demo.lives import block_of
from warehouse.demo.presets import Company
from warehouse.demo.truth import Truth
from warehouse.demo.usage import log_use
from warehouse.demo.wording import CATEGORIES, VAGUE

USE, UNHAPPY = 0.35, 0.30
"""What a unit of the logarithm of use adds to the logarithm of tickets, and a standard deviation of unhappiness."""
THINNED = 1.3
"""A ticket brings ten other rows: where detail is thinned, tickets are thinned by this power."""
PER_SEGMENT = (0.6, 1.0, 2.2)
"""Tickets of an individual, a business and an enterprise against the usual."""
MOST_TICKETS = 100
"""Of a customer; each customer has so many ticket numbers of its own, so that ranges do not depend on each other."""
CATEGORY_SHARES = {
    "software": (0.14, 0.16, 0.18, 0.12, 0.2, 0.01, 0.05, 0.14),
    "furniture": (0.16, 0.05, 0.14, 0.02, 0.14, 0.36, 0.05, 0.08),
    "agency": (0.24, 0.1, 0.1, 0.04, 0.24, 0.06, 0.07, 0.15),
    "wholesale": (0.2, 0.08, 0.08, 0.04, 0.12, 0.36, 0.05, 0.07),
    "clinics": (0.24, 0.2, 0.08, 0.04, 0.22, 0.06, 0.08, 0.08),
}
"""Kind of company → how often each category comes."""
NEW_DAYS, NEW_ASKS = 60, 3.0
"""New customers ask so many times as often how things are done."""
LEAVING_ASKS = 1.5
"""Very unhappy customers give notice so many times as often."""
OWN_SYMPTOM, VAGUE_SYMPTOM = 0.58, 0.24
OWN_CUE, VAGUE_CUE = 0.42, 0.42
"""How often the first and the second sentence are about the ticket's own category, or could be about any; else they
sound like another one."""
LABEL_NOISE = 0.075
"""Share of tickets filed under a wrong category."""
IMPACT = (0.1, 0.8, 0.7, 0.3, -0.9, 0.1, 0.2, -1.4)
"""How urgent each category is, in standard deviations."""
URGENT_SEGMENT = (-0.3, 0.0, 0.7)
URGENCY_EDGES = (-0.7, 0.6, 1.7)
"""Between low, medium, high and critical."""
CHANNELS = ("email", "chat", "phone", "portal", "api")
CHANNEL_SHARES, DRIFTED_SHARES = (0.46, 0.2, 0.12, 0.2, 0.02), (0.2, 0.55, 0.08, 0.15, 0.02)
"""How customers reach us; the second in the last fifth of the drift variant."""
WRITES_ENGLISH = 0.07
"""Share of tickets of other customers that are in English."""


@dataclass(frozen=True)
class Tickets:
    """Tickets that were opened by `until`, one row each; how they go on is planned elsewhere."""

    customer: Places
    """Row in the range of customers."""
    keys: Keys
    number: Places
    opened_at: Moments
    contact: Places
    """Row among the contacts of the range; -1 is nobody."""
    category: Places
    """Place in CATEGORIES: what it is about."""
    label: Places
    """What it was filed under."""
    symptom: Places
    cue: Places
    """Topics of its two sentences."""
    priority: Places
    channel: Places
    language: Places
    backlog: Numbers
    """How full the desk was."""

    def __len__(self) -> int:
        """How many."""
        return len(self.keys)


def tickets_of(company: Company, customers: Customers, seed: int, truth: Truth) -> Tickets:
    """The tickets of a range of customers; what the words say about their categories goes to the truth."""
    found = _arrived(company, customers, seed)
    rows, keys = found.customer, found.keys
    opened = _moment(company, found, seed)
    shares = _category_shares(company, customers, found, seed)
    edges = np.cumsum(shares, axis=1)
    category = (edges < chance.uniform(seed, "ticket category", keys)[:, None]).sum(axis=1)
    category = np.minimum(category, len(CATEGORIES) - 1)
    symptom = _topic(seed, "symptom", keys, category, OWN_SYMPTOM, VAGUE_SYMPTOM)
    cue = _topic(seed, "cue", keys, category, OWN_CUE, VAGUE_CUE)
    contact = customers.contacts.one_of(rows, chance.uniform(seed, "ticket contact", keys))
    if len(customers.contacts.created_at):
        contact = np.where(customers.contacts.created_at[contact] <= opened, contact, -1)
    english = chance.happens(seed, "ticket english", keys, WRITES_ENGLISH)
    made = Tickets(
        rows, keys, customers.numbers[rows] * MOST_TICKETS + found.place + 1, opened, contact, category,
        _labels(company, keys, category, seed), symptom, cue, _priority(company, customers, found, category, seed), _channel(company, found, seed),
        np.where(english, 0, customers.language[rows]), shocks_of(company, seed).backlog[place_of(company, found.days)],
    )  # fmt: skip
    _tell(company, made, shares, seed, truth)
    return made


def _labels(company: Company, keys: Keys, category: Places, seed: int) -> Places:
    """What each is filed under: wrongly now and then; by lot in the null variant, where nothing says where."""
    if not company.signal:
        return chance.choose(seed, "ticket null label", keys, CATEGORY_SHARES[company.kind.name])
    wrong = (category + chance.integers(seed, "ticket label", keys, 1, len(CATEGORIES))) % len(CATEGORIES)
    return np.where(chance.happens(seed, "ticket mislabel", keys, LABEL_NOISE), wrong, category)


def _arrived(company: Company, customers: Customers, seed: int) -> Arrivals:
    days = days_from(company.origin)
    week = np.asarray(company.kind.week)
    usual = np.where(is_holiday(days, company.country), 0.2, 1.0) * (week / week.mean())[weekday_of(days)]
    busy = usual * (1 + shocks_of(company, seed).rise)
    steady = USE * log_use(customers, seed) + np.log(np.asarray(PER_SEGMENT)[customers.segment])
    mood = company.signal * UNHAPPY * customers.latent.mood
    found = arrivals(company, customers, seed, "tickets", _yearly(company) * np.exp(steady[:, None] + mood), busy)
    kept = found.place < MOST_TICKETS
    return Arrivals(found.customer[kept], found.keys[kept], found.days[kept], found.place[kept])


def _yearly(company: Company) -> float:
    return float(company.kind.tickets * company.detail**THINNED)


def _moment(company: Company, found: Arrivals, seed: int) -> Moments:
    """Between six in the morning and eight in the evening UTC, mostly around noon."""
    share = (chance.uniform(seed, "ticket hour", found.keys) + chance.uniform(seed, "ticket hour", found.keys, 1)) / 2
    return np.asarray(found.days.astype("datetime64[ms]") + ((6 + 14 * share) * 3_600_000).astype("timedelta64[ms]"))


def _category_shares(company: Company, customers: Customers, found: Arrivals, seed: int) -> NDArray[np.float64]:
    """(tickets, categories): the chance of each, by what the company sells, the customer's age and mood, and incidents."""
    shares = np.tile(np.asarray(CATEGORY_SHARES[company.kind.name]), (len(found), 1))
    young = (found.days - customers.life.customer_on[found.customer]).astype(np.int64) < NEW_DAYS
    shares[young, CATEGORIES.index("how_to")] *= NEW_ASKS
    mood = customers.latent.mood[found.customer, block_of(company, found.days)]
    leaving = np.where(mood > 1, 1 + company.signal * (LEAVING_ASKS - 1) * mood, 1.0)
    shares[:, CATEGORIES.index("cancellation")] *= leaving
    shares /= shares.sum(axis=1, keepdims=True)
    shocks, day = shocks_of(company, seed), place_of(company, found.days)
    about = shocks.category[day]
    of_incident = np.where(about >= 0, shocks.rise[day] / (1 + shocks.rise[day]), 0.0)
    shares *= (1 - of_incident)[:, None]
    struck = np.flatnonzero(about >= 0)
    shares[struck, about[struck]] += of_incident[struck]
    return shares


def _topic_chances(own: float, vague: float) -> NDArray[np.float64]:
    """(categories, topics): how often a sentence is about each topic."""
    chances = np.full((len(CATEGORIES), VAGUE + 1), (1 - own - vague) / (len(CATEGORIES) - 1))
    np.fill_diagonal(chances[:, :VAGUE], own)
    chances[:, VAGUE] = vague
    return chances


def _topic(seed: int, tag: str, keys: Keys, category: Places, own: float, vague: float) -> Places:
    edges = np.cumsum(_topic_chances(own, vague), axis=1)[category]
    drawn = chance.uniform(seed, f"ticket {tag}", keys)
    return np.asarray(np.minimum((edges < drawn[:, None]).sum(axis=1), VAGUE), np.int64)


def _priority(company: Company, customers: Customers, found: Arrivals, category: Places, seed: int) -> Places:
    """From what it is about, who is hit and how many others are."""
    rise = shocks_of(company, seed).rise[place_of(company, found.days)]
    urgency = np.asarray(IMPACT)[category] + np.asarray(URGENT_SEGMENT)[customers.segment[found.customer]]
    urgency = urgency + 0.4 * np.minimum(rise, 2) + 0.8 * chance.normal(seed, "ticket urgency", found.keys)
    return np.asarray(np.searchsorted(np.asarray(URGENCY_EDGES), urgency), np.int64)


def _channel(company: Company, found: Arrivals, seed: int) -> Places:
    usual = chance.choose(seed, "ticket channel", found.keys, CHANNEL_SHARES)
    drifted = chance.choose(seed, "ticket channel", found.keys, DRIFTED_SHARES)
    return np.where(company.drift(found.days) > 0, drifted, usual)


def routing_chances(company: Company, symptom: Places, cue: Places, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(tickets, categories): the chance of each label given the topics of both sentences and `shares` before reading."""
    if not company.signal:
        return np.tile(np.asarray(CATEGORY_SHARES[company.kind.name]), (len(shares), 1))
    first = _topic_chances(OWN_SYMPTOM, VAGUE_SYMPTOM)[:, symptom].T
    second = _topic_chances(OWN_CUE, VAGUE_CUE)[:, cue].T
    posterior = shares * first * second
    posterior /= posterior.sum(axis=1, keepdims=True)
    other = LABEL_NOISE / (len(CATEGORIES) - 1)
    return np.asarray(posterior * (1 - LABEL_NOISE) + (1 - posterior) * other)


def _tell(company: Company, made: Tickets, shares: NDArray[np.float64], seed: int, truth: Truth) -> None:
    chances = routing_chances(company, made.symptom, made.cue, shares)
    columns: dict[str, Column] = {
        "ticket_id": chance.identifiers(seed, "tickets", made.keys, made.opened_at),
        "opened_at": made.opened_at,
        "category": Words(made.category, CATEGORIES),
        "label": Words(made.label, CATEGORIES),
    }
    for place, name in enumerate(CATEGORIES):
        columns[f"probability_{name}"] = chances[:, place]
    truth.add("routing", columns, made.opened_at < evening(company.until))
