"""How much customers use what they have: days, features, people; less and less before some of them leave."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.applications import Applications
from warehouse.demo.arrivals import YEAR
from warehouse.demo.calendar import BLOCK_DAYS, BLOCKS, PLANNED_DAYS, days_from, is_holiday, weekday_of
from warehouse.demo.chance import Keys, Places
from warehouse.demo.choices import Variant
from warehouse.demo.columns import DAY, Chunk, Column, Days, Ids, Moments, Words, chunk, evening, known
from warehouse.demo.customers import Customers
from warehouse.demo.fading import Fading
from warehouse.demo.presets import Company

FEATURES = {
    "software": ("sign_in", "dashboards", "reports", "exports", "api", "automations"),
    "furniture": ("sign_in", "configurator", "orders", "drawings"),
    "agency": ("sign_in", "projects", "documents", "time_sheets"),
    "wholesale": ("sign_in", "orders", "price_lists", "stock", "api"),
    "clinics": ("sign_in", "appointments", "results", "messages"),
}
"""Kind of company → what its customers use; each is used less than the one before."""
FEATURE_SHARE = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18)
USED_DAYS = {"software": 34.0, "furniture": 20.0, "agency": 20.0, "wholesale": 24.0, "clinics": 18.0}
"""Kind of company → days in a year on which its median customer uses the first feature."""
THINNED = 1.5
"""Use is the longest table: where detail is thinned, it is thinned by this power."""
USED_SPREAD = 0.9
"""Standard deviation of the logarithm of how often customers use it."""
ENGAGED = 0.35
"""What a standard deviation of engagement adds to the logarithm of use."""
FEWER_DAYS, LESS_A_DAY = -0.3, -0.6
"""What a standard deviation of the unhappiness that is to come in the next 60 days adds to the logarithms of days and
of use on a day: people turn away before they say so."""
DAY_SPREAD = 0.25
"""How much use differs from day to day."""
MOST_A_DAY = 0.9
"""Nobody has more used days than this share of ordinary days."""
RAMP_DAYS = 30
"""A new customer takes so long to use it as usual."""
EVENTS = 12.0
"""What somebody does in a day with a feature, median."""
SEATS = (1.0, 4.0, 15.0)
"""Median number of people who use it at an individual, a business and an enterprise."""
DRIFT_EVENTS = 1.6
"""In the drift variant a new counter counts so many times as much in the last fifth."""
LATE, LATE_DAYS = 0.03, 6
"""Share of counts that reach us late, and by how many days at most."""
CLOSING = "closing_export"
"""In the leak variant, a feature that is booked back after a customer has left."""


@dataclass(frozen=True)
class _Used:
    """Days on which a customer used a feature, up to `until`."""

    customer: Places
    feature: Places
    keys: Keys
    days: Days


def usage_chunks(
    company: Company, customers: Customers, fading: Fading, applications: Applications, products: Ids, seed: int
) -> Iterator[Chunk]:
    """Usage of a range of customers; `products` are the company's, none is fine."""
    features = FEATURES[company.kind.name]
    used, at = _known(company, _used(company, customers, fading, len(features), seed), seed)
    seats = np.asarray(SEATS)[customers.segment[used.customer]] * np.exp(
        0.5 * chance.normal(seed, "seats", customers.keys)[used.customer]
    )
    seats = np.maximum(1, np.round(seats)).astype(np.int64)
    people = np.ceil(seats * (0.6 + 0.4 * chance.uniform(seed, "usage people", used.keys))).astype(np.int64)
    louder = np.where(company.drift(used.days) > 0, DRIFT_EVENTS, 1.0)
    usual = EVENTS * np.exp(company.signal * LESS_A_DAY * _coming_mood(company, customers, used.customer, used.days))
    each = np.maximum(1, chance.lognormal(seed, "usage events", used.keys, usual, DAY_SPREAD) * louder)
    events = np.ceil(people * each).astype(np.int64)
    application = applications.used_by(customers, seed)[used.customer]
    columns: dict[str, Column] = {
        "id": chance.identifiers(seed, "usage_events", used.keys, at),
        "customer_id": customers.ids[used.customer],
        "application_id": np.where(used.feature % 2 == 1, applications.ids_at(application, used.days), b""),
        "product_id": products[used.feature % len(products)] if len(products) else None,
        "feature": Words(used.feature, features),
        "used_on": used.days,
        "events": events,
        "active_users": people,
        **known(at),
    }
    yield chunk("usage_events", columns)
    if company.variant is Variant.LEAK:
        yield _booked_back(company, customers, seed)


def _used(company: Company, customers: Customers, fading: Fading, features: int, seed: int) -> _Used:
    """Used days by inverting the customer's own cumulated rate: one in each unit of it, so that none depends on another.

    What is fading, new or unhappy thins them out afterwards.
    """
    bought = np.flatnonzero(customers.life.customer_on <= company.until)
    done = _ordinary_days(company)
    begin = done[_place(company, customers.life.customer_on[bought])]
    last = done[_place(company, np.full(len(bought), company.until)) + 1]
    rate = _rate(company, customers, bought, seed)[:, None] * np.asarray(FEATURE_SHARE)[None, :features]
    # Rounded up and cut by the day afterwards, so that a later `until` only adds.
    count = np.ceil(rate * (last - begin)[:, None]).astype(np.int64)
    cell = np.repeat(np.arange(count.size), count.ravel())
    place = np.arange(len(cell)) - np.repeat(np.cumsum(count.ravel()) - count.ravel(), count.ravel())
    row, feature = np.divmod(cell, features)
    keys = chance.keys_of(
        chance.keys_of(customers.keys[bought][:, None], "used", np.arange(features)).ravel()[cell], place
    )
    drawn = begin[row] + (place + chance.uniform(seed, "used day", keys)) / rate.ravel()[cell]
    days = company.origin + (np.searchsorted(done, drawn, side="right") - 1)
    again = np.zeros(len(cell), bool)
    again[1:] = (cell[1:] == cell[:-1]) & (days[1:] == days[:-1])
    customer = bought[row]
    here = ~again & (days <= company.until) & customers.is_active(customer, days)
    customer, feature, keys, days = customer[here], feature[here], keys[here], days[here]
    stays = chance.happens(seed, "used stays", keys, _stays(company, customers, fading, customer, days))
    return _Used(customer[stays], feature[stays], keys[stays], days[stays])


def _ordinary_days(company: Company) -> NDArray[np.float64]:
    """Cumulated use up to each planned day in units of an average day: weekdays, holidays, no growth."""
    days = days_from(company.origin, PLANNED_DAYS + BLOCK_DAYS)
    week = np.asarray(company.kind.week)
    busy = np.where(is_holiday(days, company.country), 0.1, 1.0) * (week / week.mean())[weekday_of(days)]
    return np.concatenate([[0.0], np.cumsum(busy)])


def _place(company: Company, days: Days) -> Places:
    return np.clip((days - company.origin).astype(np.int64), 0, PLANNED_DAYS - 1)


def _rate(company: Company, customers: Customers, rows: Places, seed: int) -> NDArray[np.float64]:
    """Used days per ordinary day of the first feature, before anything thins them out."""
    median = USED_DAYS[company.kind.name] / YEAR * company.detail**THINNED
    more = log_use(customers, seed)[rows]
    # The quietest are lifted off zero: a rate is divided by.
    most = MOST_A_DAY * min(1.0, 2 * company.detail)
    return np.asarray(np.clip(1.6 * median * np.exp(more), 1e-4, most), np.float64)


def log_use(customers: Customers, seed: int) -> NDArray[np.float64]:
    """The logarithm of how much each customer uses against the median one."""
    own = USED_SPREAD * chance.normal(seed, "usage rate", customers.keys)
    return np.asarray(own + ENGAGED * customers.latent.engagement)


def _stays(company: Company, customers: Customers, fading: Fading, rows: Places, days: Days) -> NDArray[np.float64]:
    """The share of a customer's usual use that is left on a day."""
    since = (days - customers.life.customer_on[rows]).astype(np.float64)
    ramp = np.minimum(1.0, 0.3 + 0.7 * since / RAMP_DAYS)
    mood = np.exp(company.signal * FEWER_DAYS * _coming_mood(company, customers, rows, days))
    return np.asarray(np.minimum(1.0, 0.55 * mood) * ramp * fading.left(rows, days))


def _coming_mood(company: Company, customers: Customers, rows: Places, days: Days) -> NDArray[np.float64]:
    """How unhappy customers will be in the 60 days after those each day lies in."""
    block = (days - company.origin).astype(np.int64) // BLOCK_DAYS + 1
    return customers.latent.mood[rows, np.clip(block, 0, BLOCKS - 1)]


def _known(company: Company, used: _Used, seed: int) -> tuple[_Used, Moments]:
    """Counts arrive in the night after the day, some of them days later: those that have arrived, and when."""
    waits = chance.integers(seed, "usage late days", used.keys, 1, LATE_DAYS + 1)
    late = np.where(chance.happens(seed, "usage late", used.keys, LATE), waits, 0)
    night = (used.days + DAY + late.astype("timedelta64[D]")).astype("datetime64[ms]")
    at = night + (chance.uniform(seed, "usage minute", used.keys) * 3 * 3_600_000).astype("timedelta64[ms]")
    here = at < evening(company.until)
    return _Used(used.customer[here], used.feature[here], used.keys[here], used.days[here]), at[here]


def _booked_back(company: Company, customers: Customers, seed: int) -> Chunk:
    """A use dated a month before somebody left, and written down the day after they did."""
    left = customers.life.churned_on
    rows = np.flatnonzero(left < company.until)
    days = left[rows] - 30 * DAY
    night: Moments = (left[rows] + DAY).astype("datetime64[ms]")
    at = night + np.timedelta64(3_600_000, "ms")
    keys = chance.keys_of(customers.keys[rows], CLOSING)
    return chunk(
        "usage_events",
        {
            "id": chance.identifiers(seed, "usage_events", keys, at),
            "customer_id": customers.ids[rows],
            "feature": CLOSING,
            "used_on": np.maximum(days, customers.life.customer_on[rows]),
            "events": 1,
            "active_users": 1,
            **known(at),
        },
        at < evening(company.until),
    )
