"""The demo company's numbers equal the truth its generator counted."""

from datetime import timedelta
from decimal import Decimal

from tests.houses import House, today
from warehouse.demo.company import generate


def test_the_lake_tells_the_demo_companys_truth(built_house: House) -> None:
    truth = generate(today() - timedelta(days=1))
    row = built_house.metric("won_value,won_deal_count,lost_deal_count,open_deal_count,deal_count", "--org", "demo")[
        "rows"
    ][0]
    assert Decimal(row["won_value"]) == truth.won_value
    assert (row["won_deal_count"], row["lost_deal_count"]) == (truth.won_deal_count, truth.lost_deal_count)
    assert (row["open_deal_count"], row["deal_count"]) == (truth.open_deal_count, truth.deal_count)
