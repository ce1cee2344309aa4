"""Which columns of the operational store the lake may have, and how each is cast, from the SQLAlchemy metadata."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Integer, Table

from warehouse.oltp import (
    alerts,
    audit,
    billing,
    builder,
    connectors,
    custom_fields,
    customers,
    errors,
    files,
    hooks,
    identity,
    insights,
    marketing,
    marketing_interactions,
    members,
    notices,
    organization,
    sales,
    sales_catalogue,
    sales_quotes,
    sales_territories,
    support,
    support_knowledge,
    usage,
)
from warehouse.oltp.base import Base
from warehouse.oltp.types import DIGITS, Exact, Id, Moment
from warehouse.oltp.veil import bare

OWN_VALUES = "own_fields"
"""The lake's column with the values of the fields an organization added."""
SHARED_FIELDS = "shared_fields"
SHARED_KEYS = "select organization_id, entity, key from custom_fields where privacy <> 'personal'"
"""Which of them the lake may have. A deleted field keeps its values there: it may come back."""
CopiedTable = Table
"""What `copied_tables` lists, for floors that do not know SQLAlchemy."""

ROOMS = (
    *(organization, identity, members, custom_fields, files, errors, audit, notices, hooks),
    connectors,
    *(customers, sales, sales_catalogue, sales_quotes, sales_territories, billing),
    *(marketing, marketing_interactions, support, support_knowledge, builder, usage, insights, alerts),
)
"""Imported so that the metadata is complete wherever it is read."""


def copied_tables() -> list[Table]:
    """The tables the lake has a copy of: those whose rows carry a change sequence, parents first."""
    return [table for table in Base.metadata.sorted_tables if "change_seq" in table.c]


def copied_columns(table: Table) -> list[Column[Any]]:
    """The columns that may leave the operational store: everything that is not personal."""
    return [column for column in table.c if column.info["privacy"] != "personal"]


def has_own_fields(table: Table) -> bool:
    """Whether an organization may add fields to the table's records."""
    return "custom_fields" in table.c


def stored_columns(table: Table) -> list[str]:
    """The columns of the store that the lake's rows are made from."""
    return [column.name for column in copied_columns(table)] + (["custom_fields"] if has_own_fields(table) else [])


def lake_columns(table: Table) -> dict[str, str]:
    """The lake's columns and their types: what is copied, and the values of the organization's own fields."""
    found = {column.name: lake_type(column) for column in copied_columns(table)}
    return found | ({OWN_VALUES: "JSON"} if has_own_fields(table) else {})


def lake_type(column: Column[Any]) -> str:
    """The column's type in the lake, the same whichever engine it came from."""
    kind = bare(column)
    if isinstance(kind, Exact):
        return f"DECIMAL({DIGITS},{kind.places})"
    for known, name in (
        (Id, "UUID"),
        (Moment, "TIMESTAMP"),
        (Date, "DATE"),
        (Boolean, "BOOLEAN"),
        (BigInteger, "BIGINT"),
        (JSON, "JSON"),
    ):
        if isinstance(kind, known):
            return name
    if isinstance(kind, Integer):
        return "BIGINT" if column.name == "change_seq" else "INTEGER"
    return "VARCHAR"


def cast(column: Column[Any], dialect: str) -> str:
    """The column as an expression over the operational row, typed for the lake."""
    name, wanted = f'"{column.name}"', lake_type(column)
    kind = bare(column)
    if isinstance(kind, Exact) and dialect == "sqlite":
        unit = "0." + "0" * (kind.places - 1) + "1"
        return f"({name}::DECIMAL({DIGITS},0) * {unit}::DECIMAL({kind.places + 1},{kind.places}))::{wanted} as {name}"
    return f"{name}::{wanted} as {name}"


def projection(table: Table, dialect: str) -> str:
    """The select list that turns operational rows into lake rows.

    Of a table with own fields it reads SHARED_FIELDS, a table (organization_id, entity, keys) of the lake's connection.
    """
    columns = [cast(column, dialect) for column in copied_columns(table)]
    return ", ".join(columns + ([_own_values(table)] if has_own_fields(table) else []))


def _own_values(table: Table) -> str:
    """Key → value as text, of those own fields that are not personal: what has no definition stays in the store."""
    allowed = f"(select keys from {SHARED_FIELDS} where organization_id = {table.name}.organization_id::varchar"
    allowed += f" and entity = '{table.name}')"
    keys = f"list_sort(list_intersect(json_keys(custom_fields::json), coalesce({allowed}, [])))"
    pairs = f"[struct_pack(k := key, v := custom_fields::json ->> ('$.' || key)) for key in {keys}]"
    return f"to_json(map_from_entries({pairs})) as {OWN_VALUES}"
