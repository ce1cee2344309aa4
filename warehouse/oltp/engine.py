"""Opens the operational store and its transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from warehouse.oltp.scope import INSTALLATION, ScopedSession
from warehouse.oltp.veil import veiled
from warehouse.settings import settings
from warehouse.tenancy import Actor

BUSY_SECONDS = 5
NOTHING: frozenset[str] = frozenset()
"""No tag is hidden from code that works for the whole installation."""


class StoreBusy(Exception):
    """Another writer held the operational store for longer than we wait."""


class StoreMissing(Exception):
    """There is no operational store in the data folder yet."""


class StoreUnreachable(StoreMissing):
    """The server that keeps the operational store does not answer."""


@cache
def engine(url: str | None = None) -> Engine:
    """The engine of an operational store, one per address and process."""
    address = url or settings().oltp_url
    if not address.startswith("sqlite"):
        waits = {"options": f"-c lock_timeout={BUSY_SECONDS}s -c timezone=UTC"}
        return create_engine(address, pool_pre_ping=True, connect_args=waits, hide_parameters=True)
    # Values stay out of error messages, and so out of logs.
    local = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    made = create_engine(address, connect_args=local, hide_parameters=True)
    event.listen(made, "connect", _configure_sqlite)
    event.listen(made, "begin", _begin_as_asked)
    return made


def _configure_sqlite(connection: Any, _record: Any) -> None:
    """WAL so that readers never wait; foreign keys held; the driver leaves transactions to us."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"pragma {pragma}")


def _begin_as_asked(connection: Any) -> None:
    """A transaction that will write takes its lock at once: upgrading later ignores the busy timeout."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def store_exists() -> bool:
    """Whether the data folder (or the configured server) holds a store."""
    current = settings()
    return current.database_url is not None or Path(current.operational_path).exists()


@contextmanager
def reading() -> Iterator[Session]:
    """A session over one consistent view of everybody's rows, for code that works for the whole installation."""
    with _reading(INSTALLATION, NOTHING) as session:
        yield session


@contextmanager
def reading_as(actor: Actor) -> Iterator[Session]:
    """A session over one consistent view of the actor's organization: other organizations' rows are not there,
    and columns whose tag the actor does not see are covered."""
    with _reading(actor.organization_id, actor.hidden) as session:
        yield session


@contextmanager
def _reading(scope: str, hidden: frozenset[str]) -> Iterator[Session]:
    if not store_exists():
        raise StoreMissing(
            f"There is no operational store in {settings().home} yet. Run `longhouse init`, `longhouse demo` or "
            "`longhouse import`, or set LONGHOUSE_HOME to the folder that has one."
        )
    opened = ScopedSession(_of_one_moment(), expire_on_commit=False, scope=scope)
    with opened as session, veiled(hidden), told_when_unreachable():
        yield session


def _of_one_moment() -> Engine:
    """SQLite's transactions read one moment anyway; PostgreSQL's do when asked."""
    made = engine()
    if made.dialect.name == "sqlite":
        return made
    return made.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def writing() -> Iterator[Session]:
    """A session over one transaction on everybody's rows: committed whole at the end, or not at all."""
    with _writing(INSTALLATION, NOTHING) as session:
        yield session


@contextmanager
def writing_as(actor: Actor) -> Iterator[Session]:
    """A session over one transaction in the actor's organization: committed whole at the end, or not at all."""
    with _writing(actor.organization_id, actor.hidden) as session:
        yield session


@contextmanager
def _writing(scope: str, hidden: frozenset[str]) -> Iterator[Session]:
    # What is written is ordered by what points at what, and tables of every room point at each other.
    import warehouse.oltp.projection  # noqa: F401

    connectable = engine().execution_options(writes=True)
    opened = ScopedSession(connectable, expire_on_commit=False, scope=scope)
    with opened as session, veiled(hidden), told_when_unreachable():
        try:
            with session.begin():
                yield session
        except OperationalError as failure:
            if _was_locked(failure):
                raise StoreBusy(
                    f"Another writer has held the operational store for {BUSY_SECONDS} seconds. "
                    "Nothing was saved; try again."
                ) from failure
            raise


def _was_locked(failure: OperationalError) -> bool:
    """SQLite says so in words; PostgreSQL by lock_not_available or deadlock_detected."""
    return "locked" in str(failure.orig) or getattr(failure.orig, "sqlstate", None) in {"55P03", "40P01"}


def overwrite_deleted() -> None:
    """Leave nothing of deleted rows in the pages of SQLite's file; PostgreSQL does it by itself, in its own time.

    Raises StoreBusy.
    """
    if engine().dialect.name != "sqlite":
        return
    raw = engine().raw_connection()
    try:
        raw.cursor().execute("vacuum")
        raw.cursor().execute("pragma wal_checkpoint(truncate)")
    except sqlite3.OperationalError as failure:
        raise StoreBusy("Somebody is using the operational store. Try again in a moment.") from failure
    finally:
        raw.close()


@contextmanager
def told_when_unreachable() -> Iterator[None]:
    """Raises StoreUnreachable, a sentence without the password, where a server does not answer; StoreBusy where SQLite's
    file is held."""
    try:
        yield
    except OperationalError as failure:
        if engine().dialect.name == "sqlite" and _was_locked(failure):
            raise StoreBusy(
                "The operational store is being filled for the first time, which nobody reads meanwhile. "
                "Try again in a few minutes."
            ) from failure
        if engine().dialect.name == "postgresql" and getattr(failure.orig, "sqlstate", None) is None:
            where = engine().url.render_as_string(hide_password=True)
            raise StoreUnreachable(
                f"The operational store at {where} does not answer: {_reason(failure)} See that the server runs and "
                "that LONGHOUSE_DATABASE_URL names it; nothing was saved."
            ) from failure
        raise


def _reason(failure: OperationalError) -> str:
    """What the driver says, on one line; it does not repeat passwords."""
    return " ".join(str(failure.orig).split()).removesuffix(".") + "."
