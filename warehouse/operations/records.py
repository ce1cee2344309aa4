"""Every kind of record with what may be done to it and how its histories hang on it: what lists and records are made of."""

from typing import Any

from sqlalchemy import Column, ColumnElement, String, Table, literal, select

from warehouse.oltp.base import Base, HistoryRow
from warehouse.oltp.billing import INVOICE_FLOW, PAYMENT_FLOW, SUBSCRIPTION_FLOW
from warehouse.oltp.builder import APPLICATION_FLOW
from warehouse.oltp.customers import CUSTOMER_FLOW, Customer
from warehouse.oltp.marketing import CAMPAIGN_FLOW
from warehouse.oltp.sales import Opportunity
from warehouse.oltp.sales_quotes import CONTRACT_FLOW, QUOTE_FLOW
from warehouse.oltp.states import Flow
from warehouse.oltp.support import TICKET_FLOW
from warehouse.oltp.support_knowledge import ARTICLE_FLOW
from warehouse.operations import customers, sales
from warehouse.operations.declare import Operation
from warehouse.operations.register import Kept
from warehouse.operations.rooms import KEPT, MOVES, OPERATIONS
from warehouse.tenancy import Actor

RECORDS: dict[str, Kept[Any]] = KEPT | {
    "customers": Kept(
        Customer,
        "customer",
        "customers",
        None,
        customers.create_customer,
        customers.edit_customer,
        customers.delete_customer,
        customers.restore_customer,
    ),
    "opportunities": Kept(
        Opportunity,
        "deal",
        "sales",
        None,
        sales.create_opportunity,
        sales.edit_opportunity,
        sales.delete_opportunity,
        sales.restore_opportunity,
    ),
}
"""Table → how its records are kept: those the register declares, and the two rooms with operations of their own."""
FLOWS: dict[str, Flow] = {
    "applications": APPLICATION_FLOW,
    "campaigns": CAMPAIGN_FLOW,
    "contracts": CONTRACT_FLOW,
    "customers": CUSTOMER_FLOW,
    "invoices": INVOICE_FLOW,
    "knowledge_articles": ARTICLE_FLOW,
    "payments": PAYMENT_FLOW,
    "quotes": QUOTE_FLOW,
    "subscriptions": SUBSCRIPTION_FLOW,
    "tickets": TICKET_FLOW,
}
"""Table → which state may follow which; the state is the column `status`."""
STATE = "status"
NOTES: dict[str, Operation[Any, Any]] = {
    one.entity: one for one in OPERATIONS.values() if one.name.split(".")[1].startswith("note_")
}
"""History → the operation that appends a row to it by hand."""
TITLES: dict[str, tuple[str, ...]] = {
    "activities": ("subject",),
    "application_customers": ("customer_id",),
    "assignment_rule_members": ("membership_id",),
    "campaign_daily_costs": ("channel", "spent_on"),
    "campaign_members": ("customer_id",),
    "custom_fields": ("label",),
    "fx_rates": ("from_currency", "to_currency", "valid_on"),
    "benchmarks": ("metric", "industry"),
    "invoice_lines": ("description", "product_id"),
    "landing_pages": ("title",),
    "opportunity_line_items": ("product_id",),
    "payments": ("paid_on", "method"),
    "price_book_entries": ("product_id", "least_quantity"),
    "quotas": ("membership_id", "territory_id", "starts_on"),
    "quote_lines": ("description", "product_id"),
    "refunds": ("refunded_on",),
    "subscriptions": ("customer_id", "product_id"),
    "suppressions": ("address",),
    "territory_members": ("membership_id",),
    "ticket_applications": ("application_id",),
    "ticket_articles": ("article_id",),
    "ticket_messages": ("author", "sent_at"),
    "tickets": ("number", "subject"),
}
"""Table → the columns its records are known by, where that is not simply their name, title or number."""


def table_named(name: str) -> Table:
    """A table of the store."""
    return Base.metadata.tables[name]


def kind_of(name: str) -> type[Any]:
    """The mapped class of a table."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == name)


def room_of(name: str) -> str:
    """The room a table is in, after which the right to read it is called."""
    if name in RECORDS:
        return RECORDS[name].room
    return str(kind_of(name).__module__.rsplit(".", 1)[1].split("_")[0])


def may_read(actor: Actor, table: str) -> bool:
    """Whether the actor may see a table's rows."""
    return actor.may(f"{room_of(table)}:read")


def is_history(name: str) -> bool:
    """Whether a table holds what happened, to which rows are only added."""
    return issubclass(kind_of(name), HistoryRow)


def target_of(column: Column[Any]) -> str | None:
    """The table a column's values are ids of."""
    for key in column.foreign_keys:
        if key.column.name == "id" and key.column.table.name != "organizations":
            return str(key.column.table.name)
    # Who wrote something is kept without a key, so that a membership can go.
    return "memberships" if column.name in {"changed_by", "edited_by", "created_by", "updated_by"} else None


def title_columns(name: str) -> tuple[str, ...]:
    """The columns that the records of a table are known by."""
    table = table_named(name)
    plain = tuple(one for one in ("name", "number", "title") if one in table.c)[:1]
    return TITLES.get(name) or plain


def title_parts(name: str) -> list[ColumnElement[Any]]:
    """What the records of a table are known by, as expressions over it; a reference gives the name of what it names."""
    table = table_named(name)
    made: list[ColumnElement[Any]] = []
    for column in (table.c[one] for one in title_columns(name)):
        target = target_of(column)
        if target is None:
            made.append(column)
            continue
        other = table_named(target).alias()
        first = other.c[title_columns(target)[0]]
        named = select(first).where(other.c.organization_id == table.c.organization_id, other.c.id == column)
        made.append(named.scalar_subquery())
    return made


def seen_parts(actor: Actor, table: str) -> list[ColumnElement[Any]]:
    """The parts of a title that the actor sees: an order by any other would tell it."""
    columns, seen = table_named(table).c, []
    for column, part in zip(title_columns(table), title_parts(table), strict=True):
        target = target_of(columns[column])
        shown = table_named(target).c[title_columns(target)[0]] if target else columns[column]
        if actor.sees(shown.info["privacy"]):
            seen.append(part)
    return seen


def currency_part(name: str) -> ColumnElement[Any]:
    """The currency of a table's amounts, as an expression over it: its own, or that of what its records are parts of."""
    table = table_named(name)
    return _currency(table, name) if has_currency(name) else literal(None, String())


def _currency(table: Any, name: str) -> ColumnElement[Any]:
    if "currency" in table.c:
        own: ColumnElement[Any] = table.c.currency
        return own
    whole, column = _whole(name)
    other = table_named(whole).alias()
    above = select(_currency(other, whole)).where(
        other.c.organization_id == table.c.organization_id, other.c.id == table.c[column]
    )
    return above.scalar_subquery()


def has_currency(name: str) -> bool:
    """Whether amounts in a table are money of a known currency."""
    return "currency" in table_named(name).c or (_whole(name)[0] != "" and has_currency(_whole(name)[0]))


def _whole(name: str) -> tuple[str, str]:
    """The table that a table's records are parts of, and the column that says so; empty where they stand alone."""
    column = RECORDS[name].parent if name in RECORDS else WHOLES.get(name)
    target = target_of(table_named(name).c[column]) if column else None
    return (target, column) if target and column else ("", "")


WHOLES = {"revenue_schedule_entries": "invoice_line_id", "subscription_changes": "subscription_id"}
"""The same for rows that are not kept by hand."""

__all__ = ["FLOWS", "MOVES", "NOTES", "RECORDS", "STATE"]
