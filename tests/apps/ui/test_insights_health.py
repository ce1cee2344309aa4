"""Health: scores with what fails behind them, how fresh each source is, and whether people could get in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.availability import note
from apps.ui.parts.quality_words import color, share
from tests.apps.ui.conftest import OLIVE, VERA, Screens, metrics, texts
from warehouse.extracts.builds import latest_build
from warehouse.metrics.serving import serving_as
from warehouse.metrics.sources import count_rows
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import CheckResult, Severity

PAGE = "insights_health"


def fail(screens: Screens, deal: str, rows: int = 7) -> None:
    """The latest build's check of lacking values finds something in the demo company's deals."""
    build = latest_build()
    assert build is not None
    with writing() as session:
        found = CheckResult(
            organization_id=screens.organization("demo"),
            build_id=build.build_id,
            source="dbt",
            check_name="not_null_fct_opportunities",
            subject="fct_opportunities",
            severity=Severity.WARN,
            passed=False,
            rows_failing=rows,
            sample_ids=[deal],
            message="7 rows fail.",
            checked_at=datetime.now(UTC),
        )
        session.add(found)


def test_all_is_well_where_every_check_passes(screens: Screens) -> None:
    screen = screens.open(PAGE, VERA)
    said = texts(screen)
    assert "Good: 100.0%" in said
    assert set(screen.dataframe[0].value["Score"]) == {"100.0%"}
    assert "Everything is in" in set(screen.dataframe[1].value["Not in the numbers yet"])


def test_a_fault_lowers_its_table_and_every_number_on_it_and_leads_to_the_record(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    fail(working_screens, deal)
    actor = working_screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    rows = count_rows(serving_as(actor))["fct_opportunities"]
    lowered = share(1 - Decimal(7) / rows)
    screen = working_screens.open(PAGE, OLIVE)
    table = screen.dataframe[0].value
    assert table["Table"].iloc[0] == "fct_opportunities", "the worst comes first"
    assert table["Completeness"].iloc[0] == lowered
    screen.segmented_control(key="scores_of").set_value("Metrics").run()
    numbers = screen.dataframe[0].value
    assert dict(zip(numbers["Metric"], numbers["Completeness"], strict=True))["Won"] == lowered
    opened = working_screens.open(PAGE, OLIVE, of="metric.won_value")
    assert any(deal in str(one.proto) for one in opened.get("page_link")), "one click from the failing row"
    assert "7 rows failing" in texts(opened).replace("\\", "")


def test_an_address_that_names_nothing_shows_the_whole(screens: Screens) -> None:
    assert "Data quality" in texts(screens.open(PAGE, OLIVE, of="nothing"))


def test_availability_is_told_against_its_objective(working_screens: Screens) -> None:
    assert "Nobody has looked yet" in texts(working_screens.open(PAGE, OLIVE))
    now = datetime.now(UTC)
    for minute in range(100, 0, -1):
        note(now - timedelta(minutes=minute), minute not in {50, 51})
    screen = working_screens.open(PAGE, OLIVE)
    assert metrics(screen)["Could be used"] == "98.00%"
    assert metrics(screen)["Budget left"] == "41 of 43 min"
    assert "2 minutes" in texts(screen)


@pytest.mark.parametrize(
    ("value", "told", "colored"),
    [("1", "100.0%", "green"), ("0.99999", "99.9%", "green"), ("0.96", "96.0%", "orange"), ("0.5", "50.0%", "red")],
)
def test_what_is_not_whole_never_reads_as_if_it_were(value: str, told: str, colored: str) -> None:
    assert (share(Decimal(value)), color(Decimal(value))) == (told, colored)


def test_nothing_looked_at_is_no_score() -> None:
    assert color(None) == "gray"
