"""What the clock can run, by name: a list that changes only on purpose."""

import json
import os
import subprocess
import sys

import pytest

from tests.houses import ROOT, House

LISTING = """
import json
from pipelines.definitions import defs
from dagster import AssetKey
graph = defs.resolve_asset_graph()
pools = {key.to_user_string(): sorted(graph.get(key).pools or []) for key in graph.get_all_asset_keys()}
parents = {key.to_user_string(): sorted(p.to_user_string() for p in graph.get(key).parent_keys) for key in graph.get_all_asset_keys()}
print(json.dumps({
    "pools": pools, "parents": parents,
    "nightly": {n.name: sorted(n.definition.pools) for n in defs.resolve_job_def("nightly").nodes_in_topological_order},
    "checks": len(graph.asset_check_keys),
    "jobs": [job.name for job in defs.jobs], "schedules": [s.name for s in defs.schedules],
    "sensors": sorted(s.name for s in defs.sensors),
}))
"""
MODEL = {
    "core/build_watermark",
    "core/customer_timeline",
    "core/dim_applications",
    "core/dim_campaigns",
    "core/dim_contacts",
    "core/dim_custom_fields",
    "core/dim_customer_statuses",
    "core/dim_customers",
    "core/dim_dates",
    "core/dim_knowledge_articles",
    "core/dim_products",
    "core/dim_sla_policies",
    "core/dim_snapshot_dates",
    "core/dim_stages",
    "core/dim_territories",
    "core/dim_users",
    "core/fct_activities",
    "core/fct_article_views",
    "core/fct_attributed_touches",
    "core/fct_backlog_snapshots",
    "core/fct_campaign_costs",
    "core/fct_customer_journeys",
    "core/fct_customer_snapshots",
    "core/fct_interactions",
    "core/fct_invoice_lines",
    "core/fct_invoices",
    "core/fct_mrr_movements",
    "core/fct_mrr_snapshots",
    "core/fct_opportunities",
    "core/fct_opportunity_close_date_changes",
    "core/fct_opportunity_stage_changes",
    "core/fct_payments",
    "core/fct_pipeline_snapshots",
    "core/fct_quotas",
    "core/fct_quotes",
    "core/fct_receivables_snapshots",
    "core/fct_recent_usage",
    "core/fct_revenue_retention",
    "core/fct_revenue_schedule",
    "core/fct_subscription_changes",
    "core/fct_ticket_messages",
    "core/fct_ticket_status_changes",
    "core/fct_tickets",
    "core/fct_usage",
    "core/people_customers",
    "core/people_users",
    "intermediate/int_accounts__unioned",
    "intermediate/int_deals__unioned",
    "intermediate/int_fx_rates__by_day",
    "intermediate/int_invoices__settled",
    "intermediate/int_invoices__unioned",
    "intermediate/int_payments__unioned",
    "intermediate/int_states__unmapped",
    "intermediate/int_subscriptions__unioned",
    "intermediate/int_tickets__unioned",
    "intermediate/source_states",
    "marts/daily_organization_snapshot",
    "marts/mart_sales__pipeline",
}
SERVING = {"lake/gate", "lake/model", "serve/extracts", "serve/alerts"}
APART = {"serve/alerts"}
"""What reads published numbers needs no turn at the lake."""


@pytest.fixture(scope="module")
def listing(built_house: House) -> dict[str, object]:
    """Everything the clock defines, as a process of its own sees it."""
    environment = os.environ | {"LONGHOUSE_HOME": str(built_house.home)}
    told = subprocess.run([sys.executable, "-c", LISTING], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    listed: dict[str, object] = json.loads(told.stdout.splitlines()[-1])
    return listed


def test_every_asset_is_known_by_name(listing: dict[str, dict[str, list[str]]]) -> None:
    from warehouse.connectors.catalogue import VENDORS
    from warehouse.oltp.projection import copied_tables

    raw = {f"raw/{table.name}" for table in copied_tables()} | {
        "raw/sales_stages",
        "raw/utc_offsets",
        "raw/_watermarks",
    }
    staging = {key for key in listing["pools"] if key.startswith("staging/stg_operational__")}
    assert len(staging) == 54
    brought = {(vendor.name, thing.name) for vendor in VENDORS.values() for thing in vendor.things}
    raw |= {f"raw/{vendor}_{thing}" for vendor, thing in brought}
    staging |= {f"staging/stg_{vendor}__{thing}" for vendor, thing in brought}
    staging |= {"staging/base_operational__utc_offsets_by_day"}
    assert set(listing["pools"]) == raw | staging | MODEL | SERVING


def test_every_asset_waits_for_its_turn_at_the_lake(listing: dict[str, dict[str, list[str]]]) -> None:
    assert {key for key, pools in listing["pools"].items() if pools != ["lake"]} == APART


def test_a_rows_lineage_joins_up_by_name(listing: dict[str, dict[str, list[str]]]) -> None:
    parents = listing["parents"]
    assert parents["staging/stg_operational__opportunities"] == ["raw/opportunities"]
    assert "staging/stg_operational__opportunities" in parents["core/fct_opportunities"]
    assert parents["marts/mart_sales__pipeline"] == ["core/fct_opportunities"]
    # Not the whole model: a build leaves alone what nothing changed, and whoever waited for it would be skipped.
    assert parents["lake/gate"] == ["core/build_watermark"]
    assert parents["lake/model"] == ["lake/gate"]
    assert parents["serve/extracts"] == ["lake/model"]
    assert parents["serve/alerts"] == ["serve/extracts"]


def test_every_step_of_the_nights_work_at_the_lake_waits_for_its_turn(listing: dict[str, dict[str, list[str]]]) -> None:
    assert listing["nightly"] == {
        "compare_store_with_lake": ["lake"],
        "examine_what_came_in": ["lake"],
        "maintain_lake": ["lake"],
        "finish_departures": ["lake"],
        # These do not touch the lake, so they need not wait for it.
        "anchor_audit": [],
        "clean_up_files": [],
        "forget_samples_of_vendors": [],
    }


def test_jobs_schedules_and_sensors(listing: dict[str, list[str]]) -> None:
    assert listing["jobs"] == ["refresh", "nightly", "connections"]
    assert listing["schedules"] == ["refresh_schedule", "nightly_schedule", "connection_schedule"]
    assert listing["sensors"] == [
        *("alert_sensor", "change_sensor", "failure_sensor", "night_sensor"),
        *("started_sensor", "stopped_sensor", "success_sensor"),
    ]


def test_dbts_tests_are_asset_checks(listing: dict[str, int]) -> None:
    assert listing["checks"] > 30
