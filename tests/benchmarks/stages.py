"""`python -m tests.benchmarks.stages PRESET FILE`: every stage of one preset, each beside the bare engine's same work."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.ingest.operational import ingest, read_shared_fields
from tests.benchmarks import peer
from tests.benchmarks.measure import Sheet, peak_mebibytes, percentile, seconds
from tests.benchmarks.pages import bench_pages
from warehouse.lake.connection import Lake, open_lake
from warehouse.lake.extensions import bootstrap
from warehouse.lake.store import Store, attached_store
from warehouse.metrics.question import Question
from warehouse.oltp.base import Base
from warehouse.oltp.projection import copied_tables, projection, stored_columns
from warehouse.settings import settings

CHANGED = 27_000
"""Rows that are edited between two ingests, where the preset has as many."""
EDITED = "activities"
"""The table whose rows are changed: the largest that people edit."""
WARM, ASKED = 3, 40


def bench_load(sheet: Sheet, preset: str) -> None:
    """The companies into the embedded store, beside a copy of the same rows into a file without keys or indexes."""
    begun = time.perf_counter()
    _longhouse("demo", "--preset", preset)
    taken, rows = time.perf_counter() - begun, _stored_rows()
    bare = seconds(lambda: _copy_bare(settings().home / "bare.sqlite"), 1)
    (settings().home / "bare.sqlite").unlink()
    sheet.at_least("load into the embedded store", rows / taken, "rows/s", 100_000, f"bare copy {rows / bare:,.0f}")
    sheet.noted("rows in the store", rows, "rows")


def _copy_bare(to: Path) -> None:
    bootstrap(settings().extensions_path)
    with duckdb.connect(config={"extension_directory": str(settings().extensions_path)}) as engine:
        engine.execute("load sqlite_scanner")
        engine.execute(f"attach '{settings().operational_path}' as store (read_only, type sqlite)")
        engine.execute(f"attach '{to}' as bare (type sqlite)")
        for table in copied_tables():
            engine.execute(f"create table bare.{table.name} as from store.{table.name}")


def _stored_rows() -> int:
    with sqlite3.connect(settings().operational_path) as store:
        return sum(store.execute(f"select count(*) from {name}").fetchone()[0] for name in Base.metadata.tables)


def bench_ingest(sheet: Sheet) -> None:
    """First load, nothing changed, and an increment."""

    def anew() -> None:
        shutil.rmtree(settings().catalog_path.parent, ignore_errors=True)

    def whole() -> None:
        with open_lake(write=True) as lake:
            ingest(lake, "bench")

    ours, bare = seconds(whole, before=anew), seconds(_copy_plain)
    rows = _lake_rows("raw")
    sheet.at_least("ingest, first load", bare / ours, "× plain copy", 0.5, f"plain {bare:.2f} s, {rows:,} rows")
    beside = peer.seconds_to_load(settings().operational_path, EDITED)
    if beside is not None:
        alone = seconds(lambda: _copy_one(EDITED))
        sheet.at_least(f"ingest of {EDITED}", beside / alone, "× dlt", 8, f"dlt {beside:.2f} s, ours {alone:.2f} s")
    sheet.at_most("ingest, nothing changed", seconds(whole) * 1000, "ms", 300)
    with sqlite3.connect(settings().operational_path) as store:
        changed = min(CHANGED, store.execute(f"select count(*) from {EDITED}").fetchone()[0])
    ours = seconds(whole, before=lambda: _edit(changed))
    bare = seconds(_merge_plain, before=lambda: _edit(changed))
    sheet.at_most(f"ingest, {changed:,} changed", ours / bare, "× read and MERGE", 3, f"bare {bare:.2f} s")
    whole()


def _copy_plain() -> None:
    with open_lake() as lake, attached_store(lake) as store:
        read_shared_fields(lake, store)
        for table in copied_tables():
            lake.run(
                f"create or replace temp table plain_{table.name} as "
                f"select {projection(table, store.dialect)} from {store.table(table.name)} as {table.name}"
            )


def _copy_one(name: str) -> None:
    """One table into a lake of its own, as the ingest copies it."""
    table = Base.metadata.tables[name]
    with open_lake(write=True) as lake, attached_store(lake) as store:
        lake.run("create schema if not exists lake.bench")
        lake.run(
            f"create or replace table lake.bench.{name} as "
            f"select {projection(table, store.dialect)} from {store.table(name)} as {name}"
        )
        lake.run(f"drop table lake.bench.{name}")
        lake.run("drop schema lake.bench")


def _merge_plain() -> None:
    """Read the rows that changed and MERGE them, and nothing else."""
    table = Base.metadata.tables[EDITED]
    with open_lake(write=True) as lake, attached_store(lake) as store:
        after = int(lake.value(f"select max(change_seq) from lake.raw.{EDITED}"))
        _merge(lake, store, table, after)


def _merge(lake: Lake, store: Store, table: Any, after: int) -> None:
    read_shared_fields(lake, store)
    changed = store.asked(f"select {', '.join(stored_columns(table))} from {table.name} where change_seq > {after}")
    lake.run(
        f"create or replace temp table delta as select {projection(table, store.dialect)} from {changed} as {table.name}"
    )
    lake.run(
        f"merge into lake.raw.{table.name} as kept using delta on kept.id = delta.id "
        "when matched then update when not matched then insert"
    )


def _edit(count: int) -> None:
    """A bulk edit of some rows, as the operational store records it."""
    with sqlite3.connect(settings().operational_path) as store:
        [(organization,)] = store.execute("select id from organizations limit 1")
        seq = store.execute(
            "insert into change_events (organization_id, happened_at, operation, entity, rows, audit_event_id) "
            "values (?, ?, 'bench', ?, ?, 'x')",
            (organization, datetime.now(UTC).isoformat(), EDITED, count),
        ).lastrowid
        store.execute(
            f"update {EDITED} set version = version + 1, change_seq = ? "
            f"where rowid in (select rowid from {EDITED} limit ?)",
            (seq, count),
        )


def bench_build(sheet: Sheet) -> None:
    """The whole refresh, the models beside their own SQL run by hand, the commit, and a refresh with nothing to do."""
    begun = time.perf_counter()
    _longhouse("refresh")
    sheet.noted("refresh from nothing, checks included", time.perf_counter() - begun, "s")
    sheet.at_most("refresh, nothing changed", seconds(lambda: _run("pipelines.run", "refresh")), "s", 3)
    ours = seconds(lambda: _run("pipelines.by_hand", "--quiet", "run"), 1)
    with _workshop_of_our_own() as (engine, models):
        bare = seconds(lambda: [engine.execute(sql) for sql in models], 1)
    sheet.at_most("build of the models", ours / bare, "× their SQL", 1.5, f"SQL alone {bare:.1f} s")
    _bench_commit(sheet)


@contextmanager
def _workshop_of_our_own() -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
    """A copy of the lake's sources' engine with every model's compiled SQL, in the order dbt ran them."""
    results = json.loads((settings().scratch_path / "target" / "run_results.json").read_text(encoding="utf-8"))
    manifest = json.loads((settings().scratch_path / "target" / "manifest.json").read_text(encoding="utf-8"))
    ran = sorted(
        (one for one in results["results"] if one["unique_id"].startswith("model.")),
        key=lambda one: one["timing"][-1]["completed_at"],
    )
    path = settings().home / "by_hand" / "workshop.duckdb"
    path.parent.mkdir()
    with open_lake() as lake:
        engine = lake._connection
        engine.execute(f"attach '{path}' as workshop")
        statements = []
        for one in ran:
            node = manifest["nodes"][one["unique_id"]]
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            engine.execute(f"create schema if not exists workshop.{node['schema']}")
            name = f"workshop.{node['schema']}.{node['name']}"
            statements.append(f"create or replace {kind} {name} as {one['compiled_code']}")
        engine.execute("use workshop")
        try:
            yield engine, statements
        finally:
            engine.execute("use memory")
            engine.execute("detach workshop")
    shutil.rmtree(path.parent)


def _bench_commit(sheet: Sheet) -> None:
    """Every table of the model into a lake that has none of them, beside a copy of the tables into Parquet files."""
    from warehouse.lake.commit import SCHEMAS, commit_build

    workshop = settings().workshop_path

    def forget() -> None:
        with open_lake(write=True) as lake:
            for schema in SCHEMAS:
                for table in lake.tables(schema):
                    lake.run(f"drop table lake.{schema}.{table}")

    def ours() -> None:
        with open_lake(write=True) as lake:
            commit_build(lake, workshop, "bench")

    def bare() -> None:
        with duckdb.connect(str(workshop), read_only=True) as engine, tempfile.TemporaryDirectory() as folder:
            names = engine.execute(
                "select schema_name, table_name from duckdb_tables() where list_contains(?, schema_name)",
                [list(SCHEMAS)],
            )
            for schema, table in names.fetchall():
                engine.execute(f"copy {schema}.{table} to '{folder}/{schema}.{table}.parquet' (compression zstd)")

    taken, plain = seconds(ours, before=forget), seconds(bare)
    sheet.at_most("commit of everything", taken, "s", 1 + 1.5 * plain, f"bare copy {plain:.2f} s")


def bench_publish(sheet: Sheet) -> None:
    """The largest and the smallest organization's extract."""
    from warehouse.extracts.builds import latest_build
    from warehouse.extracts.publish import publish

    build = latest_build()
    assert build is not None
    with open_lake() as lake:
        sizes = lake.run("select organization_id, count(*) from lake.core.customer_timeline group by 1 order by 2")
        for name, organization in (("smallest", sizes[0][0]), ("largest", sizes[-1][0])):
            taken = seconds(lambda: publish(lake, build, str(organization)))  # noqa: B023 - asked at once
            rows = _extract_rows(str(organization))
            if name == "smallest":
                sheet.at_most(f"publish of the {name}", taken * 1000, "ms", 100, f"{rows:,} rows")
            else:
                sheet.at_most(f"publish of the {name}", taken / (rows / 1e6), "s/M rows", 1, f"{rows:,} rows")


def bench_questions(sheet: Sheet) -> None:
    """What a dashboard asks of the largest organization, from call to receipt, and the same SQL in bare DuckDB."""
    from warehouse.extracts.builds import extracts_of
    from warehouse.metrics.answer import answer, plan
    from warehouse.metrics.receipts import write_receipt
    from warehouse.metrics.serving import serving
    from warehouse.tenancy import operator_actor

    with open_lake() as lake:
        [(organization, _)] = lake.run(
            "select organization_id::varchar, count(*) from lake.core.customer_timeline group by 1 order by 2 desc limit 1"
        )
    served, actor, today = serving(organization), operator_actor(organization), settings().today()
    total = Question(metrics=("won_value",), as_of=today)
    dashboard = [
        Question(metrics=("won_value", "win_rate", "avg_won_deal_size"), grain="month", as_of=today),
        Question(metrics=("won_value",), by=("sector",), as_of=today),
        Question(metrics=("open_pipeline_value", "open_deal_count"), by=("stage",), as_of=today),
        Question(metrics=("mrr", "new_mrr", "churned_mrr"), grain="month", as_of=today),
        Question(metrics=("customer_churn_rate",), grain="quarter", as_of=today),
        Question(metrics=("ticket_count", "median_resolution_time"), by=("priority",), as_of=today),
    ]
    for question in (total, *dashboard):
        for _ in range(WARM):
            answer(served, question)
    taken = [seconds(lambda: answer(served, total), 1) for _ in range(ASKED)]
    sheet.at_most("compile, guard and worker, p50", percentile(taken, 0.5) * 1000, "ms", 60)
    taken = [
        seconds(lambda: write_receipt(actor, answer(served, question)), 1)  # noqa: B023 - asked at once
        for question in dashboard
        for _ in range(ASKED)
    ]
    sheet.at_most("dashboard query with its receipt, p95", percentile(taken, 0.95) * 1000, "ms", 200)
    made = [plan(served, question) for question in dashboard]
    with _bare_extract(extracts_of(organization)[0], made[0].views) as bare:
        plain = sum(seconds(lambda: bare.execute(one.sql).fetchall(), ASKED) for one in made)  # noqa: B023
    ours = sum(
        seconds(lambda: served.reader.query(one.sql, tables=served.tables(), views=one.views, compiled=True), ASKED)  # noqa: B023
        for one in made
    )
    sheet.at_most("the same SQL in the worker", ours / plain, "× bare DuckDB", 1.5, f"bare {plain * 1000:.0f} ms")


@contextmanager
def _bare_extract(path: Path, views: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that sees the extract as the worker does: its tables as views, and those restated that the question says."""
    with duckdb.connect() as engine:
        engine.execute(f"attach '{path}' as extract (read_only)")
        tables = engine.execute("select table_name from duckdb_tables() where database_name = 'extract'").fetchall()
        seen = {name: f"from extract.main.{name}" for (name,) in tables} | views
        for name, query in seen.items():
            engine.execute(f"create view main.{name} as {query}")
        if "dim_dates" not in seen:
            engine.execute("create view main.dim_dates as from extract.main.dim_dates")
        yield engine


def _extract_rows(organization: str) -> int:
    from warehouse.extracts.builds import extracts_of

    with duckdb.connect(str(extracts_of(organization)[0]), read_only=True) as extract:
        return int(extract.execute("select sum(estimated_size) from duckdb_tables()").fetchall()[0][0])


def _lake_rows(schema: str) -> int:
    with open_lake() as lake:
        return sum(rows for name, rows in lake.row_counts().items() if name.startswith(f"{schema}."))


def _longhouse(*arguments: str) -> None:
    _run("apps.cli", *arguments)


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.DEVNULL)


def main(preset: str, into: Path) -> None:
    """Every stage in a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="longhouse-bench-", ignore_cleanup_errors=True) as home:
        os.environ |= {"LONGHOUSE_HOME": home, "XDG_CONFIG_HOME": f"{home}/keys", "LONGHOUSE_EXAMINE_IMPORTS": "false"}
        sheet = Sheet(preset)
        bench_load(sheet, preset)
        bench_ingest(sheet)
        bench_build(sheet)
        bench_publish(sheet)
        bench_questions(sheet)
        if preset == "demo":
            bench_pages(sheet)
        sheet.noted("peak memory of one process", peak_mebibytes(), "MiB")
    into.write_text(json.dumps(sheet.told()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
