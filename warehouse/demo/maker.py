"""`python -m warehouse.demo.maker`: makes parts of companies in a process of its own, as told on standard input."""

import gc
import os
import pickle
import sys
import threading
from collections import Counter
from hashlib import sha256
from typing import BinaryIO

import numpy as np
import pyarrow as pa

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.demo.columns import Chunk
from warehouse.demo.content import Content
from warehouse.demo.house import company_chunks
from warehouse.demo.parts import MadePart, MadePiece, Part
from warehouse.demo.presets import Company
from warehouse.demo.stacks import stacked
from warehouse.demo.stored import stored_values
from warehouse.demo.truth import Truth
from warehouse.extracts.worker import end_with_the_parent
from warehouse.lake.spool import Spool, open_spool
from warehouse.oltp.attached import OWNER, Shape
from warehouse.oltp.base import Base
from warehouse.oltp.bulk import defaults_of
from warehouse.oltp.references import references

PEOPLE = 2
"""A company begins with a chunk of users and one of memberships: the loader needs them itself."""
HELD = 200_000
"""Rows of small companies that are converted together."""


def make(part: Part) -> MadePart:
    """Make a part into its file."""
    content, pieces = Content(), []
    with open_spool(part.path, "id") as spool, _Truths(part) as truths:
        writer = _Writer(spool, content)
        for company, piece in part.pieces:
            made = MadePiece(company)
            digest, counts = sha256(), Counter[str]()
            rows = company_chunks(company, part.seed, truths.of(company), dirty=part.dirty, piece=piece)
            for one in rows:
                if piece.first == 0 and len(made.people) < PEOPLE:
                    content.add(company.slug, one)
                    made.people.append(one)
                elif one.rows:
                    writer.add(company, one)
                    digest.update(np.ascontiguousarray(one.columns["id"]).tobytes())
                    counts[one.table] += one.rows
            made.counts, made.digest = dict(counts), digest.digest()
            pieces.append(made)
        writer.flush()
        spool.complete()
        elsewhere = writer.elsewhere()
    return MadePart(pieces, writer.shapes(), elsewhere, content)


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
    """Rows by the shape they have: one table of the file for each."""

    def __init__(self, spool: Spool, content: Content) -> None:
        self._spool, self._content = spool, content
        self._shapes: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Shape] = {}
        self._held: dict[str, list[tuple[Company, Chunk]]] = {}
        self._holds = 0

    def add(self, company: Company, one: Chunk) -> None:
        """Take some rows in."""
        shape = self._shape(one)
        self._held.setdefault(shape.table, []).append((company, one))
        self._holds += one.rows
        if self._holds > HELD:
            self.flush()

    def _shape(self, one: Chunk) -> Shape:
        """Null in every row is what a column has that nobody names, unless it has a default."""
        unset = tuple(name for name, column in one.columns.items() if column is None)
        key = one.table, tuple(one.columns), unset
        if key not in self._shapes:
            kept = unset and set(unset) & defaults_of(Base.metadata.tables[one.table]).keys()
            names = tuple(name for name in one.columns if name not in unset or name in kept)
            self._shapes[key] = Shape(one.table, f"{one.table}_{len(self._shapes)}", names)
        return self._shapes[key]

    def shapes(self) -> list[Shape]:
        """The tables of the file, parents first."""
        places = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
        return sorted(self._shapes.values(), key=lambda shape: places[shape.entity])

    def elsewhere(self) -> dict[str, set[tuple[int, str]]]:
        """Which rows those in the file name that are not in it: table → owner and id."""
        found: dict[str, set[tuple[int, str]]] = {}
        for shape in self._shapes.values():
            for column, parent in references(Base.metadata.tables[shape.entity]):
                if column in shape.columns:
                    among = [one.table for one in self._shapes.values() if one.entity == parent]
                    found.setdefault(parent, set()).update(
                        self._spool.unknown(shape.table, column, among, (OWNER, "id"))
                    )
        return found

    def flush(self) -> None:
        """Count and hand on what is held."""
        for shape in self._shapes.values():
            held = self._held.pop(shape.table, [])
            if held:
                self._content.add_all([(company.slug, one) for company, one in held])
                self._spool.append(shape.table, _rows(shape, held))
        self._holds = 0


def _rows(shape: Shape, held: list[tuple[Company, Chunk]]) -> pa.Table:
    sizes = [one.rows for _, one in held]
    target = Base.metadata.tables[shape.entity]
    values = {OWNER: pa.array(np.repeat([company.number for company, _ in held], sizes))}
    for name in shape.columns:
        runs = stacked([one.columns[name] for _, one in held], sizes)
        values[name] = pa.chunked_array([stored_values(column, target.c[name], rows) for column, rows in runs])
    return pa.table(values)


def tell(answers: BinaryIO, answer: MadePart | str) -> None:
    """Say what came of a part: a sentence where it could not be made."""
    pickle.dump(answer, answers)
    answers.flush()


def main() -> None:
    """Make one part after the other until nobody asks any more."""
    # Arrays are given back as they are let go; looking through everything for rings of them took a tenth of the time.
    gc.freeze()
    gc.disable()
    threading.Thread(target=end_with_the_parent, args=(os.getppid(),), daemon=True).start()
    # Whatever else prints would stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            part: Part = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        try:
            answer: MadePart | str = make(part)
        except Exception as failure:
            answer = f"{type(failure).__name__}: {failure}"
        tell(answers, answer)
        gc.collect()


if __name__ == "__main__":
    main()
