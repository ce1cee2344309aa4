"""Tables of the lake that nobody writes in the operational store: the sales ladder, and how far places are from UTC."""

from warehouse.lake.connection import Lake
from warehouse.oltp.days import utc_offsets
from warehouse.oltp.sales import Stage

TABLES = ("sales_stages", "utc_offsets")


def is_missing(lake: Lake) -> bool:
    """Whether a loaded lake was written by a version that knew another ladder, or no offsets."""
    there = set(lake.tables("raw"))
    return "sales_stages" in there and ("utc_offsets" not in there or _has_another_ladder(lake))


def write_stages(lake: Lake) -> None:
    """The sales ladder as a table, so that the business model has no list of its own."""
    if lake.has_table("raw", "sales_stages") and not _has_another_ladder(lake):
        return
    columns = (
        "stage varchar, label varchar, stage_position integer, is_open boolean, is_won boolean, is_lost boolean, "
        "default_probability integer"
    )
    _write(lake, "sales_stages", columns, _ladder())


def write_utc_offsets(lake: Lake) -> None:
    """Since when which time zone is how many minutes ahead of UTC, for the zones that organizations are in."""
    zones = {zone for (zone,) in lake.run("select distinct timezone from lake.raw.organizations")}
    if lake.has_table("raw", "utc_offsets"):
        known = {zone for (zone,) in lake.run("select distinct timezone from lake.raw.utc_offsets")}
        if zones <= known:
            return
        zones |= known
    rows: list[tuple[object, ...]] = [
        (zone, since.replace(tzinfo=None), minutes) for zone in sorted(zones) for since, minutes in utc_offsets(zone)
    ]
    _write(lake, "utc_offsets", "timezone varchar, from_at timestamp, offset_minutes integer", rows)


def _ladder() -> list[tuple[object, ...]]:
    return [(s.value, s.label, s.position, s.is_open, s.is_won, s.is_lost, s.probability) for s in Stage]


def _has_another_ladder(lake: Lake) -> bool:
    return sorted(lake.run("from lake.raw.sales_stages")) != sorted(_ladder())


def _write(lake: Lake, table: str, columns: str, rows: list[tuple[object, ...]]) -> None:
    """Anew as a whole: that is how a build sees that a table without change numbers is another one."""
    if lake.has_table("raw", table):
        lake.run(f"drop table lake.raw.{table}")
    lake.run(f"create table lake.raw.{table} ({columns})")
    if rows:
        row = f"({', '.join('?' * len(rows[0]))})"
        values = ", ".join([row] * len(rows))
        lake.run(f"insert into lake.raw.{table} values {values}", [value for one in rows for value in one])
