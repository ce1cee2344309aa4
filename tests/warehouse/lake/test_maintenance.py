"""Thinning keeps what was promised, maintenance moves no number, and a file is removed only when nothing needs it."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.houses import House
from warehouse.lake import maintenance
from warehouse.lake.connection import Lake, LakeMissing, SnapshotGone, open_lake
from warehouse.lake.maintenance import (
    OrphansRefused,
    RowsMoved,
    Snapshot,
    back_up_catalog,
    kept,
    maintain,
    remove_orphans,
    to_expire,
)
from warehouse.settings import settings

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)

# Thinning ------------------------------------------------------------------------------------------------------------

ages = st.lists(st.integers(0, 3 * 365 * 24 * 60), max_size=60)
"""In minutes, up to three years; the oldest has the lowest id."""
pins = st.sets(st.integers(0, 60), max_size=5)


def taken(minutes: list[int]) -> list[Snapshot]:
    times = sorted(NOW - timedelta(minutes=age) for age in minutes)
    return [Snapshot(number, time) for number, time in enumerate(times)]


@given(ages, pins)
def test_the_latest_and_the_pinned_always_stay(minutes: list[int], pinned: set[int]) -> None:
    snapshots = taken(minutes)
    ids = [snapshot.id for snapshot in snapshots]
    assert kept(snapshots, pinned, NOW) >= {*(pinned & set(ids)), *ids[-1:]}


@given(ages, pins)
def test_each_snapshot_stays_or_goes(minutes: list[int], pinned: set[int]) -> None:
    snapshots = taken(minutes)
    gone = to_expire(snapshots, pinned, NOW)
    assert gone == sorted(gone)
    assert {*gone} | kept(snapshots, pinned, NOW) == {snapshot.id for snapshot in snapshots}
    assert not {*gone} & kept(snapshots, pinned, NOW)


@pytest.mark.parametrize(
    ("within", "period"), [(timedelta(hours=48), "%Y-%m-%d %H"), (400 * DAY, "%Y-%m-%d"), (1200 * DAY, "%Y-%m")]
)
@given(minutes=ages)
def test_the_last_of_each_hour_day_and_month_stays(minutes: list[int], within: timedelta, period: str) -> None:
    snapshots = taken(minutes)
    lasts = {f"{snapshot.taken_at:{period}}": snapshot for snapshot in snapshots}
    young = {snapshot.id for snapshot in lasts.values() if NOW - snapshot.taken_at <= within}
    assert kept(snapshots, (), NOW) >= young


@given(ages)
def test_nothing_else_stays(minutes: list[int]) -> None:
    snapshots = taken(minutes)
    stay = kept(snapshots, (), NOW)
    for bound, period in ((timedelta(hours=2), "%Y-%m-%d %H"), (timedelta(hours=48), "%Y-%m-%d"), (400 * DAY, "%Y-%m")):
        old = [f"{s.taken_at:{period}}" for s in snapshots if s.id in stay and NOW - s.taken_at > bound]
        assert len(old) == len(set(old))


@given(ages, pins, st.integers(0, 800 * 24), st.integers(0, 800 * 24))
def test_thinning_often_or_rarely_leaves_the_same(minutes: list[int], pinned: set[int], first: int, then: int) -> None:
    snapshots = taken(minutes)
    soon, later = NOW + timedelta(hours=first), NOW + timedelta(hours=first + then)
    once = kept(snapshots, pinned, soon)
    assert kept([s for s in snapshots if s.id in once], pinned, later) == kept(snapshots, pinned, later)


def test_no_snapshots_nothing_to_expire() -> None:
    assert to_expire([], {1}, NOW) == []


# The lake ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, extensions: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder without a lake."""
    home = tmp_path / "data"
    home.mkdir()
    (home / "extensions").symlink_to(extensions)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LONGHOUSE_HOME", str(home))
    settings.cache_clear()
    yield home
    settings.cache_clear()


def _write(*statements: str) -> int:
    with open_lake(write=True) as lake:
        with lake.transaction("a test", {}):
            for statement in statements:
                lake.run(statement)
        return lake.snapshot_id()


def _sum(snapshot: int | None = None) -> int:
    with open_lake(snapshot=snapshot) as lake:
        return int(lake.value("select sum(amount) from lake.core.deals"))


def date_snapshots(home: Path, last: datetime = NOW) -> None:
    """Ten minutes between two snapshots, the last one taken `last`: the tests' hours are not the clock's."""
    with sqlite3.connect(home / "lake" / "catalog.sqlite") as catalog:
        ids = [i for (i,) in catalog.execute("select snapshot_id from ducklake_snapshot order by 1 desc")]
        for number, snapshot in enumerate(ids):
            time = f"{last - number * timedelta(minutes=10):%Y-%m-%d %H:%M:%S.%f}+00"
            catalog.execute("update ducklake_snapshot set snapshot_time = ? where snapshot_id = ?", (time, snapshot))


@pytest.fixture
def deals(home: Path) -> list[int]:
    """A table of the business model in four states: 60, 100, 150, 210; its snapshots, made within half an hour."""
    _write("create schema lake.core", "create schema lake.marts")
    table = "create table lake.core.deals as select i as id, i * 10 as amount from range(1, 4) numbers (i)"
    states = [_write(table), *(_write(f"insert into lake.core.deals values ({i}, {i * 10})") for i in (4, 5, 6))]
    date_snapshots(home)
    return states


def files(home: Path) -> set[Path]:
    return set((home / "lake" / "files").rglob("*.parquet"))


def test_without_a_lake_there_is_nothing_to_maintain(home: Path) -> None:
    with pytest.raises(LakeMissing, match="longhouse refresh"):
        maintain((), NOW)


def test_young_snapshots_all_stay(deals: list[int]) -> None:
    done = maintain((), NOW + timedelta(minutes=30))
    assert done.expired == []
    assert [_sum(snapshot) for snapshot in deals] == [60, 100, 150, 210]


def test_of_an_old_hour_the_last_and_the_pinned_stay(deals: list[int]) -> None:
    done = maintain({deals[1]}, NOW + 3 * DAY)
    assert set(done.kept) >= {deals[1], deals[3]}
    assert {deals[0], deals[2]} <= set(done.expired)
    assert (_sum(deals[1]), _sum()) == (100, 210)
    for snapshot in (deals[0], deals[2]):
        with pytest.raises(SnapshotGone):
            _sum(snapshot)


def test_small_files_become_one_and_the_old_ones_wait_a_day(deals: list[int], home: Path) -> None:
    before = files(home)
    done = maintain({deals[1]}, NOW + 3 * DAY)
    assert done.merged == len(before) == 4
    assert before < files(home), "a reader may still be in one of them"
    assert maintain({deals[1]}, datetime.now(UTC) + timedelta(hours=1)).removed == 0
    assert maintain({deals[1]}, datetime.now(UTC) + 2 * DAY).removed == 4
    assert not before & files(home)
    assert (_sum(deals[1]), _sum()) == (100, 210)


def test_old_files_merged_today_are_no_orphans(deals: list[int], home: Path) -> None:
    before, long_ago = files(home), (datetime.now(UTC) - 9 * DAY).timestamp()
    for path in before:
        os.utime(path, (long_ago, long_ago))
    done = maintain((), datetime.now(UTC))
    assert (done.merged, done.removed, done.orphans) == (4, 0, 0)
    assert before < files(home)
    with open_lake() as lake, pytest.raises(OrphansRefused, match="waits for its day"):
        maintenance._must_be_orphans(lake, [min(before)], datetime.now(UTC))


def test_a_table_that_maintenance_changed_is_named(deals: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(lake: Lake, *_: object) -> list[int]:
        lake.run("update lake.core.deals set amount = 11 where id = 1")
        return []

    monkeypatch.setattr(maintenance, "_thin", careless)
    with pytest.raises(RowsMoved, match=r"core\.deals had 6 rows and has 6 rows, and their fingerprints differ"):
        maintain((), NOW)


def test_a_backup_is_the_catalog_as_it_was_and_seven_stay(deals: list[int], home: Path) -> None:
    made = [back_up_catalog(NOW + timedelta(days=day)) for day in range(9)]
    assert sorted((home / "backups").iterdir()) == made[2:]
    with sqlite3.connect(made[-1]) as copy:
        assert copy.execute("select max(snapshot_id) from ducklake_snapshot").fetchone() == (deals[-1],)


def test_a_lake_restored_from_the_backup_says_the_same(deals: list[int], home: Path) -> None:
    backup = maintain((), NOW + 3 * DAY).backup
    for leftover in (home / "lake").glob("catalog.sqlite*"):
        leftover.unlink()
    shutil.copy(backup, home / "lake" / "catalog.sqlite")
    assert [_sum(snapshot) for snapshot in deals] == [60, 100, 150, 210]


def plant(home: Path, count: int, age: timedelta) -> list[Path]:
    """Files a killed writer left."""
    source = min(files(home))
    planted = [source.with_name(f"ducklake-planted-{number}.parquet") for number in range(count)]
    for path in planted:
        shutil.copy(source, path)
        moment = (datetime.now(UTC) - age).timestamp()
        os.utime(path, (moment, moment))
    return planted


def test_a_file_that_belongs_to_nothing_goes_after_a_day(deals: list[int], home: Path) -> None:
    live = files(home)
    old, young = plant(home, 1, 2 * DAY), None
    with open_lake(write=True) as lake:
        assert remove_orphans(lake, datetime.now(UTC)) == 1
    assert not old[0].exists()
    [young] = plant(home, 1, timedelta(hours=1))
    with open_lake(write=True) as lake:
        assert remove_orphans(lake, datetime.now(UTC)) == 0
    assert files(home) == live | {young}


def test_too_many_orphans_are_not_believed(deals: list[int], home: Path) -> None:
    planted = plant(home, 3, 2 * DAY)
    with open_lake(write=True) as lake, pytest.raises(OrphansRefused, match="3 files would go and the lake has 4"):
        remove_orphans(lake, datetime.now(UTC))
    assert all(path.exists() for path in planted)


def test_a_young_file_or_one_of_a_table_is_no_orphan(deals: list[int], home: Path) -> None:
    [young], live = plant(home, 1, timedelta(hours=1)), min(files(home))
    with open_lake() as lake:
        with pytest.raises(OrphansRefused, match="younger than a day"):
            maintenance._must_be_orphans(lake, [young], datetime.now(UTC))
        with pytest.raises(OrphansRefused, match=f"{live.name} belongs to a table"):
            maintenance._must_be_orphans(lake, [live], datetime.now(UTC) + 2 * DAY)


# Receipts ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def receipt(built_house: House) -> str:
    """A receipt written in the shared house."""
    return str(built_house.metric("won_value", "--org", "globex")["receipt"])


@pytest.fixture
def later(house: House, receipt: str, enter: Callable[[House], None]) -> Callable[..., list[tuple[str, str]]]:
    """The house after one more snapshot and three days, maintained; what verifying the receipt then finds."""
    from pipelines.retention import pinned_snapshots
    from warehouse.metrics.receipts import read_receipt
    from warehouse.metrics.verify import verify
    from warehouse.oltp.engine import reading

    def maintained(*, keep: bool, extracts: bool) -> list[tuple[str, str]]:
        with sqlite3.connect(house.home / "operational.db") as store:
            store.execute("update receipts set kept = ? where id = ?", (keep, receipt))
        if not extracts:
            shutil.rmtree(house.home / "extracts")
        enter(house)
        _write("insert into lake.raw._watermarks select * from lake.raw._watermarks")
        date_snapshots(house.home)
        maintain(pinned_snapshots(), NOW + 3 * DAY)
        with reading() as session:
            stored = read_receipt(session, receipt)
        return verify(stored).findings

    return maintained


@pytest.mark.parametrize(("keep", "extracts"), [(True, False), (False, True)])
def test_a_receipt_of_a_pinned_snapshot_still_holds(
    later: Callable[..., list[tuple[str, str]]], keep: bool, extracts: bool
) -> None:
    assert later(keep=keep, extracts=extracts) == []


def test_a_receipt_of_an_expired_snapshot_says_which_one_is_thinned(
    later: Callable[..., list[tuple[str, str]]], built_house: House
) -> None:
    [(kind, sentence)] = later(keep=False, extracts=False)
    build = max((built_house.home / "builds").glob("*.json")).read_text()
    assert kind == "thinned"
    assert f'"snapshot_id": {sentence.split()[1]},' in build
