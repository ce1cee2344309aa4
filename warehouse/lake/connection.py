"""The one door to DuckLake: nobody else writes ATTACH."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.lake.extensions import NEEDED, bootstrap
from warehouse.lake.writer import writer_lock
from warehouse.settings import Settings, settings

BUSY_MILLISECONDS = 10_000


class LakeMissing(Exception):
    """There is no lake in the data folder yet."""


class SnapshotGone(Exception):
    """The snapshot asked for is no longer kept."""


class LakeUnreadable(Exception):
    """A file of the lake is missing or damaged."""


class Lake:
    """A connection with the lake attached as `lake`; every name is written out in full."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and fetch all of it. Values travel as `?` parameters, never inside the text."""
        try:
            return self._connection.execute(sql, list(parameters)).fetchall()
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as failure:
            raise LakeUnreadable(f"A file of the lake is missing or damaged: {failure}") from failure

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The first value of the first row, or None."""
        rows = self.run(sql, parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def transaction(self, message: str, details: dict[str, object]) -> Iterator[None]:
        """One snapshot with its message, or nothing."""
        self._connection.execute("begin transaction")
        try:
            yield
            self._connection.execute(
                "call ducklake_set_commit_message('lake', 'longhouse', ?, extra_info => ?)",
                [message, json.dumps(details, default=str)],
            )
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise

    def attach(self, path: Path, alias: str, kind: str = "duckdb") -> None:
        """Read another database beside the lake: `duckdb` or `sqlite`."""
        options = "READ_ONLY, TYPE sqlite" if kind == "sqlite" else "READ_ONLY"
        self._connection.execute(f"attach '{_quoted(path)}' as {alias} ({options})")

    def attach_new(self, path: Path, alias: str, block_size: int | None) -> None:
        """Write a new DuckDB file beside the lake."""
        options = f" (block_size {block_size})" if block_size else ""
        self._connection.execute(f"attach '{_quoted(path)}' as {alias}{options}")

    def detach(self, alias: str) -> None:
        """Let go of an attached database; a written one is checkpointed."""
        self._connection.execute(f"detach {alias}")

    def files(self, schema: str, table: str) -> list[tuple[Path, int]]:
        """The Parquet files of a table in the attached snapshot, and the size in bytes the catalog remembers."""
        if not self.has_table(schema, table):
            return []
        rows = self.run(
            "select data_file, data_file_size_bytes from ducklake_list_files('lake', ?, schema => ?)", [table, schema]
        )
        return [(Path(path), int(size)) for path, size in rows]

    def snapshot_id(self) -> int:
        """The latest snapshot this connection sees."""
        return int(self.value("select max(snapshot_id) from ducklake_snapshots('lake')") or 0)

    def has_table(self, schema: str, table: str) -> bool:
        """Whether the lake has this table."""
        return bool(
            self.value(
                "select count(*) from duckdb_tables() where database_name = 'lake' and schema_name = ? and table_name = ?",
                [schema, table],
            )
        )

    def tables(self, schema: str) -> list[str]:
        """The lake's tables in one schema, by name; those that start with `_` are the platform's own."""
        rows = self.run(
            "select table_name from duckdb_tables() where database_name = 'lake' and schema_name = ? order by 1",
            [schema],
        )
        return [name for (name,) in rows]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _engine(current: Settings) -> duckdb.DuckDBPyConnection:
    """A private engine that loads our own copies of the extensions and can fetch none."""
    bootstrap(current.extensions_path)
    connection = duckdb.connect(
        config={
            "extension_directory": str(current.extensions_path),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    for name in NEEDED:
        connection.execute(f"load {name}")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _create_catalog(current: Settings) -> None:
    """WAL before the first attach: without it an open reader makes a commit fail, and a killed writer locks readers out."""
    current.catalog_path.parent.mkdir(parents=True, exist_ok=True)
    current.lake_files.mkdir(parents=True, exist_ok=True)
    made = sqlite3.connect(current.catalog_path)
    try:
        made.execute("pragma journal_mode = wal")
    finally:
        made.close()


def _attach_lake(
    connection: duckdb.DuckDBPyConnection, current: Settings, *, write: bool, snapshot: int | None
) -> None:
    options = [
        "META_TYPE 'sqlite'",
        "META_JOURNAL_MODE 'WAL'",
        f"META_BUSY_TIMEOUT {BUSY_MILLISECONDS}",
        f"DATA_PATH '{_quoted(current.lake_files)}/'",
        "DATA_INLINING_ROW_LIMIT 0",
        "OVERRIDE_DATA_PATH true",
    ]
    if not write:
        options.append("READ_ONLY")
    if snapshot is not None:
        options.append(f"SNAPSHOT_VERSION {snapshot}")
    try:
        connection.execute(f"attach 'ducklake:{_quoted(current.catalog_path)}' as lake ({', '.join(options)})")
    except duckdb.Error as failure:
        if snapshot is not None and "snapshot" in str(failure).lower():
            raise SnapshotGone(f"Snapshot {snapshot} is no longer kept.") from failure
        raise


def lake_exists(current: Settings | None = None) -> bool:
    """Whether the data folder holds a lake."""
    return (current or settings()).catalog_path.exists()


@contextmanager
def open_lake(*, write: bool = False, snapshot: int | None = None, wait_seconds: float = 30) -> Iterator[Lake]:
    """The lake, for reading (as of `snapshot` where one is named) or as its only writer.

    Raises LakeMissing, LakeLocked or SnapshotGone.
    """
    current = settings()
    with ExitStack() as stack:
        if write:
            stack.enter_context(writer_lock(current.home / "lake" / "writer.lock", wait_seconds))
            if not lake_exists(current):
                _create_catalog(current)
        elif not lake_exists(current):
            raise LakeMissing(f"There is no lake in {current.home} yet. Run `longhouse refresh`.")
        connection = stack.enter_context(_engine(current))
        _attach_lake(connection, current, write=write, snapshot=snapshot)
        yield Lake(connection)
