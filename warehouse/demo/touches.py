"""Who is meant by which campaign, what they do about it, and who is not written to any more because of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.campaign_words import TYPES
from warehouse.demo.campaigns import LASTS, Campaigns, campaigns_a_year
from warehouse.demo.chance import Keys, Numbers, Places
from warehouse.demo.columns import NO_ID, NO_MOMENT, Days, Ids, Moments, day_of, moment
from warehouse.demo.customers import Customers
from warehouse.demo.naming import Texts, customer_emails, person_emails
from warehouse.demo.presets import Company

A_YEAR, MOST_SHARE, THINNED = 14.0, 0.65, 1.5
"""Campaigns a customer is meant by in a year, and the largest share of an audience that one campaign reaches;
where detail is thinned, members are thinned by this power."""
CONTROL = 0.1
"""Share of members left out on purpose."""
MAILED = np.array([kind in {"email", "webinar", "event"} for kind in TYPES])
ALLOWS = 0.8
"""Share of customers who allowed to be written to when they were met."""

KINDS = (
    "sent", "delivered", "bounced", "opened", "clicked", "visited", "registered", "attended", "unsubscribed",
    "complained", "converted",
)  # fmt: skip
SENT, DELIVERED, BOUNCED, OPENED, CLICKED, VISITED, REGISTERED, ATTENDED, UNSUBSCRIBED, COMPLAINED, CONVERTED = range(
    11
)
SLOTS = np.array(
    [SENT, DELIVERED, BOUNCED, OPENED, CLICKED, OPENED, OPENED, OPENED, CLICKED, VISITED, REGISTERED, ATTENDED,
     UNSUBSCRIBED, COMPLAINED, CONVERTED]
)  # fmt: skip
(
    MAILING, ARRIVING, BOUNCING, SCANNING, SCANNED_ON, OPENING, OPENING_AGAIN, OPENING_STILL, CLICKING, VISITING,
    REGISTERING, ATTENDING, LEAVING, COMPLAINING, CONVERTING,
) = range(len(SLOTS))  # fmt: skip
"""What may happen between a campaign and one member, each once, and its place in KINDS; scanning is a machine's."""
MACHINE_SLOTS = (SCANNING, SCANNED_ON)
ENDING_SLOTS = (BOUNCING, LEAVING, COMPLAINING)
"""After these, nothing is mailed any more."""
BAD_ADDRESS, BOUNCES, SCANNED = 0.02, 0.004, 0.13
"""Share of addresses that never worked, of mails that bounce nevertheless, and of members whose mail a robot opens."""
OPENS, CLICKS = 0.5, np.array([0.2, 0.16, 0.22, 0.14, 0.3, 0.3])
"""Mean openings of a mail by an average customer, and chance to click (of who opened a mail, or of anybody), by type."""
ENGAGED = 0.5
"""What a standard deviation of engagement adds to the logarithm of both."""
VISITS = 0.85
REGISTERS = np.array([0.05, 0.05, 0.3, 0.08, 0.55, 0.5])
"""Of who visited, by type."""
ATTENDS = np.array([0.0, 0.0, 0.0, 0.0, 0.5, 0.6])
UNSUBSCRIBES, COMPLAINS = 0.006, 0.0009
WINDOW_DAYS = 30
"""Conversions are counted so many days after the start, for members and those left out alike."""
ATTRIBUTED_DAYS = 60
"""A deal belongs to the last campaign its customer answered to within so many days before."""


@dataclass(frozen=True)
class Touches:
    """Pairs of a customer of a range and a campaign that meant them, whatever `until`; ordered by customer and start."""

    customer: Places
    campaign: Places
    keys: Keys
    contact: Places
    """Row among the contacts of the range; -1 is the customer itself."""
    added_on: Days
    is_control: NDArray[np.bool_]
    at: Moments
    """(pairs, SLOTS): NaT is what does not happen."""
    suppressed_at: Moments
    """Per customer of the range: when it was first decided not to write any more; NaT is never."""

    def campaign_of(self, campaigns: Campaigns, customers: Places, days: Days) -> Ids:
        """The campaign each customer (by row) last answered to in the two months before a day; empty for none."""
        answered = np.flatnonzero(~np.isnat(self.at[:, VISITING]))
        if not len(answered):
            return np.full(len(customers), NO_ID, "S36")
        on = day_of(self.at[answered, VISITING]).astype(np.int64)
        stamp = self.customer[answered] * _FAR + on
        order = np.argsort(stamp, kind="stable")
        place = np.searchsorted(stamp[order], customers * _FAR + days.astype(np.int64), side="left") - 1
        found = answered[order[np.maximum(place, 0)]]
        age = days.astype(np.int64) - on[order[np.maximum(place, 0)]]
        fits = (place >= 0) & (self.customer[found] == customers) & (age <= ATTRIBUTED_DAYS)
        return np.where(fits, campaigns.ids[self.campaign[found]], NO_ID)


_FAR = 1 << 20
"""More days than any calendar here has."""


def addresses_of(customers: Customers, rows: Places, contacts: Places, seed: int) -> Texts:
    """Where each pair of a customer and a contact (-1: the customer itself) is written to, lower case; None is unknown."""
    own = customer_emails(seed, customers.keys[rows])
    if not len(customers.contacts.keys):
        return own
    return np.where(contacts >= 0, person_emails(seed, customers.contacts.keys[contacts]), own)


def touches_of(company: Company, customers: Customers, campaigns: Campaigns, seed: int) -> Touches:
    """What campaigns and the customers of a range have to do with each other."""
    rows, campaign, keys = _pairs(company, customers, campaigns, seed)
    contact = customers.contacts.one_of(rows, chance.uniform(seed, "member contact", keys))
    added = campaigns.starts_on[campaign] - 2
    if len(customers.contacts.created_at):
        contact = np.where(day_of(customers.contacts.created_at[contact]) <= added, contact, -1)
    mailed = MAILED[campaigns.kind[campaign]]
    # Nobody is meant by a mail who cannot get it: those left out on purpose are like those who are not.
    known = np.array([address is not None for address in addresses_of(customers, rows, contact, seed)], bool)
    kept = ~mailed | (known & allows_of(customers, seed)[rows])
    rows, campaign, keys, contact = rows[kept], campaign[kept], keys[kept], contact[kept]
    added, mailed = added[kept], mailed[kept]
    control = chance.happens(seed, "member control", keys, CONTROL)
    pairs = _Pairs(rows, campaign, keys, ~control, mailed)
    at = _planned(company, customers, campaigns, pairs, seed)
    suppressed = _suppressed(len(customers), rows, at)
    # The first reason not to write any more stands; what would have followed it by mail does not happen.
    late = mailed & (at[:, MAILING] > suppressed[rows])
    at[late] = NO_MOMENT
    at[:, CONVERTING] = _conversions(campaigns, pairs, ~control & ~late, seed)
    return Touches(rows, campaign, keys, contact, added, control, at, suppressed)


@dataclass(frozen=True)
class _Pairs:
    customer: Places
    campaign: Places
    keys: Keys
    reached: NDArray[np.bool_]
    mailed: NDArray[np.bool_]


def allows_of(customers: Customers, seed: int) -> NDArray[np.bool_]:
    """Who allowed to be written to when they were met."""
    return chance.happens(seed, "allows marketing", customers.keys, ALLOWS)


def _pairs(company: Company, customers: Customers, campaigns: Campaigns, seed: int) -> tuple[Places, Places, Keys]:
    """Customers met before a campaign that belong to its audience, by lot."""
    share = min(MOST_SHARE, A_YEAR * company.detail**THINNED / campaigns_a_year(company))
    fits = campaigns.fits(customers) & (campaigns.starts_on <= company.until)[None, :]
    fits &= customers.met_on[:, None] < (campaigns.starts_on - 2)[None, :]
    fits &= ~customers.doubles.is_one[:, None]
    rows, campaign = np.nonzero(fits)
    keys = chance.keys_of(customers.keys[rows], campaigns.keys[campaign])
    meant = chance.happens(seed, "member", keys, share)
    return rows[meant], campaign[meant], keys[meant]


def _planned(company: Company, customers: Customers, campaigns: Campaigns, pairs: _Pairs, seed: int) -> Moments:
    keys, kind = pairs.keys, campaigns.kind[pairs.campaign]
    at = np.full((len(keys), len(SLOTS)), NO_MOMENT)
    eager = np.exp(ENGAGED * company.signal * customers.latent.engagement[pairs.customer])
    days = campaigns.starts_on[pairs.campaign] + chance.integers(
        seed, "touch day", keys, 0, np.where(pairs.mailed, 3, LASTS[kind] - 3)
    )
    begins = moment(days, chance.uniform(seed, "touch hour", keys))
    mailed = pairs.reached & pairs.mailed
    at[:, MAILING] = np.where(mailed, begins, NO_MOMENT)
    bad = chance.happens(seed, "bad address", customers.keys, BAD_ADDRESS)[pairs.customer]
    bounced = mailed & (bad | chance.happens(seed, "touch bounce", keys, BOUNCES))
    arrives = begins + np.timedelta64(4_000, "ms")
    at[:, BOUNCING], at[:, ARRIVING] = (
        np.where(bounced, arrives, NO_MOMENT),
        np.where(mailed & ~bounced, arrives, NO_MOMENT),
    )
    arrived = mailed & ~bounced
    scanned = arrived & chance.happens(seed, "touch scanned", keys, SCANNED)
    at[:, SCANNING] = np.where(scanned, arrives + _seconds(seed, "touch scan", keys, 40), NO_MOMENT)
    at[:, SCANNED_ON] = np.where(
        scanned & chance.happens(seed, "touch scan click", keys, 0.6),
        at[:, SCANNING] + np.timedelta64(900, "ms"),
        NO_MOMENT,
    )
    opens = np.where(arrived, chance.poisson(seed, "touch opens", keys, OPENS * np.minimum(eager, 4)), 0)
    for time in range(3):
        at[:, OPENING + time] = np.where(
            opens > time, arrives + _seconds(seed, "touch open", keys, 80_000 * (time + 1), time), NO_MOMENT
        )
    interested = np.where(pairs.mailed, opens > 0, pairs.reached)
    clicks = interested & chance.happens(seed, "touch click", keys, np.minimum(0.9, CLICKS[kind] * eager))
    shown = np.where(pairs.mailed, at[:, OPENING], begins)
    at[:, CLICKING] = np.where(clicks, shown + _seconds(seed, "touch click", keys, 90), NO_MOMENT)
    _answers(campaigns, pairs, kind, eager, at, seed)
    return at


def _answers(campaigns: Campaigns, pairs: _Pairs, kind: Places, eager: Numbers, at: Moments, seed: int) -> None:
    """What follows a click, and who has enough of it."""
    keys = pairs.keys
    visits = ~np.isnat(at[:, CLICKING]) & chance.happens(seed, "touch visit", keys, VISITS)
    at[:, VISITING] = np.where(visits, at[:, CLICKING] + _seconds(seed, "touch visit", keys, 8), NO_MOMENT)
    registers = visits & chance.happens(seed, "touch register", keys, np.minimum(0.95, REGISTERS[kind] * eager**0.5))
    at[:, REGISTERING] = np.where(registers, at[:, VISITING] + _seconds(seed, "touch register", keys, 240), NO_MOMENT)
    attends = registers & chance.happens(seed, "touch attend", keys, ATTENDS[kind])
    at[:, ATTENDING] = np.where(
        attends,
        np.maximum(moment(campaigns.ends_on[pairs.campaign], np.full(len(keys), 0.6)), at[:, REGISTERING]),
        NO_MOMENT,
    )
    arrived = ~np.isnat(at[:, ARRIVING])
    tired = np.minimum(1.0, 1 / np.maximum(eager, 0.2))
    leaves = arrived & chance.happens(seed, "touch unsubscribe", keys, UNSUBSCRIBES * tired)
    complains = arrived & ~leaves & chance.happens(seed, "touch complain", keys, COMPLAINS * tired)
    at[:, LEAVING] = np.where(leaves, at[:, ARRIVING] + _seconds(seed, "touch unsubscribe", keys, 50_000), NO_MOMENT)
    at[:, COMPLAINING] = np.where(
        complains, at[:, ARRIVING] + _seconds(seed, "touch complain", keys, 30_000), NO_MOMENT
    )


def _conversions(campaigns: Campaigns, pairs: _Pairs, reached: NDArray[np.bool_], seed: int) -> Moments:
    """Who converts within the window: those left out at the base rate, those reached at that and what it truly adds."""
    rate = campaigns.base_rate[pairs.campaign] + np.where(reached, campaigns.effect[pairs.campaign], 0)
    converts = chance.uniform(seed, "touch convert", pairs.keys) < np.clip(rate, 0, 1)
    wait = 5 + chance.integers(seed, "touch convert day", pairs.keys, 0, WINDOW_DAYS - 5)
    at = moment(campaigns.starts_on[pairs.campaign] + wait, chance.uniform(seed, "touch convert hour", pairs.keys))
    return np.where(converts, at, NO_MOMENT)


def _suppressed(count: int, rows: Places, at: Moments) -> Moments:
    """Per customer: the first bounce, complaint or unsubscription."""
    reasons = at[:, ENDING_SLOTS].astype(np.int64)
    none = np.iinfo(np.int64).max
    first = np.where(reasons == np.iinfo(np.int64).min, none, reasons).min(axis=1, initial=none)
    per = np.full(count, none)
    np.minimum.at(per, rows, first)
    return np.where(per == none, NO_MOMENT, per.astype("datetime64[ms]"))


def _seconds(seed: int, tag: str, keys: Keys, median: float, draw: int = 0) -> NDArray[np.timedelta64]:
    wait = 1 + chance.lognormal(seed, f"{tag} seconds", keys, median, 0.9, draw)
    return np.asarray((wait * 1000).astype("timedelta64[ms]"))
