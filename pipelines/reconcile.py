"""Compares the operational store with the lake's copy of it, up to the change the lake has read."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from warehouse.lake.connection import Lake
from warehouse.lake.store import Store, attached_store
from warehouse.lake.watermarks import watermark
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.oltp.projection import CopiedTable, cast, copied_columns, copied_tables, lake_type

CHECK = "store_matches_lake"
SAMPLE = 5


@dataclass
class Compared:
    """One organization's rows of one table, on both sides."""

    table: str
    organization_id: str
    in_store: int
    in_lake: int
    missing: int
    unknown: int
    behind: int
    samples: list[list[str]]
    """Ids of some rows that are missing, unknown and behind."""
    sums: dict[str, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    """Money column → its sum in the store and in the lake."""

    def differences(self) -> Iterator[str]:
        """One sentence per way in which the two sides differ."""
        name, (missing, unknown, behind) = self.table, self.samples
        if self.in_store != self.in_lake:
            yield f"{name} has {_rows(self.in_store)} in the store and {_rows(self.in_lake)} in the lake."
        if self.missing:
            yield f"{_rows(self.missing)} of {name} missing in the lake: {_some(missing, self.missing)}."
        if self.unknown:
            yield f"{_rows(self.unknown)} of {name} in the lake alone: {_some(unknown, self.unknown)}."
        if self.behind:
            yield f"{_rows(self.behind)} of {name} in the lake in another version: {_some(behind, self.behind)}."
        for column, (here, there) in self.sums.items():
            if here != there:
                yield f"{name}.{column} adds up to {_sum(here)} in the store and {_sum(there)} in the lake."


def reconcile(lake: Lake) -> list[CheckResult]:
    """One passed row per table that agrees, and one failed row per organization where it does not."""
    results: list[CheckResult] = []
    with attached_store(lake) as store:
        seq, copies = watermark(lake), set(lake.tables("raw"))
        known = {str(one) for (one,) in lake.run(f"select id from {store.table('organizations')}")}
        for table in copied_tables():
            differing = [found for found in compare(lake, store, table, seq, copies) if any(found.differences())]
            results += [_result(table.name, found, known) for found in differing] or [_result(table.name, None, known)]
    return results


def compare(lake: Lake, store: Store, table: CopiedTable, seq: int, copies: Collection[str]) -> list[Compared]:
    """Both sides of one table by organization; `copies` are the tables the lake has.

    A row changed after `seq` is left out on both sides.
    """
    if table.name not in copies:
        lake.run(f"create or replace temp table here as {_store_rows(store, table)} where change_seq <= {int(seq)}")
        lake.run("create or replace temp table there as from here limit 0")
    else:
        lake.run(f"create or replace temp table everything as {_store_rows(store, table)}")
        lake.run(f"create or replace temp table here as from everything where change_seq <= {int(seq)}")
        lake.run(
            f"create or replace temp table there as select {_listed(table)} from lake.raw.{table.name} "
            f"where id not in (select id from everything where change_seq > {int(seq)})"
        )
    money = _money(table)
    return [_compared(table.name, money, row) for row in lake.run(_comparison(table, money))]


def _store_rows(store: Store, table: CopiedTable) -> str:
    # One scan, so that what is compared is of one moment; casts are the ingest's own.
    columns = [column for column in copied_columns(table) if column.name in _names(table)]
    return f"select {', '.join(cast(column, store.dialect) for column in columns)} from {store.table(table.name)}"


def _comparison(table: CopiedTable, money: Sequence[str]) -> str:
    """Every number at once: rows found on one side alone are what an anti-join finds."""
    owner = "organization_id" if "organization_id" in table.c else "id"
    same = "here.id = there.id" + (" and here.organization_id = there.organization_id" if owner != "id" else "")
    differs = " or ".join(f"here.{name} is distinct from there.{name}" for name in ("change_seq", *_version(table)))
    kinds = ("there.id is null", "here.id is null", f"here.id is not null and there.id is not null and ({differs})")
    counts = ", ".join(f"count(*) filter ({kind})" for kind in kinds)
    ids = "coalesce(here.id, there.id)::varchar"
    samples = ", ".join(f"coalesce((list({ids} order by {ids}) filter ({kind}))[:{SAMPLE}], [])" for kind in kinds)
    sums = "".join(f", sum(here.{name}), sum(there.{name})" for name in money)
    return (
        f"select coalesce(here.{owner}, there.{owner})::varchar, count(here.id), count(there.id), "
        f"{counts}, {samples}{sums} from here full outer join there on {same} group by 1 order by 1"
    )


def _compared(table: str, money: Sequence[str], row: tuple[Any, ...]) -> Compared:
    """A row of the comparison: organization, five counts, three samples, then two sums per money column."""
    organization, in_store, in_lake, missing, unknown, behind = row[:6]
    sums = dict(zip(money, zip(row[9::2], row[10::2], strict=True), strict=True))
    return Compared(table, organization, in_store, in_lake, missing, unknown, behind, list(row[6:9]), sums)


def _money(table: CopiedTable) -> list[str]:
    return [column.name for column in copied_columns(table) if lake_type(column).startswith("DECIMAL")]


def _version(table: CopiedTable) -> list[str]:
    return ["version"] if "version" in table.c else []


def _names(table: CopiedTable) -> list[str]:
    owner = ["organization_id"] if "organization_id" in table.c else []
    return ["id", *owner, "change_seq", *_version(table), *_money(table)]


def _listed(table: CopiedTable) -> str:
    names = _names(table)
    return ", ".join(column.name for column in copied_columns(table) if column.name in names)


def _result(table: str, found: Compared | None, known: set[str]) -> CheckResult:
    """What was found as a check's result; rows of an organization the store does not have belong to nobody."""
    sentences = list(found.differences()) if found else []
    return CheckResult(
        organization_id=found.organization_id if found and found.organization_id in known else None,
        source="reconciliation",
        check_name=CHECK,
        subject=table,
        severity=Severity.WARN,
        passed=found is None,
        rows_failing=max(found.missing + found.unknown + found.behind, 1) if found else 0,
        sample_ids=sorted({one for sample in found.samples for one in sample})[:SAMPLE] if found else [],
        message=" ".join(sentences),
        checked_at=datetime.now(UTC),
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _some(ids: list[str], count: int) -> str:
    return ", ".join(ids) + (" …" if count > len(ids) else "")


def _sum(value: Decimal | None) -> str:
    return "nothing" if value is None else f"{value:,f}"
