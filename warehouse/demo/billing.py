"""Bills, payments, refunds, credit notes and revenue as rows."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.bills import Bills, bills_of
from warehouse.demo.catalogue import Catalogue
from warehouse.demo.chance import choose, identifiers, keys_of, uniform
from warehouse.demo.columns import (
    NO_DAY,
    UNIT,
    Chunk,
    Column,
    Days,
    Words,
    chunk,
    evening,
    moment,
    written,
)
from warehouse.demo.customers import Customers
from warehouse.demo.deals import Deals
from warehouse.demo.payments import (
    DEBIT,
    DRAFT,
    FAILS_FIRST,
    FAILURES,
    INVOICES,
    METHODS,
    PENDING_DAYS,
    VOIDED,
    Payments,
    Standing,
    payments_of,
    standing,
)
from warehouse.demo.presets import Company
from warehouse.demo.quotes import Contracts
from warehouse.demo.revenue import spread
from warehouse.demo.subscription_rows import subscription_chunks
from warehouse.demo.subscriptions import subscriptions_of
from warehouse.demo.truth import Truth

REFUND_REASONS = ("Not as agreed", "Delivered late", "Goodwill")


def billing_chunks(
    company: Company, customers: Customers, catalogue: Catalogue, deals: Deals, contracts: Contracts, seed: int,
    truth: Truth,
) -> Iterator[Chunk]:  # fmt: skip
    """Everything a range of customers subscribes to, is billed and pays."""
    subs = subscriptions_of(company, customers, catalogue, seed)
    yield from subscription_chunks(company, customers, catalogue, deals, contracts, subs, seed)
    bills = bills_of(company, customers, catalogue, deals, contracts, subs, seed)
    pays = payments_of(company, customers, bills, seed)
    stands = standing(company, bills, pays)
    yield _invoices(customers, bills, stands)
    yield from _lines(catalogue, bills, stands, seed)
    yield from _payments(company, bills, pays, seed)
    yield from _credits(company, bills, pays, seed)
    _tell(company, customers, bills, pays, stands, truth)


def _invoices(customers: Customers, bills: Bills, stands: Standing) -> Chunk:
    draft = stands.status == DRAFT
    columns = {
        "id": bills.ids,
        "number": bills.numbers,
        "customer_id": customers.ids[bills.customer],
        "subscription_id": bills.subscription_ids,
        "contract_id": bills.contract_ids,
        "opportunity_id": bills.deal_ids,
        "status": Words(stands.status, INVOICES),
        "issued_on": np.where(draft, NO_DAY, bills.issued_on),
        "due_on": np.where(draft, NO_DAY, bills.due_on),
        "paid_on": stands.paid_on,
        "currency": Words(customers.currency[bills.customer], customers.currencies),
        "payment_terms_days": customers.terms[bills.customer],
        "subtotal": bills.subtotal,
        "tax": bills.tax,
        "total": bills.total,
        "amount_paid": stands.paid,
        "amount_credited": stands.credited,
        "dunning_level": stands.reminders,
        "is_disputed": stands.is_disputed,
        **written(bills.created_at, None, stands.changed_at),
    }
    return chunk("invoices", columns)


def _lines(catalogue: Catalogue, bills: Bills, stands: Standing, seed: int) -> Iterator[Chunk]:
    """Positions, and the months in which they count, once the bill is issued and unless it is void."""
    lines = bills.lines
    keys = keys_of(bills.keys[lines.bill], lines.position)
    at = bills.created_at[lines.bill]
    ids = identifiers(seed, "invoice_lines", keys, at)
    columns = {
        "id": ids,
        "invoice_id": bills.ids[lines.bill],
        "product_id": catalogue.ids[lines.product],
        "subscription_id": bills.subscription_ids[lines.bill],
        "position": lines.position,
        "description": Words(lines.product, catalogue.names),
        "quantity": lines.quantity * UNIT,
        "unit_price": lines.price,
        "discount_percent": lines.discount * UNIT,
        "tax_percent": lines.percent * UNIT,
        "amount": lines.amount,
        "tax_amount": lines.tax,
        "service_from": lines.first,
        "service_until": lines.last,
        **written(at),
    }
    yield chunk("invoice_lines", columns)
    counts = np.flatnonzero((stands.status != DRAFT)[lines.bill] & (stands.status != VOIDED)[lines.bill])
    issued = bills.issued_on[lines.bill[counts]]
    first = np.where(np.isnat(lines.first[counts]), issued, lines.first[counts])
    last = np.where(np.isnat(lines.last[counts]), issued, lines.last[counts])
    row, month, share = spread(lines.amount[counts], first, last)
    line = counts[row]
    issued_at = np.maximum(at, moment(bills.issued_on[lines.bill], 0.7))[line]
    entry_keys = keys_of(keys[line], month.astype(np.int64))
    columns = {
        "id": identifiers(seed, "revenue_schedule_entries", entry_keys, issued_at),
        "invoice_line_id": ids[line],
        "month": month.astype("datetime64[D]"),
        "amount": share,
        **written(issued_at),
    }
    yield chunk("revenue_schedule_entries", columns)


def _payments(company: Company, bills: Bills, pays: Payments, seed: int) -> Iterator[Chunk]:
    """First parts and failed attempts, then what settles the bill; debits are under way for a while."""
    n, until = len(bills.keys), company.until
    bill = np.tile(np.arange(n), 2)
    place = np.repeat([0, 1], n)
    on = np.concatenate([pays.part_on, pays.settles_on])
    failed = (place == 0) & (pays.way == FAILS_FIRST)[bill]
    amount = np.where(failed, pays.last[bill], np.concatenate([pays.part, pays.last]))
    debit = (pays.method == DEBIT)[bill] & ~failed & (place == 1)
    begun = np.where(debit, np.maximum(on - PENDING_DAYS, bills.issued_on[bill]), on)
    arrived = on <= until
    keys = keys_of(bills.keys[bill], place)
    at = np.maximum(moment(begun, uniform(seed, "payment hour", keys)), bills.created_at[bill] + np.timedelta64(1, "m"))
    there = (begun <= until) & (at < evening(until))
    reason = choose(seed, "failure", keys, (1, 3, 2))
    columns: dict[str, Column] = {
        "id": identifiers(seed, "payments", keys, at),
        "invoice_id": bills.ids[bill],
        "status": Words(np.where(failed, 2, np.where(arrived, 1, 0)), ("pending", "succeeded", "failed")),
        "method": Words(pays.method[bill], METHODS),
        "amount": amount,
        "paid_on": np.where(arrived, on, begun),
        "reference": bills.numbers[bill],
        "failure_reason": Words(np.where(failed, reason, -1), FAILURES),
        **written(at, None, np.where(debit & arrived, moment(on, 0.98), at)),
    }
    yield chunk("payments", columns, there)


def _credits(company: Company, bills: Bills, pays: Payments, seed: int) -> Iterator[Chunk]:
    """Money given back of the last payment, and what need not be paid."""
    keys = keys_of(bills.keys, "credit")
    back = pays.refund_on <= company.until
    last_keys = keys_of(bills.keys, 1)
    begun = np.where(pays.method == DEBIT, np.maximum(pays.settles_on - PENDING_DAYS, bills.issued_on), pays.settles_on)
    paid_at = np.maximum(
        moment(begun, uniform(seed, "payment hour", last_keys)), bills.created_at + np.timedelta64(1, "m")
    )
    reason = choose(seed, "refund reason", keys, (2, 2, 1))
    columns: dict[str, Column] = {
        "id": identifiers(seed, "refunds", keys, _ten(pays.refund_on)),
        "payment_id": identifiers(seed, "payments", last_keys, paid_at),
        "amount": pays.refund,
        "refunded_on": pays.refund_on,
        "reason": Words(reason, REFUND_REASONS),
        **written(_ten(pays.refund_on)),
    }
    yield chunk("refunds", columns, back)
    on = np.fmax(np.where(back, pays.refund_on, NO_DAY), pays.credit_on)
    columns = {
        "id": identifiers(seed, "credit_notes", keys, _ten(on)),
        "number": "CN" + bills.numbers,
        "invoice_id": bills.ids,
        "amount": pays.credit + pays.refund,
        "issued_on": on,
        "reason": Words(reason, REFUND_REASONS),
        **written(_ten(on)),
    }
    yield chunk("credit_notes", columns, on <= company.until)


def _ten(days: Days) -> NDArray[np.datetime64]:
    return moment(days, 0.4)


def _tell(company: Company, customers: Customers, bills: Bills, pays: Payments, stands: Standing, truth: Truth) -> None:
    """Late payment, for bills of which the due day has passed; those that nobody ever pays are left out."""
    decided = ~np.isnat(pays.settles_on) & (stands.status != DRAFT) & (bills.due_on < company.until)
    columns = {
        "invoice_id": bills.ids,
        "customer_id": customers.ids[bills.customer],
        "issued_on": bills.issued_on,
        "due_on": bills.due_on,
        "chance": pays.late_chance,
        "label": pays.settles_on > bills.due_on,
        "lateness": customers.latent.lateness[bills.customer],
    }
    truth.add("late_payment", columns, decided)
