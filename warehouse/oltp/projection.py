"""Which columns of the operational store the lake may have, and how each is cast, from the SQLAlchemy metadata."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Integer, Table

from warehouse.oltp import (
    audit,
    billing,
    builder,
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

CopiedTable = Table
"""What `copied_tables` lists, for floors that do not know SQLAlchemy."""

ROOMS = (
    *(organization, identity, members, custom_fields, files, errors, audit, notices, hooks),
    *(customers, sales, sales_catalogue, sales_quotes, sales_territories, billing),
    *(marketing, marketing_interactions, support, support_knowledge, builder, usage, insights),
)
"""Imported so that the metadata is complete wherever it is read."""


def copied_tables() -> list[Table]:
    """The tables the lake has a copy of: those whose rows carry a change sequence, parents first."""
    return [table for table in Base.metadata.sorted_tables if "change_seq" in table.c]


def copied_columns(table: Table) -> list[Column[Any]]:
    """The columns that may leave the operational store: everything that is not personal."""
    return [column for column in table.c if column.info["privacy"] != "personal"]


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
    """The select list that turns operational rows into lake rows."""
    return ", ".join(cast(column, dialect) for column in copied_columns(table))
