"""How and when bills are paid: on time or late by the kind of payer, in parts, on the second attempt, or never."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.bills import Bills
from warehouse.demo.chance import choose, happens, integers, lognormal, sigmoid, uniform
from warehouse.demo.columns import NO_DAY, NO_MOMENT, Days, Moments, Money, evening, moment, to_cent
from warehouse.demo.customers import Customers
from warehouse.demo.presets import Company

LATE, LATE_LATENESS, LATE_SIZE, LATE_TERMS = -1.0, 1.85, 0.3, -0.25
"""Log-odds of paying late: on average; per standard deviation of the customer's lateness, which lasts; per standard
deviation of the logarithm of the amount; per 30 days of terms beyond 30."""
LATE_DAYS, LATE_SPREAD, LATE_MOST = 10.0, 0.8, 100
PLAIN, IN_PARTS, FAILS_FIRST, CREDITED, REFUNDED, NEVER, VOID = range(7)
WAYS = (0.868, 0.06, 0.035, 0.015, 0.008, 0.008, 0.006)
METHODS, METHOD_SHARES = ("card", "direct_debit", "transfer", "cash"), (0.25, 0.25, 0.48, 0.02)
DEBIT, PENDING_DAYS = 1, 2
"""Direct debits are under way for so many days."""
FAILURES = ("Account closed", "Not enough funds", "Refused by the bank")
GIVEN_UP_AFTER = 120
"""Days after it is due that a bill nobody pays is written off."""
REMINDERS = (7, 21, 35)
"""Days after it is due that a bill is reminded of."""


@dataclass(frozen=True)
class Payments:
    """What becomes of each bill, and how far that has come; one row per bill."""

    way: NDArray[np.int64]
    method: NDArray[np.int64]
    late_chance: NDArray[np.float64]
    is_late: NDArray[np.bool_]
    """Planned."""
    settles_on: Days
    """Planned day of the last payment."""
    part_on: Days
    """Of the first part or the failed attempt; NaT where there is none."""
    credit_on: Days
    refund_on: Days
    part: Money
    credit: Money
    refund: Money
    """Also credited, so that nothing is owed again."""
    last: Money
    """What the last payment is over."""


def payments_of(company: Company, customers: Customers, bills: Bills, seed: int) -> Payments:
    """How the bills are paid."""
    keys, total = bills.keys, bills.total
    lateness = customers.latent.lateness[bills.customer]
    terms = customers.terms[bills.customer]
    size = (np.log(np.maximum(1, total)) - np.log(company.kind.deal_size * 10_000)) / 1.5
    known = LATE_LATENESS * lateness + LATE_SIZE * np.clip(size, -2, 2) + LATE_TERMS * (terms - 30) / 30
    chance = sigmoid(LATE + company.drift(bills.issued_on) + company.signal * known)
    late = happens(seed, "pays late", keys, chance)
    behind = lognormal(seed, "late days", keys, LATE_DAYS * np.exp(0.25 * company.signal * lateness), LATE_SPREAD)
    early = np.floor((0.15 + 0.85 * uniform(seed, "early days", keys)) * terms).astype(np.int64)
    after = np.where(late, terms + 1 + np.minimum(LATE_MOST, behind).astype(np.int64), early)
    way = choose(seed, "way of paying", keys, WAYS)
    settles = bills.issued_on + np.maximum(after, 1)
    part_after = np.maximum(1, np.where(way == IN_PARTS, after // 2, after - 3))
    part_on = np.where((way == IN_PARTS) | (way == FAILS_FIRST), bills.issued_on + part_after, NO_DAY)
    share = integers(seed, "share", keys, 20, 70)
    part = np.where(way == IN_PARTS, to_cent(total * share // 100), 0)
    credit = np.where(way == CREDITED, to_cent(total * share // 200), 0)
    credit_on = np.where(way == CREDITED, bills.issued_on + np.maximum(1, np.minimum(after, 10)), NO_DAY)
    refund_on = np.where(way == REFUNDED, settles + integers(seed, "refund after", keys, 4, 30), NO_DAY)
    return Payments(
        way=way,
        method=choose(seed, "method", keys, METHOD_SHARES),
        late_chance=chance,
        is_late=late,
        settles_on=np.where(way < NEVER, settles, NO_DAY),
        part_on=np.where(part_on < settles, part_on, NO_DAY),
        credit_on=credit_on,
        refund_on=refund_on,
        part=np.where(part_on < settles, part, 0),
        credit=credit,
        refund=np.where(way == REFUNDED, to_cent(total * share // 100), 0),
        last=total - np.where(part_on < settles, part, 0) - credit,
    )


@dataclass(frozen=True)
class Standing:
    """Where bills stand on the evening of `until`; one row per bill."""

    status: NDArray[np.int64]
    """Place in INVOICES."""
    paid: Money
    credited: Money
    paid_on: Days
    reminders: NDArray[np.int64]
    is_disputed: NDArray[np.bool_]
    changed_at: Moments


INVOICES = ("draft", "open", "paid", "void", "uncollectible")
DRAFT, OPEN, PAID, VOIDED, WRITTEN_OFF = range(5)


def standing(company: Company, bills: Bills, pays: Payments) -> Standing:
    """Where the bills stand."""
    until = company.until
    settled, refunded = pays.settles_on <= until, pays.refund_on <= until
    part_paid = (pays.part_on <= until) & (pays.way == IN_PARTS)
    paid = np.where(settled, pays.last, 0) + np.where(part_paid, pays.part, 0) - np.where(refunded, pays.refund, 0)
    credited = np.where(pays.credit_on <= until, pays.credit, 0) + np.where(refunded, pays.refund, 0)
    issued = bills.issued_on <= until
    given_up = bills.due_on + GIVEN_UP_AFTER
    void_on = bills.issued_on + 3
    status = np.select(
        [~issued, (pays.way == VOID) & (void_on <= until), (pays.way == NEVER) & (given_up <= until), settled],
        [DRAFT, VOIDED, WRITTEN_OFF, PAID],
        default=OPEN,
    )
    end = np.fmin(np.where(np.isnat(pays.settles_on), until, pays.settles_on), until)
    reminders = np.sum([bills.due_on + days < end for days in REMINDERS], axis=0)
    reminders = np.where(status == VOIDED, 0, reminders)
    events = [bills.issued_on, pays.part_on, pays.credit_on, pays.settles_on, pays.refund_on]
    events += [np.where(pays.way == VOID, void_on, NO_DAY), np.where(pays.way == NEVER, given_up, NO_DAY)]
    last = np.full(len(paid), NO_DAY)
    for day in events:
        last = np.fmax(last, np.where(day <= until, day, NO_DAY))
    return Standing(
        status=status,
        paid=paid,
        credited=credited,
        paid_on=np.where(status == PAID, np.fmax(pays.settles_on, pays.credit_on), NO_DAY),
        reminders=reminders,
        is_disputed=pays.credit_on - 1 <= until,
        changed_at=np.where(np.isnat(last), NO_MOMENT, np.minimum(moment(last, 0.99), evening(until))),
    )
