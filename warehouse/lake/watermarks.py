"""How far the lake has read each source: a table, advanced in the same transaction as the rows."""

from warehouse.lake.connection import Lake

OPERATIONAL = "operational"


def prepare(lake: Lake) -> None:
    """Make the schema and the table of watermarks where they are missing."""
    if not lake.has_table("raw", "_watermarks"):
        lake.run("create schema if not exists lake.raw")
        lake.run("create table lake.raw._watermarks (source varchar, seq bigint, taken_at timestamp)")


def watermark(lake: Lake, source: str = OPERATIONAL) -> int:
    """The highest sequence already read; 0 at first."""
    if not lake.has_table("raw", "_watermarks"):
        return 0
    return int(lake.value("select coalesce(max(seq), 0) from lake.raw._watermarks where source = ?", [source]))


def advance(lake: Lake, seq: int, source: str = OPERATIONAL) -> None:
    """Say that everything up to `seq` is in; part of the caller's transaction."""
    lake.run("insert into lake.raw._watermarks values (?, ?, now()::timestamp)", [source, seq])
