"""`kill -9` at a random moment of each stage: nothing acknowledged is lost, nothing is torn, the next run needs no hands."""

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.houses import MAPPING, UNEXAMINED, House

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("LONGHOUSE_CRASH_ROUNDS", "20"))

LOADED = (
    "apps.cli",
    "warehouse.imports.load",
    "warehouse.operations.rules",
    "pipelines.ingest.operational",
    "warehouse.lake.commit",
    "warehouse.extracts.publish",
    "pipelines.run",
    "dagster",
    "dagster_dbt",
)
"""What the programs import. Loaded before they begin: they are killed while they work, not while Python starts."""

Work = Callable[..., None]


def take_in() -> None:
    from pipelines.ingest.operational import ingest
    from warehouse.lake.connection import open_lake

    with open_lake(write=True) as lake:
        ingest(lake, "crash")


def commit() -> None:
    from warehouse.lake.commit import commit_build
    from warehouse.lake.connection import open_lake
    from warehouse.settings import settings

    with open_lake(write=True) as lake:
        commit_build(lake, settings().workshop_path, "crash")


def publish_again(organization: str) -> None:
    from warehouse.extracts.builds import latest_build
    from warehouse.extracts.publish import publish
    from warehouse.lake.connection import open_lake

    with open_lake() as lake:
        build = latest_build()
        assert build is not None
        for _time in range(3):
            publish(lake, build, organization)


def command_line(*arguments: str) -> None:
    from apps.cli import app

    app(list(arguments), standalone_mode=False)


def refresh() -> None:
    from pipelines.run import main

    sys.exit(main(["refresh"]))


def at_work(home: Path, work: Work, arguments: tuple[str, ...]) -> None:
    """What the forked process does, at the head of a group of its own."""
    os.setsid()
    os.environ |= {"LONGHOUSE_HOME": str(home)} | UNEXAMINED
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    work(*arguments)


class Program:
    """Starts pieces of work in processes of their own, and kills them."""

    def __init__(self, context: ForkServerContext, house: House) -> None:
        self._context, self._house = context, house

    def span(self, work: Work, *arguments: str) -> float:
        """How long the work takes when nobody interrupts it."""
        begun = time.perf_counter()
        process = self._started(work, arguments)
        process.join(300)
        assert process.exitcode == 0
        return time.perf_counter() - begun

    def killed(self, seconds: float, work: Work, *arguments: str) -> bool:
        """Begin the work and kill it and what it started after a moment; whether it was still going on."""
        process = self._started(work, arguments)
        process.join(seconds)
        is_at_work = process.is_alive()
        with suppress(ProcessLookupError):  # it has ended, or has not yet begun a group of its own
            os.killpg(process.pid, signal.SIGKILL)  # type: ignore[arg-type]
        process.kill()
        process.join()
        return is_at_work

    def _started(self, work: Work, arguments: tuple[str, ...]) -> multiprocessing.process.BaseProcess:
        process = self._context.Process(target=at_work, args=(self._house.home, work, arguments))
        process.start()
        return process


@pytest.fixture(scope="module")
def launcher() -> ForkServerContext:
    """A process in which everything is loaded and nothing is open, of which the programs are forks."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LOADED])
    return context


@pytest.fixture
def house(built_house: House, tmp_path: Path) -> House:
    return built_house.copy(tmp_path / "data")


@pytest.fixture
def program(launcher: ForkServerContext, house: House) -> Program:
    return Program(launcher, house)


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


def test_an_import_is_whole_or_not_there(house: House, program: Program, small_export: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    export = tmp_path / "export"
    shutil.copytree(small_export, export)
    lines = (export / "sales_pipeline.csv").read_text().splitlines()
    more = [f"B{n},Robin Reed,Kite One,Quarry Lane,Won,2017-01-01,2017-02-01,{n}" for n in range(1500)]
    (export / "sales_pipeline.csv").write_text("\n".join(lines + more) + "\n")

    def arguments(slug: str) -> list[str]:
        return ["import", str(export), "--org", slug, "--mapping", str(MAPPING)]

    whole = program.span(command_line, *arguments("whole"))
    interrupted = 0
    for attempt in range(ROUNDS):
        slug = f"crash-{attempt}"
        interrupted += program.killed(chance.uniform(0, whole), command_line, *arguments(slug))
        counted = (
            "select count(*) from opportunities o join organizations g on g.id = o.organization_id where g.slug = ?"
        )
        with sqlite3.connect(house.home / "operational.db") as store:
            assert store.execute(counted, (slug,)).fetchone()[0] in (0, 1506)
            assert store.execute("pragma foreign_key_check").fetchall() == []
        if attempt % 5 == 0:
            program.span(command_line, *arguments(slug))
            with sqlite3.connect(house.home / "operational.db") as store:
                assert store.execute(counted, (slug,)).fetchone()[0] == 1506
    assert interrupted >= ROUNDS // 4, "the kills came too late to mean anything"


def test_an_ingest_never_leaves_rows_without_their_watermark(house: House, program: Program) -> None:
    chance = random.Random(2)
    change_amounts(house, 0)
    whole = program.span(take_in)
    before = raw_amounts(house)
    for attempt in range(ROUNDS):
        change_amounts(house, attempt + 1)
        program.killed(chance.uniform(0, whole), take_in)
        found = raw_amounts(house)
        assert found in (before, stored_amounts(house)), "rows and watermark move together"
        before = found
    program.span(take_in)
    assert raw_amounts(house) == stored_amounts(house)


def test_a_commit_shows_all_of_a_build_or_none_of_it(house: House, program: Program) -> None:
    import duckdb

    chance = random.Random(3)
    workshop = house.home / "workshop" / "workshop.duckdb"
    whole = program.span(commit)
    for attempt in range(ROUNDS):
        with duckdb.connect(str(workshop)) as engine:
            for table in ("core.dim_users", "core.dim_products", "core.fct_opportunities"):
                engine.execute(
                    f"alter table {table} add column if not exists round_{attempt} integer default {attempt}"
                )
        program.killed(chance.uniform(0, whole), commit)
        with house.entered():
            from warehouse.lake.connection import open_lake

            with open_lake() as lake:
                seen = {
                    table: any(row[0] == f"round_{attempt}" for row in lake.run(f"describe lake.core.{table}"))
                    for table in ("dim_users", "dim_products", "fct_opportunities")
                }
        assert len(set(seen.values())) == 1, seen


def test_a_publish_leaves_the_last_good_extract_in_place(
    house: House, program: Program, enter: Callable[[House], None]
) -> None:
    chance = random.Random(4)
    expected = house.value("won_value", "globex")
    with sqlite3.connect(house.home / "operational.db") as store:
        [(organization,)] = store.execute("select id from organizations where slug = 'globex'")
    whole = program.span(publish_again, organization)
    enter(house)
    from datetime import date

    from warehouse.metrics.answer import answer
    from warehouse.metrics.question import Question
    from warehouse.metrics.serving import serving

    for _attempt in range(ROUNDS):
        program.killed(chance.uniform(0, whole), publish_again, organization)
        found = answer(serving(organization), Question(metrics=("won_value",), as_of=date(2030, 1, 1)))
        assert found.only("won_value").value == Decimal(expected)


def test_a_refresh_killed_anywhere_is_made_good_by_the_next(house: House, program: Program) -> None:
    chance = random.Random(5)
    before = Decimal(house.value("won_value", "globex"))
    for attempt in range(ROUNDS):
        change_amounts(house, attempt)
        program.killed(chance.uniform(0.5, 15), refresh)
        seen = Decimal(house.value("won_value", "globex"))
        assert seen in {before + added for added in range(attempt * 3 + 4)}, (
            "an old number or a new one, never a torn one"
        )
        assert (seen - before) % 3 == 0
    house.run("refresh")
    assert Decimal(house.value("won_value", "globex")) == before + 3 * ROUNDS
