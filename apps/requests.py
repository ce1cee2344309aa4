"""Asks a running clock for a job and follows it."""

import time

from apps.children import JobFailed, clock_runs
from apps.terminal import aside
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import JobStatus
from warehouse.operations.organization import job_status, request_job

POLL_SECONDS = 0.5


def follow_clock(job: str) -> bool:
    """False when no clock runs here; else the job was asked for and has ended. Raises JobFailed with its message."""
    if not clock_runs():
        return False
    with writing() as session:
        request = request_job(session, job, "command line").id
    with aside.status(f"The clock is running: asked it for {job} …") as status:
        while True:
            with reading() as session:
                state, message = job_status(session, request)
            if state is JobStatus.FAILED:
                raise JobFailed(message)
            if state is JobStatus.STOPPED:
                raise JobFailed(f"The job {job} was stopped before its end; what people see is unchanged.")
            if state is JobStatus.SUCCEEDED:
                break
            status.update(f"{job}: {state.value} …")
            time.sleep(POLL_SECONDS)
    aside.print(f"[green]✓[/green] {job.capitalize()}: {message or 'done by the clock'}")
    return True
