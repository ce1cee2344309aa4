"""`python -m pipelines.run JOB`: one job in this process, progress on standard output, a plain sentence when it fails."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.project import ModelBroken, ensure_definitions, prepare_environment
from pipelines.say import failure_sentence, keep_unforeseen, only_progress, say
from warehouse import logs
from warehouse.extracts.builds import latest_build
from warehouse.lake.connection import LakeMissing, lake_exists
from warehouse.lake.extensions import ExtensionMissing
from warehouse.lake.writer import LakeLocked
from warehouse.oltp.engine import StoreMissing, reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.due import up_to_date
from warehouse.operations.errors import keep_error
from warehouse.operations.organization import request_job
from warehouse.operations.runs import ALONE
from warehouse.redaction import redact
from warehouse.secrets import KeyMissing
from warehouse.settings import settings
from warehouse.tenancy import operator_actor

if TYPE_CHECKING:
    from pipelines.checks.outcome import Outcome

JOBS = ("refresh", "nightly", "definitions", "examine", "sync")
ABOUT_ONE = ("examine", "sync", "try")
"""Jobs that may name an organization and something of it."""
FACTS = (ModelBroken, LakeLocked, LakeMissing, StoreMissing, ExtensionMissing)
"""Failures whose own sentence is written for people."""


def main(arguments: list[str]) -> int:
    """Run the job named first; 0 when it ended well, 1 when it did not, 2 for a name we do not know,
    70 when something failed that nobody foresaw.

    `examine ORGANIZATION IMPORT` looks at one import alone; `sync ORGANIZATION CONNECTION` brings what changed at one
    outside system, due or not, and `try ORGANIZATION CONNECTION` only sees whether it lets us in.
    """
    if arguments[:1] and arguments[0] in ABOUT_ONE and len(arguments) == 3:
        job, more = arguments[0], arguments[1:]
    elif len(arguments) == 1 and arguments[0] in JOBS:
        job, more = arguments[0], []
    else:
        sys.stderr.write(f"Name one job: {', '.join(JOBS)}.\n")
        return 2
    logs.to_file("jobs")
    try:
        if job == "definitions":
            say("definitions", ensure_definitions())
        elif job == "nightly":
            nightly()
        elif job == "examine":
            examine(*more)
        elif job == "sync":
            sync(*more)
        elif job == "try":
            try_out(*more)
        else:
            refresh()
    except (*FACTS, StepFailed) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except Exception as unforeseen:
        said, reference = redact(str(unforeseen)).partition("\n")[0], keep_error(unforeseen, "job")
        sys.stderr.write(f"Something went wrong inside Longhouse: {said} (`longhouse errors {reference}` shows it)\n")
        return 70
    return 0


class StepFailed(Exception):
    """A step of the job failed; what people see is unchanged."""


def refresh() -> None:
    """Ingest → build → gate → commit → publish. Raises StepFailed with the reason."""
    with reading() as session:
        build = up_to_date(session)
    if build:
        say("refresh", build.nothing_since)
        return
    _run("refresh")


def nightly() -> None:
    """Compare the store with the lake, examine what came in, maintain the lake. Raises StepFailed or LakeMissing."""
    if not lake_exists():
        raise LakeMissing(f"There is no lake in {settings().home} yet. Run `longhouse refresh`.")
    _run("nightly")


def examine(slug: str | None = None, import_id: str = "") -> None:
    """Examine what one import brought, or everything that came in; without a lake too. Raises StepFailed."""
    from pipelines.checks import examine as room  # a second of imports that only this job needs
    from warehouse.imports.mapping import ImportProblem
    from warehouse.operations.organization import UnknownOrganization

    with only_progress(settings().logs_path / "examine.log"):
        try:
            found = [room.examine_import(slug, import_id)] if slug else room.examine_unseen()
            outcomes = [tell(outcome) for outcome in found if outcome]
        except (room.ExaminationBusy, ImportProblem, UnknownOrganization) as problem:
            raise StepFailed(str(problem)) from problem
        if not outcomes:
            say("examine", "nothing came in that was not examined before")


def sync(slug: str | None = None, told: str = "") -> None:
    """Bring what changed at one connection of an organization, or at all that are due. Raises StepFailed."""
    from pipelines.connectors import jobs  # HTTP, and the lake, which only this job needs
    from pipelines.connectors import sync as room
    from warehouse.operations.declare import NotFound
    from warehouse.operations.organization import UnknownOrganization

    with only_progress(settings().logs_path / "sync.log"):
        try:
            done = [room.sync(*_connection(slug, told))] if slug else jobs.sync_due()
        except (NotFound, UnknownOrganization, room.SyncUnderWay, KeyMissing) as problem:
            raise StepFailed(str(problem)) from problem
        for one in done:
            say("sync", one.sentence)
        failed = [one.sentence for one in done if one.problem]
        if failed:
            raise StepFailed("\n".join(failed))
        if not done:
            say("sync", "no connection is due")


def try_out(slug: str, told: str) -> None:
    """See whether a connection's vendor lets us read what it brings. Raises StepFailed."""
    from pipelines.connectors import client
    from pipelines.connectors import sync as room
    from warehouse.operations.declare import NotFound
    from warehouse.operations.organization import UnknownOrganization
    from warehouse.operations.taking_in import opened

    with only_progress(settings().logs_path / "sync.log"):
        try:
            with reading() as session:
                found = opened(session, *_connection(slug, told))
            for sentence in room.try_out(found):
                say("try", sentence)
        except (NotFound, UnknownOrganization, client.VendorFailed, KeyMissing) as problem:
            raise StepFailed(str(problem)) from problem


def _connection(slug: str, told: str) -> tuple[str, str]:
    """The organization's id, and the id of its connection with that id or name. Raises NotFound, UnknownOrganization."""
    from warehouse.operations.connections import find_connection
    from warehouse.operations.organization import find_organization

    with reading() as session:
        organization_id = find_organization(session, slug).id
        return organization_id, find_connection(session, operator_actor(organization_id), told).id


def tell(outcome: "Outcome") -> "Outcome":
    """Say what an examination found, and where its page is."""
    from warehouse.operations.checks import evidence_place  # brings every room's tables, which a refresh may not need

    say("examine", f"{outcome.organization}: {outcome.sentence}")
    for told in outcome.failing:
        say("finding", told)
    say("evidence", str(evidence_place(outcome.organization_id, outcome.id)))
    return outcome


def _run(job: str) -> None:
    """Run a job here, and note in the store that it ran and how it ended."""
    with writing() as session:
        request = request_job(session, job, ALONE)
        request.status, request.started_at = JobStatus.RUNNING, datetime.now(UTC)
    logs.begin(run_id=request.id)
    with logs.span("jobs", "job", job=job) as told, only_progress(settings().logs_path / f"{job}.log"):
        failure = _execute(job)
        told |= {"outcome": "failed", "problem": failure} if failure else {}
    with writing() as session:
        ended = session.get_one(JobRequest, request.id)
        ended.status = JobStatus.FAILED if failure else JobStatus.SUCCEEDED
        ended.finished_at, ended.message = datetime.now(UTC), failure or _done(job)
    if failure:
        raise StepFailed(failure)


def _done(job: str) -> str:
    """What a job that ended well did."""
    build = latest_build() if job == "refresh" else None
    return build.told if build else ""


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
    for event in failures:
        keep_unforeseen(event)
    return "\n".join(failure_sentence(event) for event in failures) or f"The job {name} failed."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
