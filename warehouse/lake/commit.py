"""Takes a finished build from the workshop into the lake: changed tables only, one transaction, one snapshot."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from warehouse.lake.connection import Lake

SCHEMAS = ("core", "marts")
"""What the business model shows; staging and stored test failures stay in the workshop."""
WORKSHOP = "workshop"


@dataclass(frozen=True)
class Committed:
    """The snapshot that holds the build, and the tables that had changed."""

    snapshot_id: int
    changed: list[str]
    rows: dict[str, int]
    """Table → how many rows the build gave it, whether it differs or not."""


def commit_build(lake: Lake, workshop: Path, build_id: str, built: Collection[str] | None = None) -> Committed:
    """Replace the lake's tables whose content differs from the workshop's. Nothing different, no snapshot.

    Only those of `built` are compared, where the build says what it made anew.
    """
    lake.attach(workshop, WORKSHOP)
    try:
        there = _tables(lake)
        kept = {f"{schema}.{name}" for schema in SCHEMAS for name in lake.tables(schema) if not name.startswith("_")}
        gone = sorted(kept - there)
        contents = {
            name: _content(lake, WORKSHOP, name) for name in sorted(there if built is None else there & set(built))
        }
        changed = [
            name for name, content in contents.items() if name not in kept or content != _content(lake, "lake", name)
        ]
        if changed or gone:
            with lake.transaction(f"build {build_id}", {"build_id": build_id, "changed": changed, "gone": gone}):
                for schema in SCHEMAS:
                    lake.run(f"create schema if not exists lake.{schema}")
                for name in changed:
                    lake.run(f"create or replace table lake.{name} as from {WORKSHOP}.{name}")
                for name in gone:
                    lake.run(f"drop table lake.{name}")
        return Committed(lake.snapshot_id(), changed, {name: content.rows for name, content in contents.items()})
    finally:
        lake.detach(WORKSHOP)


def _tables(lake: Lake) -> set[str]:
    rows = lake.run(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = ? and schema_name in (select unnest(?)) and table_name not like '\\_%' escape '\\'",
        [WORKSHOP, list(SCHEMAS)],
    )
    return {name for (name,) in rows}


class _Content(NamedTuple):
    """What a table holds: comparable within one process."""

    columns: tuple[tuple[str, str], ...]
    rows: int
    hashes: int | None
    """The sum of its rows' hashes; None without rows."""


def _content(lake: Lake, database: str, name: str) -> _Content:
    columns = tuple((row[0], row[1]) for row in lake.run(f"describe {database}.{name}"))
    listed = ", ".join(f'"{column}"' for column, _ in columns)
    [(rows, hashes)] = lake.run(f"select count(*), sum(hash({listed})::hugeint) from {database}.{name}")
    return _Content(columns, rows, hashes)
