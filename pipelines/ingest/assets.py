"""One asset per operational table: its key is the dbt source, so lineage joins up by name."""

from collections.abc import Iterator

import dagster as dg

from pipelines.ingest.operational import ingest
from pipelines.ingest.reference import TABLES
from pipelines.say import say
from pipelines.turn import Turn
from warehouse.connectors.catalogue import VENDORS
from warehouse.lake.connection import open_lake
from warehouse.lake.connectors import ensure_tables
from warehouse.oltp.projection import copied_tables

EXTRA = (*TABLES, "_watermarks")
BROUGHT = {vendor.table(thing): vendor.name for vendor in VENDORS.values() for thing in vendor.things}
"""Table that an outside system fills → the system."""
RETRY = dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


@dg.multi_asset(
    specs=[
        dg.AssetSpec(key=["raw", name], group_name="ingest_operational", kinds={"ducklake"})
        for name in (*(table.name for table in copied_tables()), *EXTRA)
    ]
    + [
        dg.AssetSpec(key=["raw", name], group_name=f"ingest_{vendor}", kinds={"ducklake"})
        for name, vendor in BROUGHT.items()
    ],
    pool="lake",
    retry_policy=RETRY,
)
def operational_tables(context: dg.AssetExecutionContext, turn: Turn) -> Iterator[dg.MaterializeResult]:
    """Everything that changed in the operational store, in one lake transaction."""
    with open_lake(write=True) as lake:
        # The business model reads them also where nothing is connected.
        ensure_tables(lake, list(BROUGHT))
        done = ingest(lake, context.run_id)
        snapshot = lake.snapshot_id()
    say("ingest", f"{sum(done.rows.values()):,} rows up to change {done.upto}" if done.anything else "nothing new")
    for key in sorted(context.selected_asset_keys):
        rows = done.rows.get(key.path[-1], 0)
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows, "snapshot": snapshot})
