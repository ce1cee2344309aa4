"""What the importer knows of the tables it may fill, all of it from their own metadata."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, Enum, Integer, Table, UniqueConstraint

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp import (
    billing,
    customers,
    marketing,
    marketing_interactions,
    sales,
    sales_catalogue,
    sales_quotes,
    support,
    support_knowledge,
    usage,
)
from warehouse.oltp.base import Base, HistoryRow
from warehouse.oltp.types import Moment
from warehouse.oltp.veil import bare
from warehouse.operations.register import NOTED, SHARED

OURS = {"user_id", "access_role", *SHARED, *NOTED}
"""Columns that no foreign file fills: what every record has, and who may sign in as what."""
PEOPLE = "memberships"
ROOMS = {
    room.__name__
    for room in (
        *(customers, sales, sales_catalogue, sales_quotes, billing),
        *(marketing, marketing_interactions, support, support_knowledge, usage),
    )
}
"""Where the tables are that hold a company's business; who may do what is never imported."""


@dataclass(frozen=True)
class Ladder:
    """A state that records move through, and the history that keeps each step of it."""

    state: Column[Any]
    history: Table
    parent: str
    """The history's column that names the record."""
    moment: Column[Any]
    """The history's column with the day or moment of the step."""

    @property
    def states(self) -> Any:
        """The states as an enumeration."""
        kind = bare(self.state)
        assert isinstance(kind, Enum)
        return kind.enum_class

    @property
    def column_from(self) -> str:
        """The history's column with the state before."""
        return f"from_{self.state.name}"

    @property
    def column_to(self) -> str:
        """The history's column with the state reached."""
        return f"to_{self.state.name}"


@cache
def importable() -> frozenset[str]:
    """The tables that a mapping may fill."""
    kinds = [mapper.class_ for mapper in Base.registry.mappers]
    ours = {kind.__tablename__ for kind in kinds if kind.__module__ in ROOMS and hasattr(kind, "change_seq")}
    return frozenset(ours | {PEOPLE})


@cache
def histories() -> frozenset[str]:
    """The tables whose rows are appended and never edited."""
    return frozenset(
        str(mapper.local_table) for mapper in Base.registry.mappers if issubclass(mapper.class_, HistoryRow)
    )


def table_of(into: str) -> Table:
    """The table of a name that a mapping uses."""
    return Base.metadata.tables[into]


def offered(table: Table) -> list[Column[Any]]:
    """The columns that a mapping may fill: not what the platform keeps or finds out itself."""
    return [
        c for c in table.c if c.name not in OURS and not c.info.get("derived") and not c.name.startswith("derived_")
    ]


def targets(table: Table) -> dict[str, str]:
    """Column that names a record of the same organization → the table it is in."""
    return {
        key.parent.name: key.column.table.name
        for constraint in table.foreign_key_constraints
        for key in constraint.elements
        if len(constraint.elements) == 2 and key.column.name == "id"
    }


@cache
def ladder_of(into: str) -> Ladder | None:
    """How the records of a table climb; None where no history is kept of it."""
    for name in sorted(histories()):
        history = table_of(name)
        parent = next((column for column, target in targets(history).items() if target == into), None)
        states = [c.name.removeprefix("to_") for c in history.c if c.name.startswith("to_")]
        for state in states:
            if parent and f"from_{state}" in history.c and isinstance(bare(history.c[f"to_{state}"]), Enum):
                found = Ladder(table_of(into).c[state], history, parent, happening(history))
                # A history that wants more than the step itself cannot be written from states and days.
                if {*needed(history)} <= {parent, found.column_to, found.moment.name}:
                    return found
    return None


@cache
def step_histories() -> frozenset[str]:
    """The histories of states: each step also changes its record."""
    return frozenset(ladder.history.name for into in importable() if (ladder := ladder_of(into)))


def happening(history: Table) -> Column[Any]:
    """The column with the day or moment at which a row of a history happened."""
    found = [c for c in offered(history) if isinstance(bare(c), Moment | Date)]
    return min(found, key=lambda column: bool(column.nullable))


def counted(table: Table) -> Column[Any] | None:
    """The column whose whole numbers people call a table's records by, one of each in an organization."""
    for names in alone_in(table):
        column = table.c[names[0]]
        if len(names) == 1 and isinstance(bare(column), Integer):
            return column
    return None


def alone_in(table: Table) -> Iterator[tuple[str, ...]]:
    """The columns in which no two records of an organization agree."""
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        if isinstance(constraint, UniqueConstraint):
            names = tuple(c.name for c in constraint.columns if c.name != "organization_id")
            if "id" not in names and "user_id" not in names:
                yield names


def needed(table: Table) -> list[str]:
    """The columns without which there is no record: a number can be counted up."""
    number = counted(table)
    return [c.name for c in offered(table) if not c.nullable and c.default is None and c is not number]


def orders(table: Table) -> Iterator[tuple[str, str]]:
    """Pairs of days or moments of which the first comes before the other."""
    for told in _told(table):
        if "first" in told:
            yield told["first"], told["then"]


def bounds(column: Column[Any]) -> tuple[int | None, int | None]:
    """The least and the most that a number may be."""
    for told in _told(column.table):
        if told.get("column") == column.name:
            return told["least"], told["most"]
    return None, None


def _told(table: Any) -> Iterator[Any]:
    return (one.info for one in table.constraints if isinstance(one, CheckConstraint) and one.info)
