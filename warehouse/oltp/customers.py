"""Customers and the people who speak for them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    DERIVED,
    PERSONAL,
    WITHIN,
    Base,
    HistoryRow,
    Record,
    in_organization,
    owned_key,
)
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id


class CustomerStatus(State):
    """Where a customer stands with us."""

    LEAD = "lead"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    CHURNED = "churned"


CUSTOMER_FLOW: Flow = {
    CustomerStatus.LEAD: {CustomerStatus.PROSPECT, CustomerStatus.CUSTOMER, CustomerStatus.CHURNED},
    CustomerStatus.PROSPECT: {CustomerStatus.LEAD, CustomerStatus.CUSTOMER, CustomerStatus.CHURNED},
    CustomerStatus.CUSTOMER: {CustomerStatus.CHURNED},
    CustomerStatus.CHURNED: {CustomerStatus.PROSPECT, CustomerStatus.CUSTOMER},
}


class CustomerType(State):
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
    churned_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    founded_year: Mapped[int | None] = mapped_column(info=BUSINESS)
    annual_revenue: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    employees: Mapped[int | None] = mapped_column(info=BUSINESS)
    parent_customer_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    assigned_sales_rep_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    is_sale_of_data_refused: Mapped[bool] = mapped_column(default=False, server_default=false(), info=BUSINESS)
    """The person asked that nothing about them is sold or shared."""
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)

    lifetime_value: Mapped[Decimal | None] = mapped_column(info=BUSINESS | DERIVED)
    attribution: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}", info=BUSINESS | DERIVED)
    """What brought the customer, by model of attribution."""
    health_score: Mapped[int | None] = mapped_column(info=BUSINESS | DERIVED)
    health_factors: Mapped[list[Any] | None] = mapped_column(JSON, info=PERSONAL | DERIVED)
    engagement_score: Mapped[int | None] = mapped_column(info=BUSINESS | DERIVED)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS | DERIVED)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS | DERIVED)


class CustomerStatusChange(HistoryRow, Base):
    """A customer came to stand somewhere else with us."""

    __tablename__ = "customer_status_changes"
    __table_args__ = (in_organization("customer_id", "customers"),)

    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    from_status: Mapped[CustomerStatus | None] = mapped_column(info=BUSINESS)
    to_status: Mapped[CustomerStatus] = mapped_column(info=BUSINESS)
    changed_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    changed_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


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
