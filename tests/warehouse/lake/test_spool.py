"""Columns become a SQLite file: in order, and compared with each other on the way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from tests.houses import living_in
from warehouse.lake.spool import open_spool


@pytest.fixture
def home(extensions: Path, tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "extensions").symlink_to(extensions)
    with living_in(tmp_path):
        yield tmp_path


def _rows(*rows: tuple[int, str, str | None]) -> pa.Table:
    return pa.table(dict(zip(("owner", "id", "parent"), map(list, zip(*rows, strict=True)), strict=True)))


def test_rows_lie_in_order_whenever_they_came(home: Path) -> None:
    with open_spool(home / "spool.db", "id") as spool:
        spool.append("kites", _rows((1, "c", None), (1, "a", "x")))
        spool.append("kites", _rows((2, "b", "y")))
        spool.complete()
    with closing(sqlite3.connect(home / "spool.db")) as made:
        assert made.execute("select rowid, * from kites order by rowid").fetchall() == [
            (1, 1, "a", "x"),
            (2, 2, "b", "y"),
            (3, 1, "c", None),
        ]


def test_names_that_did_not_come_are_told_once(home: Path) -> None:
    with open_spool(home / "spool.db", "id") as spool:
        spool.append("parents", _rows((1, "x", None)))
        spool.append("more_parents", _rows((2, "y", None)))
        rows = [(1, "a", "x"), (1, "b", "y"), (2, "c", "y"), (1, "d", "y"), (1, "e", None), (2, "f", "x")]
        spool.append("kites", _rows(*rows))
        spool.complete()
        among = ["parents", "more_parents", "not_written"]
        assert sorted(spool.unknown("kites", "parent", among, ("owner", "id"))) == [(1, "y"), (2, "x")]
        assert len(spool.unknown("kites", "parent", [], ("owner", "id"))) == 4
