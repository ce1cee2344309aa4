"""Takes rows from a SQLite file beside the store: what no row has to pass through Python for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from warehouse.oltp.bulk import defaults_of, processors_of

MOST_FILES = 8
"""SQLite attaches ten files at most, and lets go of none before the transaction ends."""


@dataclass(frozen=True)
class Stretch:
    """Rows that follow each other in a table of an attached file, with columns named and kept as the store does."""

    file: str
    """The name the file was attached under."""
    table: str
    columns: Sequence[str]
    first: int
    last: int
    """Of `rowid`, both included."""

    def __len__(self) -> int:
        """How many."""
        return self.last - self.first + 1

    @property
    def source(self) -> str:
        """What comes after `from`; the marks stand for the first and the last row."""
        return f'{self.file}."{self.table}" where rowid between ? and ?'


def attach(session: Session, path: Path, name: str) -> None:
    """Read a file beside the embedded store; the connection is closed for good after the session's transaction."""
    connection = session.connection()
    connection.detach()
    connection.exec_driver_sql(f"attach ? as {name}", (str(path),))


def insert_stretch(session: Session, table: Table, rows: Stretch, forced: Mapping[str, Any]) -> None:
    """Insert these rows; a column they lack takes its default or null, a forced value holds for all of them."""
    connection = session.connection()
    processors = processors_of(table, connection.dialect)
    same = {name: value for name, value in (defaults_of(table) | dict(forced)).items() if name not in rows.columns}
    names = ", ".join(f'"{name}"' for name in (*rows.columns, *same))
    values = ", ".join((*(f'"{name}"' for name in rows.columns), *["?"] * len(same)))
    given = tuple(processors[name](value) for name, value in same.items())
    statement = f'insert into main."{table.name}" ({names}) select {values} from {rows.source}'
    connection.exec_driver_sql(statement, (*given, rows.first, rows.last))


def ids_of(session: Session, rows: Stretch) -> bytes:
    """The text of the rows' ids, one after the other."""
    statement = f"select group_concat(id, '') from (select id from {rows.source} order by rowid)"
    told: str = session.connection().exec_driver_sql(statement, (rows.first, rows.last)).scalar_one()
    return told.encode()
