"""Many people and programs at the same time: nobody's edit is lost, nobody reads half a build."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.houses import ROOT, House

pytestmark = pytest.mark.slow

WRITERS, EDITS = 8, 125

WRITER = """
import json, random, sys
from decimal import Decimal
from warehouse.oltp.engine import StoreBusy, reading, writing
from warehouse.operations.declare import StaleVersion
from warehouse.operations.organization import find_organization
from warehouse.operations.sales import DealFilter, EditOpportunity, edit_opportunity, get_opportunity
from warehouse.tenancy import operator_actor
seed, edits, deals = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
chance, saved, told = random.Random(seed), {deal: 0 for deal in deals}, 0
with reading() as session:
    actor = operator_actor(find_organization(session, "globex").id)
while sum(saved.values()) < edits:
    deal = chance.choice(deals)
    with reading() as session:
        seen = get_opportunity(session, actor, deal).deal
    try:
        with writing() as session:
            change = EditOpportunity(id=deal, version=seen.version, amount=seen.amount + 1)
            edit_opportunity(session, actor, change)
        saved[deal] += 1
    except (StaleVersion, StoreBusy):
        told += 1
print(json.dumps({"saved": saved, "told": told}))
"""

READER = """
import sys, time
from warehouse.lake.connection import open_lake
reads, torn, slowest, deadline = 0, 0, 0.0, time.monotonic() + float(sys.argv[1])
with open_lake() as lake:
    while time.monotonic() < deadline:
        begun = time.monotonic()
        lake.run("begin transaction")
        seen = {lake.value(f"select max(round) from lake.core.{t}") for t in ("round_a", "round_b", "round_c")}
        lake.run("commit")
        reads, torn = reads + 1, torn + (len(seen) > 1)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.05)
print(reads, torn, slowest)
"""


def start(house: House, script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"LONGHOUSE_HOME": str(house.home)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output


def test_eight_people_edit_the_same_deals_and_no_edit_is_lost(house: House) -> None:
    with sqlite3.connect(house.home / "operational.db") as store:
        rows = store.execute(
            "select o.id, o.amount, o.version from opportunities o join organizations g on g.id = o.organization_id "
            "where g.slug = 'globex' and o.amount is not null"
        ).fetchall()
    deals = json.dumps([deal for deal, _, _ in rows])
    writers = [start(house, WRITER, str(seed), str(EDITS), deals) for seed in range(WRITERS)]
    told = [json.loads(said(writer)) for writer in writers]
    assert sum(sum(one["saved"].values()) for one in told) == WRITERS * EDITS
    assert sum(one["told"] for one in told) > 0, "they never met"
    with sqlite3.connect(house.home / "operational.db") as store:
        now = {
            deal: (amount, version)
            for deal, amount, version in store.execute("select id, amount, version from opportunities")
        }
    for deal, amount, version in rows:
        edits = sum(one["saved"][deal] for one in told)
        assert now[deal] == (amount + 10_000 * edits, version + edits)


def test_the_audit_chain_holds_under_eight_writers(house: House, enter: Callable[[House], None]) -> None:
    with sqlite3.connect(house.home / "operational.db") as store:
        rows = store.execute(
            "select o.id from opportunities o join organizations g on g.id = o.organization_id "
            "where g.slug = 'globex' and o.amount is not null"
        ).fetchall()
    deals = json.dumps([deal for (deal,) in rows])
    for writer in [start(house, WRITER, str(seed), "20", deals) for seed in range(WRITERS)]:
        said(writer)
    enter(house)
    from warehouse.oltp.engine import reading
    from warehouse.operations.audit_chain import broken_audit_rows
    from warehouse.operations.organization import find_organization

    with reading() as session:
        assert broken_audit_rows(session, find_organization(session, "globex").id) == []


def test_four_readers_never_see_half_a_commit(house: House, enter: Callable[[House], None]) -> None:
    enter(house)
    from warehouse.lake.commit import commit_build
    from warehouse.lake.connection import open_lake
    from warehouse.settings import settings

    def build(number: int) -> None:
        with duckdb.connect(str(settings().workshop_path)) as workshop:
            for table in ("round_a", "round_b", "round_c"):
                workshop.execute(
                    f"create or replace table core.{table} as select {number} as round, i from range(20000) t(i)"
                )
        with open_lake(write=True) as lake:
            commit_build(lake, settings().workshop_path, f"round {number}")

    build(0)
    readers = [start(house, READER, "12") for _ in range(4)]
    for number in range(1, 11):
        build(number)
    for reader in readers:
        reads, torn, slowest = said(reader).split()
        assert int(reads) > 20
        assert int(torn) == 0
        assert float(slowest) < 10


def test_merging_changes_agrees_with_a_plain_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random deletes, inserts and merges, against DuckDB's own storage: the same rows at every step."""
    from tests.houses import forget_everything
    from warehouse.lake.connection import open_lake

    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    forget_everything()
    chance = random.Random(11)
    with open_lake(write=True) as lake:
        lake.run("create schema lake.raw")
        for table in ("lake.raw.fuzzed", "reference"):
            lake.run(f"create table {table} (id integer, version integer, amount decimal(18,4))")
        for step in range(80):
            rows = [(chance.randrange(200), step, Decimal(chance.randrange(10**9)).scaleb(-4)) for _ in range(20)]
            delta = ", ".join(f"({i}, {v}, {a})" for i, v, a in {row[0]: row for row in rows}.values())
            lake.run(f"create or replace temp table delta as select * from (values {delta}) d(id, version, amount)")
            doomed = chance.sample(range(200), 5)
            with lake.transaction(f"step {step}", {}):
                for table in ("lake.raw.fuzzed", "reference"):
                    if step % 3 == 0 and table != "reference":
                        lake.run(f"delete from {table} where id in ({', '.join(map(str, doomed))})")
                    if table != "reference":
                        lake.run(
                            f"merge into {table} as kept using delta on kept.id = delta.id "
                            "when matched and delta.version > kept.version then update when not matched then insert"
                        )
            if step % 3 == 0:
                lake.run(f"delete from reference where id in ({', '.join(map(str, doomed))})")
            lake.run("delete from reference where id in (select id from delta)")
            lake.run("insert into reference select * from delta")
            assert lake.run("from lake.raw.fuzzed order by id") == lake.run("from reference order by id"), (
                f"step {step}"
            )
    forget_everything()
