"""A valid record of any table that is kept, made through the operations, with whatever it needs to exist."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, String

from tests.warehouse.operations.company import Company
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.types import Exact, Id, Moment
from warehouse.oltp.veil import bare
from warehouse.operations import billing, sales_quotes
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.register import Kept
from warehouse.operations.rooms import KEPT, MOVES
from warehouse.operations.rules import table_of
from warehouse.operations.sales import CreateOpportunity, create_opportunity
from warehouse.operations.typed import BY_NAME

Values = dict[str, Any]


def _customer(company: Company) -> Values:
    return {"customer_id": record(company, "customers").id}


def _quote_with_line(company: Company) -> Values:
    quote = record(company, "quotes")
    line = {"quote_id": quote.id, "unit_price": Decimal(10)}
    sales_quotes.quote_lines.create(company.session, company.operator, sales_quotes.quote_lines.create.input(**line))
    return {"id": quote.id, "version": quote.version}


def _open_invoice(company: Company) -> Any:
    invoice = record(company, "invoices")
    line = {"invoice_id": invoice.id, "unit_price": Decimal(100)}
    billing.invoice_lines.create(company.session, company.operator, billing.invoice_lines.create.input(**line))
    asked = billing.move_invoice.input(id=invoice.id, version=invoice.version, to="open")
    return billing.move_invoice(company.session, company.operator, asked)


def _some_day() -> date:
    """Another one each time: there is one rate a day."""
    return date(2000, 1, 1) + timedelta(days=int(uuid7()[-4:], 16) % 9_000)


SPECIAL: dict[str, Callable[[Company], Values]] = {
    "activities": _customer,
    "assignment_rules": lambda _: {"entity": "customers"},
    "consents": _customer,
    "credit_notes": lambda company: {"invoice_id": _open_invoice(company).id},
    "custom_fields": lambda _: {"entity": "customers", "kind": "text"},
    "fx_rates": lambda _: {"from_currency": "EUR", "to_currency": "USD", "valid_on": _some_day()},
    "interactions": _customer,
    "payments": lambda company: {"invoice_id": _open_invoice(company).id, "status": "pending"},
    "quotas": lambda company: {"membership_id": company.person("seller").id},
    "refunds": lambda company: {"payment_id": _payment(company).id},
    "signature_events": lambda _: {"kind": "viewed"},
}
"""What the columns of a table do not tell about its records."""


def _payment(company: Company) -> Any:
    values = {"invoice_id": _open_invoice(company).id, "amount": 50, "paid_on": date(2026, 3, 1)}
    return billing.payments.create(company.session, company.operator, billing.payments.create.input(**values))


def values_of(company: Company, table: str, columns: Any, needed: Callable[[str], bool]) -> Values:
    """Valid values for a new row of a table: what is needed, and what its table does not tell."""
    special = SPECIAL.get(table, lambda _: {})(company)
    made = {c.name: value_of(company, c) for c in columns if needed(c.name) and c.name not in special}
    return made | special


def value_of(company: Company, column: Column[Any]) -> Any:
    """A valid value of a column: a record that exists, the first of its choices, one, a day …"""
    kind = bare(column)
    if isinstance(kind, Id):
        [key] = [one for one in column.foreign_keys if one.column.name == "id"]
        target = key.column.table.name
        return company.person("seller").id if target == "memberships" else record(company, target).id
    if isinstance(kind, Enum):
        return kind.enums[0]
    for known, value in (
        (Exact, Decimal(1)),
        (Boolean, True),
        (Integer, 1),
        (Date, date(2026, 3, 1)),
        (Moment, datetime(2026, 3, 1, 9, tzinfo=UTC)),
        (JSON, {}),
    ):
        if isinstance(kind, known):
            return value
    assert isinstance(kind, String)
    return {"currency": "USD", "timezone": "UTC"}.get(column.name, f"a{uuid7()[-8:]}")


def record(company: Company, table: str) -> Any:
    """A new record of a table."""
    if table == "customers":
        asked = CreateCustomer(name="Pebble", assigned_sales_rep_id=company.responsible)
        return create_customer(company.session, company.operator, asked)
    if table == "opportunities":
        deal = CreateOpportunity(name="Roof", sales_rep_id=company.responsible, amount=Decimal(10))
        return create_opportunity(company.session, company.operator, deal)
    kept = KEPT[table]
    return kept.create(company.session, company.operator, kept.create.input(**new_values(company, kept)))


def new_values(company: Company, kept: Kept[Any]) -> Values:
    """What is given for a new record of a kept table."""
    fields = kept.create.input.model_fields
    columns = [c for c in kept.table.c if c.name in fields]
    made = values_of(company, kept.table.name, columns, lambda name: fields[name].is_required())
    if kept.kind.responsible and kept.parent is None:
        made[kept.kind.responsible] = company.responsible
    return made


def stored(company: Company, kept: Kept[Any]) -> Values:
    """The id and version of a new record."""
    made = record(company, kept.table.name)
    return {"id": made.id, "version": made.version}


def changed(company: Company, kept: Kept[Any]) -> Values:
    """A new record and another value for one of its fields."""
    one = stored(company, kept)
    table = table_of(kept.kind)
    assert kept.edit is not None
    for name in kept.edit.input.model_fields:
        column = table.c[name] if name in table.c and name not in one else None
        if column is None or column.foreign_keys:
            continue
        value = _another(company, kept, column, one["id"])
        if value is not None:
            return one | {name: value}
    raise AssertionError(f"nothing of a {kept.noun} can be changed")


def _another(company: Company, kept: Kept[Any], column: Column[Any], record_id: str) -> Any:
    now = getattr(company.session.get_one(kept.kind, record_id), column.name)
    kind = bare(column)
    if column.name in BY_NAME:
        return None
    if isinstance(kind, String) and not isinstance(kind, Enum):
        return "b"
    if isinstance(kind, Exact):
        return Decimal(2) if now != 2 else Decimal(3)
    if isinstance(kind, Boolean):
        return not now
    return 2 if isinstance(kind, Integer) else None


def gone(company: Company, kept: Kept[Any]) -> Values:
    """A record that was deleted."""
    one = stored(company, kept)
    deleted = kept.delete(company.session, company.operator, kept.delete.input(**one))
    return {"id": deleted.id, "version": deleted.version}


def moved(company: Company, table: str) -> Values:
    """A new record and the first state it may go to."""
    ways = {"invoices": "void", "payments": "failed", "customers": "customer", "subscriptions": "past_due"}
    if table == "quotes":
        return _quote_with_line(company) | {"to": "sent"}
    made = record(company, table)
    states = MOVES[table].input.model_fields["to"].annotation
    assert states is not None
    to = ways.get(table) or list(states)[1]
    return {"id": made.id, "version": made.version, "to": to}
