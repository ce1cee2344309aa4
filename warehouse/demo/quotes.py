"""What was offered and what was signed: quotes with their lines, contracts and the events on the way to a signature."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.catalogue import Catalogue
from warehouse.demo.chance import Keys, happens, identifiers, keys_of, uniform
from warehouse.demo.columns import (
    NO_DAY,
    NO_MOMENT,
    UNIT,
    Chunk,
    Days,
    Ids,
    Moments,
    Words,
    chunk,
    day_of,
    evening,
    known,
    moment,
    to_cent,
    working_day,
    written,
)
from warehouse.demo.customers import Customers
from warehouse.demo.deals import Deals
from warehouse.demo.histories import steps
from warehouse.demo.naming import Texts, numbered, person_emails, person_names
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.taxes import tax_of
from warehouse.demo.winning import PROPOSAL, RUNGS

QUOTES = ("draft", "sent", "accepted", "declined", "expired")
DRAFT, SENT, ACCEPTED, DECLINED, EXPIRED = range(5)
VALID_DAYS, DRAFT_HOURS = 90, 2
"""How long an offer holds; from its first line until it is sent."""
ANSWERS = 0.7
"""Share of lost offers that are declined; the others run out."""
CONTRACTS = ("draft", "sent", "signed", "active", "ended", "terminated")
TERM_MONTHS = 12
STARTS_AFTER = 10
"""Days from the signature to the first day of a contract."""
RENEWS = 0.6
"""Share of contracts that go on by themselves."""


@dataclass(frozen=True)
class Contracts:
    """Contracts of a range's deals, as far as they are sent."""

    deal: NDArray[np.int64]
    ids: Ids
    is_signed: NDArray[np.bool_]
    of_deal: NDArray[np.int64]
    """Per deal, the row of its contract; -1 where there is none."""

    def ids_of(self, deals: NDArray[np.int64]) -> Ids:
        """The contracts of deals (by row; -1 is no deal); empty where there is none."""
        rows = np.where(deals >= 0, self.of_deal[deals], -1) if len(self.of_deal) else np.full(len(deals), -1)
        return np.where(rows >= 0, self.ids[rows], b"") if len(self.ids) else np.zeros(len(deals), "S36")


def quote_chunks(
    company: Company, people: People, customers: Customers, catalogue: Catalogue, deals: Deals, seed: int
) -> Iterator[Chunk]:
    """A quote for each deal that came to a proposal, and its lines."""
    offered = _offered(deals)
    rows = np.flatnonzero(offered)
    keys = keys_of(deals.keys[rows], "quote")
    made = deals.reached_at[rows, PROPOSAL]
    fate = _fate(company, deals, rows, keys, seed)
    ids = identifiers(seed, "quotes", keys, made)
    percent = tax_of(company, customers)[deals.customer[rows]]
    line = np.flatnonzero(offered[deals.lines.deal])
    quote = np.searchsorted(rows, deals.lines.deal[line])
    amount = deals.lines.amount[line]
    tax = to_cent(amount * percent[quote] // 100)
    subtotal = np.bincount(quote, amount, len(rows)).astype(np.int64)
    taxes = np.bincount(quote, tax, len(rows)).astype(np.int64)
    sellers = people.ids[deals.seller[rows]]
    customer = deals.customer[rows]
    columns = {
        "id": ids,
        "number": numbered("Q-", customers.numbers[customer], 7) + numbered("-", deals.ordinal[rows] + 1, 2),
        "opportunity_id": deals.ids[rows],
        "customer_id": customers.ids[customer],
        "sales_rep_id": sellers,
        "price_book_id": catalogue.book_ids[customers.currency[customer]],
        "status": Words(fate.state, QUOTES),
        "currency": Words(customers.currency[customer], customers.currencies),
        "issued_on": fate.issued_on,
        "valid_until": np.fmax(fate.issued_on + VALID_DAYS, fate.closed_on),
        "closed_on": fate.closed_on,
        "subtotal": subtotal,
        "tax": taxes,
        "total": subtotal + taxes,
        **written(made, sellers, fate.last),
    }
    yield chunk("quotes", columns)
    lines = deals.lines
    line_keys = keys_of(keys[quote], lines.position[line])
    at = made[quote]
    columns = {
        "id": identifiers(seed, "quote_lines", line_keys, at),
        "quote_id": ids[quote],
        "product_id": catalogue.ids[lines.product[line]],
        "position": lines.position[line],
        "description": np.array(catalogue.names, object)[lines.product[line]],
        "quantity": lines.quantity[line] * UNIT,
        "unit_price": lines.price[line],
        "discount_percent": lines.discount[line] * UNIT,
        "tax_percent": percent[quote] * UNIT,
        "amount": amount,
        "tax_amount": tax,
        **written(at, sellers[quote]),
    }
    yield chunk("quote_lines", columns)


def _offered(deals: Deals) -> NDArray[np.bool_]:
    """Which deals came to a proposal by now."""
    return (deals.outlook.highest >= PROPOSAL) & (deals.steps.last_place >= PROPOSAL)


class _Fate(NamedTuple):
    """What became of quotes: where they stand, when that last changed, the days they were issued and closed."""

    state: NDArray[np.int64]
    last: Moments
    issued_on: Days
    closed_on: Days


def _fate(company: Company, deals: Deals, rows: NDArray[np.int64], keys: Keys, seed: int) -> _Fate:
    """Whether and when the quotes of these deals were sent, and how they ended."""
    made = deals.reached_at[rows, PROPOSAL]
    sent = made + np.timedelta64(DRAFT_HOURS, "h")
    answered = happens(seed, "quote answered", keys, ANSWERS)
    wins, is_over = deals.outlook.wins[rows], deals.is_over[rows]
    end = np.where(wins, ACCEPTED, np.where(answered, DECLINED, EXPIRED))
    lapses = moment(day_of(sent) + VALID_DAYS + 1, 0.01)
    closes = np.where(end == EXPIRED, lapses, np.where(is_over, deals.steps.last[rows], NO_MOMENT))
    to = np.column_stack([np.full_like(end, DRAFT), np.full_like(end, SENT), end])
    history = steps(np.column_stack([made, sent, closes]), to, company.until)
    is_sent, is_closed = history.state >= SENT, history.state >= ACCEPTED
    issued = np.where(is_sent, day_of(sent), NO_DAY)
    closed_on = np.where(end == EXPIRED, issued + VALID_DAYS, np.maximum(deals.outlook.closes_on[rows], issued))
    closed_on = np.where(is_closed, closed_on, NO_DAY)
    return _Fate(history.state, history.last, issued, closed_on)


def contracts_of(company: Company, customers: Customers, deals: Deals, seed: int) -> Contracts:
    """The contracts of a range's deals with companies, sent while they are negotiated."""
    sent_at = _sent_at(deals)
    sent = (customers.segment[deals.customer] > 0) & (deals.outlook.highest == RUNGS - 1)
    # On the last evening a hurried deal can be negotiated in its plan and not yet offered: no contract without a quote.
    sent &= (sent_at < evening(company.until)) & _offered(deals)
    rows = np.flatnonzero(sent)
    signed = deals.is_won[rows]
    of_deal = np.full(len(deals), -1)
    of_deal[rows] = np.arange(len(rows))
    return Contracts(
        rows, identifiers(seed, "contracts", keys_of(deals.keys[rows], "contract"), sent_at[rows]), signed, of_deal
    )


def _sent_at(deals: Deals) -> Moments:
    return deals.reached_at[:, RUNGS - 1] + np.timedelta64(90, "m")


def contract_chunks(
    company: Company, people: People, customers: Customers, deals: Deals, contracts: Contracts, names: Texts, seed: int
) -> Iterator[Chunk]:
    """Contracts and what happened on the way to their signature."""
    rows = contracts.deal
    keys, customer = keys_of(deals.keys[rows], "contract"), deals.customer[rows]
    sent_at = _sent_at(deals)[rows]
    starts = working_day(deals.outlook.closes_on[rows] + STARTS_AFTER)
    ends = _term_end(starts)
    renews = happens(seed, "contract renews", keys, RENEWS)
    left = customers.life.churned_on[customer]
    stops = (left > starts) & (renews | (left < ends)) & (left <= company.until)
    signed = contracts.is_signed
    state = np.select(
        [~signed, stops, ~renews & (ends < company.until), starts <= company.until], [1, 5, 4, 3], default=2
    )
    last_day = np.where(stops, left, np.where(renews, NO_DAY, ends))
    sellers = people.ids[deals.seller[rows]]
    opened = np.where(signed, deals.steps.last[rows], sent_at)
    columns = {
        "id": contracts.ids,
        "number": numbered("C-", customers.numbers[customer], 7) + numbered("-", deals.ordinal[rows] + 1, 2),
        "customer_id": customers.ids[customer],
        "opportunity_id": deals.ids[rows],
        "quote_id": identifiers(seed, "quotes", keys_of(deals.keys[rows], "quote"), deals.reached_at[rows, PROPOSAL]),
        "sales_rep_id": sellers,
        "status": Words(state, CONTRACTS),
        "value": deals.amount[rows],
        "currency": Words(customers.currency[customer], customers.currencies),
        "signed_on": np.where(signed, deals.outlook.closes_on[rows], NO_DAY),
        "starts_on": starts,
        "ends_on": np.where(signed, last_day, np.where(renews, NO_DAY, ends)),
        "renews_itself": renews,
        **written(sent_at, sellers, opened),
    }
    yield chunk("contracts", columns)
    yield _signatures(company, customers, deals, contracts, keys, sent_at, seed)


def _term_end(starts: Days) -> Days:
    """The last day of a term that begins on these days."""
    month = starts.astype("datetime64[M]")
    into = (starts - month.astype("datetime64[D]")).astype(np.int64)
    return np.asarray((month + TERM_MONTHS).astype("datetime64[D]") + np.minimum(into, 27) - 1)


def _signatures(
    company: Company, customers: Customers, deals: Deals, contracts: Contracts, keys: Keys, sent_at: Moments, seed: int
) -> Chunk:
    """Sent, then seen and signed, or declined where the deal was lost."""
    rows = contracts.deal
    is_over, closed_at = deals.is_over[rows], np.maximum(deals.steps.last[rows], sent_at + np.timedelta64(2, "m"))
    wait = np.maximum(deals.closes_at[rows] - sent_at, np.timedelta64(1, "m"))
    seen_at = sent_at + (wait * (0.2 + 0.6 * uniform(seed, "contract seen", keys))).astype("m8[ms]")
    seen = seen_at < evening(company.until)
    planned = np.column_stack([sent_at, np.where(seen, seen_at, NO_MOMENT), np.where(is_over, closed_at, NO_MOMENT)])
    there = ~np.isnat(planned)
    contract, place = np.nonzero(there)
    kind = np.where(place < 2, place, np.where(contracts.is_signed[contract], 2, 3))
    at = planned[contract, place]
    contact = deals.contact[rows][contract]
    people = customers.contacts.keys[contact] if len(customers.contacts.keys) else keys[contract]
    columns = {
        "id": identifiers(seed, "signature_events", keys_of(keys[contract], place), at),
        "contract_id": contracts.ids[contract],
        "kind": Words(kind, ("sent", "viewed", "signed", "declined")),
        "happened_at": at,
        "signer_name": person_names(seed, people),
        "signer_email": person_emails(seed, people),
        "address": "192.0.2.7",
        **known(at),
    }
    return chunk("signature_events", columns)
