"""Which bills are written, when and over what: one for each period of a subscription and one for each won deal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.catalogue import Catalogue
from warehouse.demo.chance import Keys, identifiers, integers, keys_of, uniform
from warehouse.demo.columns import NO_DAY, Days, Ids, Moments, Money, moment, to_cent, working_day
from warehouse.demo.customers import Customers
from warehouse.demo.deals import WON, Deals
from warehouse.demo.naming import Texts, numbered
from warehouse.demo.presets import Company
from warehouse.demo.quotes import Contracts
from warehouse.demo.subscriptions import Subscriptions
from warehouse.demo.taxes import tax_of

BILLED_WITHIN = 12
"""Days from a won deal to its bill."""
DRAFT_DAYS = 2
"""A bill over a deal is a draft for so long."""


@dataclass(frozen=True)
class BillLines:
    """Positions of bills, each bill's together."""

    bill: NDArray[np.int64]
    position: NDArray[np.int64]
    product: NDArray[np.int64]
    quantity: NDArray[np.int64]
    price: Money
    discount: NDArray[np.int64]
    percent: NDArray[np.int64]
    """Tax; both are whole percents."""
    amount: Money
    tax: Money
    first: Days
    last: Days
    """The days it is for; NaT where it is for none."""


@dataclass(frozen=True)
class Bills:
    """Bills written by the company's `until`; those over deals first, then those of subscriptions."""

    customer: NDArray[np.int64]
    keys: Keys
    ids: Ids
    numbers: Texts
    created_at: Moments
    issued_on: Days
    """Planned: one after `until` is a draft still."""
    due_on: Days
    subtotal: Money
    tax: Money
    deal_ids: Ids
    contract_ids: Ids
    subscription_ids: Ids
    lines: BillLines

    @property
    def total(self) -> Money:
        """With tax."""
        return self.subtotal + self.tax


@dataclass(frozen=True)
class _Part:
    """Bills of one origin, before their sums are known."""

    customer: NDArray[np.int64]
    keys: Keys
    numbers: Texts
    created_at: Moments
    issued_on: Days
    deal_ids: Ids
    contract_ids: Ids
    subscription_ids: Ids
    lines: BillLines


def bills_of(
    company: Company, customers: Customers, catalogue: Catalogue, deals: Deals, contracts: Contracts,
    subs: Subscriptions, seed: int,
) -> Bills:  # fmt: skip
    """The bills of a range of customers."""
    percent = tax_of(company, customers)
    parts = [
        _of_deals(company, customers, deals, contracts, subs, percent, seed),
        _of_subscriptions(company, customers, catalogue, subs, percent, seed),
    ]
    part = _joined(parts)
    created = part.created_at
    return Bills(
        customer=part.customer,
        keys=part.keys,
        ids=identifiers(seed, "invoices", part.keys, created),
        numbers=part.numbers,
        created_at=created,
        issued_on=part.issued_on,
        due_on=part.issued_on + customers.terms[part.customer],
        subtotal=np.bincount(part.lines.bill, part.lines.amount, len(part.keys)).astype(np.int64),
        tax=np.bincount(part.lines.bill, part.lines.tax, len(part.keys)).astype(np.int64),
        deal_ids=part.deal_ids,
        contract_ids=part.contract_ids,
        subscription_ids=part.subscription_ids,
        lines=part.lines,
    )


def _of_deals(
    company: Company, customers: Customers, deals: Deals, contracts: Contracts, subs: Subscriptions,
    percent: NDArray[np.int64], seed: int,
) -> _Part:  # fmt: skip
    """A bill over each won deal; what a software company sold first is billed with the subscription."""
    covered = np.zeros(len(customers), bool)
    covered[subs.customer] = company.kind.name == "software"
    keys = keys_of(deals.keys, "bill")
    issued = working_day(deals.outlook.closes_on + integers(seed, "billed after", keys, 1, BILLED_WITHIN))
    issued = np.maximum(issued, deals.outlook.closes_on)
    created_on = np.maximum(issued - DRAFT_DAYS, deals.outlook.closes_on)
    created = moment(created_on, 0.75 + 0.2 * uniform(seed, "bill hour", keys))
    created = np.maximum(created, deals.steps.last)
    issued = np.maximum(issued, created.astype("datetime64[D]"))
    billed = (deals.stage == WON) & ~(deals.is_try & covered[deals.customer])
    billed &= created.astype("datetime64[D]") <= company.until
    rows = np.flatnonzero(billed)
    line = np.flatnonzero(billed[deals.lines.deal])
    of_deal, customer = deals.lines.deal[line], deals.customer[rows]
    bill = np.searchsorted(rows, of_deal)
    taxed = percent[customer][bill]
    amount, none = deals.lines.amount[line], np.full(len(line), NO_DAY)
    lines = BillLines(
        bill, deals.lines.position[line], deals.lines.product[line], deals.lines.quantity[line],
        deals.lines.price[line], deals.lines.discount[line], taxed, amount, to_cent(amount * taxed // 100), none, none,
    )  # fmt: skip
    return _Part(
        customer=customer,
        keys=keys[rows],
        numbers=numbered("I-", customers.numbers[customer], 7) + numbered("-D", deals.ordinal[rows] + 1, 2),
        created_at=created[rows],
        issued_on=issued[rows],
        deal_ids=deals.ids[rows],
        contract_ids=contracts.ids_of(rows),
        subscription_ids=np.zeros(len(rows), "S36"),
        lines=lines,
    )


def _of_subscriptions(
    company: Company, customers: Customers, catalogue: Catalogue, subs: Subscriptions, percent: NDArray[np.int64],
    seed: int,
) -> _Part:  # fmt: skip
    """A bill at the beginning of each period in which a subscription runs."""
    sub, spell, place, first = _periods(company, subs)
    months = subs.months[sub]
    seats = subs.seats_on(sub, first, company.origin)
    keys = keys_of(subs.keys[sub], spell, place)
    created = moment(first, 0.62 + 0.3 * uniform(seed, "bill hour", keys))
    customer = subs.customer[sub]
    price, taxed = subs.unit_price[sub], percent[customer]
    amount = seats * price
    bill = np.arange(len(sub))
    lines = BillLines(
        bill, np.ones_like(bill), subs.plan[sub], seats, price, np.zeros_like(bill), taxed, amount,
        to_cent(amount * taxed // 100), first, _after(first, months) - 1,
    )  # fmt: skip
    middle = np.where(spell == 0, "-S", "-R").astype(object)
    none = np.zeros(len(sub), "S36")
    return _Part(
        customer=customer,
        keys=keys,
        numbers=numbered("I-", customers.numbers[customer], 7) + middle + numbered("", place + 1, 3),
        created_at=created,
        issued_on=first,
        deal_ids=none,
        contract_ids=none,
        subscription_ids=subs.ids[sub],
        lines=lines,
    )


def _after(days: Days, months: NDArray[np.int64]) -> Days:
    """The same day so many months later; none of the days is after the 28th."""
    begun = days.astype("datetime64[M]")
    return np.asarray((begun + months).astype("datetime64[D]") + (days - begun.astype("datetime64[D]")))


def _periods(
    company: Company, subs: Subscriptions
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Days]:
    """(subscription, spell, number, first day) of each billing period that has begun; a spell ends when it is canceled."""
    found = []
    spells = ((subs.paid_from, subs.canceled_on), (subs.returned_on, subs.canceled_again_on))
    for spell, (begin, left) in enumerate(spells):
        start = np.where(begin.astype("datetime64[D]") <= company.until, begin, NO_DAY)
        end = np.fmin(np.where(np.isnat(left), company.until + 1, left), company.until + 1)
        there = ~np.isnat(start) & (start < end)
        rows = np.flatnonzero(there)
        span = (end[rows].astype("datetime64[M]") - start[rows].astype("datetime64[M]")).astype(np.int64)
        count = span // subs.months[rows] + 1
        sub = np.repeat(rows, count)
        place = np.arange(len(sub)) - np.repeat(np.cumsum(count) - count, count)
        first = _after(start[sub], place * subs.months[sub])
        begun = first < end[sub]
        found.append((sub[begun], np.full(int(begun.sum()), spell), place[begun], first[begun]))
    sub, spell_of, place, first = (np.concatenate(part) for part in zip(*found, strict=True))
    return sub, spell_of, place, first


def _joined(parts: list[_Part]) -> _Part:
    shifted, bills = [], 0
    for part in parts:
        lines = {name: getattr(part.lines, name) for name in BillLines.__dataclass_fields__}
        shifted.append(lines | {"bill": part.lines.bill + bills})
        bills += len(part.keys)
    lines = {name: np.concatenate([one[name] for one in shifted]) for name in BillLines.__dataclass_fields__}
    names = [name for name in _Part.__dataclass_fields__ if name != "lines"]
    rest = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return _Part(**rest, lines=BillLines(**lines))
