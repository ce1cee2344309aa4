"""What goes wrong with data in real companies, as changes of single values: one function per kind of defect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.chance import Keys
from warehouse.demo.columns import NO_NUMBER

Values = NDArray[Any]
Change = Callable[[int, Keys, Values], Values]
"""(seed, keys of the rows, their values) → their values with the defect; what stays the same has none."""

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "Germany": ("Deutschland", "DE", "germany", "Germany "),
    "Austria": ("Österreich", "AT", "austria"),
    "United States": ("USA", "US", "United States of America"),
    "United Kingdom": ("UK", "Great Britain", "GB"),
    "Netherlands": ("Holland", "NL"),
    "Sweden": ("Sverige", "SE"),
    "Spain": ("España", "ES"),
    "France": ("FR", "FRANCE"),
    "Italy": ("Italia", "IT"),
    "Healthcare": ("Health care", "healthcare", "Health"),
    "Technology": ("IT", "Tech", "technology"),
    "Public sector": ("Government", "public"),
    "Manufacturing": ("Mfg.", "manufacturing"),
    "Hospitality": ("Hotels & Restaurants",),
    "Logistics": ("Transport", "logistics "),
    "Retail": ("retail", "Trade"),
    "Education": ("Schools", "education"),
}
"""A word → other ways to write it."""
WEEK = 7 * 86_400_000
LATE_MEDIAN, LATE_SPREAD = 0.5 * 86_400_000, 1.28
"""Milliseconds until a late row arrives; about two in a hundred take more than a week."""
LOST_ZONE = np.timedelta64(2 * 3_600_000, "ms")
FORTY_YEARS = np.timedelta64(14_610, "D")


@dataclass(frozen=True)
class Recipe:
    """A defect that values of one column get with a chance."""

    table: str
    column: str
    kind: str
    share: float
    change: Change


def _missing(_: int, __: Keys, values: Values) -> Values:
    empty: Any = {"O": None, "i": NO_NUMBER, "S": b""}.get(values.dtype.kind, np.datetime64("NaT"))
    return np.full(values.shape, empty, values.dtype)


def _spaced(seed: int, keys: Keys, values: Values) -> Values:
    """Capital letters, small letters, or space where none belongs."""
    forms: tuple[Callable[[str], str], ...] = (str.upper, str.lower, " {}".format, "{}  ".format, _twice_spaced)
    form = chance.integers(seed, "dirt form", keys, 0, len(forms))
    return _each(values, [forms[place] for place in form])


def _twice_spaced(text: str) -> str:
    return text.replace(" ", "  ", 1)


def _variant(seed: int, keys: Keys, values: Values) -> Values:
    share = chance.uniform(seed, "dirt variant", keys)
    made = [
        others[int(part * len(others))] if (others := VARIANTS.get(value, ())) else value
        for value, part in zip(values, share, strict=True)
    ]
    return _objects(made)


def _misread(_: int, __: Keys, values: Values) -> Values:
    """UTF-8 that somebody read as Latin-1: only texts with other letters than English ones change."""
    return _each(values, [lambda text: text.encode().decode("latin-1")] * len(values))


def _other_currency(_: int, __: Keys, values: Values) -> Values:
    return np.where(values == "EUR", "USD", "EUR").astype(object)


def _negative(_: int, __: Keys, values: Values) -> Values:
    return np.where(values == NO_NUMBER, NO_NUMBER, -values)


def _forty_years(_: int, __: Keys, values: Values) -> Values:
    return np.asarray(values + FORTY_YEARS)


def _zone_lost(_: int, __: Keys, values: Values) -> Values:
    return np.asarray(values + LOST_ZONE)


def _late(seed: int, keys: Keys, values: Values) -> Values:
    wait = chance.lognormal(seed, "dirt late", keys, LATE_MEDIAN, LATE_SPREAD)
    return np.asarray(values + wait.astype(np.int64).astype("timedelta64[ms]"))


def _each(values: Values, forms: list[Callable[[str], str]]) -> Values:
    return _objects([value if value is None else form(value) for value, form in zip(values, forms, strict=True)])


def _objects(values: list[Any]) -> Values:
    made = np.empty(len(values), object)
    made[:] = values
    return made


MISSING, SPACED, VARIANT, MISREAD = "missing", "case_whitespace", "variant", "encoding"
WRONG_CURRENCY, NEGATIVE, FUTURE, ZONE, LATE = (
    "wrong_currency", "negative_amount", "future_date", "zone_lost", "late_arrival",
)  # fmt: skip
LATE_TABLES = (
    "usage_events", "interactions", "consents", "customer_status_changes", "opportunity_stage_changes",
    "opportunity_close_date_changes",
    "ticket_status_changes", "subscription_changes", "satisfaction_responses",
)  # fmt: skip

RECIPES = (
    Recipe("customers", "country", MISSING, 0.03, _missing),
    Recipe("customers", "country", VARIANT, 0.06, _variant),
    Recipe("customers", "sector", MISSING, 0.05, _missing),
    Recipe("customers", "sector", VARIANT, 0.06, _variant),
    Recipe("customers", "acquisition_source", MISSING, 0.04, _missing),
    Recipe("customers", "name", SPACED, 0.03, _spaced),
    Recipe("customers", "email", SPACED, 0.03, _spaced),
    Recipe("customers", "phone", MISSING, 0.04, _missing),
    Recipe("customers", "currency", WRONG_CURRENCY, 0.006, _other_currency),
    Recipe("customers", "annual_revenue", NEGATIVE, 0.008, _negative),
    Recipe("contacts", "name", SPACED, 0.03, _spaced),
    Recipe("contacts", "email", MISSING, 0.04, _missing),
    Recipe("opportunities", "expected_close_on", FUTURE, 0.005, _forty_years),
    Recipe("opportunities", "source", MISSING, 0.03, _missing),
    Recipe("activities", "due_on", FUTURE, 0.005, _forty_years),
    Recipe("tickets", "description", MISREAD, 0.1, _misread),
    Recipe("tickets", "category", MISSING, 0.03, _missing),
    Recipe("ticket_messages", "body", MISREAD, 0.05, _misread),
    Recipe("interactions", "happened_at", ZONE, 0.01, _zone_lost),
    Recipe("interactions", "channel", MISSING, 0.02, _missing),
    Recipe("usage_events", "active_users", MISSING, 0.02, _missing),
    *(Recipe(table, "recorded_at", LATE, 0.05, _late) for table in LATE_TABLES),
)
"""Each touches a value at most once: the first that happens to it."""
COPIED = {"usage_events": 0.01, "interactions": 0.01, "knowledge_article_views": 0.01, "activities": 0.01}
"""Tables in which a row may stand twice → share of rows that do."""
LOOKALIKES = 0.01
"""Share of customers that stand there a second time under nearly the same name."""
TESTS = 0.002
"""Share of customers beside which somebody left a test account."""
OLDER, OLDER_MISSES = np.timedelta64(400, "D"), 2.0
"""Rows of a company's first days miss values so many times as often: what is missing is not missing at random."""
