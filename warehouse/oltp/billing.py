"""What customers subscribe to, are billed, pay and get back, and in which month it counts as revenue."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    Base,
    HistoryRow,
    Record,
    in_order,
    in_organization,
    owned_key,
    within,
)
from warehouse.oltp.sales_catalogue import BillingPeriod
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id, Rate


class SubscriptionStatus(State):
    """Where a subscription stands."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"


SUBSCRIPTION_FLOW: Flow = {
    SubscriptionStatus.TRIALING: {SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED},
    SubscriptionStatus.ACTIVE: {SubscriptionStatus.PAST_DUE, SubscriptionStatus.CANCELED},
    SubscriptionStatus.PAST_DUE: {SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED},
    SubscriptionStatus.CANCELED: {SubscriptionStatus.ACTIVE},
}


class Subscription(Record, Base):
    """Something a customer has until they stop."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        owned_key(),
        in_organization("customer_id", "customers"),
        in_organization("product_id", "products"),
        in_organization("contract_id", "contracts"),
        in_organization("opportunity_id", "opportunities"),
        within("quantity", least=0),
        within("unit_price", least=0, exact=True),
        in_order("started_on", "ended_on"),
    )

    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    product_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    contract_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    opportunity_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    status: Mapped[SubscriptionStatus] = mapped_column(default=SubscriptionStatus.ACTIVE, info=BUSINESS)
    billing_period: Mapped[BillingPeriod] = mapped_column(default=BillingPeriod.MONTHLY, info=BUSINESS)
    quantity: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    """Seats."""
    unit_price: Mapped[Decimal] = mapped_column(info=BUSINESS)
    """For one seat and one billing period, without tax."""
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    monthly_value: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    """What it brings in a month while it runs, to the cent; zero once it is canceled."""
    started_on: Mapped[date] = mapped_column(info=BUSINESS)
    renews_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    ended_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    cancel_reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class SubscriptionChangeKind(State):
    """What happened to a subscription."""

    STARTED = "started"
    EXPANDED = "expanded"
    CONTRACTED = "contracted"
    CANCELED = "canceled"
    REACTIVATED = "reactivated"
    STATUS = "status"
    """A status that leaves the value as it is."""


class SubscriptionChange(HistoryRow, Base):
    """A subscription's value or status changed on a day; the values of all its changes add up to what it brings now."""

    __tablename__ = "subscription_changes"
    __table_args__ = (in_organization("subscription_id", "subscriptions"),)

    subscription_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    kind: Mapped[SubscriptionChangeKind] = mapped_column(info=BUSINESS)
    from_status: Mapped[SubscriptionStatus | None] = mapped_column(info=BUSINESS)
    to_status: Mapped[SubscriptionStatus] = mapped_column(info=BUSINESS)
    changed_on: Mapped[date] = mapped_column(info=BUSINESS)
    changed_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    quantity: Mapped[int] = mapped_column(info=BUSINESS)
    """Seats from then on."""
    monthly_value: Mapped[Decimal] = mapped_column(info=BUSINESS)
    """What it brings from then on."""
    monthly_value_change: Mapped[Decimal] = mapped_column(info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class InvoiceStatus(State):
    """Where a bill stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


INVOICE_FLOW: Flow = {
    InvoiceStatus.DRAFT: {InvoiceStatus.OPEN, InvoiceStatus.VOID},
    InvoiceStatus.OPEN: {InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE},
    InvoiceStatus.PAID: {InvoiceStatus.OPEN},
    InvoiceStatus.VOID: set(),
    InvoiceStatus.UNCOLLECTIBLE: {InvoiceStatus.PAID},
}


class Invoice(Record, Base):
    """A bill; its amounts are the sums of its lines, payments, refunds and credit notes."""

    __tablename__ = "invoices"
    __table_args__ = (
        owned_key(),
        UniqueConstraint("organization_id", "number"),
        in_organization("customer_id", "customers"),
        in_organization("subscription_id", "subscriptions"),
        in_organization("contract_id", "contracts"),
        in_organization("opportunity_id", "opportunities"),
        within("payment_terms_days", least=0, most=3650),
        within("dunning_level", least=0, most=9),
        in_order("issued_on", "due_on"),
    )

    number: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    subscription_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    contract_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    opportunity_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    status: Mapped[InvoiceStatus] = mapped_column(default=InvoiceStatus.DRAFT, info=BUSINESS)
    issued_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    due_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    paid_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    """The day nothing was owed any more."""
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    payment_terms_days: Mapped[int] = mapped_column(default=30, info=BUSINESS)
    subtotal: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    tax: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    total: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    amount_paid: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    """Payments that arrived, less what was refunded of them."""
    amount_credited: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    dunning_level: Mapped[int] = mapped_column(default=0, info=BUSINESS)
    """How many reminders were sent."""
    is_disputed: Mapped[bool] = mapped_column(default=False, info=BUSINESS)


class InvoiceLine(Record, Base):
    """One position on a bill, and the days it is for."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        owned_key(),
        in_organization("invoice_id", "invoices"),
        in_organization("product_id", "products"),
        in_organization("subscription_id", "subscriptions"),
        within("position", least=1),
        within("quantity", least=0, exact=True),
        within("unit_price", least=0, exact=True),
        within("discount_percent", least=0, most=100, exact=True),
        within("tax_percent", least=0, most=100, exact=True),
        in_order("service_from", "service_until"),
    )

    invoice_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    product_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    subscription_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    position: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    description: Mapped[str | None] = mapped_column(info=PERSONAL)
    quantity: Mapped[Decimal] = mapped_column(default=Decimal(1), info=BUSINESS)
    unit_price: Mapped[Decimal] = mapped_column(info=BUSINESS)
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    tax_percent: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    """After discount, without tax, to the cent."""
    tax_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    service_from: Mapped[date | None] = mapped_column(info=BUSINESS)
    service_until: Mapped[date | None] = mapped_column(info=BUSINESS)
    """The last day that is paid for."""


class PaymentMethod(State):
    """How money came."""

    CARD = "card"
    DIRECT_DEBIT = "direct_debit"
    TRANSFER = "transfer"
    CASH = "cash"
    OTHER = "other"


class PaymentStatus(State):
    """Where a payment stands."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


PAYMENT_FLOW: Flow = {
    PaymentStatus.PENDING: {PaymentStatus.SUCCEEDED, PaymentStatus.FAILED},
    PaymentStatus.SUCCEEDED: set(),
    PaymentStatus.FAILED: set(),
}


class Payment(Record, Base):
    """Money for a bill, under way, arrived or refused."""

    __tablename__ = "payments"
    __table_args__ = (
        owned_key(),
        in_organization("invoice_id", "invoices"),
        within("amount", least=0, exact=True),
    )

    invoice_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    status: Mapped[PaymentStatus] = mapped_column(default=PaymentStatus.SUCCEEDED, info=BUSINESS)
    method: Mapped[PaymentMethod] = mapped_column(default=PaymentMethod.TRANSFER, info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(info=BUSINESS)
    """In the currency of the bill."""
    paid_on: Mapped[date] = mapped_column(info=BUSINESS)
    reference: Mapped[str | None] = mapped_column(info=PERSONAL)
    """What the payer or the provider wrote on it."""
    failure_reason: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)


class Refund(Record, Base):
    """Money given back of a payment."""

    __tablename__ = "refunds"
    __table_args__ = (in_organization("payment_id", "payments"), within("amount", least=0, exact=True))

    payment_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(info=BUSINESS)
    refunded_on: Mapped[date] = mapped_column(info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class CreditNote(Record, Base):
    """What a customer need not pay of a bill."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        in_organization("invoice_id", "invoices"),
        within("amount", least=0, exact=True),
    )

    number: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    invoice_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(info=BUSINESS)
    """With tax, in the currency of the bill."""
    issued_on: Mapped[date] = mapped_column(info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class RevenueScheduleEntry(Record, Base):
    """How much of an invoice line counts as revenue in one month; a line's entries add up to its amount."""

    __tablename__ = "revenue_schedule_entries"
    __table_args__ = (
        in_organization("invoice_line_id", "invoice_lines"),
        UniqueConstraint("organization_id", "invoice_line_id", "month"),
    )

    invoice_line_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    month: Mapped[date] = mapped_column(info=BUSINESS)
    """Its first day."""
    amount: Mapped[Decimal] = mapped_column(info=BUSINESS)


class FxRate(Record, Base):
    """What one unit of a currency is worth in another on a day."""

    __tablename__ = "fx_rates"
    __table_args__ = (
        UniqueConstraint("organization_id", "from_currency", "to_currency", "valid_on"),
        within("rate", least=0, exact=True),
    )

    from_currency: Mapped[str] = mapped_column(String(3), info=BUSINESS)
    to_currency: Mapped[str] = mapped_column(String(3), info=BUSINESS)
    valid_on: Mapped[date] = mapped_column(info=BUSINESS)
    rate: Mapped[Decimal] = mapped_column(Rate(), info=BUSINESS)
    source: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    fetched_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
