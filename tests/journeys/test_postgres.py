"""The store and the lake's catalog on PostgreSQL: the same numbers, in the same order, whoever writes meanwhile."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pipelines.ingest.operational import ingest
from pipelines.reconcile import reconcile
from tests.houses import MAPPING, ROOT, House
from tests.postgres import Databases
from warehouse.lake.connection import open_lake
from warehouse.lake.store import attached_store
from warehouse.lake.watermarks import watermark
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import ChangeEvent
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import find_organization
from warehouse.tenancy import Actor, operator_actor

pytestmark = pytest.mark.slow

WRITERS, EDITS = 8, 40


@pytest.fixture
def house(databases: Databases, postgres_house: House, tmp_path: Path, enter: Callable[[House], None]) -> House:
    """A copy of the house on PostgreSQL; this process works in it."""
    made = House(postgres_house.copy(tmp_path / "data").home, databases.fresh(postgres_house.server))
    enter(made)
    return made


def actor(slug: str) -> Actor:
    with reading() as session:
        return operator_actor(find_organization(session, slug).id)


def contents(house: House) -> dict[str, tuple[object, ...]]:
    """Per table of the lake, raw and modelled: how many rows, and a sum over what they say."""
    found = {}
    with house.entered(), open_lake() as lake:
        for schema in ("raw", "core", "marts", "people"):
            for table in lake.tables(schema):
                if not table.startswith("_") and table != "build_watermark":
                    columns = ", ".join(f'"{row[0]}"' for row in lake.run(f"describe lake.{schema}.{table}"))
                    asked = f"select count(*), sum(hash({columns})::hugeint) from lake.{schema}.{table}"
                    found[f"{schema}.{table}"] = lake.run(asked)[0]
    return found


def test_the_lake_says_the_same_whichever_engine_keeps_the_store(built_house: House, postgres_house: House) -> None:
    ours, theirs = contents(postgres_house), contents(built_house)
    assert ours == theirs
    assert len(ours) > 15
    assert ours["core.fct_opportunities"][0] > 1000
    for metric in ("won_value", "win_rate", "open_deal_count"):
        assert postgres_house.value(metric, "demo") == built_house.value(metric, "demo")


def test_from_an_empty_database_to_a_number(databases: Databases, tmp_path: Path, small_export: Path) -> None:
    fresh = House(tmp_path / "data", databases.fresh())
    imported = fresh.run("import", str(small_export), "--org", "globex", "--mapping", str(MAPPING))
    assert imported.returncode == 0
    fresh.run("refresh")
    assert fresh.value("won_value", "globex") == "5250.0000"
    assert "nothing has changed" in fresh.run("refresh").stderr
    assert not (fresh.home / "operational.db").exists()
    assert not (fresh.home / "lake" / "catalog.sqlite").exists()


def test_a_night_on_postgresql_leaves_a_catalog_that_opens_without_a_server(house: House, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipelines.run", "nightly"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | house.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "tables agree" in done.stdout
    [backup] = (house.home / "backups").glob("catalog-*.sqlite")
    alone = House(tmp_path / "alone")
    shutil.copytree(house.home / "lake", alone.home / "lake")
    shutil.copy(backup, alone.home / "lake" / "catalog.sqlite")
    assert contents(alone) == contents(house)


def test_a_change_that_commits_late_is_not_overtaken(house: House) -> None:
    """Globex takes its sequence first and commits last: the lake may not remember having passed it."""
    with open_lake() as lake, attached_store(lake) as store:
        before = store.settled()
        with writing() as session:
            create_customer(session, actor("globex"), CreateCustomer(name="Slow"))
            with writing() as other:
                create_customer(other, actor("demo"), CreateCustomer(name="Quick"))
            assert store.settled() == before
        assert store.settled() == before + 2


def test_what_commits_while_the_lake_reads_is_read_later_and_nothing_twice(house: House) -> None:
    with writing() as session:
        create_customer(session, actor("globex"), CreateCustomer(name="Slow"))
        with writing() as other:
            create_customer(other, actor("demo"), CreateCustomer(name="Quick"))
        with open_lake(write=True) as lake:
            ingest(lake, "while one is on its way")
    with open_lake(write=True) as lake:
        ingest(lake, "after it")
        assert all(result.passed for result in reconcile(lake))
        assert watermark(lake) == _last_change()


def test_eight_writers_of_two_organizations_beside_an_ingest_lose_nothing(house: House) -> None:
    actors, over = [actor("globex"), actor("demo")], threading.Event()

    def write(number: int) -> None:
        for edit in range(EDITS):
            with writing() as session:
                create_customer(session, actors[number % 2], CreateCustomer(name=f"Customer {number}-{edit}"))

    def copy() -> int:
        rounds = 0
        while not over.is_set():
            with open_lake(write=True) as lake:
                ingest(lake, "beside writers")
            rounds += 1
        return rounds

    before = _last_change()
    with ThreadPoolExecutor(WRITERS + 1) as threads:
        copying = threads.submit(copy)
        for writer in [threads.submit(write, number) for number in range(WRITERS)]:
            writer.result()
        over.set()
        assert copying.result() > 1
    with open_lake(write=True) as lake:
        ingest(lake, "at the end")
        assert [result.message for result in reconcile(lake) if not result.passed] == []
        assert lake.value("select count(*) from lake.raw.customers where change_seq > ?", [before]) == WRITERS * EDITS


def test_an_organization_is_deleted_whole_and_the_other_ones_numbers_still_verify(house: House, tmp_path: Path) -> None:
    receipt = house.metric("won_value", "--org", "demo")["receipt"]
    ending = ["organization", "delete", "globex", "--export", str(tmp_path / "globex.zip"), "--yes-delete", "globex"]
    told = json.loads(house.run(*ending).stdout.partition("{")[2].join(["{", ""]))
    assert set(told["scan"].values()) == {0}
    assert len(told["scan"]) > 20
    assert (tmp_path / "globex.zip").stat().st_size > 1000
    assert "holds" in house.run("verify", receipt).stdout
    assert "no organization" in house.run("metric", "won_value", "--org", "globex", check=False).stderr


def test_a_server_that_does_not_answer_is_a_sentence_without_its_password(tmp_path: Path) -> None:
    address = "postgresql://longhouse:geheim-42@127.0.0.1:9/longhouse"
    house = House(tmp_path / "data")
    for command in (["init"], ["metric", "won_value", "--org", "demo"], ["refresh"]):
        done = house.run(*command, check=False, LONGHOUSE_DATABASE_URL=address, LONGHOUSE_CATALOG_URL=address)
        assert done.returncode == 1
        assert "does not answer" in done.stdout + done.stderr
        assert "geheim-42" not in done.stdout + done.stderr
        assert not any("geheim-42" in file.read_text() for file in house.home.rglob("*.log"))


def _last_change() -> int:
    with reading() as session:
        return session.scalar(select(func.max(ChangeEvent.seq))) or 0
