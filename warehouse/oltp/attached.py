"""Takes rows from a SQLite file beside the store: what no row has to pass through Python for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy.orm import Session

from warehouse.oltp.bulk import defaults_of, processors_of

MOST_FILES = 8
"""SQLite attaches ten files at most, and lets go of none before the transaction ends."""
OWNER = "_owner"
"""The column of an attached table that says by a number whose a row is."""


@dataclass(frozen=True)
class Shape:
    """A table of an attached file: rows of one table of the store that name the same columns, kept as the store does."""

    entity: str
    """The store's table."""
    table: str
    columns: Sequence[str]


def attach(session: Session, path: Path, name: str) -> None:
    """Read a file beside the embedded store; the connection is closed for good after the session's transaction."""
    connection = session.connection()
    connection.detach()
    connection.exec_driver_sql(f"attach ? as {name}", (str(path),))


def own(session: Session, owner: int, organization_id: str, change_seq: int) -> None:
    """Say which organization the rows of an owner belong to, and which change they came with."""
    connection = session.connection()
    connection.exec_driver_sql(
        "create temp table if not exists owners (owner integer primary key, organization_id text, change_seq integer)"
    )
    connection.exec_driver_sql("insert or replace into owners values (?, ?, ?)", (owner, organization_id, change_seq))


def take_in(session: Session, name: str, table: Table, shape: Shape) -> int:
    """Insert the rows of an attached table, in its order: how many. A column they lack takes its default or null."""
    connection = session.connection()
    processors = processors_of(table, connection.dialect)
    owned = [column for column in ("organization_id", "change_seq") if column in table.c]
    same = {key: value for key, value in defaults_of(table).items() if key not in (*shape.columns, *owned)}
    names = ", ".join(f'"{column}"' for column in (*shape.columns, *owned, *same))
    values = ", ".join((*(f'came."{column}"' for column in shape.columns), *owned, *["?"] * len(same)))
    # A cross join keeps its order: the rows as they lie, for each its owner.
    done = connection.exec_driver_sql(
        f'insert into main."{table.name}" ({names}) select {values} from {name}."{shape.table}" as came '
        f"cross join temp.owners on owners.owner = came.{OWNER}",
        tuple(processors[key](value) for key, value in same.items()),
    )
    return int(done.rowcount)
