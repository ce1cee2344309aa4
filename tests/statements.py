"""Counts what is asked of the operational store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from warehouse.oltp.engine import engine


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that reaches the store inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # Whose rows may be seen is told to PostgreSQL with each transaction; nobody asked for that.
        if "set_config" not in statement:
            seen.append(statement)

    made = engine()
    event.listen(made, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(made, "before_cursor_execute", note)
