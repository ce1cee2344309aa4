"""Columns on their way into the operational store: a SQLite file without keys, written at the speed of the engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.lake.connection import new_sqlite

ALIAS = "spool"


class Spool:
    """Such a file, being written. A row's `rowid` is its place among the rows of its table, from 1."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._known: set[str] = set()

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows behind those the table has; its columns are those of its first rows."""
        self._connection.register("arriving", rows)
        verb = "insert into" if table in self._known else "create table"
        self._connection.execute(f'{verb} {ALIAS}."{table}" {"as " if verb == "create table" else ""}from arriving')
        self._connection.unregister("arriving")
        self._known.add(table)


@contextmanager
def open_spool(path: Path) -> Iterator[Spool]:
    """A new file at this path, complete when the block ends. Its writer takes one core: another reads beside it."""
    with new_sqlite(path, ALIAS) as connection:
        connection.execute("set threads = 1")
        connection.execute("begin transaction")
        yield Spool(connection)
        connection.execute("commit")
