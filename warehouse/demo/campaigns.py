"""Campaigns a company plans: when, for whom, for how much, and what they truly add."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.calendar import PLANNED_DAYS, weekday_of
from warehouse.demo.campaign_words import TYPES
from warehouse.demo.chance import Keys, Numbers, Places
from warehouse.demo.columns import UNIT, Days, Ids, Moments, Money, moment
from warehouse.demo.customers import SECTORS, SEGMENTS, Customers
from warehouse.demo.presets import Company
from warehouse.demo.truth import Truth

TYPE_SHARES = (0.42, 0.14, 0.12, 0.14, 0.1, 0.08)
LASTS = np.array([14, 28, 42, 28, 21, 28])
"""Days, by type."""
A_YEAR, MORE_PER_ROOT, MOST_A_YEAR = 2.0, 1 / 6, 20.0
"""Campaigns of a company in a year: so many, and more with the square root of its customers."""
DRAFTED_BEFORE = 21
"""Days a campaign is a draft before it starts."""
DROPPED, PAUSED, ARCHIVES = 0.04, 0.08, 0.6
"""Share that never starts, that rests for a while, and that is put away in the end."""
RESTS_DAYS, ARCHIVED_AFTER = 5, 150
BUDGETS = np.array([400.0, 1500.0, 2500.0, 6000.0, 1800.0, 7000.0])
"""Median budget of a company with a thousand customers, by type, in units of a currency worth a dollar."""
BASE_RATE, BASE_SPREAD = 0.025, 0.3
"""Chance of those left out on purpose to convert while a campaign runs, and how that differs."""
LIFTS = np.array([0.030, 0.010, 0.022, 0.016, 0.055, 0.065])
"""What a campaign adds to that at full strength, by type; a few add nothing or do harm."""
LIFT_SPREAD = 0.45
SATURATES_AT = 0.6
"""Share of the median budget at which two thirds of the effect are reached."""
AUDIENCES = ("Everybody", "Individuals", "Businesses", "Enterprises", *(f"Sector: {sector}" for sector in SECTORS[:3]))
AUDIENCE_SHARES = (0.5, 0.08, 0.16, 0.08, 0.06, 0.06, 0.06)


@dataclass(frozen=True)
class Campaigns:
    """All campaigns of a company over its planned history, one row each."""

    keys: Keys
    ids: Ids
    segment_ids: Ids
    """One per audience."""
    content_ids: NDArray[np.bytes_]
    """(campaigns, 2): versions A and B."""
    form_ids: Ids
    page_ids: Ids
    kind: Places
    """Place in TYPES."""
    audience: Places
    """Place in AUDIENCES."""
    created_at: Moments
    starts_on: Days
    """NaT where it is dropped before."""
    ends_on: Days
    planned_start: Days
    budget: Money
    base_rate: Numbers
    effect: Numbers
    """What being reached adds to the chance to convert, after saturation."""

    def __len__(self) -> int:
        """How many."""
        return len(self.keys)

    def fits(self, customers: Customers) -> NDArray[np.bool_]:
        """(customers, campaigns): who belongs to the audience."""
        sectors = np.arange(len(AUDIENCES) - 1 - len(SEGMENTS))
        of_segment = customers.segment[:, None] == np.arange(len(SEGMENTS))
        of_sector = customers.sector[:, None] == sectors
        belongs = np.concatenate([np.ones((len(customers), 1), bool), of_segment, of_sector], axis=1)
        return np.asarray(belongs[:, self.audience])


def campaigns_a_year(company: Company) -> float:
    """How many campaigns the company runs in a year."""
    return float(min(MOST_A_YEAR, A_YEAR + company.customers**0.5 * MORE_PER_ROOT))


def campaigns_of(company: Company, seed: int, truth: Truth) -> Campaigns:
    """Every campaign the company will run; the true effects go to the truth."""
    keys, start = _starts(company, seed)
    kind = chance.choose(seed, "campaign type", keys, TYPE_SHARES)
    created = moment(start - DRAFTED_BEFORE, chance.uniform(seed, "campaign hour", keys))
    dropped = chance.happens(seed, "campaign dropped", keys, DROPPED)
    usual = BUDGETS[kind] * (company.customers / 1000) ** 0.6
    budget = np.maximum(1, np.round(chance.lognormal(seed, "campaign budget", keys, usual, 0.5) / 50)) * 50
    lift = LIFTS[kind] * (1 + LIFT_SPREAD * chance.normal(seed, "campaign lift", keys)) * company.signal
    saturation = SATURATES_AT * usual
    base = np.log(BASE_RATE / (1 - BASE_RATE)) + BASE_SPREAD * chance.normal(seed, "campaign base", keys)
    made = Campaigns(
        keys=keys,
        ids=chance.identifiers(seed, "campaigns", keys, created),
        segment_ids=_segment_ids(company, seed),
        content_ids=np.stack([_own_ids(seed, "campaign_contents", keys, created, n) for n in (0, 1)], axis=1),
        form_ids=_own_ids(seed, "forms", keys, created, 0),
        page_ids=_own_ids(seed, "landing_pages", keys, created, 0),
        kind=kind,
        audience=chance.choose(seed, "campaign audience", keys, AUDIENCE_SHARES),
        created_at=created,
        starts_on=np.where(dropped, np.datetime64("NaT", "D"), start),
        ends_on=np.where(dropped, np.datetime64("NaT", "D"), start + LASTS[kind]),
        planned_start=start,
        budget=(budget * UNIT).astype(np.int64),
        base_rate=chance.sigmoid(base + company.drift(start)),
        effect=lift * (1 - np.exp(-budget / saturation)),
    )
    _tell(made, lift, saturation, truth, company)
    return made


def _starts(company: Company, seed: int) -> tuple[Keys, Days]:
    """One campaign after the other, evenly but for chance, each on the Tuesday of its week.

    So mails go out on the three days in the middle.
    """
    planned = int((company.origin + PLANNED_DAYS - company.started_on).astype(np.int64))
    count = max(1, int(planned / 365.25 * campaigns_a_year(company)))
    keys = company.key_of("campaign", np.arange(count))
    share = (np.arange(count) + chance.uniform(seed, "campaign start", keys)) / count
    start = company.started_on + 10 + (share * planned).astype(np.int64)
    return keys, start - weekday_of(start) + 1


def _own_ids(seed: int, table: str, keys: Keys, created: Moments, number: int) -> Ids:
    return chance.identifiers(seed, table, chance.keys_of(keys, table, number), created)


def _segment_ids(company: Company, seed: int) -> Ids:
    keys = company.key_of("audience", np.arange(len(AUDIENCES)))
    return chance.identifiers(seed, "segments", keys, np.repeat(segments_made_at(company), len(AUDIENCES)))


def segments_made_at(company: Company) -> Moments:
    """When the company described its segments: before its first campaign."""
    return moment(np.array([company.started_on - DRAFTED_BEFORE - 5]), np.array([0.4]))


def _tell(made: Campaigns, lift: Numbers, saturation: Numbers, truth: Truth, company: Company) -> None:
    truth.add(
        "campaign_lift",
        {
            "campaign_id": made.ids,
            "campaign_type": np.array(TYPES, object)[made.kind],
            "starts_on": made.starts_on,
            "base_rate": made.base_rate,
            "lift_at_full_strength": lift,
            "saturation": saturation,
            "lift": made.effect,
        },
        made.starts_on <= company.until,
    )
