"""When the clock acts: on a change, on a request, and not twice for the same reason."""

from collections.abc import Callable
from dataclasses import replace

import dagster as dg
import pytest

from pipelines.schedules import (
    BY_TAG,
    REQUEST_TAG,
    change_sensor,
    night_sensor,
    started_sensor,
    stop_unwanted,
    stopped_sensor,
    success_sensor,
)
from tests.houses import House
from warehouse.extracts.builds import latest_build
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import find_organization, job_status, request_job
from warehouse.operations.runs import STOPPED
from warehouse.tenancy import operator_actor


@pytest.fixture
def inside(house: House, enter: Callable[[House], None]) -> House:
    """A house of one's own, entered."""
    enter(house)
    return house


def tick() -> dg.SensorResult:
    """What the sensor asks for now."""
    with dg.DagsterInstance.ephemeral() as instance:
        return change_sensor.evaluate_tick(dg.build_sensor_context(instance=instance))  # type: ignore[return-value]


def change_something() -> None:
    with writing() as session:
        actor = operator_actor(find_organization(session, "globex").id)
        create_customer(session, actor, CreateCustomer(name="Kettle Works"))


def test_nothing_changed_nothing_runs(inside: House) -> None:
    told = tick()
    assert not told.run_requests
    assert "nothing changed" in (told.skip_message or "")


def test_a_change_runs_once_under_its_own_name(inside: House) -> None:
    change_something()
    first, second = tick().run_requests or [], tick().run_requests or []
    assert [len(first), len(second)] == [1, 1]
    assert first[0].run_key == second[0].run_key, "the same change has the same key, so the clock runs it once"


def test_a_request_with_nothing_to_do_is_answered_at_once(inside: House) -> None:
    with writing() as session:
        asked = request_job(session, "refresh", "ana").id
    assert not tick().run_requests
    with reading() as session:
        state, message = job_status(session, asked)
    assert state is JobStatus.SUCCEEDED
    assert "nothing has changed" in message


def test_a_request_after_a_change_runs(inside: House) -> None:
    change_something()
    with writing() as session:
        asked = request_job(session, "refresh", "ana").id
    assert [request.run_key for request in tick().run_requests or []] == [asked]
    with reading() as session:
        assert job_status(session, asked)[0] is JobStatus.RUNNING


def test_a_build_that_never_reached_the_lake_does_not_count(inside: House) -> None:
    last = latest_build()
    assert last is not None
    replace(last, build_id=uuid7(), snapshot_id=0, watermark=last.watermark + 1000).save()
    assert latest_build() == last


def night_tick() -> dg.SensorResult:
    """What the night's sensor asks for now."""
    with dg.DagsterInstance.ephemeral() as instance:
        return night_sensor.evaluate_tick(dg.build_sensor_context(instance=instance))  # type: ignore[return-value]


def test_a_nights_work_that_somebody_asked_for_is_not_taken_for_a_refresh(inside: House) -> None:
    with writing() as session:
        asked = request_job(session, "nightly", "olive").id
    assert not tick().run_requests
    assert [request.run_key for request in night_tick().run_requests or []] == [asked]
    with reading() as session:
        assert job_status(session, asked)[0] is JobStatus.RUNNING
    assert not night_tick().run_requests


def unwanted(job: str = "refresh") -> str:
    """A run that somebody wants to end."""
    with writing() as session:
        made = request_job(session, job, "olive")
        made.status = JobStatus.STOPPING
        return made.id


def told_of(instance: dg.DagsterInstance, sensor: dg.RunStatusSensorDefinition, run_id: str, happened: str) -> None:
    """A run's state reaches our own table, as the clock brings it there."""
    run = instance.get_run_by_id(run_id)
    assert run is not None
    event = dg.DagsterEvent(dg.DagsterEventType[happened].value, run.job_name)
    context = dg.build_run_status_sensor_context(
        sensor_name=sensor.name, dagster_instance=instance, dagster_run=run, dagster_event=event
    )
    sensor(context)


def test_a_run_whose_process_nobody_reaches_is_told_as_stopped(inside: House) -> None:
    request = unwanted()
    with dg.instance_for_test() as instance:
        lost = dg.DagsterRun(
            job_name="refresh", run_id=uuid7(), status=dg.DagsterRunStatus.STARTED, tags={REQUEST_TAG: request}
        )
        instance.add_run(lost)
        stop_unwanted(instance)
    with reading() as session:
        assert job_status(session, request) == (JobStatus.STOPPED, STOPPED)


def test_a_run_that_was_cancelled_anywhere_is_told_as_stopped(inside: House) -> None:
    request = unwanted()
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.DagsterRun(
            job_name="refresh", run_id=uuid7(), status=dg.DagsterRunStatus.CANCELED, tags={REQUEST_TAG: request}
        )
        instance.add_run(run)
        told_of(instance, stopped_sensor, run.run_id, "RUN_CANCELED")
    with reading() as session:
        assert job_status(session, request) == (JobStatus.STOPPED, STOPPED)


def test_a_run_that_is_gone_already_needs_no_stopping(inside: House) -> None:
    request = unwanted()
    with dg.DagsterInstance.ephemeral() as instance:
        stop_unwanted(instance)
    with reading() as session:
        assert job_status(session, request)[0] is JobStatus.STOPPED


def test_a_run_that_the_clock_began_by_itself_is_told_while_it_goes_on_and_once(inside: House) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.DagsterRun(
            job_name="refresh", run_id=uuid7(), status=dg.DagsterRunStatus.STARTED, tags={BY_TAG: "a change"}
        )
        instance.add_run(run)
        for _ in range(2):
            told_of(instance, started_sensor, run.run_id, "RUN_START")
        with reading() as session:
            [row] = session.query(JobRequest).filter_by(requested_by="a change").all()
            assert (row.id, row.status) == (run.run_id, JobStatus.RUNNING)
        told_of(instance, success_sensor, run.run_id, "RUN_SUCCESS")
    with reading() as session:
        assert job_status(session, run.run_id)[0] is JobStatus.SUCCEEDED
