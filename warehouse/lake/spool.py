"""Columns on their way into the operational store: a SQLite file without keys, written at the speed of the engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from warehouse.lake.connection import new_sqlite

ALIAS = "spool"
ROOM = "700MB"
"""Memory for putting the rows of one file in order; what does not fit waits on the disk."""


class Spool:
    """The tables of such a file. Until all of their rows have come, they lie on the disk as Arrow writes them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._open: dict[str, pa.RecordBatchFileWriter] = {}
        self._complete: set[str] = set()

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows to a table; its columns are those of its first rows."""
        if table not in self._open:
            self._open[table] = pa.ipc.new_file(self._folder / table, rows.schema)
        self._open[table].write_table(rows)

    def complete(self) -> None:
        """Every row has come: from here on they are compared and written."""
        for table, writer in self._open.items():
            writer.close()
            # The file is mapped, not read: its pages come and go as they are needed.
            self._connection.register(table, pa.ipc.open_file(pa.memory_map(str(self._folder / table))).read_all())
            self._complete.add(table)

    def unknown(self, table: str, column: str, among: Sequence[str], keys: tuple[str, str]) -> list[tuple[int, str]]:
        """Whom a column names, by the first key's column and the name, that no row of those tables has as its keys."""
        first, second = (f'"{key}"' for key in keys)
        known = " union all ".join(
            f'select {first}, {second} from "{name}"' for name in among if name in self._complete
        )
        # Most names are known: they are left out before the others are told apart.
        rest = f'anti join ({known}) as known on known.{first} = came.{first} and known.{second} = came."{column}"'
        asked = f'from "{table}" as came {rest if known else ""} where came."{column}" is not null'
        named = self._connection.execute(f'select distinct came.{first}, came."{column}" {asked}').fetchall()
        return [(int(owner), str(name)) for owner, name in named]

    def write(self, order: str) -> None:
        """Write all of it, each table in the order of one of its columns."""
        self._connection.execute("begin transaction")
        for table in self._open:
            self._connection.execute(f'create table {ALIAS}."{table}" as from "{table}" order by "{order}"')
        self._connection.execute("commit")


@contextmanager
def open_spool(path: Path, order: str) -> Iterator[Spool]:
    """A new file at this path, written when the block ends. Its writer takes one core: another reads beside it."""
    with TemporaryDirectory(prefix="waiting-", dir=path.parent) as folder, new_sqlite(path, ALIAS) as connection:
        connection.execute("set threads = 1")
        connection.execute(f"set memory_limit = '{ROOM}'")
        connection.execute("set temp_directory = ?", [str(Path(folder) / "sorted")])
        spool = Spool(connection, Path(folder))
        yield spool
        spool.write(order)
