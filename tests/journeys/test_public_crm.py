"""The public CRM export, from its files to the numbers its own files give."""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.houses import MAPPING, House

pytestmark = pytest.mark.slow

ORG = ("--org", "maventech")


def deals(folder: Path) -> list[dict[str, str]]:
    with (folder / "sales_pipeline.csv").open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_the_totals_are_those_of_the_files(maven: House) -> None:
    names = "deal_count,won_value,won_deal_count,lost_deal_count,win_rate,open_deal_count"
    row = maven.metric(names, *ORG)["rows"][0]
    assert row["deal_count"] == 8800
    assert Decimal(row["won_value"]) == 10_005_534
    assert (row["won_deal_count"], row["lost_deal_count"], row["open_deal_count"]) == (4238, 2473, 2089)
    assert abs(Decimal(row["win_rate"]) - Decimal(4238) / 6711) < Decimal("1e-12")
    assert len(row["win_rate"].split(".")[1]) >= 12


def test_a_quarter_is_its_own_closing_days(maven: House) -> None:
    assert Decimal(maven.value("won_value", "maventech", "--from", "2017-04-01", "--to", "2017-07-01")) == 3_086_111


def test_the_best_rep_comes_first(maven: House) -> None:
    best = maven.metric("won_value", *ORG, "--by", "sales_rep", "--order", "-won_value", "--limit", "1")["rows"]
    assert best == [{"sales_rep": "Darcel Schlecht", "won_value": "1153214.0000"}]


def test_offices_divide_the_won_value(maven: House) -> None:
    rows = maven.metric("won_value", *ORG, "--by", "regional_office")["rows"]
    assert {row["regional_office"]: Decimal(row["won_value"]) for row in rows} == {
        "West": 3_568_647,
        "Central": 3_346_293,
        "East": 3_090_594,
    }


def test_the_cycle_of_won_deals(maven: House) -> None:
    assert round(Decimal(maven.value("avg_sales_cycle_days", "maventech")), 2) == Decimal("51.78")


def test_a_product_under_two_names_is_one(maven: House) -> None:
    assert maven.value("deal_count", "maventech", "--where", "product=GTX Pro") == 1480


def test_unknown_amounts_stay_unknown(maven: House) -> None:
    assert maven.value("open_pipeline_value", "maventech") is None


def test_every_account_and_month_equals_the_file(maven: House, crm_maven: Path) -> None:
    expected: dict[tuple[str | None, str], Decimal] = defaultdict(Decimal)
    for deal in deals(crm_maven):
        if deal["deal_stage"] == "Won":
            expected[deal["account"] or None, f"{deal['close_date'][:7]}-01"] += Decimal(deal["close_value"])
    rows = maven.metric("won_value", *ORG, "--by", "customer", "--grain", "month")["rows"]
    assert {(row["customer"], row["period"]): Decimal(row["won_value"]) for row in rows} == expected


@pytest.mark.parametrize("as_of", ["2017-03-31", "2017-06-30", "2017-11-15"])
def test_as_of_a_day_nothing_later_counts(maven: House, crm_maven: Path, as_of: str) -> None:
    known = [d for d in deals(crm_maven) if d["engage_date"] <= as_of]
    won = [d for d in known if d["deal_stage"] == "Won" and d["close_date"] <= as_of]
    still_open = [d for d in known if not d["close_date"] or d["close_date"] > as_of]
    row = maven.metric("won_value,won_deal_count,open_deal_count,deal_count", *ORG, "--as-of", as_of)["rows"][0]
    assert Decimal(row["won_value"]) == sum(Decimal(d["close_value"]) for d in won)
    assert row["won_deal_count"] == len(won)
    assert row["open_deal_count"] == len(still_open)
    assert row["deal_count"] == len(known)


def test_importing_the_same_files_again_changes_nothing(maven: House, crm_maven: Path, tmp_path: Path) -> None:
    house = maven.copy(tmp_path / "data")
    said = house.run("import", str(crm_maven), *ORG, "--mapping", str(MAPPING)).stdout
    assert "Nothing was new or changed." in said
    assert "nothing has changed" in house.run("refresh").stderr


def test_the_findings_of_the_files_are_check_results(maven: House) -> None:
    import sqlite3

    with sqlite3.connect(maven.home / "operational.db") as store:
        found = dict(store.execute("select check_name, rows_failing from check_results where source = 'import'"))
    assert found["opportunities_without_customer_id"] == 1425
    assert found["opportunities_without_opened_on"] == 500
    assert found["opportunities_without_amount"] == 2089
    assert found["opportunities_repaired_product_GTXPro"] == 1480


def test_listing_metrics_needs_no_data(tmp_path: Path) -> None:
    told = json.loads(House(tmp_path / "empty").run("metrics", "--format", "json").stdout)["metrics"]
    won = next(metric for metric in told if metric["name"] == "won_value")
    assert won["unit"] == "money"
    assert {"stage", "sales_rep", "regional_office", "product", "series", "customer", "sector", "country"} < set(
        won["dimensions"]
    )
