"""The night's work: compare the store with the lake, then keep the lake small."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.reconcile import reconcile
from pipelines.retention import pinned_snapshots, remove_records
from pipelines.say import say
from pipelines.turn import Turn
from warehouse.lake.connection import open_lake
from warehouse.lake.maintenance import maintain
from warehouse.oltp.engine import writing
from warehouse.operations.organization import record_checks


@dg.op(pool="lake", out=dg.Out(dg.Nothing))
def compare_store_with_lake(context: dg.OpExecutionContext, turn: Turn) -> None:
    """Store what the comparison found; a difference is told and holds nothing back."""
    with open_lake() as lake:
        results = reconcile(lake)
    differing = [result for result in results if not result.passed]
    for result in differing:
        context.log.warning(result.message)
    say("reconcile", " ".join(result.message for result in differing) or f"{len(results)} tables agree")
    with writing() as session:
        record_checks(session, results)


@dg.op(pool="lake", ins={"compared": dg.In(dg.Nothing)})
def maintain_lake(context: dg.OpExecutionContext, turn: Turn) -> None:
    """Thin, merge and clean up; then forget the builds nothing refers to any more."""
    now = datetime.now(UTC)
    done = maintain(pinned_snapshots(), now)
    records = remove_records(done.kept, now)
    told = (
        f"{len(done.expired)} snapshots expired, {len(done.kept)} kept; {done.merged} files merged, "
        f"{done.removed + done.orphans} removed; {records} records of builds removed"
    )
    context.log.info(told)
    say("maintenance", told)


@dg.job(executor_def=dg.in_process_executor, description="Compare the store with the lake → maintain the lake.")
def nightly() -> None:
    """What happens once a night; refreshing is not part of it."""
    maintain_lake(compare_store_with_lake())
