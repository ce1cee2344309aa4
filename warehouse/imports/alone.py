"""What only one record of an organization may hold: numbers are the file's or counted up, other values are refused."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from warehouse.imports.findings import RowRefused
from warehouse.imports.followed import Followed
from warehouse.imports.kept import alone_in, counted, table_of
from warehouse.operations.bulk import Batch, Values

Held = dict[tuple[Any, ...], str]
"""Values of the columns → the record that holds them."""


class Alone:
    """Knows what the records of an organization hold, deleted ones too, and what the import gives to others."""

    def __init__(self, session: Session, organization_id: str, tables: Iterable[str]) -> None:
        self.held: dict[tuple[str, tuple[str, ...]], Held] = {}
        for into in sorted(set(tables)):
            table = table_of(into)
            for names in alone_in(table):
                chosen = select(table.c.id, *(table.c[name] for name in names))
                rows = session.execute(chosen.where(table.c.organization_id == organization_id)).all()
                self.held[into, names] = {tuple(row[1:]): row[0] for row in rows}

    def claim(self, into: str, record_id: str, values: Values) -> None:
        """Give a record what it is to hold alone. Raises RowRefused where another holds it."""
        number = counted(table_of(into))
        for (entity, names), held in self.held.items():
            wanted = tuple(values.get(name) for name in names)
            if entity != into or None in wanted or (number is not None and names == (number.name,)):
                continue
            if held.setdefault(wanted, record_id) != record_id:
                told = f"another of the {into.replace('_', ' ')} has this {' and '.join(names)}"
                raise RowRefused(f"same_{'_'.join(names)}", told)

    def count_up(self, result: Followed) -> None:
        """Numbers for new records: the file's own where it is free, else the next. A record keeps the one it has."""
        for batch in result.batches:
            column = counted(table_of(batch.entity))
            if column is not None:
                self._number(batch, column, result)

    def _number(self, batch: Batch, column: Column[Any], result: Followed) -> None:
        name, held = column.name, self.held.setdefault((batch.entity, (column.name,)), {})
        for row in batch.updates:
            row.pop(name, None)
        late = [
            row
            for row in batch.inserts
            if held.setdefault((row.get(name),), row["id"]) != row["id"] or not row.get(name)
        ]
        held.pop((None,), None)
        first = max(0, *(number for (number,) in held)) + 1 if held else 1
        for number, row in enumerate(late, start=first):
            if row.get(name):
                told = f"have a {name} that another has here; they got the next free one"
                result.note(f"{batch.entity}_with_a_{name}_that_is_taken", batch.entity, told, row["id"])
            row[name] = number
            held[number,] = row["id"]
