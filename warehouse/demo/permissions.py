"""What people allowed, took back, and who is not written to any more."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.campaign_words import EVIDENCE
from warehouse.demo.chance import Keys, Places
from warehouse.demo.columns import Chunk, Moments, Words, chunk, day_of, evening, known, written
from warehouse.demo.customers import Customers
from warehouse.demo.presets import Company
from warehouse.demo.touches import ENDING_SLOTS, Touches, addresses_of, allows_of

PURPOSES = ("marketing", "analytics", "sale_of_data")
REASONS = ("bounced", "unsubscribed", "complained")
"""As in ENDING_SLOTS."""
REFUSES_SALE = 0.04
"""Share of customers who ask that nothing about them is sold."""
ASKED_ANALYTICS, ALLOWS_ANALYTICS = 0.4, 0.55
"""Share of customers who were asked whether we may count their visits, and of those who said yes."""


def refuses_sale(customers: Customers, seed: int) -> NDArray[np.bool_]:
    """Who asked that nothing about them is sold."""
    return chance.happens(seed, "refuses sale", customers.keys, REFUSES_SALE)


def permission_chunks(company: Company, customers: Customers, touches: Touches, seed: int) -> Iterator[Chunk]:
    """Consents of a range of customers when they were met, those taken back, and suppressions."""
    yield _given(company, customers, seed)
    pairs = _first_reasons(company, touches)
    at = touches.suppressed_at[touches.customer[pairs]]
    reason = np.argmax(touches.at[pairs][:, ENDING_SLOTS] == at[:, None], axis=1)
    rows, contact = touches.customer[pairs], touches.contact[pairs]
    keys = chance.keys_of(touches.keys[pairs], "suppression")
    yield _taken_back(customers, keys, rows, contact, at, reason, seed)
    yield chunk(
        "suppressions",
        {
            "id": chance.identifiers(seed, "suppressions", keys, at),
            "address": addresses_of(customers, rows, contact, seed),
            "channel": "email",
            "reason": Words(reason, REASONS),
            "since": day_of(at),
            "customer_id": customers.ids[rows],
            "contact_id": customers.contacts.ids_of(contact),
            **written(at),
        },
    )


def _taken_back(
    customers: Customers, keys: Keys, rows: Places, contact: Places, at: Moments, reason: Places, seed: int
) -> Chunk:
    """Whoever unsubscribes or complains no longer allows to be written to; who bounces said nothing."""
    return chunk(
        "consents",
        {
            "id": chance.identifiers(seed, "consents", keys, at),
            "customer_id": customers.ids[rows],
            "contact_id": customers.contacts.ids_of(contact),
            "purpose": PURPOSES[0],
            "channel": "email",
            "is_given": False,
            "happened_at": at,
            "evidence": Words(reason - 1, ("Link in a mail", "Complaint to the provider")),
            **known(at),
        },
        reason > 0,
    )


def _first_reasons(company: Company, touches: Touches) -> Places:
    """The pair of each customer that decided it, known by the evening of `until`."""
    at = touches.suppressed_at[touches.customer]
    decided = (touches.at[:, ENDING_SLOTS] == at[:, None]).any(axis=1) & (at < evening(company.until))
    pairs = np.flatnonzero(decided)
    return pairs[np.unique(touches.customer[pairs], return_index=True)[1]]


def _given(company: Company, customers: Customers, seed: int) -> Chunk:
    """What each customer said when it was met: about mails always, about other things where asked or of its own accord."""
    count = len(customers)
    row, purpose = np.divmod(np.arange(len(PURPOSES) * count), len(PURPOSES))
    keys = chance.keys_of(customers.keys[row], "consent", purpose)
    at = customers.created_at[row] + (purpose * 30_000 + 30_000).astype("timedelta64[ms]")
    counted = chance.happens(seed, "allows analytics", customers.keys, ALLOWS_ANALYTICS)
    asked = chance.happens(seed, "asked analytics", customers.keys, ASKED_ANALYTICS * company.detail)
    given = np.select([purpose == 0, purpose == 1], [allows_of(customers, seed)[row], counted[row]], False)
    # Where detail is thinned, only what was allowed is kept of the question about mails.
    told = np.where(purpose == 0, given | (company.detail == 1), asked[row]) & ~customers.doubles.is_one[row]
    kept = np.where(purpose == 2, refuses_sale(customers, seed)[row], told)
    return chunk(
        "consents",
        {
            "id": chance.identifiers(seed, "consents", keys, at),
            "customer_id": customers.ids[row],
            "purpose": Words(purpose, PURPOSES),
            "channel": "email",
            "is_given": given,
            "happened_at": at,
            "evidence": Words(np.select([purpose == 2, given], [2, 0], 1), EVIDENCE),
            **known(at),
        },
        kept & (at < evening(company.until)),
    )
