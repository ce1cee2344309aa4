"""The workshop, dbt's own DuckDB file: which build its tables are of, so that the next may leave alone what stands."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from warehouse.lake.connection import Lake
from warehouse.lake.connectors import last_loads

RAW = "raw."
"""How the names of the lake's sources begin; all others are the model's."""


@dataclass(frozen=True)
class Standing:
    """The build a workshop holds whole, and the lake it was made from and taken into."""

    build_id: str
    watermark: int
    """The last change of the operational store that the build saw."""
    ground: str
    """What else decides what a model holds: its definition and the engine."""
    tables: dict[str, str]
    """`schema.table` of the lake → its identity then; a table that is written anew gets another."""

    def keep(self, workshop: Path) -> None:
        """Remember it in the workshop itself, so that neither can be there without the other."""
        with duckdb.connect(str(workshop)) as connection:
            connection.execute("create or replace table main._standing (told varchar)")
            connection.execute("insert into main._standing values (?)", [json.dumps(asdict(self))])


def standing(workshop: Path) -> Standing | None:
    """What the workshop holds; None without one, or where a build did not come to its end."""
    if not workshop.exists():
        return None
    try:
        with duckdb.connect(str(workshop), read_only=True) as connection:
            [(told,)] = connection.execute("from main._standing").fetchall()
    except (duckdb.Error, ValueError):
        return None  # a build that was cut off, or a file that was: either is made anew
    return Standing(**json.loads(told))


def clear(workshop: Path) -> None:
    """Begin anew: a table whose model is gone goes with it."""
    for file in workshop.parent.glob(f"{workshop.name}*"):
        file.unlink()


def identities(lake: Lake) -> dict[str, str]:
    """`schema.table` → the identity DuckLake gave the table when it was made or replaced; with the last load that changed it,
    where outside systems fill it."""
    rows = lake.run(f"select name, table_uuid::varchar from ({lake.newest_tables()})")
    loads = {RAW + table: load for table, load in last_loads(lake).items()}
    told = {name: f"{identity} {loads[name]}" if name in loads else identity for name, identity in rows}
    return {name: identity for name, identity in told.items() if not name.partition(".")[2].startswith("_")}


def changed_sources(lake: Lake, before: Standing) -> set[str]:
    """Names of the lake's source tables that hold a change the build did not see, or were written anew since."""
    now = {name.removeprefix(RAW): identity for name, identity in identities(lake).items() if name.startswith(RAW)}
    anew = {name for name, identity in now.items() if before.tables.get(RAW + name) != identity}
    numbered = lake.run(
        "select table_name from duckdb_columns() where database_name = 'lake' and schema_name = 'raw' "
        "and column_name = 'change_seq'"
    )
    asked = " union all ".join(
        f"select '{name}' where exists (select 1 from lake.raw.{name} where change_seq > {before.watermark})"
        for (name,) in numbered
    )
    return anew | {name for (name,) in lake.run(asked)} if asked else anew
