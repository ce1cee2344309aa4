"""Columns that not everybody sees: their values are covered on the way out of the database, whatever the query."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Column, Dialect, Table, event
from sqlalchemy.types import TypeDecorator, TypeEngine

COVER = "•••"
"""What stands where a text is that the actor does not see."""

_hidden: ContextVar[frozenset[str]] = ContextVar("hidden", default=frozenset())


@contextmanager
def veiled(tags: frozenset[str]) -> Iterator[None]:
    """Values of columns with these tags (`personal`, `restricted`) are covered in whatever this thread reads inside."""
    before = _hidden.set(tags)
    try:
        yield
    finally:
        _hidden.reset(before)


class Veiled(TypeDecorator[Any]):
    """A column type whose values are covered while its tag is hidden: text by a mark, everything else by nothing."""

    cache_ok = True
    impl = TypeEngine

    def __init__(self, kind: TypeEngine[Any], tag: str) -> None:
        self.kind, self.tag = kind, tag
        super().__init__()
        self.impl = kind  # type: ignore[assignment]

    @property
    def comparator_factory(self) -> Any:  # type: ignore[override]
        """As the type underneath compares; SQLAlchemy's own would not compose over another decorator."""
        return self.kind.comparator_factory

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """As the type underneath is stored."""
        return self.kind.dialect_impl(dialect)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """As the type underneath compares."""
        return self.kind.coerce_compared_value(op, value)

    def copy(self, **_options: Any) -> "Veiled":
        """Another one like it."""
        return Veiled(self.kind, self.tag)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """What is written is never covered."""
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value, or its cover."""
        if value is None or self.tag not in _hidden.get():
            return value
        if isinstance(value, str):
            return COVER
        return type(value)() if isinstance(value, dict | list) else None


def bare(column: Column[Any]) -> TypeEngine[Any]:
    """What kind of values a column keeps, under its veil."""
    return column.type.kind if isinstance(column.type, Veiled) else column.type


def veil_columns() -> None:
    """From now on a column that is tagged as more than business gets its veil as it becomes part of a table."""
    if not event.contains(Column, "after_parent_attach", _veil):
        event.listen(Column, "after_parent_attach", _veil)


def _veil(column: Column[Any], parent: object) -> None:
    tag = column.info.get("privacy", "business")
    if isinstance(parent, Table) and tag != "business" and not isinstance(column.type, Veiled):
        column.type = Veiled(column.type, tag)
