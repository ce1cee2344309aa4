"""Columns on their way into the operational store: a SQLite file without keys, written at the speed of the engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.lake.connection import new_sqlite

ALIAS = "spool"
ROOM = "700MB"
"""Memory for the rows of one file; what does not fit waits beside it on the disk."""


class Spool:
    """The tables of such a file, held until all of them are complete."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._names: list[str] = []

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows to a table; its columns are those of its first rows."""
        self._connection.register("arriving", rows)
        into = f'insert into "{table}"' if table in self._names else f'create table "{table}" as'
        self._connection.execute(f"{into} from arriving")
        self._connection.unregister("arriving")
        if table not in self._names:
            self._names.append(table)

    def unknown(self, table: str, column: str, among: Sequence[str], keys: tuple[str, str]) -> list[tuple[int, str]]:
        """Whom a column names, by the first key's column and the name, that no row of those tables has as its keys."""
        first, second = (f'"{key}"' for key in keys)
        known = " union all ".join(f'select {first}, {second} from "{name}"' for name in among if name in self._names)
        rest = f"except ({known})" if known else ""
        asked = f'select distinct {first}, "{column}" from "{table}" where "{column}" is not null {rest}'
        return [(int(owner), str(name)) for owner, name in self._connection.execute(asked).fetchall()]

    def write(self, order: str) -> None:
        """Write all of it, each table in the order of one of its columns."""
        for name in self._names:
            self._connection.execute(f'create table {ALIAS}."{name}" as from "{name}" order by "{order}"')


@contextmanager
def open_spool(path: Path, order: str) -> Iterator[Spool]:
    """A new file at this path, written when the block ends. Its writer takes one core: another reads beside it."""
    with new_sqlite(path, ALIAS) as connection:
        connection.execute("set threads = 1")
        connection.execute(f"set memory_limit = '{ROOM}'")
        connection.execute("set temp_directory = ?", [f"{path}.waiting"])
        spool = Spool(connection)
        yield spool
        connection.execute("begin transaction")
        spool.write(order)
        connection.execute("commit")
