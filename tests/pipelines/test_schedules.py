"""When the clock acts: on a change, on a request, and not twice for the same reason."""

from collections.abc import Callable
from dataclasses import replace

import dagster as dg
import pytest

from pipelines.schedules import change_sensor
from tests.houses import House
from warehouse.extracts.builds import latest_build
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import JobStatus
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import find_organization, job_status, request_job
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
