"""The demo company's numbers equal the truth that was kept when it was made."""

from decimal import Decimal

import polars as pl

from tests.houses import House


def test_the_lake_tells_the_demo_companys_truth(built_house: House) -> None:
    truth = pl.read_parquet(built_house.home / "demo_truth" / "demo" / "win.parquet")
    won, closed = truth.filter("label"), truth.filter("closed")
    names = "won_value,won_deal_count,lost_deal_count,open_deal_count,deal_count"
    row = built_house.metric(names, "--org", "demo")["rows"][0]
    assert Decimal(row["won_value"]) == Decimal(won["amount"].sum()).scaleb(-4)
    assert (row["won_deal_count"], row["lost_deal_count"]) == (won.height, closed.height - won.height)
    assert (row["open_deal_count"], row["deal_count"]) == (truth.height - closed.height, truth.height)


def test_a_comparison_cut_to_some_rows_knows_all_of_both_windows(built_house: House) -> None:
    asked = ("won_value", "--org", "demo", "--by", "sector", "--from", "2025-01-01", "--to", "2026-01-01")
    whole = built_house.metric(*asked, "--compare", "year")["rows"]
    assert any(Decimal(row["won_value_before"]) for row in whole)
    for most in range(1, len(whole)):
        assert built_house.metric(*asked, "--compare", "year", "--limit", str(most))["rows"] == whole[:most]
