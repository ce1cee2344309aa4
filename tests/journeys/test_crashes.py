"""`kill -9` at a random moment of each stage: nothing acknowledged is lost, nothing is torn, the next run needs no hands."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.houses import MAPPING, ROOT, UNEXAMINED, House

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("LONGHOUSE_CRASH_ROUNDS", "20"))

INGEST = """
from pipelines.ingest.operational import ingest
from warehouse.lake.connection import open_lake
with open_lake(write=True) as lake:
    ingest(lake, "crash")
"""
COMMIT = """
from warehouse.lake.commit import commit_build
from warehouse.lake.connection import open_lake
from warehouse.settings import settings
with open_lake(write=True) as lake:
    commit_build(lake, settings().workshop_path, "crash")
"""
PUBLISH = """
from warehouse.extracts.builds import latest_build
from warehouse.extracts.publish import publish
from warehouse.lake.connection import open_lake
from warehouse.oltp.engine import reading
from warehouse.operations.organization import list_organizations
with reading() as session:
    organizations = [organization.id for organization in list_organizations(session)]
with open_lake() as lake:
    for organization in organizations * 3:
        publish(lake, latest_build(), organization)
"""


def start(house: House, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"LONGHOUSE_HOME": str(house.home)} | UNEXAMINED
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def killed(house: House, seconds: float, *arguments: str) -> bool:
    """Start a program and kill its whole group after a moment; whether it was still at work."""
    process = start(house, *arguments)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def span(house: House, *arguments: str) -> float:
    """How long the program takes when nobody interrupts it."""
    begun = time.perf_counter()
    assert start(house, *arguments).wait(300) == 0
    return time.perf_counter() - begun


def change_amounts(house: House, seed: int) -> None:
    """One more on every won deal of globex, as one bulk change."""
    with sqlite3.connect(house.home / "operational.db", timeout=10) as store:
        [(organization,)] = store.execute("select id from organizations where slug = 'globex'")
        seq = store.execute(
            "insert into change_events (organization_id, happened_at, operation, entity, rows, audit_event_id) "
            "values (?, '2026-01-01', 'test', 'opportunities', 3, ?)",
            (organization, f"crash {seed}"),
        ).lastrowid
        store.execute(
            "update opportunities set amount = amount + 10000, version = version + 1, change_seq = ? "
            "where organization_id = ? and stage = 'closed_won'",
            (seq, organization),
        )


def raw_amounts(house: House) -> tuple[int, Decimal]:
    """The lake's watermark and the sum of its raw amounts."""
    with house.entered():
        from warehouse.lake.connection import open_lake
        from warehouse.lake.watermarks import watermark

        with open_lake() as lake:
            return watermark(lake), Decimal(lake.value("select sum(amount) from lake.raw.opportunities"))


def stored_amounts(house: House) -> tuple[int, Decimal]:
    with sqlite3.connect(house.home / "operational.db", timeout=10) as store:
        [(seq,)] = store.execute("select max(seq) from change_events")
        [(amount,)] = store.execute("select sum(amount) from opportunities")
    return seq, Decimal(amount).scaleb(-4)


def test_an_import_is_whole_or_not_there(built_house: House, small_export: Path, tmp_path: Path) -> None:
    house, chance = built_house.copy(tmp_path / "data"), random.Random(1)
    export = tmp_path / "export"
    shutil.copytree(small_export, export)
    lines = (export / "sales_pipeline.csv").read_text().splitlines()
    more = [f"B{n},Robin Reed,Kite One,Quarry Lane,Won,2017-01-01,2017-02-01,{n}" for n in range(3000)]
    (export / "sales_pipeline.csv").write_text("\n".join(lines + more) + "\n")

    def arguments(slug: str) -> list[str]:
        return ["-m", "apps.cli", "import", str(export), "--org", slug, "--mapping", str(MAPPING)]

    whole = span(house, *arguments("whole"))
    interrupted = 0
    for attempt in range(ROUNDS):
        slug = f"crash-{attempt}"
        interrupted += killed(house, chance.uniform(0.2, whole), *arguments(slug))
        counted = (
            "select count(*) from opportunities o join organizations g on g.id = o.organization_id where g.slug = ?"
        )
        with sqlite3.connect(house.home / "operational.db") as store:
            assert store.execute(counted, (slug,)).fetchone()[0] in (0, 3006)
            assert store.execute("pragma foreign_key_check").fetchall() == []
        if attempt % 5 == 0:
            house.run(*arguments(slug)[2:])
            with sqlite3.connect(house.home / "operational.db") as store:
                assert store.execute(counted, (slug,)).fetchone()[0] == 3006
    assert interrupted >= ROUNDS // 4, "the kills came too late to mean anything"


def test_an_ingest_never_leaves_rows_without_their_watermark(built_house: House, tmp_path: Path) -> None:
    house, chance = built_house.copy(tmp_path / "data"), random.Random(2)
    change_amounts(house, 0)
    whole = span(house, "-c", INGEST)
    before = raw_amounts(house)
    for attempt in range(ROUNDS):
        change_amounts(house, attempt + 1)
        killed(house, chance.uniform(whole / 3, whole), "-c", INGEST)
        found = raw_amounts(house)
        assert found in (before, stored_amounts(house)), "rows and watermark move together"
        before = found
    assert start(house, "-c", INGEST).wait(60) == 0
    assert raw_amounts(house) == stored_amounts(house)


def test_a_commit_shows_all_of_a_build_or_none_of_it(built_house: House, tmp_path: Path) -> None:
    import duckdb

    house, chance = built_house.copy(tmp_path / "data"), random.Random(3)
    workshop = house.home / "workshop" / "workshop.duckdb"
    whole = span(house, "-c", COMMIT)
    for attempt in range(ROUNDS):
        with duckdb.connect(str(workshop)) as engine:
            for table in ("core.dim_users", "core.dim_products", "core.fct_opportunities"):
                engine.execute(
                    f"alter table {table} add column if not exists round_{attempt} integer default {attempt}"
                )
        killed(house, chance.uniform(whole / 3, whole), "-c", COMMIT)
        with house.entered():
            from warehouse.lake.connection import open_lake

            with open_lake() as lake:
                seen = {
                    table: any(row[0] == f"round_{attempt}" for row in lake.run(f"describe lake.core.{table}"))
                    for table in ("dim_users", "dim_products", "fct_opportunities")
                }
        assert len(set(seen.values())) == 1, seen


def test_a_publish_leaves_the_last_good_extract_in_place(
    built_house: House, tmp_path: Path, enter: Callable[[House], None]
) -> None:
    house, chance = built_house.copy(tmp_path / "data"), random.Random(4)
    expected = house.value("won_value", "globex")
    whole = span(house, "-c", PUBLISH)
    with sqlite3.connect(house.home / "operational.db") as store:
        [(organization,)] = store.execute("select id from organizations where slug = 'globex'")
    enter(house)
    from datetime import date

    from warehouse.metrics.answer import answer
    from warehouse.metrics.question import Question
    from warehouse.metrics.serving import serving

    for _attempt in range(ROUNDS):
        killed(house, chance.uniform(whole / 3, whole), "-c", PUBLISH)
        found = answer(serving(organization), Question(metrics=("won_value",), as_of=date(2030, 1, 1)))
        assert found.only("won_value").value == Decimal(expected)


def test_a_refresh_killed_anywhere_is_made_good_by_the_next(built_house: House, tmp_path: Path) -> None:
    house, chance = built_house.copy(tmp_path / "data"), random.Random(5)
    before = Decimal(house.value("won_value", "globex"))
    for attempt in range(ROUNDS):
        change_amounts(house, attempt)
        killed(house, chance.uniform(1, 20), "-m", "pipelines.run", "refresh")
        seen = Decimal(house.value("won_value", "globex"))
        assert seen in {before + added for added in range(attempt * 3 + 4)}, (
            "an old number or a new one, never a torn one"
        )
        assert (seen - before) % 3 == 0
    house.run("refresh")
    assert Decimal(house.value("won_value", "globex")) == before + 3 * ROUNDS
