"""The night's work: compare the store with the lake, examine what came in, keep the lake small."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.checks.examine import examine_unseen
from pipelines.reconcile import reconcile
from pipelines.retention import pinned_snapshots, remove_records
from pipelines.say import say
from pipelines.turn import Turn
from warehouse.lake.connection import open_lake
from warehouse.lake.maintenance import maintain
from warehouse.oltp.engine import reading, writing
from warehouse.operations import departure
from warehouse.operations.anchors import write_anchors
from warehouse.operations.file_upkeep import clean_up
from warehouse.operations.organization import record_checks
from warehouse.operations.taking_in import forget_samples


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
def examine_what_came_in(context: dg.OpExecutionContext, turn: Turn) -> None:
    """Ask what is expected of the rows no examination has looked at; what is not met is told and holds nothing back."""
    outcomes = 0
    for outcome in examine_unseen():
        outcomes += 1
        for told in outcome.failing:
            context.log.warning(f"{outcome.organization}: {told}")
        say("examine", f"{outcome.organization}: {outcome.sentence}")
    if not outcomes:
        say("examine", "nothing came in that was not examined before")


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


@dg.op
def anchor_audit(context: dg.OpExecutionContext) -> None:
    """Keep the end of every audit outside of the store: an audit that is written anew later does not fit it."""
    with reading() as session:
        told = f"{write_anchors(session, datetime.now(UTC))} organizations' audits anchored"
    context.log.info(told)
    say("audit", told)


@dg.op(pool="lake", ins={"compared": dg.In(dg.Nothing)})
def finish_departures(context: dg.OpExecutionContext, turn: Turn) -> None:
    """Go on with deletions of organizations that were interrupted."""
    for departure_id in departure.unfinished():
        departure.proceed(departure_id)
        say("departures", f"the deletion {departure_id} is finished")


@dg.op
def clean_up_files(context: dg.OpExecutionContext) -> None:
    """Remove files whose day has come, and what uploads that ended half-way left."""
    told = clean_up(datetime.now(UTC)).sentence
    context.log.info(told)
    say("files", told)


@dg.op
def forget_samples_of_vendors(context: dg.OpExecutionContext) -> None:
    """Forget the values of fields that vendors sent and nobody declared, once nobody decided in time what they are."""
    with writing() as session:
        forget_samples(session, datetime.now(UTC))


@dg.job(
    executor_def=dg.in_process_executor,
    description="Compare the store with the lake → examine what came in, maintain the lake; anchor the audit, remove old files.",
)
def nightly() -> None:
    """What happens once a night; refreshing is not part of it."""
    compared = compare_store_with_lake()
    # Beside each other: neither keeps the other from its work when it fails.
    examine_what_came_in(compared)
    maintain_lake(compared)
    finish_departures(compared)
    anchor_audit()
    clean_up_files()
    forget_samples_of_vendors()
