"""Which columns of the operational store the lake may have, and how each is cast, from the SQLAlchemy metadata."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Integer, Table

from warehouse.oltp import audit, customers, errors, files, identity, members, notices, organization, sales
from warehouse.oltp.base import Base
from warehouse.oltp.types import MONEY_SCALE, Id, Moment, Money
from warehouse.oltp.veil import bare

CopiedTable = Table
"""What `copied_tables` lists, for floors that do not know SQLAlchemy."""

ROOMS = (organization, identity, members, customers, sales, files, errors, audit, notices)
"""Imported so that the metadata is complete wherever it is read."""


def copied_tables() -> list[Table]:
    """The tables the lake has a copy of: those whose rows carry a change sequence, parents first."""
    return [table for table in Base.metadata.sorted_tables if "change_seq" in table.c]


def copied_columns(table: Table) -> list[Column[Any]]:
    """The columns that may leave the operational store: those tagged `business`."""
    return [column for column in table.c if column.info["privacy"] == "business"]


def lake_type(column: Column[Any]) -> str:
    """The column's type in the lake, the same whichever engine it came from."""
    kind = bare(column)
    for known, name in (
        (Id, "UUID"),
        (Money, f"DECIMAL(18,{MONEY_SCALE})"),
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
    if isinstance(bare(column), Money) and dialect == "sqlite":
        unit = "0." + "0" * (MONEY_SCALE - 1) + "1"
        return f"({name}::DECIMAL(18,0) * {unit}::DECIMAL(5,{MONEY_SCALE}))::{wanted} as {name}"
    return f"{name}::{wanted} as {name}"


def projection(table: Table, dialect: str) -> str:
    """The select list that turns operational rows into lake rows."""
    return ", ".join(cast(column, dialect) for column in copied_columns(table))
