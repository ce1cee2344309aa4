"""What people may do with customers, and what every deed leaves behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import String, func, select

from warehouse.oltp.base import Base
from warehouse.oltp.customers import Customer, CustomerStatus, CustomerType
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.operations import sales
from warehouse.operations.customers import (
    CreateCustomer,
    EditCustomer,
    OneCustomer,
    create_customer,
    customer_names,
    delete_customer,
    edit_customer,
    restore_customer,
)
from warehouse.operations.declare import OPERATIONS, NotAllowedNow, NotFound, Operation, StaleVersion
from warehouse.tenancy import Actor, Forbidden

assert sales, "imported so that every operation is declared"

PERSON: dict[str, Any] = {
    "name": "Robin Reed",
    "email": "robin@pebble.test",
    "phone": "+47 555 010",
    "company": "Pebble & Sons",
    "title": "Head of pebbles",
    "address": "Shore Road 1",
}


def _do(operation: Operation[Any, Any], actor: Actor, request: BaseModel) -> Any:
    with writing() as session:
        return operation(session, actor, request)


def _create(actor: Actor, **fields: Any) -> Customer:
    return _do(create_customer, actor, CreateCustomer(**PERSON | fields))


def _edit(actor: Actor, customer: Customer, **fields: Any) -> Customer:
    return _do(edit_customer, actor, EditCustomer(id=customer.id, version=customer.version, **fields))


def _this(customer: Customer, version: int | None = None) -> OneCustomer:
    return OneCustomer(id=customer.id, version=version or customer.version)


def _now(customer: Customer) -> Customer:
    with reading() as session:
        return session.get_one(Customer, customer.id)


def _trace() -> list[Any]:
    with reading() as session:
        counts = [session.scalar(select(func.count()).select_from(kind)) for kind in (AuditEvent, ChangeEvent)]
        return [*counts, sorted(session.execute(select(Customer.id, Customer.version, Customer.change_seq)))]


@contextmanager
def _leaves_nothing() -> Iterator[None]:
    before = _trace()
    yield
    assert _trace() == before


@pytest.fixture
def customer(ana: Actor) -> Customer:
    return _create(ana, annual_revenue=Decimal("12500000.5"))


def test_a_customer_begins_as_a_prospect_and_a_business(customer: Customer) -> None:
    now = _now(customer)
    assert (now.status, now.customer_type, now.version) == (CustomerStatus.PROSPECT, CustomerType.BUSINESS, 1)


def test_a_customer_keeps_what_was_told(customer: Customer) -> None:
    now = _now(customer)
    assert {name: getattr(now, name) for name in PERSON} == PERSON
    assert now.annual_revenue == Decimal("12500000.5")


def test_what_was_not_told_stays_unknown(ana: Actor) -> None:
    made = _now(_do(create_customer, ana, CreateCustomer(name="Tin Whistle Ltd")))
    assert (made.employees, made.annual_revenue, made.email, made.lifetime_value) == (None, None, None, None)


def test_a_name_loses_the_blanks_around_it(ana: Actor) -> None:
    assert _create(ana, name="  Tin Whistle Ltd ").name == "Tin Whistle Ltd"


def test_an_edit_changes_what_is_given_and_nothing_else(ana: Actor, customer: Customer) -> None:
    _edit(ana, customer, status=CustomerStatus.CUSTOMER, phone=None)
    now = _now(customer)
    assert (now.status, now.phone, now.email, now.version) == (CustomerStatus.CUSTOMER, None, PERSON["email"], 2)


def test_an_edit_that_changes_nothing_leaves_neither_audit_nor_event(ana: Actor, customer: Customer) -> None:
    with _leaves_nothing():
        _edit(ana, customer, **PERSON)


@pytest.mark.parametrize("field", ["name", "status", "customer_type"])
def test_what_a_customer_needs_cannot_be_taken_away(ana: Actor, customer: Customer, field: str) -> None:
    with _leaves_nothing(), pytest.raises(NotAllowedNow, match=field.replace("_", " ")):
        _edit(ana, customer, **{field: None})


def test_an_edit_of_an_older_version_is_refused_and_told_the_present(ana: Actor, customer: Customer) -> None:
    _edit(ana, customer, title="Owner")
    with _leaves_nothing(), pytest.raises(StaleVersion, match="This customer was changed") as refused:
        _edit(ana, customer, title="Chair")
    current = refused.value.current
    assert isinstance(current, Customer)
    assert (current.title, current.version) == ("Owner", 2)


def test_a_deleted_customer_is_gone_and_a_restored_one_is_back(ana: Actor, customer: Customer) -> None:
    _do(delete_customer, ana, _this(customer))
    with reading() as session:
        assert customer_names(session, ana) == {}
    _do(restore_customer, ana, _this(customer, version=2))
    with reading() as session:
        assert customer_names(session, ana) == {customer.id: "Robin Reed"}
    assert _now(customer).version == 3


def test_restoring_an_older_version_is_refused(ana: Actor, customer: Customer) -> None:
    _do(delete_customer, ana, _this(customer))
    with _leaves_nothing(), pytest.raises(StaleVersion):
        _do(restore_customer, ana, _this(customer))


def test_nothing_can_be_done_with_a_deleted_customer(ana: Actor, customer: Customer) -> None:
    _do(delete_customer, ana, _this(customer))
    with _leaves_nothing():
        for operation, request in (
            (edit_customer, EditCustomer(id=customer.id, version=2, title="x")),
            (delete_customer, OneCustomer(id=customer.id, version=2)),
        ):
            with pytest.raises(NotFound):
                _do(operation, ana, request)


DEEDS: dict[str, Callable[[str], tuple[Operation[Any, Any], BaseModel]]] = {
    "edit": lambda id_: (edit_customer, EditCustomer(id=id_, version=1, title="x")),
    "delete": lambda id_: (delete_customer, OneCustomer(id=id_, version=1)),
    "restore": lambda id_: (restore_customer, OneCustomer(id=id_, version=1)),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_another_organizations_customer_is_not_found(bob: Actor, customer: Customer, deed: str) -> None:
    operation, request = DEEDS[deed](customer.id)
    with _leaves_nothing(), pytest.raises(NotFound, match="no such customer here"):
        _do(operation, bob, request)


def test_another_organizations_customers_are_not_listed(bob: Actor, customer: Customer) -> None:
    with reading() as session:
        assert customer_names(session, bob) == {}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_viewer_may_not_change_a_customer(vic: Actor, customer: Customer, deed: str) -> None:
    operation, request = DEEDS[deed](customer.id)
    with _leaves_nothing(), pytest.raises(Forbidden, match="customers:write"):
        _do(operation, vic, request)


def test_another_organizations_member_cannot_be_the_sales_rep(ana: Actor, bob: Actor, customer: Customer) -> None:
    with _leaves_nothing():
        with pytest.raises(NotFound, match="sales rep"):
            _create(ana, assigned_sales_rep_id=bob.membership_id)
        with pytest.raises(NotFound, match="sales rep"):
            _edit(ana, customer, assigned_sales_rep_id=bob.membership_id)


def test_a_member_of_the_organization_can_be_the_sales_rep(ana: Actor, customer: Customer) -> None:
    assert _edit(ana, customer, assigned_sales_rep_id=ana.membership_id).assigned_sales_rep_id == ana.membership_id


@pytest.mark.parametrize("field", ["organization_id", "lifetime_value", "health_score", "change_seq", "metadata_"])
def test_what_the_platform_writes_is_refused_from_people(field: str) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        CreateCustomer.model_validate(PERSON | {field: "1"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("annual_revenue", "-1"),
        ("annual_revenue", "1.00001"),
        ("annual_revenue", "NaN"),
        ("employees", -1),
        ("employees", 1.5),
        ("currency", "kr"),
        ("status", "friend"),
        ("name", " "),
    ],
)
def test_a_bad_value_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        CreateCustomer.model_validate(PERSON | {field: value})


@pytest.mark.parametrize("name", sorted(name for name, one in OPERATIONS.items() if one.entity != "several"))
def test_a_text_that_is_let_through_fits_its_column(name: str) -> None:
    operation = OPERATIONS[name]
    table = Base.metadata.tables[operation.entity]
    for field, told in operation.input.model_json_schema()["properties"].items():
        kind = table.c[field].type if field in table.c else None
        if not isinstance(kind, String) or kind.length is None or field.endswith("id"):
            continue
        limits = [one.get("maxLength") for one in told.get("anyOf", [told]) if one.get("type") == "string"]
        for one in told.get("anyOf", [told]):
            if one.get("type") == "string" and "pattern" not in one and "enum" not in one:
                assert limits[0] is not None, f"{field} has no limit"
                assert limits[0] <= kind.length, field


WRITES: dict[str, Callable[[Actor, Customer], Any]] = {
    "create": lambda ana, _: _create(ana),
    "edit": lambda ana, customer: _edit(ana, customer, title="Chair"),
    "delete": lambda ana, customer: _do(delete_customer, ana, _this(customer)),
}


@pytest.mark.parametrize("deed", WRITES)
def test_a_write_leaves_one_audit_row_and_one_event_whose_number_the_row_carries(
    ana: Actor, customer: Customer, deed: str
) -> None:
    before = _trace()
    written: Customer = WRITES[deed](ana, customer)
    after = _trace()
    assert after[:2] == [before[0] + 1, before[1] + 1]
    with reading() as session:
        event = session.scalars(select(ChangeEvent).order_by(ChangeEvent.seq.desc())).first()
        assert event is not None
        audit = session.get_one(AuditEvent, event.audit_event_id)
    assert _now(written).change_seq == event.seq
    assert (audit.entity_id, event.entity_id, event.entity) == (written.id, written.id, "customers")


def test_the_audit_never_tells_a_personal_value(ana: Actor, customer: Customer) -> None:
    edited = _edit(ana, customer, **{name: f"{value} II" for name, value in PERSON.items()})
    _do(delete_customer, ana, _this(edited))
    with reading() as session:
        told = " ".join(str(row) for row in session.scalars(select(AuditEvent.details)))
    assert "'email': 'changed'" in told
    assert [name for name, value in PERSON.items() if value in told] == []


@pytest.mark.parametrize("told", ["nowhere", "", "01a1f8b8", "'; drop table customers; --", "1" * 5000])
def test_a_text_that_is_no_id_is_not_found(ana: Actor, told: str) -> None:
    with pytest.raises(NotFound), writing() as session:
        delete_customer(session, ana, OneCustomer(id=told, version=1))
