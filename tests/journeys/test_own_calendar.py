"""Weeks and fiscal years that begin where an organization says: each period has the number of its own days."""

from collections.abc import Callable
from datetime import UTC, date

import pytest

from tests.houses import House
from warehouse.lake.connection import open_lake
from warehouse.metrics.answer import answer
from warehouse.metrics.calendar import Calendar, Grain
from warehouse.metrics.periods import last_complete, shifted
from warehouse.metrics.question import Question
from warehouse.metrics.serving import Serving, serving
from warehouse.oltp.days import local_day
from warehouse.oltp.engine import reading, writing
from warehouse.operations.organization import find_organization
from warehouse.operations.organization_settings import EditSettings, edit_settings
from warehouse.tenancy import operator_actor

pytestmark = pytest.mark.slow

OWN = Calendar(fiscal_year_start_month=2, week_start=7)
METRICS = (
    "won_value",
    "win_rate",
    "open_deal_count",
    "customer_churn_rate",
    "median_resolution_time",
    "mrr",
    "new_mrr",
)
"""What happens, what stands, a share of what there was before, a median: each finds its days in another way."""
BACK: dict[Grain, int] = {"fiscal_year": 1, "fiscal_quarter": 4, "week": 6}


@pytest.fixture
def opened(built_house: House, enter: Callable[[House], None]) -> Serving:
    enter(built_house)
    with reading() as session:
        return serving(find_organization(session, "demo").id)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("grain", list(BACK))
def test_a_period_has_what_its_days_have(opened: Serving, metric: str, grain: Grain) -> None:
    today = date.fromisoformat(opened.provenance.built_at[:10])
    last = last_complete(today, grain, OWN)
    periods = [shifted(last, -back) for back in range(BACK[grain], -1, -1)]
    cut = Question(metrics=(metric,), grain=grain, calendar=OWN, start=periods[0].start, end=last.end, as_of=today)
    found = {line.keys["period"]: line.cells[metric].value for line in answer(opened, cut).lines}
    for period in periods:
        alone = Question(metrics=(metric,), start=period.start, end=period.end, as_of=today)
        [line] = answer(opened, alone).lines
        # A period in which nothing happened has no row, and one that began with nobody has no share of them.
        assert (found.get(period.start.isoformat()) or 0) == (line.cells[metric].value or 0)
    assert set(found) <= {period.start.isoformat() for period in periods}
    assert found


def test_settings_decide_and_a_receipt_of_a_fiscal_year_holds(house: House, enter: Callable[[House], None]) -> None:
    by_calendar = house.metric("won_value", "--org", "demo", "--grain", "fiscal_year")
    assert all(row["period"].endswith("-01-01") for row in by_calendar["rows"] if row["period"])
    enter(house)
    with writing() as session:
        actor = operator_actor(find_organization(session, "demo").id)
        edit_settings(session, actor, EditSettings(fiscal_year_start_month=2, week_start=7))
    own = house.metric("won_value", "--org", "demo", "--grain", "fiscal_year")
    assert all(row["period"].endswith("-02-01") for row in own["rows"] if row["period"])
    weeks = house.metric("won_value", "--org", "demo", "--grain", "week")["rows"]
    assert {date.fromisoformat(row["period"]).isoweekday() for row in weeks if row["period"]} == {7}
    for told in (by_calendar, own):
        assert "holds" in house.run("verify", told["receipt"]).stdout


def test_a_day_is_the_organizations_own_and_follows_its_time_zone(house: House, enter: Callable[[House], None]) -> None:
    enter(house)
    assert days_apart(house, "UTC") == 0
    with writing() as session:
        actor = operator_actor(find_organization(session, "demo").id)
        edit_settings(session, actor, EditSettings(timezone="Pacific/Auckland"))
    house.run("refresh")
    # It is already tomorrow there when most of a European day's work is done.
    assert days_apart(house, "Pacific/Auckland") > 100


MOMENTS = (
    ("fct_tickets", "opened"),
    ("fct_tickets", "resolved"),
    ("fct_ticket_status_changes", "changed"),
    ("fct_ticket_messages", "sent"),
    ("fct_interactions", "happened"),
    ("fct_article_views", "viewed"),
)


def days_apart(house: House, zone: str) -> int:
    """How many moments of the demo company are on another day than that of UTC; each is on the day of its place."""
    with reading() as session:
        organization = find_organization(session, "demo").id
    apart = 0
    with open_lake() as lake:
        for table, what in MOMENTS:
            asked = f"select {what}_at, {what}_on from lake.core.{table} where organization_id = ? and {what}_at is not null"
            found = lake.run(asked, [organization])
            assert found
            for moment, day in found:
                assert day == local_day(moment.replace(tzinfo=UTC), zone)
                apart += day != moment.date()
    return apart
