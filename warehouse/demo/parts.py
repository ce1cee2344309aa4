"""A large load in parts: what each maker is asked for, and what it tells of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from warehouse.demo.columns import Chunk
from warehouse.demo.content import Content
from warehouse.demo.customers import ranges
from warehouse.demo.house import RANGE, Piece
from warehouse.demo.presets import Company
from warehouse.oltp.attached import MOST_FILES, Shape

_ENDS = (0.04, 0.14, 0.30, 0.46, 0.62, 0.78, 0.92, 1.0)
"""Where parts end, as shares of all customers: small ones at both ends, since the store waits for the first of them and
nobody makes anything while the last goes in."""
assert len(_ENDS) <= MOST_FILES


@dataclass(frozen=True)
class Part:
    """Work for one maker: pieces of companies, written into one file."""

    name: str
    """What the file will be attached as."""
    path: Path
    pieces: Sequence[tuple[Company, Piece]]
    seed: int
    dirty: bool
    truth: Path | None
    """The folder for what is true of this part; None, it is not kept."""
    shared: str | None
    """The folder in it that all companies share; None, each has its own."""


@dataclass
class MadePiece:
    """What there is of a company in a part."""

    company: Company
    people: list[Chunk] = field(default_factory=list)
    """Its users and its memberships, where the piece begins it; the file has all other rows."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Table of the store → rows in the file."""
    digest: bytes = b""
    """Of the ids of those rows."""


@dataclass(frozen=True)
class MadePart:
    """What a maker tells of its part."""

    pieces: list[MadePiece]
    shapes: list[Shape]
    """The tables of its file, parents first. A row's owner is the number of its company."""
    elsewhere: Mapping[str, set[tuple[int, str]]]
    """Table of the store → owners and ids of rows that are named in the file and not in it."""
    content: Content


def pieces_of(companies: Sequence[Company]) -> Iterator[tuple[Company, Piece]]:
    """Small companies whole, large ones a range of customers at a time."""
    for company in companies:
        for first, last in ranges(0, company.customers, RANGE):
            yield company, Piece(first, last)


def in_parts(companies: Sequence[Company]) -> list[list[tuple[Company, Piece]]]:
    """The companies in parts of the sizes they should have; each has what it has of a company in one piece."""
    total = sum(company.customers for company in companies)
    parts: list[list[tuple[Company, Piece]]] = [[] for _ in _ENDS]
    done = 0
    for company, piece in pieces_of(companies):
        number = next(place for place, end in enumerate(_ENDS) if done <= end * total)
        parts[number].append((company, piece))
        done += piece.last - piece.first
    return [_joined(part) for part in parts if part]


def _joined(part: list[tuple[Company, Piece]]) -> list[tuple[Company, Piece]]:
    runs = [(company, [piece for _, piece in run]) for company, run in groupby(part, key=lambda one: one[0])]
    return [(company, Piece(pieces[0].first, pieces[-1].last)) for company, pieces in runs]
