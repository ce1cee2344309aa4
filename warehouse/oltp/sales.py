"""Sales tables: products, the deals people are working on, and what they did about them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    RESTRICTED,
    Base,
    HistoryRow,
    Record,
    in_organization,
    owned_key,
)
from warehouse.oltp.types import Id


class Stage(StrEnum):
    """The sales ladder, in order."""

    LEAD = "lead"
    QUALIFIED = "qualified"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    CLOSED_WON = "closed_won"
    CLOSED_LOST = "closed_lost"

    @property
    def is_won(self) -> bool:
        """The customer said yes."""
        return self is Stage.CLOSED_WON

    @property
    def is_lost(self) -> bool:
        """The customer said no."""
        return self is Stage.CLOSED_LOST

    @property
    def is_open(self) -> bool:
        """Still being worked on."""
        return not (self.is_won or self.is_lost)

    @property
    def position(self) -> int:
        """Its rung, from one."""
        return list(Stage).index(self) + 1

    @property
    def label(self) -> str:
        """As people write it."""
        return self.value.replace("_", " ").capitalize()


class Product(Record, Base):
    """Something we sell."""

    __tablename__ = "products"
    __table_args__ = (owned_key(), Index(None, "organization_id", "name"))

    name: Mapped[str] = mapped_column(info=BUSINESS)
    series: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    list_price: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    cost: Mapped[Decimal | None] = mapped_column(info=RESTRICTED)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class Opportunity(Record, Base):
    """A deal on its way up the ladder. An amount nobody has named yet is null, never zero."""

    __tablename__ = "opportunities"
    responsible = "sales_rep_id"
    __table_args__ = (
        owned_key(),
        in_organization("customer_id", "customers"),
        in_organization("sales_rep_id", "memberships"),
        Index(None, "organization_id", "stage"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("probability_override between 0 and 100", name="probability_is_a_percentage"),
    )

    name: Mapped[str] = mapped_column(info=PERSONAL)
    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    sales_rep_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    stage: Mapped[Stage] = mapped_column(default=Stage.LEAD, info=BUSINESS)
    amount: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    opened_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    expected_close_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    closed_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    source: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    lost_reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    competitor_info: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    probability_override: Mapped[int | None] = mapped_column(info=BUSINESS)

    # derived, written back by the platform, read-only for people
    probability: Mapped[int | None] = mapped_column(info=BUSINESS)
    ai_insights: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)


class OpportunityLineItem(Record, Base):
    """One product on a deal; the first line is the one the deal is known by."""

    __tablename__ = "opportunity_line_items"
    __table_args__ = (
        in_organization("opportunity_id", "opportunities"),
        in_organization("product_id", "products"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    opportunity_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    product_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    position: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    quantity: Mapped[Decimal] = mapped_column(default=Decimal(1), info=BUSINESS)
    unit_price: Mapped[Decimal | None] = mapped_column(info=BUSINESS)


class OpportunityStageChange(HistoryRow, Base):
    """A deal reached a rung of the ladder on a day."""

    __tablename__ = "opportunity_stage_changes"
    __table_args__ = (in_organization("opportunity_id", "opportunities"),)

    opportunity_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    from_stage: Mapped[Stage | None] = mapped_column(info=BUSINESS)
    to_stage: Mapped[Stage] = mapped_column(info=BUSINESS)
    changed_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    """The business day; null where the source did not say."""
    changed_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class ActivityKind(StrEnum):
    """What was done, or is to be done next."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    NOTE = "note"
    TASK = "task"


class Activity(Record, Base):
    """Something a person did about a customer or a deal; a task not yet done is a next step."""

    __tablename__ = "activities"
    __table_args__ = (
        in_organization("opportunity_id", "opportunities"),
        in_organization("customer_id", "customers"),
        in_organization("member_id", "memberships"),
    )

    kind: Mapped[ActivityKind] = mapped_column(info=BUSINESS)
    subject: Mapped[str] = mapped_column(info=PERSONAL)
    body: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    opportunity_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    member_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    happened_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    due_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    done_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    duration_minutes: Mapped[int | None] = mapped_column(info=BUSINESS)
