"""What was offered and what was signed: quotes with their lines, contracts, signatures."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    WITHIN,
    Base,
    HistoryRow,
    Record,
    in_order,
    in_organization,
    owned_key,
    within,
)
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id


class QuoteStatus(State):
    """Where an offer stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


QUOTE_FLOW: Flow = {
    QuoteStatus.DRAFT: {QuoteStatus.IN_REVIEW, QuoteStatus.SENT},
    QuoteStatus.IN_REVIEW: {QuoteStatus.DRAFT, QuoteStatus.APPROVED},
    QuoteStatus.APPROVED: {QuoteStatus.DRAFT, QuoteStatus.SENT},
    QuoteStatus.SENT: {QuoteStatus.ACCEPTED, QuoteStatus.DECLINED, QuoteStatus.EXPIRED},
    QuoteStatus.ACCEPTED: set(),
    QuoteStatus.DECLINED: set(),
    QuoteStatus.EXPIRED: set(),
}


class Quote(Record, Base):
    """An offer to a customer; its amounts are the sums of its lines."""

    __tablename__ = "quotes"
    responsible = "sales_rep_id"
    __table_args__ = (
        owned_key(),
        UniqueConstraint("organization_id", "number"),
        in_organization("opportunity_id", "opportunities"),
        in_organization("customer_id", "customers"),
        in_organization("sales_rep_id", "memberships"),
        in_organization("price_book_id", "price_books"),
        in_organization("revision_of_id", "quotes", **WITHIN),
        in_order("issued_on", "valid_until"),
        within("revision", least=1),
    )

    number: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    revision: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    revision_of_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    opportunity_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    sales_rep_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    price_book_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    status: Mapped[QuoteStatus] = mapped_column(default=QuoteStatus.DRAFT, info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    issued_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    valid_until: Mapped[date | None] = mapped_column(info=BUSINESS)
    closed_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    """When it was accepted, declined or expired."""
    subtotal: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    """What the lines cost after their discounts, without tax."""
    tax: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    total: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    terms: Mapped[str | None] = mapped_column(Text, info=PERSONAL)


class QuoteLine(Record, Base):
    """So many of one product at a price."""

    __tablename__ = "quote_lines"
    __table_args__ = (
        in_organization("quote_id", "quotes"),
        in_organization("product_id", "products"),
        within("position", least=1),
        within("quantity", least=0, exact=True),
        within("unit_price", least=0, exact=True),
        within("discount_percent", least=0, most=100, exact=True),
        within("tax_percent", least=0, most=100, exact=True),
    )

    quote_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    product_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    position: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    description: Mapped[str | None] = mapped_column(info=PERSONAL)
    quantity: Mapped[Decimal] = mapped_column(default=Decimal(1), info=BUSINESS)
    unit_price: Mapped[Decimal] = mapped_column(info=BUSINESS)
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    tax_percent: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)
    """After discount, without tax, to the cent."""
    tax_amount: Mapped[Decimal] = mapped_column(default=Decimal(0), info=BUSINESS)


class ContractStatus(State):
    """Where an agreement stands."""

    DRAFT = "draft"
    SENT = "sent"
    SIGNED = "signed"
    ACTIVE = "active"
    ENDED = "ended"
    TERMINATED = "terminated"


CONTRACT_FLOW: Flow = {
    ContractStatus.DRAFT: {ContractStatus.SENT, ContractStatus.SIGNED},
    ContractStatus.SENT: {ContractStatus.DRAFT, ContractStatus.SIGNED},
    ContractStatus.SIGNED: {ContractStatus.ACTIVE, ContractStatus.TERMINATED},
    ContractStatus.ACTIVE: {ContractStatus.ENDED, ContractStatus.TERMINATED},
    ContractStatus.ENDED: set(),
    ContractStatus.TERMINATED: set(),
}


class Contract(Record, Base):
    """What a customer signed: for how long, for how much."""

    __tablename__ = "contracts"
    responsible = "sales_rep_id"
    __table_args__ = (
        owned_key(),
        UniqueConstraint("organization_id", "number"),
        in_organization("customer_id", "customers"),
        in_organization("opportunity_id", "opportunities"),
        in_organization("quote_id", "quotes"),
        in_organization("sales_rep_id", "memberships"),
        within("value", least=0, exact=True),
        within("notice_days", least=0, most=3650),
        in_order("starts_on", "ends_on"),
    )

    number: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    opportunity_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    quote_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    sales_rep_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    status: Mapped[ContractStatus] = mapped_column(default=ContractStatus.DRAFT, info=BUSINESS)
    value: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    """Over its whole term, without tax."""
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    signed_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    starts_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    ends_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    notice_days: Mapped[int] = mapped_column(default=30, info=BUSINESS)
    renews_itself: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    terms: Mapped[str | None] = mapped_column(Text, info=PERSONAL)


class SignatureKind(State):
    """What happened on the way to a signature."""

    SENT = "sent"
    VIEWED = "viewed"
    SIGNED = "signed"
    DECLINED = "declined"


class SignatureEvent(HistoryRow, Base):
    """Somebody was sent, saw, signed or declined a contract."""

    __tablename__ = "signature_events"
    __table_args__ = (in_organization("contract_id", "contracts"),)

    contract_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    kind: Mapped[SignatureKind] = mapped_column(info=BUSINESS)
    happened_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    signer_name: Mapped[str | None] = mapped_column(info=PERSONAL)
    signer_email: Mapped[str | None] = mapped_column(String(320), info=PERSONAL)
    address: Mapped[str | None] = mapped_column(String(45), info=PERSONAL)
    """The network address it came from."""
    evidence_sha256: Mapped[str | None] = mapped_column(String(64), info=BUSINESS)
    """Digest of the document as it was seen."""
