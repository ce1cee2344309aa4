"""Who buys from a company: what each customer is like, where it stands and the people who speak for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, choose, happens, identifiers, integers, keys_of, poisson, uniform
from warehouse.demo.columns import Days, Ids, Moments, Words, moment
from warehouse.demo.doubles import Doubles, doubles_of
from warehouse.demo.lives import Latent, Life, latent_of, life_of
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.words import COUNTRIES, HOME, SOURCES, TRADES

SEGMENTS = ("individual", "business", "enterprise")
SECTORS = tuple(TRADES)
COUNTRY_NAMES = tuple(COUNTRIES)
SOURCE_NAMES = tuple(SOURCES)
LANGUAGES = ("en", "de", "fr", "es", "it")
_LANGUAGE_OF = np.array([LANGUAGES.index(language) for _, _, language in COUNTRIES.values()])
_SOURCE_SHARES = tuple(share for share, _ in SOURCES.values())
_SOURCE_BONUS = np.array([bonus for _, bonus in SOURCES.values()])

KNOWN_AT_START, START_DAYS = 0.25, 45
"""Share of the planned customers who are met in the first days of a company's history."""
AT_HOME = 0.7
"""Share of customers in the company's own country."""
EXTRA_CONTACTS = (0.0, 0.9, 3.2)
"""People besides the first at a customer of each segment, on average."""
MOST_CONTACTS, CONTACT_MINUTES = 20, 7
"""Of a customer; minutes between writing down one and the next."""


@dataclass(frozen=True)
class Customers:
    """A range of a company's customers who have been met by `until`, one row each, in the order they were met."""

    numbers: NDArray[np.int64]
    keys: Keys
    ids: Ids
    created_at: Moments
    met_on: Days
    latent: Latent
    segment: NDArray[np.int64]
    """Place in SEGMENTS."""
    sector: NDArray[np.int64]
    """Place in SECTORS."""
    country: NDArray[np.int64]
    """Place in COUNTRY_NAMES."""
    source: NDArray[np.int64]
    """Place in SOURCE_NAMES."""
    language: NDArray[np.int64]
    """Place in LANGUAGES."""
    currency: NDArray[np.int64]
    """Place in `currencies`."""
    currencies: tuple[str, ...]
    seller: NDArray[np.int64]
    """Place in the company's roster."""
    terms: NDArray[np.int64]
    """Days to pay a bill."""
    life: Life
    """Planned: its days may lie after `until`."""
    contacts: "Contacts"
    doubles: Doubles

    def __len__(self) -> int:
        """How many."""
        return len(self.numbers)

    @property
    def currency_words(self) -> Words:
        """The currency each is billed in."""
        return Words(self.currency, self.currencies)

    def is_active(self, rows: NDArray[np.int64], days: Days) -> NDArray[np.bool_]:
        """Whether customers (by row) stand as customers on days."""
        life = self.life
        first = (days >= life.customer_on[rows]) & ~(days >= life.churned_on[rows])
        return np.asarray(first | ((days >= life.returned_on[rows]) & ~(days >= life.churned_again_on[rows])))


@dataclass(frozen=True)
class Contacts:
    """The people at a range of customers, each customer's together, the one to call first."""

    customer: NDArray[np.int64]
    """Row in the range of customers."""
    keys: Keys
    ids: Ids
    created_at: Moments
    is_primary: NDArray[np.bool_]
    first: NDArray[np.int64]
    """Per customer, the row of its first contact."""
    count: NDArray[np.int64]
    """Per customer; zero for individuals."""

    def one_of(self, customers: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.int64]:
        """A contact's row for each customer (by row), `share` chooses among them; -1 where there is nobody."""
        count = self.count[customers]
        return np.where(count > 0, self.first[customers] + (share * count).astype(np.int64), -1)

    def ids_of(self, rows: NDArray[np.int64]) -> Ids:
        """Their ids; empty for -1."""
        if not len(self.ids):
            return np.zeros(len(rows), "S36")
        return np.where(rows >= 0, self.ids[rows], b"")


def customers_of(company: Company, people: People, seed: int, first: int, last: int) -> Customers:
    """Customers number `first` up to and without `last`, as far as they were met by the company's `until`."""
    numbers = np.arange(first, min(last, company.customers))
    keys = company.key_of("customer", numbers)
    met_on = _met_on(company, seed, numbers, keys)
    here = met_on <= company.until
    numbers, keys, met_on = numbers[here], keys[here], met_on[here]
    created_at = moment(met_on, uniform(seed, "met hour", keys))
    segment = choose(seed, "segment", keys, company.kind.segments)
    country = _countries(company, seed, keys)
    source = choose(seed, "source", keys, _SOURCE_SHARES)
    seller = people.pick(people.sellers, seed, "seller", keys, met_on)
    latent = latent_of(company, seed, keys)
    doubles = doubles_of(company, seed, numbers, keys, met_on)
    return Customers(
        numbers=numbers,
        keys=keys,
        ids=identifiers(seed, "customers", keys, created_at),
        created_at=created_at,
        met_on=met_on,
        latent=latent,
        segment=segment,
        sector=integers(seed, "sector", keys, 0, len(SECTORS)),
        country=country,
        source=source,
        language=_LANGUAGE_OF[country],
        currency=_currencies(company, seed, keys),
        currencies=currencies_of(company),
        seller=seller,
        terms=np.asarray(company.kind.terms)[integers(seed, "terms", keys, 0, len(company.kind.terms))],
        life=life_of(company, seed, keys, met_on, latent, _SOURCE_BONUS[source], people.skill[seller], ~doubles.is_one),
        contacts=_contacts(seed, keys, np.where(doubles.is_one, 0, segment), created_at),
        doubles=doubles,
    )


@lru_cache(maxsize=4)
def _arrivals(company: Company) -> tuple[Days, NDArray[np.float64]]:
    """Share of customers met by the end of each day: some at the start, the others as business grows and swings."""
    days, busy = company.intensity()
    busy = busy / busy.sum() * (1 - KNOWN_AT_START)
    busy[:START_DAYS] += KNOWN_AT_START / START_DAYS
    return days, np.cumsum(busy)


def _met_on(company: Company, seed: int, numbers: NDArray[np.int64], keys: Keys) -> Days:
    """The day each customer is met: it rises with the number, and the number of others does not matter."""
    days, by = _arrivals(company)
    share = (numbers + uniform(seed, "arrival", keys)) / company.customers
    return days[np.minimum(np.searchsorted(by, share), len(days) - 1)]


def _countries(company: Company, seed: int, keys: Keys) -> NDArray[np.int64]:
    home = COUNTRY_NAMES.index(HOME[company.country])
    abroad = integers(seed, "country", keys, 0, len(COUNTRY_NAMES))
    return np.where(happens(seed, "at home", keys, AT_HOME), home, abroad)


def currencies_of(company: Company) -> tuple[str, ...]:
    """What a company bills in: its own currency first, then those of its foreign customers, if it has any."""
    others = tuple(one for one in ("EUR", "USD", "GBP") if one != company.currency)[:2]
    return (company.currency, *(others if company.foreign_share else ()))


def _currencies(company: Company, seed: int, keys: Keys) -> NDArray[np.int64]:
    foreign = happens(seed, "foreign currency", keys, company.foreign_share)
    return np.where(foreign, integers(seed, "which currency", keys, 1, 3), 0)


def _contacts(seed: int, keys: Keys, segment: NDArray[np.int64], created_at: Moments) -> Contacts:
    extra = poisson(seed, "contacts", keys, np.asarray(EXTRA_CONTACTS)[segment])
    count = np.where(segment == 0, 0, np.minimum(1 + extra, MOST_CONTACTS))
    customer = np.repeat(np.arange(len(keys)), count)
    first = np.cumsum(count) - count
    place = np.arange(len(customer)) - first[customer]
    own = keys_of(keys[customer], place)
    # On the same day: whoever is named later on, on a deal or a ticket, is known then.
    at = created_at[customer] + (place * CONTACT_MINUTES).astype("timedelta64[m]")
    return Contacts(customer, own, identifiers(seed, "contacts", own, at), at, place == 0, first, count)


def ids_by_number(company: Company, seed: int, numbers: NDArray[np.int64]) -> Ids:
    """The ids of customers by their numbers; empty for -1."""
    keys = company.key_of("customer", np.maximum(numbers, 0))
    met_on = _met_on(company, seed, np.maximum(numbers, 0), keys)
    at = moment(met_on, uniform(seed, "met hour", keys))
    return np.where(numbers >= 0, identifiers(seed, "customers", keys, at), b"")


def ranges(first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
    """Numbers of customers in ranges of at most so many."""
    for number in range(first, last, size):
        yield number, min(number + size, last)


def active_days(customers: Customers, until: np.datetime64) -> NDArray[np.int64]:
    """For how many days each stood as a customer up to `until`."""
    life, end = customers.life, until + 1
    spans = ((life.customer_on, life.churned_on), (life.returned_on, life.churned_again_on))
    total = np.zeros(len(customers), np.int64)
    for begin, left in spans:
        stop = np.where(np.isnat(left), end, np.minimum(left, end))
        total += np.where(np.isnat(begin) | (begin > until), 0, np.maximum(0, (stop - begin).astype(np.int64)))
    return total
