"""`python -m pipelines.run JOB`: one job in this process, progress on standard output, a plain sentence when it fails."""

import sys
from datetime import UTC, datetime

from pipelines.freshness import is_up_to_date
from pipelines.project import ModelBroken, ensure_definitions, prepare_environment
from pipelines.say import failure_sentence, only_progress, say
from warehouse.lake.connection import LakeMissing, lake_exists
from warehouse.lake.extensions import ExtensionMissing
from warehouse.lake.writer import LakeLocked
from warehouse.oltp.engine import StoreMissing, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.organization import request_job
from warehouse.settings import settings

JOBS = ("refresh", "nightly", "definitions")


def main(arguments: list[str]) -> int:
    """Run the job named first; 0 when it ended well, 1 when it did not, 2 for a name we do not know."""
    if len(arguments) != 1 or arguments[0] not in JOBS:
        sys.stderr.write(f"Name one job: {', '.join(JOBS)}.\n")
        return 2
    try:
        if arguments[0] == "definitions":
            say("definitions", ensure_definitions())
        elif arguments[0] == "nightly":
            nightly()
        else:
            refresh()
    except (ModelBroken, LakeLocked, LakeMissing, StoreMissing, ExtensionMissing, StepFailed) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


class StepFailed(Exception):
    """A step of the job failed; what people see is unchanged."""


def refresh() -> None:
    """Ingest → build → gate → commit → publish. Raises StepFailed with the reason."""
    build = is_up_to_date()
    if build:
        say("refresh", f"nothing has changed since the build of {build.built_at}")
        return
    _run("refresh")


def nightly() -> None:
    """Compare the store with the lake, then maintain the lake. Raises StepFailed or LakeMissing."""
    if not lake_exists():
        raise LakeMissing(f"There is no lake in {settings().home} yet. Run `longhouse refresh`.")
    _run("nightly")


def _run(job: str) -> None:
    """Run a job here, and note in the store that it ran and how it ended."""
    with writing() as session:
        request = request_job(session, job, "command line")
        request.status, request.started_at = JobStatus.RUNNING, datetime.now(UTC)
    with only_progress(settings().logs_path / f"{job}.log"):
        failure = _execute(job)
    with writing() as session:
        told = session.get_one(JobRequest, request.id)
        told.status = JobStatus.FAILED if failure else JobStatus.SUCCEEDED
        told.finished_at, told.message = datetime.now(UTC), failure or ""
    if failure:
        raise StepFailed(failure)


def _execute(name: str) -> str | None:
    """Run the Dagster job here; the sentence that tells a failure, or None."""
    prepare_environment()
    import dagster as dg

    from pipelines.checks.gate import BUILD_TAG
    from pipelines.definitions import defs

    job = defs.resolve_job_def(name)
    with dg.DagsterInstance.get() as instance:
        outcome = job.execute_in_process(instance=instance, tags={BUILD_TAG: uuid7()}, raise_on_error=False)
    if outcome.success:
        return None
    failures = [event for event in outcome.all_events if event.is_step_failure]
    return "\n".join(failure_sentence(event) for event in failures) or f"The job {name} failed."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
