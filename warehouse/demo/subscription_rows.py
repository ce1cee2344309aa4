"""Subscriptions and what changed about them, as rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.calendar import BLOCKS
from warehouse.demo.catalogue import Catalogue
from warehouse.demo.chance import choose, happens, identifiers, integers, keys_of
from warehouse.demo.columns import (
    NO_DAY,
    NO_MOMENT,
    Chunk,
    Days,
    Ids,
    Moments,
    Money,
    Words,
    chunk,
    evening,
    known,
    moment,
    written,
)
from warehouse.demo.customers import Customers
from warehouse.demo.deals import Deals
from warehouse.demo.presets import Company
from warehouse.demo.quotes import Contracts
from warehouse.demo.subscriptions import PERIODS, Subscriptions, started_at

OVERDUE, OVERDUE_DAYS = 0.12, 9
"""Share of subscriptions that are past due once, and for how long."""
DUNNED_DAYS = 18
"""For so many days before they cancel, subscriptions whose payments fail are past due."""
TRIALING, ACTIVE, PAST_DUE, CANCELED = range(4)
STATUSES = ("trialing", "active", "past_due", "canceled")
KINDS = ("started", "expanded", "contracted", "canceled", "reactivated", "status")
REASONS = ("Price", "No longer needed", "Went to somebody else", "Closed down", "Payment failed")
UNPAID = 4
PERIOD_WORDS = ("monthly", "quarterly", "yearly")
"""In the order of PERIODS."""


def monthly_value(seats: NDArray[np.int64], unit_price: Money, months: NDArray[np.int64]) -> Money:
    """Seats x price / months, to the cent, half a cent upwards."""
    cents = seats * unit_price // 100
    return (2 * cents + months) // (2 * months) * 100


@dataclass(frozen=True)
class _Changes:
    """Planned changes of subscriptions, each subscription's in the order of time."""

    at: Moments
    status: NDArray[np.int64]
    seats: NDArray[np.int64]
    """-1 where they stay."""


def _planned(subs: Subscriptions, seed: int) -> _Changes:
    keys, n = subs.keys, len(subs.keys)
    none = np.full(n, NO_DAY)
    first = started_at(seed, keys, subs.started_on)
    trial = subs.paid_from > subs.started_on
    active = np.where(trial, moment(subs.paid_from, 0.05), first)
    spell = np.where(np.isnat(subs.canceled_on), 900, (subs.canceled_on - subs.paid_from).astype(np.int64))
    due = subs.paid_from + integers(seed, "overdue on", keys, 20, np.maximum(21, np.minimum(spell, 900)))
    once = (
        happens(seed, "overdue", keys, OVERDUE) & (spell > 60) & ~(due + OVERDUE_DAYS + DUNNED_DAYS >= subs.canceled_on)
    )
    dunned = subs.is_involuntary & (spell > 2 * DUNNED_DAYS)
    columns = [
        (np.where(trial, first, NO_MOMENT), TRIALING, None),
        (active, ACTIVE, subs.first_seats),
        (moment(np.where(once, due, none), 0.1), PAST_DUE, None),
        (moment(np.where(once, due + OVERDUE_DAYS, none), 0.15), ACTIVE, None),
        (moment(np.where(dunned, subs.canceled_on - DUNNED_DAYS, none), 0.2), PAST_DUE, None),
        (moment(subs.canceled_on, 0.9), CANCELED, None),
        (moment(subs.returned_on, 0.5), ACTIVE, None),
        (moment(subs.canceled_again_on, 0.9), CANCELED, None),
    ]
    at = np.stack([one for one, _, _ in columns] + [moment(subs.seat_days[:, b], 0.4) for b in range(BLOCKS)], axis=1)
    status = np.tile([one for _, one, _ in columns] + [-1] * BLOCKS, (n, 1))
    seats = np.full(at.shape, -1)
    seats[:, 0] = seats[:, 1] = subs.first_seats
    seats[:, len(columns) :] = subs.seats_after
    order = np.argsort(np.where(np.isnat(at), np.iinfo(np.int64).max, at.astype(np.int64)), axis=1, kind="stable")
    return _Changes(*(np.take_along_axis(one, order, axis=1) for one in (at, status, seats)))


def subscription_chunks(
    company: Company, customers: Customers, catalogue: Catalogue, deals: Deals, contracts: Contracts,
    subs: Subscriptions, seed: int,
) -> Iterator[Chunk]:  # fmt: skip
    """Subscriptions and their changes; the changes of value add up to the value."""
    planned, n = _planned(subs, seed), len(subs.keys)
    end = evening(company.until)
    status, seats, value = np.full(n, -1), subs.first_seats.copy(), np.zeros(n, np.int64)
    last, paid_once, rows = np.full(n, NO_MOMENT), np.zeros(n, bool), []
    for place in range(planned.at.shape[1]):
        at = planned.at[:, place]
        happened = at < end
        now = np.where(planned.status[:, place] >= 0, planned.status[:, place], status)
        many = np.where(planned.seats[:, place] >= 0, planned.seats[:, place], seats)
        worth = np.where((now == TRIALING) | (now == CANCELED), 0, monthly_value(many, subs.unit_price, subs.months))
        kind = _kinds(value, worth, paid_once)
        which = np.flatnonzero(happened)
        rows.append(
            (which, np.full(len(which), place), at[which], kind[which], status[which], now[which], many[which],
             worth[which], worth[which] - value[which])
        )  # fmt: skip
        status, seats = np.where(happened, now, status), np.where(happened, many, seats)
        value, last = np.where(happened, worth, value), np.where(happened, at, last)
        paid_once |= happened & (worth > 0)
    ended = np.where(last.astype("datetime64[D]") >= subs.canceled_again_on, subs.canceled_again_on, subs.canceled_on)
    canceled = status == CANCELED
    reason = np.where(
        subs.is_involuntary, UNPAID, choose(seed, "leaves because", customers.keys[subs.customer], (3, 2, 2, 1))
    )
    opportunity, contract = _origin(customers, deals, contracts, subs)
    columns = {
        "id": subs.ids,
        "customer_id": customers.ids[subs.customer],
        "product_id": catalogue.ids[subs.plan],
        "contract_id": contract,
        "opportunity_id": opportunity,
        "status": Words(status, STATUSES),
        "billing_period": Words(np.searchsorted(PERIODS, subs.months), PERIOD_WORDS),
        "quantity": seats,
        "unit_price": subs.unit_price,
        "currency": Words(customers.currency[subs.customer], customers.currencies),
        "monthly_value": value,
        "started_on": subs.started_on,
        "renews_on": np.where(canceled, NO_DAY, _renewal(company, subs)),
        "ended_on": np.where(canceled, ended, NO_DAY),
        "cancel_reason": Words(np.where(canceled, reason, -1), REASONS),
        **written(started_at(seed, subs.keys, subs.started_on), None, last),
    }
    yield chunk("subscriptions", columns)
    yield _changes(subs, rows, reason, seed)


def _changes(subs: Subscriptions, rows: list[Any], reason: NDArray[np.int64], seed: int) -> Chunk:
    """One row per thing that happened to a subscription."""
    which, step, at, kind, before, now, many, worth, change = (np.concatenate(part) for part in zip(*rows, strict=True))
    columns = {
        "id": identifiers(seed, "subscription_changes", keys_of(subs.keys[which], step), at),
        "subscription_id": subs.ids[which],
        "kind": Words(kind, KINDS),
        "from_status": Words(before, STATUSES),
        "to_status": Words(now, STATUSES),
        "changed_on": at.astype("datetime64[D]"),
        "quantity": many,
        "monthly_value": worth,
        "monthly_value_change": change,
        "reason": Words(np.where(now == CANCELED, reason[which], -1), REASONS),
        **known(at),
    }
    return chunk("subscription_changes", columns)


def _kinds(before: Money, now: Money, paid_once: NDArray[np.bool_]) -> NDArray[np.int64]:
    """What a change of value is called, as places in KINDS."""
    return np.select(
        [before == now, now == 0, (before > 0) & (now > before), before > 0, paid_once], [5, 3, 1, 2, 4], default=0
    )


def _renewal(company: Company, subs: Subscriptions) -> Days:
    """The first day of the next billing period."""
    begun = subs.paid_from.astype("datetime64[M]")
    into = (subs.paid_from - begun.astype("datetime64[D]")).astype(np.int64)
    passed = np.maximum(0, (company.until.astype("datetime64[M]") - begun).astype(np.int64))
    following = begun + passed // subs.months * subs.months
    day = following.astype("datetime64[D]") + into
    later = (following + subs.months).astype("datetime64[D]") + into
    return np.asarray(np.where(day > company.until, day, later))


def _origin(customers: Customers, deals: Deals, contracts: Contracts, subs: Subscriptions) -> tuple[Ids, Ids]:
    """The deal that brought the customer, and its contract."""
    won = np.flatnonzero(deals.is_try & deals.outlook.wins)
    of_customer = np.full(len(customers), -1)
    of_customer[deals.customer[won]] = won
    deal = of_customer[subs.customer]
    ids = np.where(deal >= 0, deals.ids[deal], b"") if len(deals) else np.zeros(len(deal), "S36")
    return ids, contracts.ids_of(deal)
