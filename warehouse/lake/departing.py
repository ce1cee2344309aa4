"""Takes an organization out of the lake: its rows, the snapshots nobody else needs, and the files of both."""

from collections.abc import Collection
from datetime import UTC, datetime

from warehouse.lake.commit import SCHEMAS
from warehouse.lake.connection import Lake, quoted
from warehouse.lake.maintenance import snapshots_of

RAW = "raw"
CATALOG_TABLES = ("table_column_stats", "file_column_stats", "snapshot_changes")
"""Where DuckLake keeps values of rows, and words of commits, beside the files."""


def remove_rows(lake: Lake, organization_id: str) -> dict[str, int]:
    """Rewrite every table that has rows of the organization without them, in one snapshot; table → rows that went.

    Rewritten whole: a delete would leave the rows in their files, beside a list of those that do not count.
    """
    owners = _owned(lake)
    gone = {name: rows for name, owner in owners.items() if (rows := _count(lake, name, owner, organization_id))}
    if gone:
        with lake.transaction("an organization was deleted", {"tables": sorted(gone)}):
            for name in gone:
                lake.run(
                    f"create or replace table lake.{name} as select * from lake.{name} "
                    f"where {owners[name]}::varchar is distinct from '{quoted(organization_id)}'"
                )
    return gone


def _owned(lake: Lake) -> dict[str, str]:
    """Tables with rows of organizations → the column that says whose."""
    rows = lake.run(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = 'lake' "
        f"and schema_name in ({', '.join('?' for _ in (RAW, *SCHEMAS))}) "
        f"and (column_name = 'organization_id' or (schema_name, table_name, column_name) = ('{RAW}', 'organizations', 'id')) "
        "order by 1, column_name = 'id'",
        [RAW, *SCHEMAS],
    )
    return dict(reversed(rows))  # of two columns, the first counts


def _count(lake: Lake, name: str, owner: str, organization_id: str) -> int:
    return int(lake.value(f"select count(*) from lake.{name} where {owner}::varchar = ?", [organization_id]))


def forget_snapshots(lake: Lake, needed: Collection[int]) -> list[int]:
    """Expire every snapshot but the latest and the needed ones, and remove their files at once; what is left.

    A reader that is in one of them at this moment fails, and asks again: the rows must be gone now.
    """
    everything = sorted(one.id for one in snapshots_of(lake))
    expired = [one for one in everything[:-1] if one not in needed]
    if expired:
        lake.run(f"call ducklake_expire_snapshots('lake', versions => {expired})")
    lake.run(f"call ducklake_cleanup_old_files('lake', older_than => timestamptz '{datetime.now(UTC).isoformat()}')")
    return [one for one in everything[:-1] if one in needed]


def find_in_files(lake: Lake, pattern: str) -> int:
    """How many rows of the current snapshot's Parquet files hold a text that matches, in whatever column."""
    found = 0
    tables = lake.run(
        "select distinct schema_name, table_name from duckdb_columns() where database_name = 'lake' order by all"
    )
    for schema, table in tables:
        for path, _ in lake.files_of(schema, table):
            rows = f"select rows::varchar as text from read_parquet('{quoted(path)}') as rows"
            found += int(lake.value(f"select count(*) from ({rows}) where regexp_matches(text, ?)", [pattern]))
    return found


def find_in_catalog(lake: Lake, pattern: str) -> int:
    """The same in what DuckLake keeps beside the files: smallest and largest values, words of commits."""
    found = 0
    for name in CATALOG_TABLES:
        rows = f"select rows::varchar as text from {lake.catalog_table(name)} as rows"
        found += int(lake.value(f"select count(*) from ({rows}) where regexp_matches(text, ?)", [pattern]))
    return found
