"""The one list of everything the clock can run."""

import dagster as dg

from pipelines.connectors.jobs import connection_schedule, connections
from pipelines.ingest.assets import operational_tables
from pipelines.nightly import nightly
from pipelines.publish import extracts, gate, lake_model
from pipelines.schedules import (
    change_sensor,
    failure_sensor,
    night_sensor,
    nightly_schedule,
    refresh_schedule,
    started_sensor,
    stopped_sensor,
    success_sensor,
)
from pipelines.transform.dbt import business_model, dbt_cli
from pipelines.turn import Turn
from pipelines.watch import alert_sensor, alerts

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Ingest → build → gate → commit → publish → alerts.",
)

defs = dg.Definitions(
    assets=[operational_tables, business_model, gate, lake_model, extracts, alerts],
    jobs=[refresh, nightly, connections],
    schedules=[refresh_schedule, nightly_schedule, connection_schedule],
    sensors=[alert_sensor, change_sensor, night_sensor, started_sensor, failure_sensor, stopped_sensor, success_sensor],
    resources={"dbt": dbt_cli, "turn": Turn()},
    executor=dg.in_process_executor,
)
