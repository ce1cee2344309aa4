"""`make bench`: each promise of speed as a ratio against the bare engine in the same run."""

import argparse
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.ingest.operational import read_shared_fields
from warehouse.lake.connection import Lake
from warehouse.lake.store import Store, attached_store
from warehouse.oltp.base import Base
from warehouse.oltp.projection import copied_tables, projection, stored_columns

Bar = tuple[str, str, str]
ROWS: list[Bar] = []


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Median wall time of some runs."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def report(what: str, seen: str, bar: str) -> None:
    """One line of the result."""
    ROWS.append((what, seen, bar))
    sys.stdout.write(f"{what:<58} {seen:<44} {bar}\n")
    sys.stdout.flush()


def deals(count: int) -> list[dict[str, object]]:
    """Deals over six stages and three years, the same every time."""
    from warehouse.oltp.identifiers import uuid7
    from warehouse.oltp.sales import Stage

    chance, start = random.Random(7), date(2023, 1, 1)
    made = []
    for number in range(count):
        stage = chance.choice(list(Stage))
        opened = start + timedelta(days=chance.randrange(1000))
        made.append(
            {
                "id": uuid7(datetime(2023, 1, 1, tzinfo=UTC), chance),
                "name": f"deal {number}",
                "stage": stage,
                "amount": Decimal(chance.randrange(100, 10_000_00)) / 100,
                "opened_on": opened,
                "closed_on": None if stage.is_open else opened + timedelta(days=chance.randrange(1, 90)),
            }
        )
    return made


def fill(count: int) -> str:
    """Load the deals in one bulk operation; the organization's id."""
    from warehouse.oltp.engine import writing
    from warehouse.oltp.identifiers import uuid7
    from warehouse.oltp.migrate import upgrade
    from warehouse.oltp.organization import User
    from warehouse.operations.bulk import Batch, BulkLoad, bulk_load
    from warehouse.operations.organization import CreateOrganization, create_organization
    from warehouse.tenancy import operator_actor

    upgrade()
    with writing() as session:
        user = User(id=uuid7(), email="bench@example.com", created_at=datetime.now(UTC))
        session.add(user)
        session.flush()
        request = CreateOrganization(slug="bench", name="Bench", owner_user_id=user.id, owner_name="Bench")
        organization = create_organization(session, request)
    rows = deals(count)
    history = [
        {
            "id": uuid7(),
            "opportunity_id": row["id"],
            "to_stage": row["stage"],
            "changed_on": row["opened_on"],
            "recorded_at": datetime.now(UTC),
        }
        for row in rows
    ]
    batches = [Batch("opportunities", rows), Batch("opportunity_stage_changes", history)]

    def load() -> None:
        with writing() as session:
            bulk_load(
                session, operator_actor(organization.id), BulkLoad(source="bench", batches=batches, identities=[])
            )

    taken = seconds(load)
    report("bulk load into the embedded store", f"{2 * count / taken:,.0f} rows/s", "≥ 100,000 rows/s")
    return organization.id


def bench_ingest(count: int) -> None:
    """First load and increment, beside what bare DuckDB needs for the same rows."""
    from pipelines.ingest.operational import ingest
    from warehouse.lake.connection import open_lake
    from warehouse.settings import settings

    store = settings().operational_path
    with open_lake(write=True) as lake:
        ours = seconds(lambda: ingest(lake, "bench"))

        def bare() -> None:
            lake.attach_database(str(store), "bare_store", "sqlite")
            for table in copied_tables():
                lake.run(
                    f"create or replace temp table bare_{table.name} as "
                    f"select {projection(table, 'sqlite')} from bare_store.{table.name}"
                )
            lake.detach("bare_store")

        plain = seconds(bare)
        report("operational tables → lake, first load", f"{plain / ours:.2f} × plain DuckDB copy", "≥ 0.5 ×")
        idle = seconds(lambda: ingest(lake, "bench"), 5)
        report("ingest, nothing changed", f"{idle * 1000:.0f} ms", "≤ 300 ms")
    touch(store, count // 75)
    with open_lake(write=True) as lake:
        ours = seconds(lambda: ingest(lake, "bench"))
    touch(store, count // 75)
    with open_lake(write=True) as lake, attached_store(lake) as operational:
        plain = seconds(lambda: bare_increment(lake, operational))
    report(
        f"incremental ingest, {count // 75:,} changed", f"{ours / plain:.2f} × read and MERGE of the one table", "≤ 3 ×"
    )


def bare_increment(lake: Lake, store: Store) -> None:
    """Read the deals that changed and MERGE them, and nothing else."""
    table = Base.metadata.tables["opportunities"]
    after = int(lake.value("select max(change_seq) from lake.raw.opportunities"))
    read_shared_fields(lake, store)
    changed = store.asked(f"select {', '.join(stored_columns(table))} from opportunities where change_seq > {after}")
    lake.run(
        f"create or replace temp table delta as select {projection(table, 'sqlite')} from {changed} as opportunities"
    )
    lake.run(
        "merge into lake.raw.opportunities as kept using delta on kept.id = delta.id "
        "when matched then update when not matched then insert"
    )


def touch(store: Path, count: int) -> None:
    """A bulk edit of some deals, as the operational store records it."""
    with sqlite3.connect(store) as connection:
        [(organization,)] = connection.execute("select id from organizations")
        seq = connection.execute(
            "insert into change_events (organization_id, happened_at, operation, entity, rows, audit_event_id) "
            "values (?, '2026-01-01', 'bench', 'opportunities', ?, 'x')",
            (organization, count),
        ).lastrowid
        connection.execute(
            "update opportunities set amount = amount + 1, version = version + 1, change_seq = ? "
            "where rowid in (select rowid from opportunities limit ?)",
            (seq, count),
        )


def bench_questions(organization: str) -> None:
    """Compile, guard and worker, beside the same SQL in bare DuckDB."""
    from warehouse.extracts.publish import extracts_of
    from warehouse.metrics.answer import answer, plan
    from warehouse.metrics.question import Question
    from warehouse.metrics.serving import serving

    served, as_of = serving(organization), date(2026, 12, 31)
    total = Question(metrics=("won_value",), as_of=as_of)
    grouped = Question(metrics=("won_value", "deal_count", "win_rate"), by=("stage",), grain="month", as_of=as_of)
    for question in (total, grouped):
        answer(served, question)
    report(
        "metric compile + guard + worker, p50", f"{seconds(lambda: answer(served, total), 30) * 1000:.0f} ms", "< 60 ms"
    )
    times = sorted(seconds(lambda: answer(served, grouped)) for _ in range(30))
    report("three metrics by month and stage, p95", f"{times[28] * 1000:.0f} ms", "< 200 ms")
    made = plan(served, grouped)
    with duckdb.connect(str(extracts_of(organization)[0]), read_only=True) as bare:
        bare.execute(made.sql).fetchall()
        plain = seconds(lambda: bare.execute(made.sql).fetchall(), 10)
    worker = seconds(lambda: served.reader.query(made.sql, tables=served.tables(), compiled=True), 10)
    report("the same SQL in the worker", f"{worker / plain:.2f} × bare DuckDB", "≤ 1.5 ×")


def bench_build(count: int, organization: str) -> None:
    """The whole refresh, its commit and its publish."""
    from pipelines.run import refresh
    from warehouse.extracts.builds import latest_build
    from warehouse.extracts.publish import publish
    from warehouse.lake.connection import open_lake

    report("whole refresh, Dagster and dbt included", f"{seconds(refresh):.1f} s", "")
    report("refresh with nothing changed", f"{seconds(refresh):.2f} s", "< 3 s")
    build = latest_build()
    assert build is not None
    with open_lake() as lake:
        taken = seconds(lambda: publish(lake, build, organization))
    report("publish", f"{taken / (2 * count / 1e6):.2f} s per million rows", "≤ 1 s per million")


def main() -> None:
    """Fill a store, then measure each stage."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--rows", type=int, default=200_000)
    count = asked.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="longhouse-bench-") as home:
        os.environ["LONGHOUSE_HOME"] = home
        report(f"{count:,} deals", "seen", "bar")
        organization = fill(count)
        bench_ingest(count)
        bench_build(count, organization)
        bench_questions(organization)


if __name__ == "__main__":
    main()
