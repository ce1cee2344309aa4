"""What the rows of a table point at, and whether it is there: foreign keys, held after a load instead of row by row."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session

from warehouse.oltp.base import Base

HELD = "tables whose references were checked"
"""Where a session notes the tables whose rows need no other check."""

ELSEWHERE = "create temp table if not exists elsewhere (parent text, owner integer, id text)"


class DanglingReference(Exception):
    """A row of a load points at a row that is not there."""


class Reference(NamedTuple):
    """A column that names a row of another table, or of the same, in the same organization where that has one."""

    column: str
    parent: str


def references(table: Table) -> list[Reference]:
    """The table's foreign keys, but for the one to its organization."""
    found = []
    for constraint in table.foreign_key_constraints:
        pairs = [(one.parent.name, one.column) for one in constraint.elements if one.parent.name != "organization_id"]
        if pairs:
            [(column, target)] = pairs
            found.append(Reference(column, target.table.name))
    return sorted(found)


def note_elsewhere(session: Session, parent: str, named: Iterable[tuple[int, str]]) -> None:
    """Keep which rows of a table attached rows name, by owner and id, that did not come with them."""
    connection = session.connection()
    connection.exec_driver_sql(ELSEWHERE)
    rows = [(parent, owner, identity) for owner, identity in named]
    if rows:
        connection.exec_driver_sql("insert into elsewhere values (?, ?, ?)", rows)


def hold_elsewhere(session: Session) -> None:
    """Raise DanglingReference where a row that was noted is not there by now."""
    connection = session.connection()
    connection.exec_driver_sql(ELSEWHERE)
    parents: Any = connection.exec_driver_sql("select distinct parent from temp.elsewhere").scalars().all()
    for parent in parents:
        same = "and there.organization_id = owners.organization_id" if "organization_id" in _table(parent).c else ""
        missing = connection.exec_driver_sql(
            "select elsewhere.id from temp.elsewhere join temp.owners using (owner) where parent = ? and not exists "
            f'(select 1 from main."{parent}" as there where there.id = elsewhere.id {same}) limit 1',
            (parent,),
        ).scalar()
        if missing is not None:
            raise DanglingReference(f"The load names {missing} in {parent}, which is not there; nothing was changed.")


def note_held(session: Session, tables: Iterable[str]) -> None:
    """These tables' rows of this load point at what is there, or `hold_elsewhere` has said so."""
    session.info.setdefault(HELD, set()).update(tables)


def hold_others(session: Session) -> None:
    """Raise DanglingReference where a row of any other table of the embedded store points at nothing."""
    session.flush()
    for name in Base.metadata.tables.keys() - session.info.get(HELD, set()):
        broken: Any = session.connection().exec_driver_sql(f'pragma main.foreign_key_check("{name}")').first()
        if broken is not None:
            raise DanglingReference(f"A row of {name} names one of {broken[2]} that is not there; nothing was changed.")


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
