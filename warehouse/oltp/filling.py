"""Opens the operational store to be filled for the first time: nobody reads it yet, so its file is written once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.engine import engine, reading, told_when_unreachable, writing
from warehouse.oltp.organization import Organization
from warehouse.oltp.references import hold_others
from warehouse.oltp.scope import INSTALLATION, ScopedSession


@contextmanager
def filling() -> Iterator[Session]:
    """What `writing` is, where the store has no organization yet and nobody else has it open; else it is `writing`.

    With a write-ahead log, every page of a large load is written to the log, read again and written to the store. With
    a rollback journal, a new page is written once; after a crash the next to open the store cuts the new pages off.
    Others are told that the store is busy until the block ends.

    Foreign keys are held at the end: looking up each as its row comes takes longer than writing the row. Raises
    DanglingReference.
    """
    if engine().dialect.name != "sqlite" or _is_inhabited():
        with writing() as session:
            yield session
        return
    # Connections that wait in the pool would keep the log in use.
    engine().dispose()
    with told_when_unreachable(), engine().execution_options(writes=True).connect() as connection:
        driver: Any = connection.connection.driver_connection
        connection.detach()
        _set_journal(driver, "delete")
        driver.execute("pragma foreign_keys = off")
        try:
            opened = ScopedSession(connection, expire_on_commit=False, scope=INSTALLATION)
            with opened as session, session.begin():
                yield session
                hold_others(session)
        finally:
            _set_journal(driver, "wal")


def _is_inhabited() -> bool:
    with reading() as session:
        return bool(session.scalar(select(func.count()).select_from(Organization)))


def _set_journal(driver: Any, mode: str) -> None:
    """Where somebody else has the store open, it keeps the journal it has: both are whole or nothing."""
    try:
        driver.execute(f"pragma main.journal_mode = {mode}").fetchall()
    except sqlite3.OperationalError:
        return
