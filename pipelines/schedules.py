"""When the clock refreshes: every few minutes, when somebody changed something, when somebody asks."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import dagster as dg

from pipelines.checks.gate import BUILD_TAG
from warehouse.extracts.builds import latest_build
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.organization import last_change, next_requested_jobs, request_job
from warehouse.settings import settings

REQUEST_TAG = "longhouse/request"
_scheduled = settings().schedules


def _run_request(key: str, request_id: str) -> dg.RunRequest:
    return dg.RunRequest(run_key=key, tags={BUILD_TAG: uuid7(), REQUEST_TAG: request_id})


@dg.schedule(
    cron_schedule=f"*/{settings().refresh_minutes} * * * *",
    job_name="refresh",
    default_status=dg.DefaultScheduleStatus.RUNNING if _scheduled else dg.DefaultScheduleStatus.STOPPED,
)
def refresh_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every few minutes, if something changed since the last build."""
    return _if_changed(f"schedule {context.scheduled_execution_time}", "the schedule")


@dg.sensor(
    job_name="refresh",
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING if _scheduled else dg.DefaultSensorStatus.STOPPED,
)
def change_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Jobs that people asked for, and changes nobody has built yet."""
    with writing() as session:
        asked = next_requested_jobs(session)
        for request in asked:
            request.status, request.started_at = JobStatus.RUNNING, datetime.now(UTC)
            yield _run_request(request.id, request.id)
    if not asked:
        yield _if_changed(f"change {_latest_change()}", "a change")


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def failure_sensor(context: dg.RunFailureSensorContext) -> None:
    """A failed run is told in our own table, where people and `longhouse doctor` look."""
    _finish(context.dagster_run.tags, JobStatus.FAILED, context.failure_event.message or "failed")


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING)
def success_sensor(context: dg.RunStatusSensorContext) -> None:
    """So is a good one."""
    _finish(context.dagster_run.tags, JobStatus.SUCCEEDED, "")


def _latest_change() -> int:
    with reading() as session:
        return last_change(session)


def _if_changed(key: str, by: str) -> dg.RunRequest | dg.SkipReason:
    build, latest = latest_build(), _latest_change()
    if build is not None and build.watermark >= latest:
        return dg.SkipReason(f"nothing changed since change {build.watermark}")
    with writing() as session:
        request = request_job(session, "refresh", by)
        request.status, request.started_at = JobStatus.RUNNING, datetime.now(UTC)
        return _run_request(key, request.id)


def _finish(tags: Mapping[str, str], status: JobStatus, message: str) -> None:
    request_id = tags.get(REQUEST_TAG)
    if request_id is None:
        return
    with writing() as session:
        request = session.get(JobRequest, request_id)
        if request:
            request.status, request.finished_at, request.message = status, datetime.now(UTC), message
