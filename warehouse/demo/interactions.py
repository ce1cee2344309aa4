"""What people did with what we sent or showed them, as rows, and whom each campaign was meant for."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.campaign_rows import names_of, slugs_of
from warehouse.demo.campaign_words import CHANNELS, MEDIA, TERMS, TYPES, UTM_SOURCES
from warehouse.demo.campaigns import Campaigns
from warehouse.demo.chance import Places
from warehouse.demo.columns import (
    NO_ID,
    Chunk,
    Column,
    Ids,
    Moments,
    Words,
    chunk,
    day_of,
    evening,
    known,
    moment,
    written,
)
from warehouse.demo.customers import SOURCE_NAMES, Customers
from warehouse.demo.presets import Company
from warehouse.demo.touches import (
    ATTRIBUTED_DAYS,
    CLICKED,
    CONVERTED,
    KINDS,
    MACHINE_SLOTS,
    REGISTERED,
    SLOTS,
    VISITED,
    Touches,
)

VISITS_AT_FIRST, FIRST_DAYS = 0.8, 30
"""Visits of a new lead to our pages on its own account, and the days after it was met in which they fall."""
MAIN_CHANNELS = tuple(dict.fromkeys(row[0] for row in CHANNELS))
_CHANNEL_OF = np.array([MAIN_CHANNELS.index(row[0]) for row in CHANNELS])
_MEDIA = tuple(dict.fromkeys(MEDIA))
_SOURCES = tuple(dict.fromkeys(UTM_SOURCES))
_VISITOR_FROM = {
    "website": "lanternsearch",
    "referral": None,
    "trade fair": None,
    "partner": "quillpost",
    "newsletter": "newsletter",
    "cold call": None,
}
"""Where leads come from → the invented site that sent them to our pages; None, they typed the address."""
_OF_DEALS = (CLICKED, VISITED, REGISTERED, KINDS.index("attended"), CONVERTED)
"""What may belong to a deal."""


class DealsOpened(Protocol):
    """Deals of a range of customers, one row each."""

    @property
    def customer(self) -> NDArray[np.int64]:
        """Row in the range of customers."""

    @property
    def ids(self) -> Ids:
        """Their ids."""

    @property
    def opened_at(self) -> Moments:
        """When each was opened."""


def member_chunks(
    company: Company, customers: Customers, campaigns: Campaigns, touches: Touches, seed: int
) -> Iterator[Chunk]:
    """Whom each campaign that is known by now was meant for."""
    at = moment(touches.added_on, chance.uniform(seed, "member hour", touches.keys))
    yield chunk(
        "campaign_members",
        {
            "id": chance.identifiers(seed, "campaign_members", touches.keys, at),
            "campaign_id": campaigns.ids[touches.campaign],
            "customer_id": customers.ids[touches.customer],
            "contact_id": customers.contacts.ids_of(touches.contact),
            "added_on": touches.added_on,
            "is_control": touches.is_control,
            **written(at),
        },
        at < evening(company.until),
    )


def interaction_chunks(
    company: Company, customers: Customers, campaigns: Campaigns, touches: Touches, deals: DealsOpened, seed: int
) -> Iterator[Chunk]:
    """Every touch of a range of customers up to `until`, and the deal it came before."""
    pair, slot = np.nonzero(touches.at < evening(company.until))
    at, kind = touches.at[pair, slot], SLOTS[slot]
    rows, campaign = touches.customer[pair], touches.campaign[pair]
    keys = chance.keys_of(touches.keys[pair], "touch", slot)
    type_of = campaigns.kind[campaign]
    # Who was left out on purpose, and whoever converts, comes on their own account.
    on_own = kind == CONVERTED
    linked = np.isin(kind, (CLICKED, VISITED, REGISTERED)) & ~on_own
    version = (touches.keys[pair] & np.uint64(1)).astype(np.int64)
    slugs = tuple(slugs_of(names_of(company, campaigns, seed)))
    term = chance.integers(seed, "touch term", touches.keys[pair], 0, len(TERMS))
    searched = linked & (type_of == TYPES.index("paid_ads"))
    columns: dict[str, Column] = {
        "id": chance.identifiers(seed, "interactions", keys, at),
        "kind": Words(kind, KINDS),
        "happened_at": at,
        "channel": Words(np.where(on_own, -1, _CHANNEL_OF[type_of]), MAIN_CHANNELS),
        "customer_id": customers.ids[rows],
        "contact_id": customers.contacts.ids_of(touches.contact[pair]),
        "campaign_id": campaigns.ids[campaign],
        "content_id": np.where(on_own, NO_ID, campaigns.content_ids[campaign, version]),
        "opportunity_id": _deals(deals, rows, at, np.isin(kind, _OF_DEALS)),
        "form_id": np.where(kind == REGISTERED, campaigns.form_ids[campaign], NO_ID),
        "landing_page_id": np.where(np.isin(kind, (VISITED, REGISTERED)), campaigns.page_ids[campaign], NO_ID),
        "utm_source": Words(np.where(linked, _place(_SOURCES, UTM_SOURCES)[type_of], -1), _SOURCES),
        "utm_medium": Words(np.where(linked, _place(_MEDIA, MEDIA)[type_of], -1), _MEDIA),
        "utm_campaign": Words(np.where(linked, campaign, -1), slugs),
        "utm_term": Words(np.where(searched, term, -1), TERMS),
        "utm_content": Words(np.where(linked, version, -1), ("version-a", "version-b")),
        "is_machine": np.isin(slot, MACHINE_SLOTS),
        **known(at),
    }
    yield chunk("interactions", columns)
    yield _first_visits(company, customers, deals, seed)


def _place(words: tuple[str, ...], per_type: tuple[str, ...]) -> Places:
    return np.array([words.index(word) for word in per_type])


def _deals(deals: DealsOpened, rows: Places, at: Moments, fits: NDArray[np.bool_]) -> Ids:
    """The next deal its customer opened within two months after each touch; empty for none."""
    none = np.full(len(rows), NO_ID, "S36")
    if not len(deals.ids):
        return none
    far = np.int64(1) << np.int64(43)
    stamp = deals.customer * far + deals.opened_at.astype(np.int64)
    order = np.argsort(stamp, kind="stable")
    place = np.searchsorted(stamp[order], rows * far + at.astype(np.int64), side="right")
    found = order[np.minimum(place, len(order) - 1)]
    near = (deals.opened_at[found] > at) & (
        day_of(deals.opened_at[found]) - day_of(at) <= np.timedelta64(ATTRIBUTED_DAYS, "D")
    )
    same = (deals.customer[found] == rows) & (place < len(order))
    return np.where(fits & same & near, deals.ids[found], none)


def _first_visits(company: Company, customers: Customers, deals: DealsOpened, seed: int) -> Chunk:
    """Leads that look at our pages in the weeks after they were met, as the source they came from sends them."""
    eager = np.exp(0.4 * company.signal * customers.latent.engagement) * ~customers.doubles.is_one
    count = chance.poisson(
        seed, "first visits", customers.keys, VISITS_AT_FIRST * company.detail * np.minimum(eager, 4)
    )
    rows = np.repeat(np.arange(len(customers)), count)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    keys = chance.keys_of(customers.keys[rows], "first visit", place)
    wait = (chance.uniform(seed, "first visit", keys) ** 2 * FIRST_DAYS * 86_400_000).astype("timedelta64[ms]")
    at = customers.created_at[rows] + np.timedelta64(60_000, "ms") + wait
    sites = tuple(sorted({site for site in _VISITOR_FROM.values() if site}))
    codes = np.array([sites.index(site) if (site := _VISITOR_FROM[name]) else -1 for name in SOURCE_NAMES])
    from_site = codes[customers.source[rows]]
    return chunk(
        "interactions",
        {
            "id": chance.identifiers(seed, "interactions", keys, at),
            "kind": KINDS[VISITED],
            "happened_at": at,
            "channel": "web",
            "customer_id": customers.ids[rows],
            "opportunity_id": _deals(deals, rows, at, np.ones(len(rows), bool)),
            "utm_source": Words(from_site, sites),
            "utm_medium": Words(np.where(from_site >= 0, 0, -1), ("referral",)),
            "is_machine": False,
            **known(at),
        },
        at < evening(company.until),
    )
