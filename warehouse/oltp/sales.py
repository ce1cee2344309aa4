"""Sales tables: the deals people are working on, and what they did about them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    DERIVED,
    PERSONAL,
    Base,
    HistoryRow,
    Record,
    above_zero,
    in_organization,
    owned_key,
)
from warehouse.oltp.states import State
from warehouse.oltp.types import Id


class Stage(State):
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
    def probability(self) -> int:
        """How many of a hundred deals that stand here are won, where nobody says otherwise."""
        return PROBABILITIES[self]


PROBABILITIES = {
    Stage.LEAD: 10,
    Stage.QUALIFIED: 25,
    Stage.PROPOSAL: 50,
    Stage.NEGOTIATION: 75,
    Stage.CLOSED_WON: 100,
    Stage.CLOSED_LOST: 0,
}
"""Stage → the percentage that a forecast weighs its deals by."""


class Opportunity(Record, Base):
    """A deal on its way up the ladder. An amount nobody has named yet is null, never zero."""

    __tablename__ = "opportunities"
    responsible = "sales_rep_id"
    __table_args__ = (
        owned_key(),
        in_organization("customer_id", "customers"),
        in_organization("contact_id", "contacts"),
        in_organization("sales_rep_id", "memberships"),
        in_organization("territory_id", "territories"),
        in_organization("campaign_id", "campaigns"),
        Index(None, "organization_id", "stage"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("probability_override between 0 and 100", name="probability_is_a_percentage"),
    )

    name: Mapped[str] = mapped_column(info=PERSONAL)
    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    """The person there whom the deal is worked out with."""
    sales_rep_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    territory_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    campaign_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    """The campaign it came from."""
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
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}", info=PERSONAL)

    probability: Mapped[int | None] = mapped_column(info=BUSINESS | DERIVED)
    ai_insights: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL | DERIVED)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS | DERIVED)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS | DERIVED)


class OpportunityLineItem(Record, Base):
    """One product on a deal; the first line is the one the deal is known by."""

    __tablename__ = "opportunity_line_items"
    __table_args__ = (
        in_organization("opportunity_id", "opportunities"),
        in_organization("product_id", "products"),
        above_zero("quantity"),
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


class OpportunityCloseDateChange(HistoryRow, Base):
    """Somebody expects a deal to close on another day than before."""

    __tablename__ = "opportunity_close_date_changes"
    __table_args__ = (in_organization("opportunity_id", "opportunities"),)

    opportunity_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    expected_before: Mapped[date | None] = mapped_column(info=BUSINESS)
    expected_after: Mapped[date | None] = mapped_column(info=BUSINESS)
    changed_on: Mapped[date] = mapped_column(info=BUSINESS)
    changed_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)


class ActivityKind(State):
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
