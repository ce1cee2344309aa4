"""What people may do with customers."""

from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.customers import Customer, CustomerStatus, CustomerType
from warehouse.oltp.organization import Membership
from warehouse.operations.declare import NotAllowedNow, Work, find, open_at, operation
from warehouse.operations.fields import Amount, Currency, Line, Name, Request, Word
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
    annual_revenue: Amount | None = None
    employees: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    assigned_sales_rep_id: str | None = None


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
    _check_sales_rep(work, request)
    customer = work.add(Customer(**request.model_dump()))
    work.entity_id = customer.id
    return customer


@operation("customers.edit_customer", permission="customers:write", entity="customers", input=EditCustomer)
def edit_customer(work: Work, request: EditCustomer) -> Customer:
    """Change a customer's fields."""
    customer = open_at(work.session, work.actor, Customer, request.id, request.version)
    values = request.model_dump(include=request.model_fields_set - {"id", "version"})
    for required in ("name", "status", "customer_type"):
        if required in values and values[required] is None:
            raise NotAllowedNow(f"A customer needs a {required.replace('_', ' ')}.")
    _check_sales_rep(work, request)
    work.entity_id = customer.id
    work.rows = 1 if work.apply(customer, values) else 0
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


def _check_sales_rep(work: Work, request: CustomerFields) -> None:
    if request.assigned_sales_rep_id:
        find(work.session, work.actor, Membership, request.assigned_sales_rep_id)
