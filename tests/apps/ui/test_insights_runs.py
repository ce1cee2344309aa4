"""Runs: what ran and how it ended; who starts and stops, and what others are not told."""

import fcntl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.apps.ui.conftest import BOB, OLIVE, SAM, VERA, Screens, labels, texts
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.organization import request_job
from warehouse.operations.runs import ALONE, FOR_THE_OPERATOR, STOPPED

PAGE = "insights_runs"
NOW = datetime.now(UTC)


def ran(job: str, status: JobStatus, told: str = "", by: str = "the schedule", organization: str | None = None) -> str:
    """A run that began an hour ago and, where it is over, took ninety seconds."""
    with writing() as session:
        made = request_job(session, job, by, organization)
        made.status, made.message, made.started_at = status, told, NOW - timedelta(hours=1)
        if status in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.STOPPED}:
            made.finished_at = NOW - timedelta(hours=1) + timedelta(seconds=90)
        return made.id


@pytest.fixture
def _somebody_refreshes(working_screens: Screens) -> Iterator[None]:
    """The turn to refresh is held, as by a run."""
    with (working_screens.house.home / "lake" / "refresh.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def history(screen: AppTest) -> dict[str, list[str]]:
    table = screen.dataframe[0].value
    return {column: list(table[column]) for column in table.columns}


def test_what_ran_is_told_with_how_long_it_took_and_why_it_failed(working_screens: Screens) -> None:
    first = history(working_screens.open(PAGE, VERA))
    assert first["Outcome"] == ["Ended well"]
    assert "tables changed, with" in first["What it did, or why it failed"][0]
    ran("nightly", JobStatus.FAILED, "The disk is full.")
    screen = working_screens.open(PAGE, OLIVE)
    told = history(screen)
    assert told["Outcome"][0] == "Failed"
    assert told["Took"][0] == "90 s"
    assert told["What it did, or why it failed"][0] == "The disk is full."
    assert "The disk is full" in screen.error[0].value
    told_to_others = history(working_screens.open(PAGE, VERA))
    assert told_to_others["What it did, or why it failed"][0] == FOR_THE_OPERATOR


def test_a_run_of_another_organization_is_the_operators_alone(working_screens: Screens) -> None:
    ran("refresh", JobStatus.SUCCEEDED, "asked in globex", "x" * 8, working_screens.organization("globex"))
    told = [
        history(working_screens.open(PAGE, *who))["What it did, or why it failed"]
        for who in ((VERA, "demo"), (OLIVE, "demo"), (BOB, "globex"))
    ]
    assert ["asked in globex" in one for one in told] == [False, True, True]


def test_the_operator_starts_a_job_and_stops_it_before_it_begins(working_screens: Screens) -> None:
    screen = working_screens.open(PAGE, OLIVE)
    screen.button(key="start_nightly").click().run()
    with reading() as session:
        [asked] = session.query(JobRequest).filter_by(job="nightly").all()
        assert asked.status is JobStatus.REQUESTED
    screen.button(key="start_nightly").click().run()
    assert "asked for already" in screen.error[0].value
    screen.button(key=f"stop_{asked.id}").click().run()
    assert not screen.exception
    with reading() as session:
        stopped = session.get_one(JobRequest, asked.id)
        assert (stopped.status, stopped.message) == (JobStatus.STOPPED, STOPPED)
    events = "select count(*) from audit_events where operation in ('runs.started', 'runs.stopped')"
    assert working_screens.store(events) == 2


@pytest.mark.usefixtures("_somebody_refreshes")
def test_a_run_under_way_is_handed_to_the_clock_to_stop(working_screens: Screens) -> None:
    under_way, alone = ran("refresh", JobStatus.RUNNING), ran("refresh", JobStatus.RUNNING, by=ALONE)
    screen = working_screens.open(PAGE, OLIVE)
    assert f"stop_{alone}" not in [one.key for one in screen.button], "Ctrl-C where it was started stops it"
    screen.button(key=f"stop_{under_way}").click().run()
    with reading() as session:
        assert session.get_one(JobRequest, under_way).status is JobStatus.STOPPING
    assert "Is being stopped" in texts(screen)


def test_a_run_whose_process_was_killed_does_not_run_for_ever(working_screens: Screens) -> None:
    ran("refresh", JobStatus.RUNNING)
    assert history(working_screens.open(PAGE, VERA))["Outcome"][0] == "Ended without a word"


@pytest.mark.parametrize("who", [VERA, SAM])
def test_others_start_and_stop_nothing(screens: Screens, who: str) -> None:
    assert not [one for one in labels(screens.open(PAGE, who)) if one.startswith(("Start", "Stop"))]


def test_a_house_where_nothing_ran_says_what_to_do(furnished: Screens) -> None:
    assert "Nothing has run yet" in texts(furnished.open(PAGE, OLIVE))
