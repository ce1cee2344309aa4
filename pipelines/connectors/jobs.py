"""When outside systems are asked: each connection in its own rhythm; what they bring, the next refresh builds."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from pipelines.connectors.sync import Synced, SyncUnderWay, sync
from pipelines.say import say
from warehouse.lake.writer import LakeLocked, is_held, writer_lock
from warehouse.oltp.engine import StoreMissing, reading
from warehouse.operations.connections import due_connections
from warehouse.operations.declare import NotFound
from warehouse.secrets import KeyMissing
from warehouse.settings import settings

ON_ITS_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]
"""Of those that have started, the lock knows: a killed run stays `started` in Dagster for ever."""
SCHEDULED = settings().schedules


@dg.op(out=dg.Out(dg.Nothing))
def sync_due_connections(context: dg.OpExecutionContext) -> None:
    """Bring what changed, one connection after the other; one that fails keeps no other from its turn.

    No pool and no turn: a vendor may take its time, and only the commit touches the lake.
    """
    for done in sync_due():
        (context.log.warning if done.problem else context.log.info)(done.sentence)
        say("sync", done.sentence)


def sync_due() -> list[Synced]:
    """Sync every connection that is due now; none, while another process does."""
    done = []
    try:
        with writer_lock(_lock(), wait_seconds=0):
            with reading() as session:
                due = due_connections(session, datetime.now(UTC))
            for organization_id, connection_id in due:
                # Removed, or synced by hand, since it was found to be due.
                with suppress(NotFound, SyncUnderWay):
                    done.append(_sync(organization_id, connection_id))
    except LakeLocked:
        return []
    return done


def _sync(organization_id: str, connection_id: str) -> Synced:
    try:
        return sync(organization_id, connection_id)
    except KeyMissing as missing:
        return Synced(f"connection {connection_id}", problem=str(missing))


def _lock() -> Path:
    return settings().connectors_path / "sync.lock"


@dg.job(executor_def=dg.in_process_executor, description="Bring what changed at the outside systems that are due.")
def connections() -> None:
    """What outside systems bring; their rows are committed to the lake, and the change is there for the next refresh."""
    sync_due_connections()


@dg.schedule(
    cron_schedule="* * * * *",
    job=connections,
    default_status=dg.DefaultScheduleStatus.RUNNING if SCHEDULED else dg.DefaultScheduleStatus.STOPPED,
)
def connection_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every minute, if a connection is due and no sync is under way."""
    try:
        with reading() as session:
            due = due_connections(session, datetime.now(UTC))
    except StoreMissing:
        return dg.SkipReason("there is no store yet")
    if not due:
        return dg.SkipReason("no connection is due")
    if is_held(_lock()) or context.instance.get_runs_count(dg.RunsFilter(job_name="connections", statuses=ON_ITS_WAY)):
        return dg.SkipReason("a sync is under way")
    return dg.RunRequest()
