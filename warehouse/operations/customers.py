"""What people may do with customers."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.customers import (
    CUSTOMER_FLOW,
    Customer,
    CustomerStatus,
    CustomerStatusChange,
    CustomerType,
)
from warehouse.operations.custom_values import check_custom_fields
from warehouse.operations.declare import NotAllowedNow, Work, open_at, operation
from warehouse.operations.fields import Amount, Currency, Line, Name, Request, Word
from warehouse.operations.register import append, move
from warehouse.operations.rules import check_references
from warehouse.operations.typed import OwnFields
from warehouse.tenancy import Actor


class CustomerFields(Request):
    """What a customer is described by."""

    email: Line | None = None
    phone: Annotated[str, StringConstraints(max_length=60)] | None = None
    company: Line | None = None
    title: Line | None = None
    address: str | None = None
    country: Word | None = None
    sector: Word | None = None
    acquisition_source: Word | None = None
    founded_year: Annotated[int, Field(ge=1000, le=9999)] | None = None
    annual_revenue: Amount | None = None
    employees: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    parent_customer_id: str | None = None
    assigned_sales_rep_id: str | None = None
    is_sale_of_data_refused: bool = False
    custom_fields: OwnFields = Field(default_factory=dict)


class CreateCustomer(CustomerFields):
    """A new customer."""

    name: Name
    status: CustomerStatus = CustomerStatus.PROSPECT
    customer_type: CustomerType = CustomerType.BUSINESS
    currency: Currency = "USD"


class EditCustomer(CustomerFields):
    """New values for the fields that are given; `version` is the one the editor saw."""

    id: str
    version: int
    name: Name | None = None
    status: CustomerStatus | None = None
    customer_type: CustomerType | None = None


class OneCustomer(Request):
    """A customer at the version the caller saw."""

    id: str
    version: int


@operation("customers.create_customer", permission="customers:write", entity="customers", input=CreateCustomer)
def create_customer(work: Work, request: CreateCustomer) -> Customer:
    """Create a customer."""
    customer = Customer(**request.model_dump())
    check_references(work, customer)
    check_custom_fields(work, customer)
    work.add(customer)
    work.session.flush()
    _write_status(work, customer, None, work.today, None)
    work.entity_id = customer.id
    return customer


@operation("customers.edit_customer", permission="customers:write", entity="customers", input=EditCustomer)
def edit_customer(work: Work, request: EditCustomer) -> Customer:
    """Change a customer's fields."""
    customer = open_at(work.session, work.actor, Customer, request.id, request.version)
    values = request.model_dump(include=request.model_fields_set - {"id", "version"})
    for required in ("name", "status", "customer_type", "is_sale_of_data_refused", "custom_fields"):
        if required in values and values[required] is None:
            raise NotAllowedNow(f"A customer needs a {required.replace('_', ' ')}.")
    before, work.entity_id = customer.status, customer.id
    with work.session.no_autoflush:
        work.rows = 1 if work.apply(customer, values) else 0
        check_references(work, customer)
        check_custom_fields(work, customer)
    if customer.status is not before:
        _write_status(work, customer, before, work.today, None)
    return customer


@operation("customers.delete_customer", permission="customers:write", entity="customers", input=OneCustomer)
def delete_customer(work: Work, request: OneCustomer) -> Customer:
    """Delete a customer; it can be restored. Its deals stay, and keep its name in the numbers."""
    return work.delete(open_at(work.session, work.actor, Customer, request.id, request.version))


@operation("customers.restore_customer", permission="customers:write", entity="customers", input=OneCustomer)
def restore_customer(work: Work, request: OneCustomer) -> Customer:
    """Bring a deleted customer back."""
    return work.restore(open_at(work.session, work.actor, Customer, request.id, request.version, deleted=True))


def customer_names(session: Session, actor: Actor) -> dict[str, str]:
    """Id → name of every customer, by name."""
    actor.must("customers:read")
    return dict(
        session.execute(
            select(Customer.id, Customer.name)
            .where(Customer.organization_id == actor.organization_id, Customer.deleted_at.is_(None))
            .order_by(Customer.name)
        ).all()
    )


def _follow_status(work: Work, customer: Customer, before: CustomerStatus, request: Any) -> None:
    on = request.on or work.today
    _write_status(work, customer, before, on, request.reason)


def _write_status(work: Work, customer: Customer, before: CustomerStatus | None, on: date, reason: str | None) -> None:
    """Append where a customer stands now; the first day as a customer stays, the day of leaving is the last one."""
    if customer.status is CustomerStatus.CUSTOMER:
        customer.became_customer_on = customer.became_customer_on or on
    customer.churned_on = on if customer.status is CustomerStatus.CHURNED else None
    append(
        work,
        CustomerStatusChange(
            customer_id=customer.id,
            from_status=before,
            to_status=customer.status,
            changed_on=on,
            changed_by=work.actor.membership_id,
            reason=reason,
        ),
    )


move_customer = move(Customer, room="customers", noun="customer", flow=CUSTOMER_FLOW, after=_follow_status)
