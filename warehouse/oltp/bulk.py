"""Writes many rows at once, past the unit of work, at the speed of the database driver."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import JSON, Connection, Dialect, Index, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, DropIndex

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.veil import bare

Values = Mapping[str, Any]
Processor = Callable[[Any], Any]


def insert_rows(session: Session, table: Table, rows: Sequence[Values], shared: Values, forced: Values) -> None:
    """Insert rows of one shape or several.

    A row's own value wins over a shared one, a forced one over both; a column nobody names takes its default or null.
    """
    if not rows:
        return
    connection = session.connection()
    shape = _Shape(table, connection.dialect, rows, shared, forced)
    values = (shape.row(row) for row in rows)
    if connection.dialect.name == "postgresql":
        copy_rows(connection, table, values, table.c.keys())
        return
    with _indexes_rebuilt_after(connection, table, len(rows)):
        connection.exec_driver_sql(insert_statement(table, table.c.keys()), list(values))


class _Shape:
    """How rows of one load become the driver's tuples: what is the same for all is converted once."""

    def __init__(self, table: Table, dialect: Dialect, rows: Sequence[Values], shared: Values, forced: Values) -> None:
        processors = processors_of(table, dialect)
        same = defaults_of(table) | dict(shared) | dict(forced)
        columns = [column.name for column in table.c]
        own = {name for row in rows for name in row} - set(forced)
        self._template = [processors[name](same[name]) if name in same else None for name in columns]
        self._own = [(place, name, processors[name]) for place, name in enumerate(columns) if name in own]
        self._id = columns.index("id") if "id" in columns else None

    def row(self, values: Values) -> tuple[Any, ...]:
        """One row in the order of the table's columns."""
        made = self._template.copy()
        for place, name, processor in self._own:
            if name in values:
                made[place] = processor(values[name])
        if self._id is not None and made[self._id] is None:
            made[self._id] = uuid7()
        return tuple(made)


def defaults_of(table: Table) -> dict[str, Any]:
    """Column defaults: plain values, and what a factory of empty objects makes."""
    found: dict[str, Any] = {}
    for column in table.c:
        default: Any = column.default
        if default is not None and default.is_scalar:
            found[column.name] = default.arg
        elif isinstance(bare(column), JSON) and default is not None and default.is_callable:
            found[column.name] = default.arg(None)
    return found


@lru_cache(maxsize=256)
def processors_of(table: Table, dialect: Dialect) -> Mapping[str, Processor]:
    """What turns a Python value into the driver's, per column."""
    found: dict[str, Processor] = {}
    for column in table.c:
        processor = column.type.dialect_impl(dialect).bind_processor(dialect)
        found[column.name] = processor or _as_it_is
    return found


def _as_it_is(value: Any) -> Any:
    return value


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def insert_statement(table: Table, names: Sequence[str]) -> str:
    """An insert of these columns, with a mark for each value."""
    return f'insert into "{table.name}" ({_quoted(names)}) values ({", ".join(["?"] * len(names))})'


def copy_rows(connection: Connection, table: Table, rows: Iterator[tuple[Any, ...]], names: Sequence[str]) -> None:
    """PostgreSQL's own way to take many rows, several times as fast as inserts.

    It takes none into a table with row-level security, so they pass through one of the transaction's own.
    """
    columns, arrived = _quoted(names), f"arrived_{table.name}_{len(names)}"
    connection.exec_driver_sql(
        f'create temporary table if not exists "{arrived}" on commit drop as select {columns} from "{table.name}" limit 0'
    )
    statement = f'copy "{arrived}" ({columns}) from stdin'
    try:
        driver: Any = connection.connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as failure:
        # Past the unit of work, so the driver's errors are turned into SQLAlchemy's here.
        raise DBAPIError.instance(statement, None, failure, psycopg.Error) from failure
    connection.exec_driver_sql(f'insert into "{table.name}" ({columns}) select {columns} from "{arrived}"')
    connection.exec_driver_sql(f'truncate "{arrived}"')


@contextmanager
def _indexes_rebuilt_after(connection: Connection, table: Table, rows: int) -> Iterator[None]:
    """A load larger than the table itself is quicker with its secondary indexes made once, at the end."""
    pays = rows > 1000 and rows > _count(connection, table)
    indexes: list[Index] = sorted(table.indexes, key=lambda index: str(index.name)) if pays else []
    for index in indexes:
        connection.execute(DropIndex(index))
    yield
    for index in indexes:
        connection.execute(CreateIndex(index))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
