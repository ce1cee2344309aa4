"""Columns whose values are sealed one by one, and the way to seal all of them anew."""

from typing import Any

from sqlalchemy import Column, Dialect, MetaData, Text, column, select, table, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from warehouse.oltp.base import Base
from warehouse.secrets import key_id_of, seal, unseal


class Sealed(TypeDecorator[str]):
    """Text that the store keeps sealed: plain in Python, unreadable in the file and in every backup of it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Sealed with the current key on the way in."""
        return None if value is None else seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Opened with the key it names; raises KeyMissing."""
        return None if value is None else unseal(value)


def sealed_columns(metadata: MetaData = Base.metadata) -> list[Column[Any]]:
    """Every sealed column there is: whatever is declared so is found, nothing is listed by hand."""
    # The type may stand behind a veil, which covers what an actor does not see.
    kinds = ((one, getattr(one.type, "kind", one.type)) for each in metadata.sorted_tables for one in each.c)
    return [one for one, kind in kinds if isinstance(kind, Sealed)]


def reseal(session: Session, metadata: MetaData = Base.metadata) -> int:
    """Seal every value with the current key, in the caller's transaction; how many there were."""
    changed = 0
    for one in sealed_columns(metadata):
        keys = [key.name for key in one.table.primary_key]
        # Without their types: the stored text itself is read and written.
        raw = table(one.table.name, *(column(name) for name in [*keys, one.name]))
        for row in session.execute(select(raw).where(raw.c[one.name].is_not(None))).all():
            *identity, stored = row
            which = [raw.c[name] == value for name, value in zip(keys, identity, strict=True)]
            session.execute(update(raw).where(*which).values({one.name: seal(unseal(str(stored)))}))
            changed += 1
    return changed


def keys_in_use(session: Session, metadata: MetaData = Base.metadata) -> set[str]:
    """The ids of the keys that some stored value is sealed with."""
    found: set[str] = set()
    for one in sealed_columns(metadata):
        raw = table(one.table.name, column(one.name))
        rows = session.execute(select(raw.c[one.name]).where(raw.c[one.name].is_not(None))).all()
        found |= {key_id_of(str(row[0])) for row in rows}
    return found
