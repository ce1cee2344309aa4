"""What people may do with subscriptions, bills and what is paid for them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from warehouse.oltp.billing import (
    INVOICE_FLOW,
    PAYMENT_FLOW,
    CreditNote,
    FxRate,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Payment,
    PaymentStatus,
    Refund,
    RevenueScheduleEntry,
)
from warehouse.operations.amounts import add_up, price_line, spread
from warehouse.operations.declare import NotAllowedNow, Work, find
from warehouse.operations.numbers import next_number
from warehouse.operations.register import keep, move

SUMS = ("subtotal", "tax", "total", "amount_paid", "amount_credited")
PAYABLE = frozenset({InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE})


def _number_invoice(work: Work, invoice: Invoice) -> None:
    invoice.number = invoice.number or next_number(work, Invoice, "I")
    if invoice.status is not InvoiceStatus.DRAFT and invoice.deleted_at:
        raise NotAllowedNow("Only a draft can be deleted; make the bill void instead.")


def _invoice_of(work: Work, invoice_id: str) -> Invoice:
    return find(work.session, work.actor, Invoice, invoice_id)


def _price(work: Work, line: InvoiceLine) -> None:
    invoice = _invoice_of(work, line.invoice_id)
    if invoice.status is not InvoiceStatus.DRAFT:
        raise NotAllowedNow(f"This bill is {invoice.status.label.lower()}; only a draft's lines can change.")
    if (line.service_from is None) != (line.service_until is None):
        raise NotAllowedNow("A line is for both a first and a last day, or for none.")
    price_line(line)


def _lines(work: Work, invoice_id: str) -> list[InvoiceLine]:
    there = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id, InvoiceLine.deleted_at.is_(None))
    return list(work.session.scalars(there.order_by(InvoiceLine.position, InvoiceLine.id)))


def _sum_up(work: Work, line: InvoiceLine) -> None:
    sums = add_up(_lines(work, line.invoice_id))
    invoice = _invoice_of(work, line.invoice_id)
    work.follow(invoice, {"subtotal": sums.subtotal, "tax": sums.tax, "total": sums.total})


def _follow_invoice(work: Work, invoice: Invoice, was: InvoiceStatus, request: Any) -> None:
    on = request.on or work.today
    if invoice.status is InvoiceStatus.OPEN and was is InvoiceStatus.DRAFT:
        _issue(work, invoice, on)
    elif invoice.status is InvoiceStatus.PAID:
        if owed(invoice) > 0:
            raise NotAllowedNow(f"{owed(invoice)} {invoice.currency} is still owed; note the payment instead.")
        invoice.paid_on = on
    elif invoice.status is InvoiceStatus.OPEN:
        if owed(invoice) <= 0:
            raise NotAllowedNow("Nothing is owed on this bill any more.")
        invoice.paid_on = None
    elif invoice.status is InvoiceStatus.VOID:
        if invoice.amount_paid:
            raise NotAllowedNow("Something was paid on this bill; refund it before the bill is made void.")
        _forget_revenue(work, invoice)


def _issue(work: Work, invoice: Invoice, on: Any) -> None:
    lines = _lines(work, invoice.id)
    if not lines:
        raise NotAllowedNow("A bill without a line asks for nothing; add one before it is issued.")
    invoice.issued_on = invoice.issued_on or on
    invoice.due_on = invoice.due_on or invoice.issued_on + timedelta(days=invoice.payment_terms_days)
    for line in lines:
        first, last = line.service_from or invoice.issued_on, line.service_until or invoice.issued_on
        for month, share in spread(line.amount, first, last).items():
            work.add(RevenueScheduleEntry(invoice_line_id=line.id, month=month, amount=share))


def _forget_revenue(work: Work, invoice: Invoice) -> None:
    lines = select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)
    counted = select(RevenueScheduleEntry).where(
        RevenueScheduleEntry.organization_id == work.actor.organization_id,
        RevenueScheduleEntry.invoice_line_id.in_(lines),
        RevenueScheduleEntry.deleted_at.is_(None),
    )
    for entry in work.session.scalars(counted):
        entry.deleted_at = work.now
        work.touch(entry)


def owed(invoice: Invoice) -> Decimal:
    """What is still to be paid of a bill, in its currency."""
    return invoice.total - invoice.amount_paid - invoice.amount_credited


def _is_payable(work: Work, invoice_id: str) -> Invoice:
    invoice = _invoice_of(work, invoice_id)
    if invoice.status not in PAYABLE:
        raise NotAllowedNow(f"This bill is {invoice.status.label.lower()}; nothing is paid on it.")
    return invoice


def _check_payment(work: Work, payment: Payment) -> None:
    _is_payable(work, payment.invoice_id)
    if payment.deleted_at and _refunded(work, payment.id):
        raise NotAllowedNow("Some of this payment was refunded; delete the refund first.")


def _settle_payment(work: Work, payment: Payment, _was: PaymentStatus, request: Any) -> None:
    payment.paid_on = request.on or payment.paid_on
    if payment.status is PaymentStatus.FAILED:
        payment.failure_reason = (request.reason or "")[:100] or None
    _settle(work, payment)


def _settle(work: Work, payment: Payment) -> None:
    _balance(work, _invoice_of(work, payment.invoice_id), payment.paid_on)


def _check_refund(work: Work, refund: Refund) -> None:
    payment = find(work.session, work.actor, Payment, refund.payment_id)
    if payment.status is not PaymentStatus.SUCCEEDED:
        raise NotAllowedNow("Only money that arrived can be given back.")


def _give_back(work: Work, refund: Refund) -> None:
    payment = find(work.session, work.actor, Payment, refund.payment_id)
    if _refunded(work, payment.id) > payment.amount:
        raise NotAllowedNow(f"Only {payment.amount} was paid; no more than that can be given back.")
    _balance(work, _invoice_of(work, payment.invoice_id), refund.refunded_on)


def _number_credit(work: Work, credit: CreditNote) -> None:
    credit.number = credit.number or next_number(work, CreditNote, "CN")
    _is_payable(work, credit.invoice_id)


def _credit(work: Work, credit: CreditNote) -> None:
    _balance(work, _invoice_of(work, credit.invoice_id), credit.issued_on)


def _sum(work: Work, column: InstrumentedAttribute[Decimal], *where: ColumnElement[bool]) -> Decimal:
    return Decimal(work.session.scalar(select(func.sum(column)).where(*where)) or 0)


def _refunded(work: Work, payment_id: str) -> Decimal:
    return _sum(work, Refund.amount, Refund.payment_id == payment_id, Refund.deleted_at.is_(None))


def _balance(work: Work, invoice: Invoice, on: Any) -> None:
    """Bring a bill in line with its payments, refunds and credit notes."""
    arrived = (
        Payment.invoice_id == invoice.id,
        Payment.deleted_at.is_(None),
        Payment.status == PaymentStatus.SUCCEEDED,
    )
    back = _sum(
        work,
        Refund.amount,
        Refund.payment_id.in_(select(Payment.id).where(*arrived)),
        Refund.deleted_at.is_(None),
    )
    paid = _sum(work, Payment.amount, *arrived) - back
    credited = _sum(work, CreditNote.amount, CreditNote.invoice_id == invoice.id, CreditNote.deleted_at.is_(None))
    if paid + credited > invoice.total:
        raise NotAllowedNow(
            f"That is more than is owed: this bill is over {invoice.total} {invoice.currency}, "
            f"{invoice.amount_paid + invoice.amount_credited} of which is settled."
        )
    values: dict[str, object] = {"amount_paid": paid, "amount_credited": credited}
    if paid + credited == invoice.total and invoice.status in {InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE}:
        values |= {"status": InvoiceStatus.PAID, "paid_on": on}
    elif paid + credited < invoice.total and invoice.status is InvoiceStatus.PAID:
        values |= {"status": InvoiceStatus.OPEN, "paid_on": None}
    work.follow(invoice, values)


def _is_another_currency(_work: Work, rate: FxRate) -> None:
    if rate.from_currency == rate.to_currency:
        raise NotAllowedNow("A rate is between two different currencies.")
    if not rate.rate:
        raise NotAllowedNow("A rate is more than zero.")


invoices = keep(
    Invoice,
    room="billing",
    noun="invoice",
    computed=("status", "paid_on", *SUMS),
    filled=("number",),
    fixed=("customer_id", "currency"),
    before=_number_invoice,
)
invoice_lines = keep(
    InvoiceLine,
    room="billing",
    noun="invoice line",
    parent="invoice_id",
    computed=("amount", "tax_amount"),
    before=_price,
    after=_sum_up,
)
move_invoice = move(Invoice, room="billing", noun="invoice", flow=INVOICE_FLOW, after=_follow_invoice)
payments = keep(
    Payment,
    room="billing",
    noun="payment",
    parent="invoice_id",
    computed=("failure_reason",),
    fixed=("status",),
    before=_check_payment,
    after=_settle,
)
move_payment = move(Payment, room="billing", noun="payment", flow=PAYMENT_FLOW, after=_settle_payment)
refunds = keep(Refund, room="billing", noun="refund", parent="payment_id", before=_check_refund, after=_give_back)
credit_notes = keep(
    CreditNote,
    room="billing",
    noun="credit note",
    parent="invoice_id",
    filled=("number",),
    before=_number_credit,
    after=_credit,
)
fx_rates = keep(FxRate, room="billing", noun="exchange rate", before=_is_another_currency)
