"""The one door to DuckLake: nobody else writes ATTACH."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.lake.extensions import bootstrap, needed
from warehouse.lake.writer import writer_lock
from warehouse.settings import Settings, settings

BUSY_MILLISECONDS = 10_000
CATALOG_SCHEMA = "longhouse_lake"
"""Where a catalog on PostgreSQL lies, so that it may share a database with the operational store."""


class LakeMissing(Exception):
    """There is no lake in the data folder yet."""


class SnapshotGone(Exception):
    """The snapshot asked for is no longer kept."""


class LakeUnreadable(Exception):
    """A file of the lake is missing or damaged."""


class DatabaseUnreachable(LakeMissing):
    """A database server that the lake needs does not answer, or does not let us in."""


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

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """What is read from another database inside is of one moment, where that database can; nothing is committed to the lake."""
        self._connection.execute("begin transaction")
        try:
            yield
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise

    def attach(self, path: Path, alias: str) -> None:
        """Read another DuckDB file beside the lake."""
        self._connection.execute(f"attach '{quoted(path)}' as {alias} (READ_ONLY)")

    def attach_database(self, address: str, alias: str, kind: str) -> None:
        """Read a database of another kind beside the lake: a `sqlite` file or a `postgres` address."""
        try:
            self._connection.execute(f"attach '{quoted(address)}' as {alias} (READ_ONLY, TYPE {kind})")
        except duckdb.Error as failure:
            raise DatabaseUnreachable(without_password(str(failure))) from None

    def attach_new(self, path: Path, alias: str, block_size: int | None) -> None:
        """Write a new DuckDB file beside the lake."""
        options = f" (block_size {block_size})" if block_size else ""
        self._connection.execute(f"attach '{quoted(path)}' as {alias}{options}")

    def detach(self, alias: str) -> None:
        """Let go of an attached database; a written one is checkpointed."""
        self._connection.execute(f"detach {alias}")

    def files(self, schema: str, table: str) -> list[tuple[Path, int]]:
        """The Parquet files of a table in the attached snapshot, and the size in bytes the catalog remembers."""
        return self.files_of(schema, table) if self.has_table(schema, table) else []

    def files_of(self, schema: str, table: str) -> list[tuple[Path, int]]:
        """The same of a table that is known to be there."""
        rows = self.run(
            "select data_file, data_file_size_bytes from ducklake_list_files('lake', ?, schema => ?)", [table, schema]
        )
        return [(Path(path), int(size)) for path, size in rows]

    def catalog_table(self, name: str) -> str:
        """One of DuckLake's own tables, in SQL."""
        schema = f".{CATALOG_SCHEMA}" if settings().catalog_url else ""
        return f"__ducklake_metadata_lake{schema}.ducklake_{name}"

    def row_counts(self) -> dict[str, int]:
        """`schema.table` → how many rows the newest version of each table has at most, deleted ones among them."""
        stats = self.catalog_table("table_stats")
        rows = self.run(f"select name, record_count from ({self.newest_tables()}) join {stats} using (table_id)")
        return {name: int(count) for name, count in rows}

    def newest_tables(self) -> str:
        """A query over DuckLake's own tables: `name` (`schema.table`), `table_id` and `table_uuid` of what is there now."""
        tables, schemas = self.catalog_table("table"), self.catalog_table("schema")
        return (
            f"select schema_name || '.' || table_name as name, table_id, table_uuid from {tables} as made "
            f"join {schemas} as held on held.schema_id = made.schema_id "
            "where made.end_snapshot is null and held.end_snapshot is null"
        )

    def snapshot_id(self) -> int:
        """The latest snapshot this connection sees."""
        return int(self.value("select max(snapshot_id) from ducklake_snapshots('lake')") or 0)

    def has_table(self, schema: str, table: str) -> bool:
        """Whether the lake has this table."""
        return bool(
            self.value(
                # `duckdb_tables()` counts every table's rows and files: over ten times as slow.
                "select count(*) from duckdb_columns() where database_name = 'lake' and schema_name = ? and table_name = ?",
                [schema, table],
            )
        )

    def tables(self, schema: str) -> list[str]:
        """The lake's tables in one schema, by name; those that start with `_` are the platform's own."""
        rows = self.run(
            "select distinct table_name from duckdb_columns() where database_name = 'lake' and schema_name = ? order by 1",
            [schema],
        )
        return [name for (name,) in rows]


def quoted(text: Path | str) -> str:
    """Text as it stands between the quotes of an SQL literal."""
    return str(text).replace("'", "''")


def without_password(sentence: str) -> str:
    """A sentence of the engine, with the password taken out of the address it repeats."""
    return re.sub(r"(postgres(?:ql)?://[^:@/\s]*):[^@/\s]*@", r"\1:***@", sentence)


def _engine(current: Settings) -> duckdb.DuckDBPyConnection:
    """A private engine that loads our own copies of the extensions and can fetch none."""
    connection = duckdb.connect(config=_own_extensions(current))
    for name in needed(current):
        connection.execute(f"load {name}")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def copy_server_catalog(to: Path) -> None:
    """A PostgreSQL catalog as a SQLite file, all tables of one moment. DuckLake can attach the copy as it is."""
    current = settings()
    with duckdb.connect(config=_own_extensions(current)) as connection:
        lake = Lake(connection)
        for extension in ("postgres_scanner", "sqlite_scanner"):
            lake.run(f"load {extension}")
        lake.attach_database(current.catalog_url or "", "server", "postgres")
        connection.execute(f"attach '{quoted(to)}' as copy (TYPE sqlite)")
        names = lake.run(
            "select table_name from duckdb_tables() where database_name = 'server' and schema_name = ?",
            [CATALOG_SCHEMA],
        )
        with lake.one_moment():
            for (name,) in names:
                lake.run(f"create table copy.{name} as from server.{CATALOG_SCHEMA}.{name}")


@contextmanager
def new_sqlite(path: Path, alias: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine without the lake that writes a new SQLite file, attached as `alias`."""
    with duckdb.connect(config=_own_extensions(settings())) as connection:
        connection.execute("load sqlite_scanner")
        connection.execute(f"attach '{quoted(path)}' as {alias} (TYPE sqlite)")
        yield connection


def _own_extensions(current: Settings) -> dict[str, Any]:
    bootstrap(current.extensions_path)
    return {
        "extension_directory": str(current.extensions_path),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def _create_catalog(current: Settings) -> None:
    """WAL before the first attach: without it an open reader makes a commit fail, and a killed writer locks readers out."""
    current.lake_files.mkdir(parents=True, exist_ok=True)
    if current.catalog_url:
        return
    current.catalog_path.parent.mkdir(parents=True, exist_ok=True)
    made = sqlite3.connect(current.catalog_path)
    try:
        made.execute("pragma journal_mode = wal")
    finally:
        made.close()


def _attach_lake(
    connection: duckdb.DuckDBPyConnection, current: Settings, *, write: bool, snapshot: int | None
) -> None:
    options = [
        *_catalog_options(current),
        f"DATA_PATH '{quoted(current.lake_files)}/'",
        "DATA_INLINING_ROW_LIMIT 0",
        "OVERRIDE_DATA_PATH true",
    ]
    if not write:
        options.append("READ_ONLY")
    if snapshot is not None:
        options.append(f"SNAPSHOT_VERSION {snapshot}")
    try:
        connection.execute(f"attach 'ducklake:{quoted(catalog_address(current))}' as lake ({', '.join(options)})")
    except duckdb.Error as failure:
        if snapshot is not None and "snapshot" in str(failure).lower():
            raise SnapshotGone(f"Snapshot {snapshot} is no longer kept.") from failure
        if current.catalog_url is not None:
            raise DatabaseUnreachable(
                f"The lake's catalog cannot be opened: {without_password(str(failure))}"
            ) from None
        raise


def catalog_address(current: Settings) -> str:
    """Where DuckLake keeps its catalog, as DuckLake writes it."""
    return f"postgres:{current.catalog_url}" if current.catalog_url else str(current.catalog_path)


def _catalog_options(current: Settings) -> list[str]:
    if current.catalog_url:
        return [f"METADATA_SCHEMA '{CATALOG_SCHEMA}'"]
    return ["META_TYPE 'sqlite'", "META_JOURNAL_MODE 'WAL'", f"META_BUSY_TIMEOUT {BUSY_MILLISECONDS}"]


def lake_exists(current: Settings | None = None) -> bool:
    """Whether there is a lake: its catalog with its files. Raises DatabaseUnreachable."""
    where = current or settings()
    if where.catalog_url is None:
        return where.catalog_path.exists()
    with duckdb.connect(config=_own_extensions(where)) as connection:
        connection.execute("load postgres_scanner")
        lake = Lake(connection)
        lake.attach_database(where.catalog_url, "server", "postgres")
        asked = f"select to_regclass(''{CATALOG_SCHEMA}.ducklake_metadata'') is not null"
        return bool(lake.value(f"from postgres_query('server', '{asked}')"))


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
