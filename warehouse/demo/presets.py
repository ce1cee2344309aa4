"""The companies of each preset: what they are, how they grow and how their customers behave."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.calendar import HOLIDAY_SHARE, PLANNED_DAYS, days_from, is_holiday, month_of, origin_of, weekday_of
from warehouse.demo.chance import Keys, keys_of, normal, uniform
from warehouse.demo.choices import Preset, Variant
from warehouse.demo.columns import Days
from warehouse.demo.kinds import KINDS, Kind

DRIFT = 1.386
"""Log-odds that make rare events about four times as frequent."""
DRIFT_FROM = 0.8
"""Share of the planned days after which the drift variant differs."""


@dataclass(frozen=True)
class Company:
    """One organization of a preset; everything about it follows from these values and the seed."""

    number: int
    slug: str
    name: str
    kind: Kind
    country: str
    """Two letters; where it is at home."""
    currency: str
    locale: str
    timezone: str
    fiscal_year_start_month: int
    origin: np.datetime64
    """The first day of history of all companies."""
    started_on: np.datetime64
    """The day its own history begins, on or after the origin."""
    until: np.datetime64
    """The last day that has happened."""
    customers: int
    """How many are planned over all planned days; those who come after `until` are not made."""
    growth: float
    """Factor in a year."""
    foreign_share: float
    """Share of customers billed in another currency."""
    lead_bias: float
    churn_bias: float
    win_bias: float
    """Log-odds by which this company differs from others of its kind."""
    variant: Variant = Variant.NORMAL
    detail: float = 1.0
    """Share of the daily detail (usage, touches, tickets) that is recorded about a customer."""

    @cached_property
    def key(self) -> Keys:
        """The one key that all keys of its rows start from."""
        return keys_of(self.slug)

    @property
    def industry(self) -> str:
        """What it does, in words."""
        return self.kind.industry

    @property
    def signal(self) -> float:
        """How much of an outcome follows from what is known: 1, or 0 in the null variant."""
        return 0.0 if self.variant is Variant.NULL else 1.0

    def key_of(self, *parts: int | str | NDArray[Any]) -> Keys:
        """Keys of things of this company."""
        return keys_of(self.key, *parts)

    def drift(self, days: Days) -> NDArray[np.float64]:
        """Log-odds added to what happens on these days: more in the last fifth of the drift variant, else nothing."""
        late = days >= self.origin + int(PLANNED_DAYS * DRIFT_FROM)
        return np.where(late & (self.variant is Variant.DRIFT), DRIFT, 0.0)

    def intensity(self) -> tuple[Days, NDArray[np.float64]]:
        """How busy each planned day is: growth, months, weekdays and holidays; a year from now counts `growth` times."""
        days = days_from(self.started_on, int((self.origin + PLANNED_DAYS - self.started_on).astype(np.int64)))
        trend = self.growth ** (np.arange(len(days)) / 365.25)
        busy = trend * np.asarray(self.kind.season)[month_of(days)] * np.asarray(self.kind.week)[weekday_of(days)]
        return days, np.where(is_holiday(days, self.country), busy * HOLIDAY_SHARE, busy)


SIZES = {Preset.SMALL: (1_200, 1), Preset.TINY: (200, 3)}
"""Presets of companies smaller than they are planned: customers, and how many of the companies."""
PLACES = {
    "DE": ("EUR", "en_GB", "Europe/Berlin"),
    "AT": ("EUR", "en_GB", "Europe/Vienna"),
    "US": ("USD", "en_US", "America/Chicago"),
    "GB": ("GBP", "en_GB", "Europe/London"),
    "FR": ("EUR", "en_GB", "Europe/Paris"),
    "SE": ("SEK", "sv_SE", "Europe/Stockholm"),
    "ES": ("EUR", "en_GB", "Europe/Madrid"),
}
"""Country → currency, locale, time zone."""

_BASE = (
    ("demo", "Oakbeam Trestle Works", "furniture", "US", 3500, 1.35, 0.0, 1),
    ("tidepool", "Tidepool Ledger", "software", "FR", 5000, 1.7, 0.15, 2),
    ("inkwell", "Inkwell & Compass", "agency", "GB", 1200, 1.15, 0.10, 4),
    ("millrace", "Millrace Wholesale", "wholesale", "SE", 5000, 1.1, 0.20, 1),
    ("lindenrow", "Linden Row Clinics", "clinics", "DE", 4000, 1.25, 0.0, 1),
)
"""Slug, name, kind, country, customers, growth, foreign share, fiscal year's first month. The first is the demo house."""


def _company(number: int, row: tuple[str, str, str, str, int, float, float, int], until: date) -> Company:
    slug, name, kind, country, customers, growth, foreign, fiscal = row
    origin = origin_of(until)
    currency, locale, timezone = PLACES[country]
    return Company(
        number, slug, name, KINDS[kind], country, currency, locale, timezone, fiscal, origin, origin,
        np.datetime64(until, "D"), customers, growth, foreign, 0.0, 0.0, 0.0,
    )  # fmt: skip


def companies(
    preset: Preset, until: date, seed: int, variant: Variant = Variant.NORMAL, only: str | None = None
) -> Iterator[Company]:
    """The companies of a preset in their order, or the one with this slug."""
    if preset is Preset.WIDE:
        found: Iterator[Company] = (_small(number, until, seed) for number in _numbers(only))
    elif preset is Preset.DEEP:
        deep = ("deepwater", "Deepwater Supply", "software", "US", DEEP_CUSTOMERS, 1.5, 0.1, 1)
        found = iter([replace(_company(0, deep, until), detail=DEEP_DETAIL, lead_bias=DEEP_LEADS)])
    else:
        size, count = SIZES.get(preset, (None, len(_BASE)))
        rows = _BASE[:count]
        made = (_at_home(_company(number, row, until)) for number, row in enumerate(rows))
        found = (replace(one, customers=size or one.customers) for one in made)
    return (replace(one, variant=variant) for one in found if only in {None, one.slug})


def _at_home(company: Company) -> Company:
    """The demo house keeps the clock and the manners of a new organization, so that a first look has no surprises."""
    return replace(company, locale="en_GB", timezone="UTC") if company.slug == "demo" else company


DEEP_CUSTOMERS = 1_000_000
DEEP_DETAIL, WIDE_DETAIL = 0.27, 0.2
DEEP_LEADS = -1.3
"""Of a million names most are never more than that: fewer bills, and room for what people did."""
WIDE_COMPANIES = 10_000
_WIDE_MEDIAN, _WIDE_SPREAD = 80.0, 0.65
"""Customers of a small company: log-normal, about 100 on average."""
_YOUNG = 0.6
"""Share of small companies that start within history."""
_BIAS = 0.6
"""Standard deviation of what sets a small company apart, in log-odds."""
_FIRST_WORDS = (
    "Amber",
    "Birch",
    "Cobble",
    "Drift",
    "Elm",
    "Fable",
    "Gull",
    "Harrow",
    "Iris",
    "Jetty",
    "Knoll",
    "Larch",
)
_SECOND_WORDS = ("Lane", "Mill", "Works", "Studio", "House", "Supply", "Yard", "Partners", "Practice", "Labs")


def _numbers(only: str | None) -> range:
    """Which small companies to make: all, or the one whose slug ends with its number."""
    if only is None:
        return range(WIDE_COMPANIES)
    number = only.removeprefix("small-")
    known = number.isdigit() and int(number) < WIDE_COMPANIES
    return range(int(number), int(number) + 1) if known else range(0)


def _small(number: int, until: date, seed: int) -> Company:
    slug = f"small-{number:05d}"
    key = keys_of(slug)
    shares = [float(uniform(seed, "company", key, draw)[0]) for draw in range(6)]
    bends = [float(normal(seed, "company bend", key, draw)[0]) for draw in range(5)]
    kind = list(KINDS)[int(shares[0] * len(KINDS))]
    country = list(PLACES)[int(shares[1] * len(PLACES))]
    first, second = int(shares[2] * len(_FIRST_WORDS)), int(shares[3] * len(_SECOND_WORDS))
    customers = max(8, min(2000, round(_WIDE_MEDIAN * float(np.exp(_WIDE_SPREAD * bends[0])))))
    name = f"{_FIRST_WORDS[first]} {_SECOND_WORDS[second]} {number}"
    growth = 1.2 * float(np.exp(0.2 * bends[1]))
    made = _company(number, (slug, name, kind, country, customers, growth, 0.0, (1, 1, 1, 4, 7)[number % 5]), until)
    late = int(shares[4] / _YOUNG * 0.85 * PLANNED_DAYS) if shares[4] < _YOUNG else 0
    return replace(
        made,
        started_on=made.origin + late,
        lead_bias=_BIAS * bends[2],
        churn_bias=_BIAS * bends[3],
        win_bias=_BIAS / 2 * bends[4],
        detail=WIDE_DETAIL,
    )
