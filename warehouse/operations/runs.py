"""Runs of the clock's jobs: what ran, how it ended, who may start and who may stop one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.audit import record_event
from warehouse.operations.declare import NotAllowedNow, NotFound
from warehouse.operations.events import RUN_STARTED, RUN_STOPPED
from warehouse.operations.organization import request_job
from warehouse.tenancy import Actor, Forbidden

if TYPE_CHECKING:
    # The clock starts runs too, and needs nothing of signing in.
    from warehouse.operations.identity import SignedIn

READS, REFRESHES = "insights:read", "insights:refresh"
ALONE = "command line, in a process of its own"
"""Who asked for a run that no clock runs: only the command line it was started at can stop it."""
STOPPED = "Stopped before its end; what people see is unchanged."
UNDER_WAY = (JobStatus.REQUESTED, JobStatus.RUNNING, JobStatus.STOPPING)
FOR_THE_OPERATOR = "It failed; the operator of the installation has been told why."


@dataclass(frozen=True)
class Run:
    """One run of a job, or a wish for one."""

    id: str
    job: str
    requested_by: str
    """A member's id, or words: `the schedule`, `a change`, `command line`."""
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    status: JobStatus
    told: str
    """What it did, or why it failed."""

    @property
    def took(self) -> timedelta | None:
        """From its beginning to its end; None while it goes on."""
        return self.finished_at - (self.started_at or self.requested_at) if self.finished_at else None

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.status in UNDER_WAY

    @property
    def can_be_stopped(self) -> bool:
        """Whether the clock has it in hand."""
        return self.status in {JobStatus.REQUESTED, JobStatus.RUNNING} and self.requested_by != ALONE


def list_runs(session: Session, who: "SignedIn", actor: Actor, most: int = 100) -> list[Run]:
    """The latest runs, newest first: to the operator all of them, to others those of everybody and of their organization.

    Why a run failed that their organization did not ask for, others are not told.
    """
    actor.must(READS)
    wanted = select(JobRequest).order_by(JobRequest.requested_at.desc(), JobRequest.id.desc()).limit(most)
    if not who.is_operator:
        mine = JobRequest.organization_id == actor.organization_id
        wanted = wanted.where(or_(mine, JobRequest.organization_id.is_(None)))
    return [_shown(one, who, actor) for one in session.execute(wanted).scalars()]


def start_run(session: Session, who: "SignedIn", actor: Actor, job: str) -> str:
    """Ask the clock for a job; the id of the wish. Raises Forbidden, or NotAllowedNow while one like it waits."""
    if not (who.is_operator or (job == "refresh" and actor.may(REFRESHES))):
        raise Forbidden(f"Only the operator of the installation starts the job {job}.")
    waiting = select(JobRequest.id).where(JobRequest.job == job, JobRequest.status == JobStatus.REQUESTED)
    if session.execute(waiting.limit(1)).first():
        raise NotAllowedNow(f"A {job} is asked for already and begins soon.")
    made = request_job(session, job, actor.membership_id or actor.label, actor.organization_id)
    record_event(session, actor, RUN_STARTED, "job_requests", made.id, {"job": job})
    return made.id


def stop_run(session: Session, who: "SignedIn", actor: Actor, run_id: str) -> JobStatus:
    """Stop a run: at once one that has not begun, else by the clock within seconds. For the operator.

    Raises Forbidden, NotFound, or NotAllowedNow for one that is over or that no clock runs.
    """
    if not who.is_operator:
        raise Forbidden("Only the operator of the installation stops a run.")
    found = session.get(JobRequest, run_id)
    if found is None:
        raise NotFound("There is no such run.")
    if found.requested_by == ALONE and found.status is JobStatus.RUNNING:
        raise NotAllowedNow("It was started at a command line; Ctrl-C there stops it.")
    if found.status is JobStatus.REQUESTED:
        end_run(session, run_id)
    elif found.status is JobStatus.RUNNING:
        found.status = JobStatus.STOPPING
    elif found.status is not JobStatus.STOPPING:
        raise NotAllowedNow("It is over already.")
    record_event(session, actor, RUN_STOPPED, "job_requests", run_id, {"job": found.job})
    return found.status


def unwanted_runs(session: Session) -> list[JobRequest]:
    """The runs that somebody wants to end."""
    return list(session.execute(select(JobRequest).where(JobRequest.status == JobStatus.STOPPING)).scalars())


def end_run(session: Session, run_id: str) -> None:
    """Note that a run was stopped."""
    found = session.get_one(JobRequest, run_id)
    found.status, found.finished_at, found.message = JobStatus.STOPPED, datetime.now(UTC), STOPPED


def begin_run(session: Session, run_id: str, job: str, by: str) -> JobRequest:
    """Note a run that the clock began by itself, under its own id; once."""
    found = session.get(JobRequest, run_id)
    if found is None:
        now = datetime.now(UTC)
        found = JobRequest(
            id=run_id, job=job, requested_by=by, requested_at=now, started_at=now, status=JobStatus.RUNNING
        )
        session.add(found)
        session.flush()
    return found


def _shown(one: JobRequest, who: "SignedIn", actor: Actor) -> Run:
    theirs = who.is_operator or one.organization_id == actor.organization_id
    told = FOR_THE_OPERATOR if one.status is JobStatus.FAILED and not theirs else one.message
    return Run(one.id, one.job, one.requested_by, one.requested_at, one.started_at, one.finished_at, one.status, told)
