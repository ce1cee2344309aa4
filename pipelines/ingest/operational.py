"""Copies what changed in the operational store into the lake, rows and watermark in one transaction."""

from dataclasses import dataclass, field

from pipelines.ingest import reference
from warehouse.lake import watermarks
from warehouse.lake.connection import Lake
from warehouse.lake.store import Store, attached_store
from warehouse.oltp.projection import (
    SHARED_FIELDS,
    SHARED_KEYS,
    CopiedTable,
    copied_tables,
    lake_columns,
    projection,
    stored_columns,
)

MOST_READS = 5


@dataclass
class Ingested:
    """What one ingest did: rows per table, and between which change sequences."""

    after: int
    upto: int
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether there was something to copy."""
        return self.upto > self.after


def pending(lake: Lake, store: Store) -> Ingested:
    """From where to where the next ingest will read. The upper end is read first, so it is never too high."""
    return Ingested(watermarks.watermark(lake), store.settled())


def ingest(lake: Lake, run_id: str) -> Ingested:
    """Merge every row written since the last watermark; an empty change set makes no snapshot.

    A table whose columns are not the store's any more, after an upgrade, is copied anew as a whole.
    """
    with attached_store(lake) as store:
        done, reshaped = pending(lake, store), _reshaped(lake)
        if not (done.anything or reshaped or reference.is_missing(lake)):
            return done
        deltas = _read_changes(lake, store, done) if done.after else {}
        if not done.after or reshaped:
            read_shared_fields(lake, store)
        with lake.transaction(f"ingest up to change {done.upto}", {"run_id": run_id, **vars(done)}):
            watermarks.prepare(lake)
            reference.write_stages(lake)
            there = set(lake.tables("raw")) - reshaped
            for table in copied_tables():
                if table.name in reshaped:
                    lake.run(f"drop table lake.raw.{table.name}")
                if table.name not in there:
                    _create(lake, table)
                whole = not done.after or table.name in reshaped
                done.rows[table.name] = _copy(lake, store, table) if whole else deltas[table.name]
                if not whole and deltas[table.name]:
                    _merge(lake, table)
            reference.write_utc_offsets(lake)
            watermarks.advance(lake, done.upto)
        return done


def _read_changes(lake: Lake, store: Store, done: Ingested) -> dict[str, int]:
    """Changed rows of every table into temporary tables, all of one moment: read again if somebody wrote meanwhile."""
    if store.reads_one_moment:
        with lake.one_moment():
            return _read_tables(lake, store, done.after)
    for attempt in range(MOST_READS):
        counts = _read_tables(lake, store, done.after)
        now = store.settled()
        if now == done.upto:
            break
        # The end read before the rows is the safe one: too low only reads rows again, too high would lose them.
        done.upto = now if attempt < MOST_READS - 1 else done.upto
    return counts


def _read_tables(lake: Lake, store: Store, after: int) -> dict[str, int]:
    """Rows above the watermark into one temporary table each; how many there are."""
    counts = _changed_rows(lake, store, after)
    read_shared_fields(lake, store)
    for table in copied_tables():
        if counts[table.name]:
            chosen = ", ".join(f'"{column}"' for column in stored_columns(table))
            changed = store.asked(f"select {chosen} from {table.name} where change_seq > {after}")
            wanted = projection(table, store.dialect)
            delta = f"create or replace temp table delta_{table.name}"
            lake.run(f"{delta} as select {wanted} from {changed} as {table.name}")
    return counts


def read_shared_fields(lake: Lake, store: Store) -> None:
    """Which of the organizations' own fields the lake may have: defined before any value, so read with the values."""
    lake.run(
        f"create or replace temp table {SHARED_FIELDS} as "
        f"select organization_id::varchar as organization_id, entity::varchar as entity, list(key::varchar) as keys "
        f"from {store.asked(SHARED_KEYS)} group by all"
    )


def _changed_rows(lake: Lake, store: Store, after: int) -> dict[str, int]:
    """How many rows each table has above the watermark, asked in one go over the indexes."""
    asked = " union all ".join(
        f"select '{table.name}' as name, count(*) as n from {table.name} where change_seq > {after}"
        for table in copied_tables()
    )
    return {str(name): int(rows) for name, rows in lake.run(f"from {store.asked(asked)}")}


def _reshaped(lake: Lake) -> set[str]:
    """Tables of the lake whose columns, or their types, are others than the store's now."""
    there: dict[str, dict[str, str]] = {}
    asked = "select table_name, column_name, data_type from duckdb_columns() where database_name = 'lake'"
    for table, column, kind in lake.run(f"{asked} and schema_name = 'raw'"):
        there.setdefault(table, {})[column] = kind
    return {table.name for table in copied_tables() if table.name in there and there[table.name] != lake_columns(table)}


def _create(lake: Lake, table: CopiedTable) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in lake_columns(table).items())
    lake.run(f"create table lake.raw.{table.name} ({columns})")


def _copy(lake: Lake, store: Store, table: CopiedTable) -> int:
    """The first load: one scan, one snapshot of the store for all tables."""
    name = table.name
    wanted = projection(table, store.dialect)
    lake.run(f"insert into lake.raw.{name} by name select {wanted} from {store.table(name)} as {name}")
    return int(lake.value(f"select count(*) from lake.raw.{name}"))


def _merge(lake: Lake, table: CopiedTable) -> None:
    # A row read a second time was read before its moment had settled: what was read now is right.
    lake.run(
        f"merge into lake.raw.{table.name} as kept using delta_{table.name} as delta on kept.id = delta.id "
        "when matched and delta.change_seq >= kept.change_seq then update when not matched then insert"
    )
