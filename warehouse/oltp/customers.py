"""Customers and the people who speak for them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, PERSONAL, WITHIN, Base, Record, in_organization, owned_key
from warehouse.oltp.types import Id


class CustomerStatus(StrEnum):
    """Where a customer stands with us."""

    LEAD = "lead"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    CHURNED = "churned"


class CustomerType(StrEnum):
    """What kind of buyer."""

    INDIVIDUAL = "individual"
    BUSINESS = "business"
    ENTERPRISE = "enterprise"


class Customer(Record, Base):
    """A person or company we sell to."""

    __tablename__ = "customers"
    responsible = "assigned_sales_rep_id"
    __table_args__ = (
        owned_key(),
        in_organization("parent_customer_id", "customers", **WITHIN),
        in_organization("assigned_sales_rep_id", "memberships"),
        Index(None, "organization_id", "name"),
        CheckConstraint("employees >= 0", name="employees_not_negative"),
    )

    # personalInfo
    name: Mapped[str] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(String(320), info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(String(60), info=PERSONAL)
    company: Mapped[str | None] = mapped_column(info=PERSONAL)
    title: Mapped[str | None] = mapped_column(info=PERSONAL)
    address: Mapped[str | None] = mapped_column(Text, info=PERSONAL)

    # what kind of customer
    country: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    sector: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    status: Mapped[CustomerStatus] = mapped_column(default=CustomerStatus.PROSPECT, info=BUSINESS)
    customer_type: Mapped[CustomerType] = mapped_column(default=CustomerType.BUSINESS, info=BUSINESS)
    acquisition_source: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    became_customer_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    founded_year: Mapped[int | None] = mapped_column(info=BUSINESS)
    annual_revenue: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    employees: Mapped[int | None] = mapped_column(info=BUSINESS)
    parent_customer_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    assigned_sales_rep_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)

    # derived, written back by the platform, read-only for people
    lifetime_value: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    health_score: Mapped[int | None] = mapped_column(info=BUSINESS)
    health_factors: Mapped[list[Any] | None] = mapped_column(JSON, info=PERSONAL)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)


class Contact(Record, Base):
    """A person at a customer."""

    __tablename__ = "contacts"
    __table_args__ = (owned_key(), in_organization("customer_id", "customers"))

    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    name: Mapped[str] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(String(320), info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(String(60), info=PERSONAL)
    title: Mapped[str | None] = mapped_column(info=PERSONAL)
    is_primary: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
