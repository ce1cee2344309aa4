"""Copies what changed in the operational store into the lake, rows and watermark in one transaction."""

from dataclasses import dataclass, field

from warehouse.lake import watermarks
from warehouse.lake.connection import Lake
from warehouse.oltp.projection import CopiedTable, copied_columns, copied_tables, lake_type, projection
from warehouse.oltp.sales import Stage
from warehouse.settings import settings

STORE = "operational"
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


def pending(lake: Lake) -> Ingested:
    """From where to where the next ingest will read. The upper end is read first, so it is never too high."""
    upto = lake.value(f"select * from sqlite_query('{STORE}', 'select coalesce(max(seq), 0) from change_events')")
    return Ingested(watermarks.watermark(lake), int(upto))


def ingest(lake: Lake, run_id: str) -> Ingested:
    """Merge every row written since the last watermark; an empty change set makes no snapshot."""
    lake.attach(settings().operational_path, STORE, "sqlite")
    try:
        done = pending(lake)
        if not done.anything:
            return done
        deltas = _read_changes(lake, done) if done.after else {}
        with lake.transaction(f"ingest up to change {done.upto}", {"run_id": run_id, **vars(done)}):
            watermarks.prepare(lake)
            _write_stages(lake)
            for table in copied_tables():
                _create(lake, table)
                done.rows[table.name] = deltas[table.name] if done.after else _copy(lake, table)
                if done.after and deltas[table.name]:
                    _merge(lake, table)
            watermarks.advance(lake, done.upto)
        return done
    finally:
        lake.detach(STORE)


def _read_changes(lake: Lake, done: Ingested) -> dict[str, int]:
    """Changed rows of every table into temporary tables, all of one moment: read again if somebody wrote meanwhile."""
    for attempt in range(MOST_READS):
        counts = _changed_rows(lake, done.after)
        for table in copied_tables():
            if counts[table.name]:
                _read_table(lake, table, done.after)
        now = pending(lake).upto
        if now == done.upto:
            break
        # The end read before the rows is the safe one: too low only reads rows again, too high would lose them.
        done.upto = now if attempt < MOST_READS - 1 else done.upto
    return counts


def _changed_rows(lake: Lake, after: int) -> dict[str, int]:
    """How many rows each table has above the watermark, asked in one go over the indexes."""
    asked = " union all ".join(
        f"select ''{table.name}'', count(*) from {table.name} where change_seq > {after}" for table in copied_tables()
    )
    return {str(name): int(rows) for name, rows in lake.run(f"from sqlite_query('{STORE}', '{asked}')")}


def _read_table(lake: Lake, table: CopiedTable, after: int) -> None:
    # A plain scan of an attached SQLite table does not use its indexes; sqlite_query does.
    chosen = ", ".join(f'"{column.name}"' for column in copied_columns(table))
    lake.run(
        f"create or replace temp table delta_{table.name} as select {projection(table, 'sqlite')} "
        f"from sqlite_query('{STORE}', 'select {chosen} from {table.name} where change_seq > {after}')"
    )


def _create(lake: Lake, table: CopiedTable) -> None:
    if not lake.has_table("raw", table.name):
        columns = ", ".join(f"{column.name} {lake_type(column)}" for column in copied_columns(table))
        lake.run(f"create table lake.raw.{table.name} ({columns})")


def _copy(lake: Lake, table: CopiedTable) -> int:
    """The first load: one scan, one snapshot of the store for all tables."""
    name = table.name
    lake.run(f"insert into lake.raw.{name} by name select {projection(table, 'sqlite')} from {STORE}.{name}")
    return int(lake.value(f"select count(*) from lake.raw.{name}"))


def _merge(lake: Lake, table: CopiedTable) -> None:
    lake.run(
        f"merge into lake.raw.{table.name} as kept using delta_{table.name} as delta on kept.id = delta.id "
        "when matched and delta.change_seq > kept.change_seq then update when not matched then insert"
    )


def _write_stages(lake: Lake) -> None:
    """The sales ladder as a table, so that the business model has no list of its own."""
    wanted = [(s.value, s.label, s.position, s.is_open, s.is_won, s.is_lost) for s in Stage]
    if lake.has_table("raw", "sales_stages"):
        if sorted(lake.run("from lake.raw.sales_stages")) == sorted(wanted):
            return
        lake.run("drop table lake.raw.sales_stages")
    lake.run(
        "create table lake.raw.sales_stages "
        "(stage varchar, label varchar, stage_position integer, is_open boolean, is_won boolean, is_lost boolean)"
    )
    places = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(wanted))
    lake.run(f"insert into lake.raw.sales_stages values {places}", [value for row in wanted for value in row])
