"""Who sells where and how much of it is asked of them: territories, quotas, and the rules that hand out new work."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    RESTRICTED,
    WITHIN,
    Base,
    Record,
    in_order,
    in_organization,
    owned_key,
    within,
)
from warehouse.oltp.states import State
from warehouse.oltp.types import Id


class Territory(Record, Base):
    """A part of the market, perhaps a part of a larger one."""

    __tablename__ = "territories"
    __table_args__ = (
        owned_key(),
        in_organization("parent_territory_id", "territories", **WITHIN),
        in_organization("lead_id", "memberships"),
    )

    name: Mapped[str] = mapped_column(info=BUSINESS)
    parent_territory_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    lead_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Which customers belong to it: field of the customer → list of values."""


class TerritoryMember(Record, Base):
    """A member who sells in a territory."""

    __tablename__ = "territory_members"
    __table_args__ = (
        UniqueConstraint("territory_id", "membership_id"),
        in_organization("territory_id", "territories"),
        in_organization("membership_id", "memberships"),
    )

    territory_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)


class QuotaMeasure(State):
    """What is counted against a quota."""

    BOOKINGS = "bookings"
    REVENUE = "revenue"
    NEW_CUSTOMERS = "new_customers"


class Quota(Record, Base):
    """What is asked of a member or a territory in a span of days."""

    __tablename__ = "quotas"
    __table_args__ = (
        in_organization("membership_id", "memberships"),
        in_organization("territory_id", "territories"),
        within("amount", least=0, exact=True),
        in_order("starts_on", "ends_on"),
    )

    membership_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    territory_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    measure: Mapped[QuotaMeasure] = mapped_column(default=QuotaMeasure.BOOKINGS, info=BUSINESS)
    starts_on: Mapped[date] = mapped_column(info=BUSINESS)
    ends_on: Mapped[date] = mapped_column(info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(info=RESTRICTED)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)


class AssignmentMethod(State):
    """How a rule chooses among its members."""

    ROUND_ROBIN = "round_robin"
    TERRITORY = "territory"
    LOAD = "load"


class AssignmentRule(Record, Base):
    """Who gets new customers and tickets that match; rules are tried in their order."""

    __tablename__ = "assignment_rules"
    __table_args__ = (owned_key(), in_organization("territory_id", "territories"), within("position", least=1))

    name: Mapped[str] = mapped_column(info=BUSINESS)
    entity: Mapped[str] = mapped_column(String(60), default="customers", info=BUSINESS)
    method: Mapped[AssignmentMethod] = mapped_column(default=AssignmentMethod.ROUND_ROBIN, info=BUSINESS)
    position: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    conditions: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Field of the record → list of values; none, every record matches."""
    territory_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class AssignmentRuleMember(Record, Base):
    """A member whom a rule may choose."""

    __tablename__ = "assignment_rule_members"
    __table_args__ = (
        UniqueConstraint("assignment_rule_id", "membership_id"),
        in_organization("assignment_rule_id", "assignment_rules"),
        in_organization("membership_id", "memberships"),
        within("position", least=1),
    )

    assignment_rule_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    position: Mapped[int] = mapped_column(default=1, info=BUSINESS)
