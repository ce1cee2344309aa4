"""The night's work, as the clock and as a person start it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines.retention import pinned_snapshots, remove_records
from pipelines.schedules import nightly_schedule
from tests.houses import ROOT, House
from warehouse.extracts.builds import Build, definitions_folder, latest_build, read_build
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import CheckResult, JobRequest, JobStatus, Receipt
from warehouse.oltp.projection import copied_tables
from warehouse.operations.organization import find_organization
from warehouse.settings import settings

LONG_AGO = "2026-01-05T03:00:00+00:00"


def run(house: House) -> subprocess.CompletedProcess[str]:
    """`python -m pipelines.run nightly`."""
    environment = os.environ | {"LONGHOUSE_HOME": str(house.home)}
    command = [sys.executable, "-m", "pipelines.run", "nightly"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_a_night_compares_examines_maintains_and_says_so(house: House, enter: Callable[[House], None]) -> None:
    done = run(house)
    assert done.returncode == 0, done.stderr
    steps = dict(line.split("\t") for line in done.stdout.splitlines())
    assert set(steps) == {"reconcile", "examine", "maintenance", "audit", "files"}
    assert steps["reconcile"] == f"{len(copied_tables())} tables agree"
    assert len(list((house.home / "backups").glob("catalog-*.sqlite"))) == 1
    enter(house)
    with reading() as session:
        assert session.query(CheckResult).filter_by(source="reconciliation", passed=True).count() == len(
            copied_tables()
        )
        assert session.query(JobRequest).filter_by(job="nightly").one().status is JobStatus.SUCCEEDED
    assert house.run("refresh").stderr.count("nothing has changed") == 1


@pytest.mark.slow
def test_a_night_that_fails_says_why_in_a_sentence(house: House, enter: Callable[[House], None]) -> None:
    next((house.home / "lake" / "files").rglob("fct_opportunities*/*.parquet")).unlink()
    done = run(house)
    assert done.returncode == 1
    assert done.stderr.startswith("A file of the lake is missing or damaged")
    assert "Traceback" not in done.stderr
    enter(house)
    with reading() as session:
        assert session.query(JobRequest).filter_by(job="nightly").one().status is JobStatus.FAILED


def test_without_a_lake_there_is_no_night(tmp_path: Path) -> None:
    done = run(House(tmp_path / "data"))
    assert done.returncode == 1
    assert "There is no lake" in done.stderr


def test_the_schedule_asks_once_a_night(built_house: House, enter: Callable[[House], None]) -> None:
    enter(built_house)
    assert nightly_schedule.cron_schedule == "7 3 * * *"
    with dg.DagsterInstance.ephemeral() as instance:
        told = nightly_schedule.evaluate_tick(dg.build_schedule_context(instance=instance))
    assert len(told.run_requests or []) == 1


def test_what_people_read_and_what_was_kept_is_pinned(house: House, enter: Callable[[House], None]) -> None:
    enter(house)
    build = _latest()
    assert pinned_snapshots() == {build.snapshot_id}
    _receipt(build, "kept", snapshot_id=77, kept=True)
    _receipt(build, "shown", snapshot_id=78, kept=False)
    assert pinned_snapshots() == {build.snapshot_id, 77}
    shutil.rmtree(settings().extracts_path)
    assert pinned_snapshots() == {77}


def test_records_nothing_refers_to_are_removed(house: House, enter: Callable[[House], None]) -> None:
    enter(house)
    build = _latest()
    old = {name: _old_build(build, name, snapshot) for name, snapshot in (("alone", 90), ("alive", 91), ("shown", 92))}
    _receipt(old["shown"], "shown", snapshot_id=92, kept=False)
    _receipt(replace(build, build_id=uuid7(), definitions="told"), "told", snapshot_id=93, kept=False)
    _old_definitions("told")
    young = replace(build, build_id=uuid7(), snapshot_id=0, definitions="young")
    young.save()
    definitions_folder("new").mkdir()
    assert remove_records([91], datetime.now(UTC)) == 2
    left = {path.name for path in definitions_folder("any").parent.iterdir()}
    assert left == {build.definitions, "alive", "shown", "told", "new"}
    with pytest.raises(FileNotFoundError):
        read_build(old["alone"].build_id)
    assert [read_build(kept.build_id) for kept in (build, old["alive"], old["shown"], young)]


def _latest() -> Build:
    build = latest_build()
    assert build is not None
    return build


def _old_build(like: Build, definitions: str, snapshot: int) -> Build:
    built = replace(
        like, build_id=uuid7(datetime.fromisoformat(LONG_AGO)), snapshot_id=snapshot, definitions=definitions
    )
    built.built_at = LONG_AGO
    built.save()
    _old_definitions(definitions)
    return built


def _old_definitions(digest: str) -> None:
    definitions_folder(digest).mkdir()
    moment = (datetime.now(UTC) - timedelta(days=9)).timestamp()
    os.utime(definitions_folder(digest), (moment, moment))


def _receipt(build: Build, name: str, *, snapshot_id: int, kept: bool) -> None:
    with writing() as session:
        session.add(
            Receipt(
                id=name,
                organization_id=find_organization(session, "globex").id,
                created_at=datetime.now(UTC),
                build_id=build.build_id,
                snapshot_id=snapshot_id,
                body=json.dumps({"build": {"definitions": build.definitions}}),
                body_sha256="",
                kept=kept,
            )
        )
