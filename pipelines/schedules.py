"""When the clock acts: every few minutes, when somebody changed something, when somebody asks, and at night."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from pipelines.checks.gate import BUILD_TAG
from pipelines.say import failure_sentence, keep_unforeseen
from pipelines.turn import somebody_has_it
from warehouse import logs
from warehouse.extracts.builds import latest_build, read_build
from warehouse.extracts.definitions import project_digest
from warehouse.lake.connection import lake_exists
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.due import up_to_date
from warehouse.operations.organization import last_change, next_requested_jobs
from warehouse.operations.runs import STOPPED, begin_run, end_run, unwanted_runs
from warehouse.settings import settings

REQUEST_TAG = "longhouse/request"
BY_TAG = "longhouse/by"
ON_ITS_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]
NOT_OVER = [*ON_ITS_WAY, dg.DagsterRunStatus.STARTED]
SCHEDULED = settings().schedules
NIGHTLY_MINUTE = 7
"""Off the hour, where most refreshes begin: the two wait for each other."""


@dg.schedule(
    cron_schedule=f"*/{settings().refresh_minutes} * * * *",
    job_name="refresh",
    default_status=dg.DefaultScheduleStatus.RUNNING if SCHEDULED else dg.DefaultScheduleStatus.STOPPED,
)
def refresh_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every few minutes, if something changed since the last build."""
    return _if_changed(context.instance, "the schedule")


@dg.schedule(
    cron_schedule=f"{NIGHTLY_MINUTE} {settings().nightly_hour} * * *",
    job_name="nightly",
    default_status=dg.DefaultScheduleStatus.RUNNING if SCHEDULED else dg.DefaultScheduleStatus.STOPPED,
)
def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Once a night, where there is a lake."""
    return dg.RunRequest(tags={BY_TAG: "the schedule"}) if lake_exists() else dg.SkipReason("there is no lake yet")


@dg.sensor(
    job_name="refresh",
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def change_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Jobs that people asked for; with schedules on, also changes that nobody has built yet."""
    with writing() as session:
        fresh = up_to_date(session)
        asked = [one for one in next_requested_jobs(session) if one.job == change_sensor.job_name]
        for request in asked:
            request.started_at = datetime.now(UTC)
            request.status = JobStatus.SUCCEEDED if fresh else JobStatus.RUNNING
            request.message = fresh.nothing_since if fresh else ""
            request.finished_at = request.started_at if fresh else None
            if fresh is None:
                yield dg.RunRequest(run_key=request.id, tags={BUILD_TAG: uuid7(), REQUEST_TAG: request.id})
    if not asked:
        yield _if_changed(context.instance, "a change", once=True) if SCHEDULED else dg.SkipReason("nobody asked")


@dg.sensor(job_name="nightly", minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def night_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """The night's work that somebody asked for by day, and whatever somebody wants stopped."""
    stop_unwanted(context.instance)
    with writing() as session:
        asked = next_requested_jobs(session, "nightly")
        for request in asked:
            request.started_at = datetime.now(UTC)
            request.status = JobStatus.RUNNING if lake_exists() else JobStatus.FAILED
            if lake_exists():
                yield dg.RunRequest(run_key=request.id, tags={REQUEST_TAG: request.id})
            else:
                request.finished_at, request.message = datetime.now(UTC), "There is no lake yet. Refresh first."
    if not asked:
        yield dg.SkipReason("nobody asked")


def stop_unwanted(instance: dg.DagsterInstance) -> None:
    """End the runs that somebody wants to end. What a run has not committed is dropped; what people see stays."""
    with reading() as session:
        unwanted = [one.id for one in unwanted_runs(session)]
    for request in unwanted:
        ended = [instance.run_coordinator.cancel_run(run.run_id) for run in _runs_of(instance, request)]
        if not any(ended):
            # It ended by itself meanwhile, or its process was killed: nothing is left to stop.
            with writing() as session:
                end_run(session, request)


def _runs_of(instance: dg.DagsterInstance, request: str) -> list[dg.DagsterRun]:
    """The runs for a request that are not over; one the clock began by itself bears its request's id."""
    by_tag = instance.get_runs(dg.RunsFilter(tags={REQUEST_TAG: request}, statuses=NOT_OVER))
    return list(by_tag or instance.get_runs(dg.RunsFilter(run_ids=[request], statuses=NOT_OVER)))


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def failure_sensor(context: dg.RunFailureSensorContext) -> None:
    """A failed run is told in our own table, where people and `longhouse doctor` look."""
    told = [failure_sentence(event) for event in context.get_step_failure_events()]
    logs.to_file("jobs")
    for event in context.get_step_failure_events():
        keep_unforeseen(event)
    _finish(context.dagster_run, JobStatus.FAILED, "\n".join(told) or context.failure_event.message or "failed")


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING)
def success_sensor(context: dg.RunStatusSensorContext) -> None:
    """So is a good one, with what it did."""
    _finish(context.dagster_run, JobStatus.SUCCEEDED, _done(context.dagster_run))


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.CANCELED, default_status=dg.DefaultSensorStatus.RUNNING)
def stopped_sensor(context: dg.RunStatusSensorContext) -> None:
    """And one that was stopped, here or on Dagster's own pages."""
    _finish(context.dagster_run, JobStatus.STOPPED, STOPPED)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.STARTED,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def started_sensor(context: dg.RunStatusSensorContext) -> None:
    """A run that the clock began by itself is told while it goes on, so that it can be seen and stopped."""
    run = context.dagster_run
    if BY_TAG not in run.tags:
        return
    with writing() as session:
        begin_run(session, run.run_id, run.job_name, run.tags[BY_TAG])


def _done(run: dg.DagsterRun) -> str:
    """What a run that ended well did; nothing where it made no build."""
    try:
        build = read_build(run.tags[BUILD_TAG])
    except (KeyError, FileNotFoundError):
        return ""
    return build.told if build.is_committed else ""


def _if_changed(instance: dg.DagsterInstance, by: str, *, once: bool = False) -> dg.RunRequest | dg.SkipReason:
    """A run for changes not yet built; with `once`, a change whose build failed is not tried again until the schedule."""
    build = latest_build()
    with reading() as session:
        latest = last_change(session)
    if build is not None and build.watermark >= latest:
        return dg.SkipReason(f"nothing changed since change {build.watermark}")
    if somebody_has_it() or instance.get_runs_count(dg.RunsFilter(job_name="refresh", statuses=ON_ITS_WAY)):
        return dg.SkipReason("a refresh is under way")
    key = f"change {latest} of {project_digest()}" if once else None
    return dg.RunRequest(run_key=key, tags={BUILD_TAG: uuid7(), BY_TAG: by})


def _finish(run: dg.DagsterRun, status: JobStatus, message: str) -> None:
    """Note how a run of the clock ended: in the request that asked for it, or in a row of its own."""
    tags = run.tags
    if REQUEST_TAG not in tags and BY_TAG not in tags:
        return
    with writing() as session:
        asked = session.get(JobRequest, tags.get(REQUEST_TAG, run.run_id))
        request = asked or begin_run(session, run.run_id, run.job_name, tags.get(BY_TAG, "the clock"))
        request.status, request.finished_at, request.message = status, datetime.now(UTC), message
    logs.to_file("jobs")
    facts = {"job": run.job_name, "run_id": request.id, "organization": request.organization_id}
    took = (request.finished_at - (request.started_at or request.requested_at)).total_seconds()
    outcome = "failed" if status is JobStatus.FAILED else "ok"
    logs.log("jobs").info("job", **facts, outcome=outcome, problem=message or None, duration_ms=round(took * 1000, 1))
