"""Were the guard to miss something: the locked process alone keeps files, network and other organizations away."""

import contextlib
import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.extracts.bypasses import BYPASSES
from tests.warehouse.extracts.hostile import HOSTILE
from tests.warehouse.extracts.running import Memory, unguarded
from warehouse.extracts import child
from warehouse.extracts.process import (
    ExtractUnreadable,
    Limits,
    QueryFailed,
    Reader,
    Rows,
    TooSlow,
    WorkerLost,
)

FAMILIES = {family: lines for family, lines in HOSTILE.items() if family != "pressure"} | {
    f"bypass: {family}": lines for family, lines in BYPASSES.items()
}
TABLES = ["deals", "customers"]
SMALL = Limits(memory="256MB", address_space_bytes=3 * 1024**3 // 2)
SECONDS = 0.3
PLANTED = "only-in-the-folder"
LISTED = "seen-only-by-listing"
# Nothing of these stands in a statement: whoever answers with one has read it somewhere.
SECRETS = (PLANTED, LISTED, "globex customer", "ana@globex.example", "root:x:0")
# These must not even be answered.
REFUSED = ("files by name", "files by function", "other databases", "network", "copy and export")
OpenReader = Callable[..., Reader]


@dataclass(frozen=True)
class Places:
    """What a hostile statement would like to reach: a folder, another's extract, a host that listens."""

    folder: Path
    other: Path
    trap: socket.socket

    def placed(self, sql: str) -> str:
        trap = f"127.0.0.1:{self.trap.getsockname()[1]}"
        names = {"{folder}": self.folder, "{other}": self.other, "{trap}": trap}
        for name, place in names.items():
            sql = sql.replace(name, str(place))
        return sql

    def contents(self) -> dict[Path, bytes]:
        found = [*self.folder.rglob("*"), *self.other.parent.rglob("*")]
        return {path: path.read_bytes() if path.is_file() else b"" for path in found}

    def called(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            self.trap.accept()[0].close()
            return True
        return False


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, globex: Path) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("outside")
    for name in ("planted.csv", "planted.txt", "planted.sql", f"{LISTED}.csv"):
        (folder / name).write_text(f"secret\n{PLANTED}\n")
    (folder / "planted.json").write_text(json.dumps({"secret": PLANTED}))
    with duckdb.connect() as connection:
        connection.execute(f"copy (select '{PLANTED}' as secret) to '{folder}/planted.parquet'")
    with contextlib.closing(sqlite3.connect(folder / "planted.sqlite")) as database:
        database.execute("create table users as select ? as name", (PLANTED,))
        database.commit()
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        yield Places(folder, globex, trap)


def answered(reader: Reader, sql: str) -> Rows | None:
    """The rows, or None when the process did not answer; anything but a sentence about it fails the test."""
    with contextlib.suppress(QueryFailed, WorkerLost, TooSlow, ExtractUnreadable):
        return unguarded(reader, sql, SECONDS)
    return None


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_gets_out_and_the_next_question_is_answered(
    family: str, places: Places, acme: Path, open_reader: OpenReader
) -> None:
    reader, memory = open_reader(acme, SMALL), Memory()
    before = (places.contents(), acme.read_bytes())
    for sql in map(places.placed, FAMILIES[family]):
        started = time.monotonic()
        rows = answered(reader, sql)
        assert time.monotonic() - started < SECONDS + 5, sql
        assert rows is None or family not in REFUSED, sql
        assert not [word for word in SECRETS if rows and word in str(rows.rows)], sql
        assert not places.called(), sql
    reader._end()
    assert reader.query("select name from customers", tables=TABLES).rows == [("acme customer",)]
    assert (places.contents(), acme.read_bytes()) == before
    assert memory.grown() < 300


OUTSIDE = """
    attach '{other}' as globex (read_only)
    select * from read_duckdb('{other}')
    select * from read_text('{folder}/planted.txt')
    select * from read_csv('{folder}/planted.txt')
    select * from '{folder}/planted.csv'
    select * from glob('{folder}/*')
    copy deals to '{folder}/out.csv'
    copy (select 1) to '{folder}/out.parquet'
    export database '{folder}/out'
    attach '{folder}/out.duckdb' as fresh
    create or replace table extract.main.deals as select 1
    insert into extract.main.customers values ('x', 'y')
    set enable_external_access = true
    set lock_configuration = false
    set memory_limit = '100GB'
    load sqlite
    install httpfs
    select * from sqlite_scan('{other}', 'users')
"""


def test_without_the_guard_the_settings_alone_keep_it_inside(
    acme: Path, places: Places, open_reader: OpenReader
) -> None:
    reader, before = open_reader(acme), places.contents()
    for line in OUTSIDE.strip().splitlines():
        with pytest.raises(QueryFailed):
            unguarded(reader, places.placed(line.strip()))
    assert places.contents() == before
    assert reader.query("select name from customers", tables=TABLES).rows == [("acme customer",)]


@pytest.mark.parametrize(
    ("sql", "seen"),
    [
        ("select * from '{folder}/planted.csv'", PLANTED),
        ("select * from glob('{folder}/*')", LISTED),
        ("attach '{other}' as globex (read_only); select * from globex.customers", "globex customer"),
    ],
)
def test_a_process_that_is_not_locked_would_be_noticed(
    acme: Path, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str, seen: str
) -> None:
    (tmp_path / "worker.py").write_text(child.WORKER.read_text().replace("enable_external_access = false", "threads=1"))
    monkeypatch.setattr(child, "WORKER", tmp_path / "worker.py")
    reader = Reader(acme, SMALL)
    assert seen in str(unguarded(reader, places.placed(sql)).rows)
    reader.close()


def test_a_poisoned_connection_is_replaced(acme: Path, tmp_path: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme)
    poison = f"call enable_logging('QueryLog', storage = 'file', storage_path = '{tmp_path / 'log'}')"
    unguarded(reader, poison)
    with pytest.raises((QueryFailed, WorkerLost)):
        reader.query("select 1 as a", tables=[])
    assert reader.query("select 1 as a", tables=[]).rows == [(1,)]


def test_what_the_engine_prints_does_not_get_between_the_frames(acme: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme)
    unguarded(reader, "call enable_logging('QueryLog', storage = 'stdout')")
    for number in range(5):
        assert unguarded(reader, f"select {number}").rows == [(number,)]
