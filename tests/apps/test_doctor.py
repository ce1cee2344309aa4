"""The doctor sees what an installation lacks, and says what to do about it."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.children import clock_lock
from apps.doctor import _definitions, _jobs, _locks, _refreshes, examine
from tests.houses import House
from warehouse.extracts.builds import Build, latest_build
from warehouse.lake.writer import writer_lock
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import find_organization, request_job
from warehouse.settings import settings
from warehouse.tenancy import operator_actor


@pytest.fixture
def inside(house: House, enter: Callable[[House], None]) -> House:
    """A house of one's own, entered."""
    enter(house)
    return house


def last_build() -> Build:
    build = latest_build()
    assert build is not None
    return build


def a_change() -> None:
    with writing() as session:
        actor = operator_actor(find_organization(session, "globex").id)
        create_customer(session, actor, CreateCustomer(name="Kettle Works"))


def job(name: str, status: JobStatus, hours_ago: float, message: str = "") -> None:
    with writing() as session:
        made = request_job(session, name, "a test")
        made.status, made.message = status, message
        made.finished_at = datetime.now(UTC) - timedelta(hours=hours_ago)


def long_ago() -> None:
    """The house was last refreshed five hours ago."""
    moment = datetime.now(UTC) - timedelta(hours=5)
    replace(last_build(), built_at=moment.isoformat(timespec="seconds")).save()
    with writing() as session:
        for request in session.query(JobRequest):
            request.finished_at = moment


def test_a_built_house_is_well(inside: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine(), capsys.readouterr().out
    told = capsys.readouterr().out
    for words in ("last good refresh", "no job failed", "no lock is held", "as built"):
        assert words in told


def test_changes_that_wait_for_long_are_told_with_the_age_of_the_last_refresh(inside: House) -> None:
    long_ago()
    assert [(ok, seen) for ok, seen, _ in _refreshes()] == [(True, "last good refresh: 5 hours ago")]
    a_change()
    [(ok, seen, remedy)] = _refreshes()
    assert (ok, seen) == (False, "last good refresh: 5 hours ago, changes since: 1")
    assert "longhouse refresh" in remedy


def test_changes_of_just_now_may_wait(inside: House) -> None:
    a_change()
    [(ok, seen, _)] = _refreshes()
    assert ok
    assert seen.endswith("changes since: 1")


def test_a_failed_job_is_told_once_with_its_message(inside: House) -> None:
    for hours in (1, 3, 5):
        job("nightly", JobStatus.FAILED, hours, "Maintenance changed [the lake].")
    job("nightly", JobStatus.FAILED, 30, "long forgotten")
    [(ok, seen, remedy)] = _jobs()
    assert (ok, seen) == (False, "nightly failed 3 times, last 60 minutes ago: Maintenance changed [the lake].")
    assert "python -m pipelines.run nightly" in remedy


def test_a_job_that_ended_well_since_is_told_and_well(inside: House) -> None:
    job("refresh", JobStatus.FAILED, 5, "A file is missing.")
    job("refresh", JobStatus.SUCCEEDED, 3)
    assert [(ok, seen) for ok, seen, _ in _jobs()] == [
        (True, "refresh failed 5 hours ago, and ended well since: A file is missing.")
    ]


def test_brackets_in_a_message_are_printed(inside: House, capsys: pytest.CaptureFixture[str]) -> None:
    job("nightly", JobStatus.FAILED, 1, "Steps failed: [/maintain_lake]")
    assert not examine()
    assert "[/maintain_lake]" in capsys.readouterr().out


def test_a_lock_is_told_with_its_holder_and_bad_only_after_an_hour(inside: House) -> None:
    path = settings().home / "lake" / "writer.lock"
    with writer_lock(path):
        [(ok, seen, _)] = _locks()
        assert ok
        assert seen.startswith(f"process {os.getpid()} has had the lake's pen for")
        moment = (datetime.now(UTC) - timedelta(hours=3)).timestamp()
        os.utime(path, (moment, moment))
        [(ok, seen, remedy)] = _locks()
        assert (ok, seen) == (False, f"process {os.getpid()} has had the lake's pen for 3 hours")
        assert f"kill {os.getpid()}" in remedy
    assert [seen for _, seen, _ in _locks()] == ["no lock is held"]


def test_a_running_clock_is_no_trouble_however_long(inside: House) -> None:
    with clock_lock():
        os.utime(settings().home / "clock.lock", (0, 0))
        [(ok, seen, _)] = _locks()
    assert ok
    assert f"process {os.getpid()} has had the clock's place" in seen


def test_definitions_that_were_not_built_are_told(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(ok for ok, _, _ in _definitions())
    monkeypatch.setattr("apps.doctor.project_digest", lambda: "feedfeedfeedfeed")
    kept, today = _definitions()
    assert kept[0]
    assert today[:2] == (False, "definitions of the checkout: feedfeedfeedfeed, not built yet")
    assert "longhouse refresh" in today[2]


def test_definitions_that_were_lost_are_told(inside: House) -> None:
    replace(last_build(), definitions="lost").save()
    assert [ok for ok, _, _ in _definitions()] == [False, False]


def test_a_folder_with_nothing_in_it_has_a_remedy_for_everything(house: House, enter: Callable[[House], None]) -> None:
    empty = House(house.home.parent / "empty")
    empty.home.mkdir()
    enter(empty)
    assert [list(look()) for look in (_definitions, _refreshes, _jobs)] == [[], [], []]
    assert [seen for _, seen, _ in _locks()] == ["no lock is held"]
