"""Writes many rows that come by column, already in the driver's form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Index, Table
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, DropIndex

from warehouse.oltp.bulk import copy_rows, defaults_of, insert_statement, processors_of

Values = Mapping[str, Any]
ROOM_KIB = 256 * 1024
"""Of pages kept in memory during a large load."""
SORTERS = 2
"""Threads that sort beside the one that makes an index."""


def insert_columns(
    session: Session, table: Table, columns: Mapping[str, Iterable[Any]], rows: int, forced: Values
) -> None:
    """Insert so many rows; a column nobody names takes its default or null, a forced value holds for all of them.

    Foreign keys are checked as on every other write, unless the caller has put that off.
    """
    if not rows:
        return
    connection = session.connection()
    processors = processors_of(table, connection.dialect)
    same = {name: value for name, value in (defaults_of(table) | dict(forced)).items() if name not in columns}
    names = [column.name for column in table.c if column.name in columns or column.name in same]
    given = [columns[name] if name in columns else repeat(processors[name](same[name]), rows) for name in names]
    lines = zip(*given, strict=False)
    if connection.dialect.name == "postgresql":
        copy_rows(connection, table, lines, names)
        return
    driver: Any = connection.connection
    driver.cursor().executemany(insert_statement(table, names), lines)


@contextmanager
def loading(session: Session, tables: Sequence[Table]) -> Iterator[None]:
    """Inside, these tables have fewer secondary indexes on SQLite, which also keeps more pages in memory meanwhile.

    They are made once, at the end, in the caller's transaction. On PostgreSQL whoever writes rows owns no index. The
    indexes by organization and by change stay: organizations come in turn, so they grow at their end, and without them
    whatever is asked of one organization, foreign keys included, looks through everybody's rows.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    indexes = [index for table in tables for index in _indexes(table) if not _grows_at_its_end(index)]
    with _room_to_sort(connection):
        _each(connection, [DropIndex(index) for index in indexes])
        yield
        _each(connection, [CreateIndex(index) for index in indexes])


@contextmanager
def _room_to_sort(connection: Connection) -> Iterator[None]:
    """More pages in memory and threads that sort; neither outlasts the load, however it ends."""
    before = int(connection.exec_driver_sql("pragma cache_size").scalar_one())
    connection.exec_driver_sql(f"pragma cache_size = -{ROOM_KIB}")
    connection.exec_driver_sql(f"pragma threads = {SORTERS}")
    try:
        yield
    finally:
        connection.exec_driver_sql("pragma threads = 0")
        connection.exec_driver_sql(f"pragma cache_size = {before}")


def _grows_at_its_end(index: Index) -> bool:
    return [column.name for column in index.columns] in (["organization_id"], ["change_seq"])


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _each(connection: Connection, statements: Iterable[Any]) -> None:
    for statement in statements:
        connection.execute(statement)
