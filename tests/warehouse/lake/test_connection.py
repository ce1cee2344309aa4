"""One door to the lake: one writer, whole transactions, any kept snapshot, and a folder that can be moved."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.lake.commit import commit_build
from warehouse.lake.connection import Lake, LakeMissing, LakeUnreadable, SnapshotGone, open_lake
from warehouse.lake.writer import LakeLocked
from warehouse.settings import settings


@contextmanager
def _living_in(home: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home.parent)
        patch.setenv("LONGHOUSE_HOME", str(home))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, extensions: Path) -> Iterator[Path]:
    """A data folder without a lake; the test may move it."""
    home = tmp_path / "data"
    home.mkdir()
    (home / "extensions").symlink_to(extensions)
    with _living_in(home):
        yield home


def _change(lake: Lake, *statements: str, message: str = "a test") -> int:
    """One transaction; the snapshot it made."""
    with lake.transaction(message, {}):
        for statement in statements:
            lake.run(statement)
    return lake.snapshot_id()


def _write(*statements: str) -> int:
    with open_lake(write=True) as lake:
        return _change(lake, *statements)


@pytest.fixture(scope="module")
def three_deals(tmp_path_factory: pytest.TempPathFactory, extensions: Path) -> tuple[Path, int]:
    """A lake with a table of three deals, made once, and the snapshot that made it."""
    home = tmp_path_factory.mktemp("lake") / "data"
    home.mkdir()
    (home / "extensions").symlink_to(extensions)
    table = "create table lake.raw.deals as select i as id, i * 10 as amount from range(1, 4) numbers (i)"
    with _living_in(home):
        return home, _write("create schema lake.raw", table)


@pytest.fixture
def deals(three_deals: tuple[Path, int], home: Path) -> int:
    """A table of three deals; the snapshot that made it."""
    made, snapshot = three_deals
    shutil.copytree(made / "lake", home / "lake")
    return snapshot


@pytest.fixture
def lake(home: Path) -> Iterator[Lake]:
    """The one writer."""
    with open_lake(write=True) as opened:
        yield opened


def _amount(**options: Any) -> Any:
    with open_lake(**options) as lake:
        return lake.value("select sum(amount) from lake.raw.deals")


def test_a_folder_without_a_lake_says_how_to_get_one() -> None:
    with pytest.raises(LakeMissing, match="longhouse refresh"), open_lake():
        pass


def test_reading_makes_no_lake(home: Path) -> None:
    with pytest.raises(LakeMissing), open_lake():
        pass
    assert not settings().catalog_path.exists()


def test_what_was_written_can_be_read(deals: int) -> None:
    assert _amount() == 60


def test_a_reader_cannot_write(deals: int) -> None:
    with pytest.raises(duckdb.Error, match="read-only"), open_lake() as lake:
        lake._connection.execute("delete from lake.raw.deals")
    assert _amount() == 60


def test_a_second_writer_is_told_who_holds_the_pen(deals: int) -> None:
    with (
        open_lake(write=True),
        pytest.raises(LakeLocked, match=f"Process {os.getpid()} has been writing"),
        open_lake(write=True, wait_seconds=0.2),
    ):
        pass


def test_the_pen_is_free_when_its_holder_fails(deals: int) -> None:
    with pytest.raises(RuntimeError, match="oh"), open_lake(write=True):
        raise RuntimeError("oh")
    assert _write("delete from lake.raw.deals where id = 1") == deals + 1


def test_readers_go_on_while_somebody_writes(deals: int) -> None:
    with open_lake(write=True) as lake, lake.transaction("half", {}):
        lake.run("delete from lake.raw.deals")
        assert _amount() == 60
    assert _amount() is None


def test_a_reader_keeps_its_moment_while_others_commit(deals: int) -> None:
    with open_lake(snapshot=deals) as reader:
        _write("update lake.raw.deals set amount = 0")
        assert reader.value("select sum(amount) from lake.raw.deals") == 60
    assert _amount() == 0


def test_a_moved_data_folder_reads_its_own_files(deals: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = home.parent / "a place with 'quotes' and blanks"
    shutil.copytree(home, moved)
    shutil.rmtree(home)
    monkeypatch.setenv("LONGHOUSE_HOME", str(moved))
    settings.cache_clear()
    assert _amount() == 60
    with open_lake() as lake:
        assert {path.is_relative_to(moved) for path, _ in lake.files("raw", "deals")} == {True}
    _write("insert into lake.raw.deals values (4, 40)")
    assert _amount() == 100
    assert not home.exists()


def test_a_copy_and_its_original_live_apart(deals: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = home.parent / "copy"
    shutil.copytree(home, copied)
    monkeypatch.setenv("LONGHOUSE_HOME", str(copied))
    settings.cache_clear()
    _write("insert into lake.raw.deals values (4, 40)")
    monkeypatch.setenv("LONGHOUSE_HOME", str(home))
    settings.cache_clear()
    assert _amount() == 60


def test_every_snapshot_can_be_read_as_it_was(deals: int, lake: Lake) -> None:
    edited = _change(lake, "update lake.raw.deals set amount = 100 where id = 1")
    emptied = _change(lake, "delete from lake.raw.deals")
    assert [_amount(snapshot=one) for one in (deals, edited, emptied)] == [60, 150, None]


def test_a_snapshot_before_the_table_knows_no_table(deals: int) -> None:
    with open_lake(snapshot=0) as lake:
        assert not lake.has_table("raw", "deals")
        assert lake.tables("raw") == []


def test_a_snapshot_that_was_never_made_is_gone(deals: int) -> None:
    with pytest.raises(SnapshotGone, match="Snapshot 999"), open_lake(snapshot=999):
        pass


def test_a_snapshot_that_expired_is_gone_and_the_present_stays(deals: int) -> None:
    with open_lake(write=True) as lake:
        _change(lake, "update lake.raw.deals set amount = 0")
        lake.run(f"call ducklake_expire_snapshots('lake', versions => [{deals}])")
    with pytest.raises(SnapshotGone, match=f"Snapshot {deals}"), open_lake(snapshot=deals):
        pass
    assert _amount() == 0


def test_an_aborted_transaction_leaves_no_snapshot_and_no_rows(deals: int, lake: Lake) -> None:
    def fail_halfway() -> None:
        with lake.transaction("never", {}):
            lake.run("delete from lake.raw.deals")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()
    assert lake.snapshot_id() == deals
    assert lake.value("select count(*) from lake.raw.deals") == 3


def test_a_transaction_that_changed_nothing_leaves_no_snapshot(deals: int, lake: Lake) -> None:
    assert _change(lake, "delete from lake.raw.deals where id = 99") == deals


def test_a_snapshot_carries_its_message(deals: int, lake: Lake) -> None:
    _change(lake, "delete from lake.raw.deals", message="all gone")
    found = lake.run("select author, commit_message from ducklake_snapshots('lake') order by snapshot_id")
    assert found[-1] == ("longhouse", "all gone")


def test_values_travel_beside_the_text(lake: Lake) -> None:
    assert lake.value("select ?", ["'; drop table lake.raw.deals --"]) == "'; drop table lake.raw.deals --"
    assert lake.value("select 1 where false") is None


@pytest.mark.parametrize("damage", ["removed", "cut", "overwritten"])
def test_a_damaged_file_is_said_to_be_damaged(deals: int, damage: str) -> None:
    (path,) = settings().lake_files.rglob("*.parquet")
    if damage == "removed":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        path.write_bytes(b"not parquet at all" * 40)
    with pytest.raises(LakeUnreadable, match="missing or damaged"):
        _amount()


# A build is taken over whole ----------------------------------------------------------------------------------------


@pytest.fixture
def workshop(home: Path) -> Path:
    return home / "workshop.duckdb"


def _build(workshop: Path, *statements: str) -> None:
    workshop.parent.mkdir(exist_ok=True)
    with duckdb.connect(workshop) as connection:
        for statement in ("create schema if not exists core", "create schema if not exists marts", *statements):
            connection.execute(statement)


def _commit(lake: Lake, workshop: Path) -> tuple[int, list[str]]:
    done = commit_build(lake, workshop, "b1")
    return done.snapshot_id, done.changed


def _tables(lake: Lake) -> list[str]:
    return [f"{schema}.{name}" for schema in ("core", "marts") for name in lake.tables(schema)]


FACTS = "create or replace table core.fct_deals as select i as id, i * 10 as amount from range(3) numbers (i)"
MART = "create or replace table marts.mart_deals as select 30 as amount"


def test_a_build_becomes_one_snapshot(lake: Lake, workshop: Path) -> None:
    before = lake.snapshot_id()
    _build(workshop, FACTS, MART)
    assert _commit(lake, workshop) == (before + 1, ["core.fct_deals", "marts.mart_deals"])


def test_the_same_build_again_makes_no_snapshot(lake: Lake, workshop: Path) -> None:
    _build(workshop, FACTS, MART)
    first, _ = _commit(lake, workshop)
    _build(workshop, FACTS, MART)
    assert _commit(lake, workshop) == (first, [])


def test_the_order_of_rows_is_no_change(lake: Lake, workshop: Path) -> None:
    _build(workshop, FACTS)
    first, _ = _commit(lake, workshop)
    _build(workshop, f"{FACTS} order by 1 desc")
    assert _commit(lake, workshop) == (first, [])


@pytest.mark.parametrize(
    "change",
    [
        "update core.fct_deals set amount = 11 where id = 1",
        "insert into core.fct_deals values (9, 90)",
        "insert into core.fct_deals select * from core.fct_deals where id = 1",
        "delete from core.fct_deals where id = 1",
        "update core.fct_deals set amount = null where id = 1",
        "alter table core.fct_deals rename amount to worth",
        "alter table core.fct_deals alter amount type varchar",
        "alter table core.fct_deals add column note varchar",
        "create or replace table core.fct_deals as select id, case id when 1 then 20 when 2 then 10 else 0 end as amount "
        "from core.fct_deals",
    ],
)
def test_only_what_changed_is_replaced(lake: Lake, workshop: Path, change: str) -> None:
    _build(workshop, FACTS, MART)
    first, _ = _commit(lake, workshop)
    _build(workshop, change)
    assert _commit(lake, workshop) == (first + 1, ["core.fct_deals"])


def test_a_table_the_model_no_longer_has_leaves_the_lake(lake: Lake, workshop: Path) -> None:
    _build(workshop, FACTS, MART)
    before, _ = _commit(lake, workshop)
    _build(workshop, "drop table marts.mart_deals")
    _commit(lake, workshop)
    assert _tables(lake) == ["core.fct_deals"]
    with open_lake(snapshot=before) as then:
        assert _tables(then) == ["core.fct_deals", "marts.mart_deals"]


def test_staging_and_stored_failures_stay_in_the_workshop(lake: Lake, workshop: Path) -> None:
    _build(workshop, FACTS, "create schema checks", "create table checks.bad as select 1 as one")
    _commit(lake, workshop)
    assert (lake.tables("checks"), lake.tables("core")) == ([], ["fct_deals"])


def test_a_build_that_cannot_be_read_leaves_the_lake_as_it_was(lake: Lake, workshop: Path) -> None:
    before = lake.snapshot_id()
    workshop.write_bytes(b"no database" * 1000)
    with pytest.raises(duckdb.Error):
        _commit(lake, workshop)
    assert lake.snapshot_id() == before
