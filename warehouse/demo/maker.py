"""`python -m warehouse.demo.maker`: makes parts of companies in a process of its own, as told on standard input."""

import os
import pickle
import select
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.demo.columns import Chunk, take
from warehouse.demo.content import Content
from warehouse.demo.house import company_chunks
from warehouse.demo.parts import MadePart, MadePiece, Part
from warehouse.demo.presets import Company
from warehouse.demo.stored import stored_values
from warehouse.demo.truth import Truth
from warehouse.lake.spool import Spool, open_spool
from warehouse.oltp.attached import Stretch
from warehouse.oltp.base import Base
from warehouse.oltp.bulk import defaults_of

PEOPLE = 2
"""A company begins with a chunk of users and one of memberships: the loader needs them itself."""
HELD = 200_000
"""Rows of small companies that are written together."""


def make(part: Part) -> MadePart:
    """Make a part into its file."""
    content, made = Content(), []
    with open_spool(part.path) as spool, _Truths(part) as truths:
        writer = _Writer(spool, part.name)
        for company, piece in part.pieces:
            rows = company_chunks(company, part.seed, truths.of(company), dirty=part.dirty, piece=piece)
            found = MadePiece(company)
            for one in _counted(rows, company, content):
                if piece.first == 0 and len(found.people) < PEOPLE:
                    found.people.append(one)
                else:
                    writer.add(one)
            found.stretches = writer.stretches()
            made.append(found)
        writer.flush()
    return MadePart(made, content)


def _counted(chunks: Iterator[Chunk], company: Company, content: Content) -> Iterator[Chunk]:
    for one in chunks:
        content.add(company.slug, one)
        yield one


class _Truths:
    """The truths of a part: one per company, or one for all."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._open: Truth | None = None

    def of(self, company: Company) -> Truth:
        """Where to tell what is true of a company; the one before is told by then."""
        folder, slug = self._part.truth, company.slug
        if self._part.shared:
            self._open = self._open or Truth(folder / self._part.shared if folder else None)
            self._open.slug = slug
        elif self._open is None or folder is None or self._open.folder != folder / slug:
            self._close()
            self._open = Truth(folder / slug if folder else None)
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)

    def __enter__(self) -> "_Truths":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


class _Writer:
    """Rows by the shape they have (their table and the columns they name): one table of the file for each shape."""

    def __init__(self, spool: Spool, name: str) -> None:
        self._spool, self._name = spool, name
        self._shapes: dict[tuple[str, tuple[str, ...]], str] = {}
        self._rows: dict[str, int] = {}
        self._held: dict[str, list[pa.Table]] = {}
        self._holds = 0
        self._begun: dict[tuple[str, tuple[str, ...]], int] = {}

    def add(self, one: Chunk) -> None:
        """Take some rows in, by id: the store's indexes grow in order."""
        if not one.rows:
            return
        target = Base.metadata.tables[one.table]
        unset = {name for name, column in one.columns.items() if column is None} - defaults_of(target).keys()
        names = tuple(sorted(one.columns.keys() - unset))
        shape = one.table, names
        table = self._shapes.setdefault(shape, f"{one.table}_{len(self._shapes)}")
        self._begun.setdefault(shape, self._rows.setdefault(table, 0))
        order = _by_id(one)
        columns = {name: one.columns[name] if order is None else take(one.columns[name], order) for name in names}
        values = {name: stored_values(column, target.c[name], one.rows) for name, column in columns.items()}
        self._held.setdefault(table, []).append(pa.table(values))
        self._rows[table] += one.rows
        self._holds += one.rows
        if self._holds > HELD:
            self.flush()

    def stretches(self) -> list[tuple[str, Stretch]]:
        """Where the rows lie that came since the last time, parents first."""
        places = _places()
        begun = sorted(self._begun.items(), key=lambda item: (places[item[0][0]], item[0][1]))
        self._begun = {}
        return [
            (shape[0], Stretch(self._name, self._shapes[shape], shape[1], before + 1, self._rows[self._shapes[shape]]))
            for shape, before in begun
        ]

    def flush(self) -> None:
        """Write what is held."""
        for table, rows in self._held.items():
            self._spool.append(table, pa.concat_tables(rows))
        self._held, self._holds = {}, 0


def _places() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


def _by_id(one: Chunk) -> np.ndarray | None:
    """The order of the rows' ids; None where they are in it."""
    ids = one.columns["id"]
    assert isinstance(ids, np.ndarray)
    return None if bool((ids[:-1] <= ids[1:]).all()) else np.argsort(ids, kind="stable")


def tell(answers: BinaryIO, answer: MadePart | str) -> None:
    """Say what came of a part: a sentence where it could not be made."""
    pickle.dump(answer, answers)
    answers.flush()


def _end_with_the_parent(parent: int) -> None:
    """A part takes minutes: when whoever asked for it is gone, nobody needs it."""
    hang_up = select.poll()
    hang_up.register(sys.stdin.fileno(), 0)
    while not hang_up.poll(1000) and os.getppid() == parent:
        pass
    os._exit(0)


def main() -> None:
    """Make one part after the other until nobody asks any more."""
    threading.Thread(target=_end_with_the_parent, args=(os.getppid(),), daemon=True).start()
    # Whatever else prints would stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            part: Part = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        try:
            tell(answers, make(part))
        except Exception as failure:
            tell(answers, f"{type(failure).__name__}: {failure}")
            raise


if __name__ == "__main__":
    main()
