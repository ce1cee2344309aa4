"""Keeps the lake small: thins its snapshots and removes dead files, and proves that no table's rows moved."""

import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.lake.commit import SCHEMAS
from warehouse.lake.connection import Lake, LakeMissing, copy_server_catalog, lake_exists, open_lake
from warehouse.lake.writer import writer_lock
from warehouse.settings import settings

ALL, HOURLY, DAILY = timedelta(hours=2), timedelta(hours=48), timedelta(days=400)
"""How long every snapshot stays, then the last of each hour, then the last of each day; a month's last stays for ever."""
GRACE = timedelta(days=1)
"""A file nobody needs waits this long: a reader may still be in an older snapshot."""
BACKUPS = 7


class RowsMoved(Exception):
    """Maintenance changed what a table says."""


class OrphansRefused(Exception):
    """Files that seem to belong to nothing are too many or too young to be believed."""


@dataclass(frozen=True)
class Snapshot:
    """One state of the lake, and when it came to be."""

    id: int
    taken_at: datetime


@dataclass(frozen=True)
class Maintained:
    """What one maintenance did."""

    backup: Path
    expired: list[int]
    kept: list[int]
    """Snapshots the lake still has."""
    merged: int
    """Small files that went into larger ones."""
    removed: int
    """Files of expired snapshots, and those merged into others, a day after."""
    orphans: int
    """Files that a killed writer left behind."""


def kept(snapshots: Iterable[Snapshot], pinned: Collection[int], now: datetime) -> set[int]:
    """Ids of the snapshots that stay. Thinning often or rarely leaves the same ones in the end."""
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.id)
    last_of: dict[str, int] = {}
    for snapshot in ordered:
        for period in _periods(snapshot):
            last_of[period] = snapshot.id
    stay = {snapshot.id for snapshot in ordered if snapshot.id in pinned} | {one.id for one in ordered[-1:]}
    for snapshot in ordered:
        hour, day, month = (last_of[period] == snapshot.id for period in _periods(snapshot))
        age = now - snapshot.taken_at
        if age <= ALL or (hour and age <= HOURLY) or (day and age <= DAILY) or month:
            stay.add(snapshot.id)
    return stay


def to_expire(snapshots: Collection[Snapshot], pinned: Collection[int], now: datetime) -> list[int]:
    """Ids of the snapshots that go, oldest first: those that are not `kept`."""
    stay = kept(snapshots, pinned, now)
    return sorted(snapshot.id for snapshot in snapshots if snapshot.id not in stay)


def _periods(snapshot: Snapshot) -> tuple[str, str, str]:
    """The hour, the day and the month of a snapshot, in UTC."""
    taken = snapshot.taken_at.astimezone(UTC)
    return f"{taken:%Y-%m-%d %H}", f"{taken:%Y-%m-%d}", f"{taken:%Y-%m}"


def snapshots_of(lake: Lake) -> list[Snapshot]:
    """Every snapshot the lake has."""
    return [
        Snapshot(int(i), t) for i, t in lake.run("select snapshot_id, snapshot_time from ducklake_snapshots('lake')")
    ]


def maintain(pinned: Collection[int], now: datetime) -> Maintained:
    """Back up the catalog, merge, thin, clean up. Raises RowsMoved, OrphansRefused, LakeMissing or LakeLocked."""
    backup = back_up_catalog(now)
    with open_lake(write=True) as lake:
        before = fingerprints(lake)
        merged = sum(int(row[2]) for row in lake.run("call ducklake_merge_adjacent_files('lake')"))
        expired = _thin(lake, pinned, now)
        _must_be_same(before, lake, backup)
        removed = len(lake.run(f"call ducklake_cleanup_old_files('lake', older_than => {_a_day_before(now)})"))
        try:
            orphans = remove_orphans(lake, now)
        finally:
            _must_be_same(before, lake, backup)
        left = sorted(snapshot.id for snapshot in snapshots_of(lake))
    return Maintained(backup, expired, left, merged, removed, orphans)


def back_up_catalog(now: datetime) -> Path:
    """A copy of the catalog in `backups/`, a SQLite file whichever engine keeps it; the latest seven stay."""
    if not lake_exists():
        raise LakeMissing(f"There is no lake in {settings().home} yet. Run `longhouse refresh`.")
    folder = settings().home / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"catalog-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.sqlite"
    unfinished = made.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with writer_lock(settings().home / "lake" / "writer.lock"):
        (copy_server_catalog if settings().catalog_url else _copy_sqlite_catalog)(unfinished)
    unfinished.replace(made)
    for old in sorted(folder.glob("catalog-*.sqlite"))[:-BACKUPS]:
        old.unlink()
    return made


def _copy_sqlite_catalog(to: Path) -> None:
    # Before DuckDB opens the file in this process: closing a second handle on it would drop DuckDB's locks.
    with closing(sqlite3.connect(settings().catalog_path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _thin(lake: Lake, pinned: Collection[int], now: datetime) -> list[int]:
    expired = to_expire(snapshots_of(lake), pinned, now)
    if expired:
        lake.run(f"call ducklake_expire_snapshots('lake', versions => {expired})")
    return expired


def fingerprints(lake: Lake) -> dict[str, tuple[object, ...]]:
    """Per table of the business model: how many rows, and a sum over their fingerprints, comparable within one process."""
    found: dict[str, tuple[object, ...]] = {}
    for schema in SCHEMAS:
        for table in lake.tables(schema):
            columns = ", ".join(f'"{row[0]}"' for row in lake.run(f"describe lake.{schema}.{table}"))
            asked = f"select count(*), sum(hash({columns})::hugeint) from lake.{schema}.{table}"
            found[f"{schema}.{table}"] = lake.run(asked)[0]
    return found


def _must_be_same(before: dict[str, tuple[object, ...]], lake: Lake, backup: Path) -> None:
    after = fingerprints(lake)
    moved = [
        f"{name} had {_rows(before.get(name))} and has {_rows(after.get(name))}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    if moved:
        raise RowsMoved(
            f"Maintenance changed the lake: {'; '.join(moved)}, and their fingerprints differ. "
            f"The catalog as it was before is {backup}."
        )


def _rows(found: tuple[object, ...] | None) -> str:
    return "no such table" if found is None else f"{found[0]:,} rows"


def remove_orphans(lake: Lake, now: datetime) -> int:
    """Remove files the catalog does not know, once a dry run looks right; how many. Raises OrphansRefused."""
    older = f"older_than => {_a_day_before(now)}"
    found = [Path(row[0]) for row in lake.run(f"call ducklake_delete_orphaned_files('lake', {older}, dry_run => true)")]
    if found:
        _must_be_orphans(lake, found, now)
        lake.run(f"call ducklake_delete_orphaned_files('lake', {older})")
    return len(found)


def _must_be_orphans(lake: Lake, found: list[Path], now: datetime) -> None:
    known = _files(lake, "data_file", "delete_file")
    waiting = _files(lake, "files_scheduled_for_deletion")
    paths = [settings().lake_files / path for path in found]
    young = [path.name for path in paths if path.exists() and _changed_at(path) > now - GRACE]
    for reason in (
        *(f"{path.name} belongs to a table" for path in paths if path.name in known),
        *(f"{path.name} waits for its day after being merged or thinned" for path in paths if path.name in waiting),
        f"{young[0]} is younger than a day" if young else "",
        f"{len(found)} files would go and the lake has {len(known)}" if len(found) * 2 > len(known) else "",
    ):
        if reason:
            raise OrphansRefused(
                f"Files that seem to belong to nothing were not removed: {reason}. "
                f"Look into {settings().lake_files} before anything is deleted there; all else was done."
            )


def _files(lake: Lake, *tables: str) -> set[str]:
    """Names of the files the catalog knows; each is unique."""
    return {
        Path(path).name for table in tables for (path,) in lake.run(f"select path from {lake.catalog_table(table)}")
    }


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _a_day_before(now: datetime) -> str:
    return f"timestamptz '{(now - GRACE).astimezone(UTC).isoformat()}'"
