"""What outside systems brought, in the lake: records as they are now, how far each list was read, and the log of loads."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from warehouse.lake.connection import Lake

COLUMNS = {
    "organization_id": "UUID",
    "connection_id": "UUID",
    "record_id": "VARCHAR",
    "cursor": "TIMESTAMP",
    "payload": "JSON",
    "payload_hash": "VARCHAR",
    "load_id": "UUID",
    "fetched_at": "TIMESTAMP",
    "deleted": "BOOLEAN",
}
"""Of every table of records. `cursor`: from when on the next sync asks; `fetched_at`: when it last came differently."""
CURSORS, LOADS = "_connector_cursors", "_connector_loads"
OWN = {
    CURSORS: "organization_id UUID, connection_id UUID, thing VARCHAR, cursor TIMESTAMP, load_id UUID",
    LOADS: "organization_id UUID, connection_id UUID, load_id UUID, thing VARCHAR, into_table VARCHAR, is_whole BOOLEAN, read BIGINT, "
    "changed BIGINT, deleted BIGINT, committed_at TIMESTAMP",
}
AT_ONCE = 2_000


@dataclass(frozen=True)
class Row:
    """A record, without anything that identifies somebody."""

    record_id: str
    payload: Mapping[str, object]
    digest: str
    deleted: bool


@dataclass(frozen=True)
class Load:
    """What one sync of a connection brings into one table."""

    organization_id: str
    connection_id: str
    load_id: str
    thing: str
    table: str
    cursor: datetime
    is_whole: bool
    """Whether everything there is was read: what is not there any more is deleted."""


@dataclass
class Counted:
    """What a load did."""

    read: int = 0
    changed: int = 0
    deleted: int = 0


def ensure_tables(lake: Lake, tables: Sequence[str]) -> bool:
    """Make the tables that are missing, in one transaction; whether there were any.

    They are there, empty, before the first load, so that the business model reads them like any other.
    """
    there = set(lake.tables("raw"))
    missing = [name for name in (*tables, *OWN) if name not in there]
    if missing:
        with lake.transaction("tables for outside systems", {"tables": missing}):
            lake.run("create schema if not exists lake.raw")
            for name in missing:
                columns = OWN.get(name) or ", ".join(f"{one} {kind}" for one, kind in COLUMNS.items())
                lake.run(f"create table lake.raw.{name} ({columns})")
    return bool(missing)


def cursors(lake: Lake, connection_id: str) -> dict[str, datetime]:
    """Kind of record → from when on a connection's next sync asks, UTC; none of one that was never read."""
    if not lake.has_table("raw", CURSORS):
        return {}
    rows = lake.run(
        f"select thing, max(cursor) from lake.raw.{CURSORS} where connection_id = ? group by 1", [connection_id]
    )
    return {thing: cursor.replace(tzinfo=UTC) for thing, cursor in rows}


def last_loads(lake: Lake) -> dict[str, str]:
    """Table → the last load that changed it: what a build has to compare, for no number of a change is on the rows."""
    if not lake.has_table("raw", LOADS):
        return {}
    rows = lake.run(
        f"select into_table, max_by(load_id, committed_at)::varchar from lake.raw.{LOADS} where changed + deleted > 0 group by 1"
    )
    return dict(rows)


@dataclass(frozen=True)
class Done:
    """A load that was committed."""

    load_id: str
    is_whole: bool
    counts: dict[str, dict[str, int]]
    """Kind of record → what of it was read, came new or differently, and was deleted."""


def last_load(lake: Lake, connection_id: str) -> Done | None:
    """The last load of a connection that was committed."""
    if not lake.has_table("raw", LOADS):
        return None
    rows = lake.run(
        f"select load_id::varchar, thing, is_whole, read, changed, deleted from lake.raw.{LOADS} where connection_id = ? "
        "qualify committed_at = max(committed_at) over ()",
        [connection_id],
    )
    if not rows:
        return None
    counts = {row[1]: {"read": row[3], "changed": row[4], "deleted": row[5]} for row in rows}
    return Done(rows[0][0], all(row[2] for row in rows), counts)


class Landing:
    """The loads of one sync, compared with what the lake has and then written, all in one transaction or nothing."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._loads: list[tuple[Load, Counted]] = []

    def compare(self, load: Load, rows: Iterable[Row]) -> Counted:
        """Read a load's rows, each record once; what it would change."""
        lake, counted, delta = self._lake, Counted(), _delta(load)
        lake.run(
            f"create or replace temp table {delta} (record_id VARCHAR, payload JSON, digest VARCHAR, deleted BOOLEAN)"
        )
        for some in _portions(rows):
            counted.read += len(some)
            columns = [
                [row.record_id for row in some],
                [json.dumps(row.payload, sort_keys=True, ensure_ascii=False) for row in some],
                [row.digest for row in some],
                [row.deleted for row in some],
            ]
            kinds = ("VARCHAR[]", "VARCHAR[]", "VARCHAR[]", "BOOLEAN[]")
            lake.run(f"insert into {delta} select {', '.join(f'unnest(?::{kind})' for kind in kinds)}", columns)
        if load.is_whole:
            # What is not listed any more keeps what was last known of it.
            lake.run(
                f"insert into {delta} select record_id, payload, payload_hash, true from lake.raw.{load.table} as kept "
                f"where {_OURS} and not deleted and record_id not in (select record_id from {delta})",
                [load.connection_id],
            )
        values = "?::UUID as organization_id, ?::UUID as connection_id, record_id, ?::TIMESTAMP as cursor, payload, "
        values += "digest as payload_hash, ?::UUID as load_id, now()::timestamp as fetched_at, deleted"
        told = [load.organization_id, load.connection_id, _plain(load.cursor), load.load_id]
        same = "kept.record_id = came.record_id and kept.payload_hash = came.digest and kept.deleted = came.deleted"
        kept = f"(from lake.raw.{load.table} where {_OURS}) as kept"
        lake.run(
            f"create or replace temp table {delta} as select {values} from {delta} as came anti join {kept} on {same}",
            [*told, load.connection_id],
        )
        # Of a record that is gone before it ever came, nothing needs to be kept.
        lake.run(
            f"delete from {delta} where deleted and record_id not in "
            f"(select record_id from lake.raw.{load.table} where {_OURS})",
            [load.connection_id],
        )
        [(counted.changed, counted.deleted)] = lake.run(
            f"select count(*) filter (not deleted), count(*) filter (deleted) from {delta}"
        )
        self._loads.append((load, counted))
        return counted

    def commit(self) -> bool:
        """Records, cursors and the log of loads in one transaction; nothing changed, no snapshot, and False."""
        if not any(counted.changed or counted.deleted for _, counted in self._loads):
            return False
        first = self._loads[0][0]
        with self._lake.transaction("an outside system's records", {"load_id": first.load_id}):
            for load, counted in self._loads:
                if counted.changed or counted.deleted:
                    self._merge(load)
                self._note(load, counted)
        return True

    def _merge(self, load: Load) -> None:
        self._lake.run(
            f"merge into lake.raw.{load.table} as kept using {_delta(load)} as came "
            "on kept.organization_id = came.organization_id and kept.connection_id = came.connection_id "
            "and kept.record_id = came.record_id when matched then update when not matched then insert"
        )

    def _note(self, load: Load, counted: Counted) -> None:
        lake, key = self._lake, [load.organization_id, load.connection_id]
        lake.run(
            f"delete from lake.raw.{CURSORS} where connection_id = ? and thing = ?", [load.connection_id, load.thing]
        )
        lake.run(
            f"insert into lake.raw.{CURSORS} values (?, ?, ?, ?, ?)",
            [*key, load.thing, _plain(load.cursor), load.load_id],
        )
        lake.run(
            f"insert into lake.raw.{LOADS} values (?, ?, ?, ?, ?, ?, ?, ?, ?, now()::timestamp)",
            [*key, load.load_id, load.thing, load.table, load.is_whole, counted.read, counted.changed, counted.deleted],
        )


_OURS = "connection_id = ?"


def _delta(load: Load) -> str:
    return f"came_{load.table}"


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while some := list(islice(source, AT_ONCE)):
        yield some
