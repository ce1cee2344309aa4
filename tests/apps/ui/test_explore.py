"""Explore: the address holds everything, and what does not go together is not offered."""

import pytest
from streamlit.testing.v1 import AppTest

from apps.ui import formats
from apps.ui.answers import ask
from tests.apps.ui.conftest import OLIVE, VERA, Screens, metrics, texts
from tests.houses import today
from warehouse.metrics.periods import last_complete
from warehouse.metrics.question import Question


def explore(screens: Screens, who: str = OLIVE, **address: str | list[str]) -> AppTest:
    screen = screens.open("explore", who, **address)
    assert not screen.error, [one.value for one in screen.error]
    return screen


def cards(screen: AppTest) -> list[str]:
    return [one.value.strip("*") for one in screen.markdown if one.value.startswith("**")]


def test_it_opens_on_a_number(screens: Screens) -> None:
    month, actor = last_complete(today(), "month"), screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    question = Question(metrics=("won_value",), start=month.start, end=month.end, as_of=today())
    assert metrics(explore(screens)) == {"Won": formats.money(ask(actor, question).only("won_value").value)}


def test_the_address_holds_numbers_groups_days_and_filters(screens: Screens) -> None:
    address = {"metric": "Won", "divide": "Sector", "over": "Over time", "narrow": "Sales rep"}
    screen = explore(screens, **address, only_sales_rep="Sam Sampleton")
    assert "Won by sector" in cards(screen)
    [rows] = [one.value for one in screen.dataframe]
    assert list(rows.columns) == ["sector", "period", "won_value"]
    everybodys = next(one.value for one in explore(screens, **address).dataframe)
    assert 0 < rows["won_value"].sum() < everybodys["won_value"].sum()


def test_only_what_divides_all_of_the_numbers_is_offered(screens: Screens) -> None:
    offered = explore(screens, metric=["Won", "MRR"]).multiselect(key="divide").options
    assert {"Sector", "Product"} <= set(offered)
    assert "Stage" not in offered, "recurring revenue stands on no stage"
    assert explore(screens, metric=["Acquisition cost"]).multiselect(key="divide").options == []


def test_who_does_not_see_names_is_offered_none(screens: Screens) -> None:
    assert "Sector" in explore(screens, VERA).multiselect(key="divide").options


def test_several_numbers_by_two_groups_are_a_table(screens: Screens) -> None:
    screen = explore(screens, metric=["Tickets", "Satisfaction"], divide=["Category", "Priority"])
    assert any(title.startswith("Tickets, Satisfaction by category and priority in") for title in cards(screen))
    assert list(screen.dataframe[0].value.columns) == ["category", "priority", "ticket_count", "avg_csat"]


@pytest.mark.parametrize(
    "address",
    [{"metric": "Weather"}, {"divide": "Moon"}, {"over": "Always"}, {"month": "Smarch 2026"}, {"against": "x"}],
)
def test_an_address_that_says_what_there_is_not_is_read_without_it(screens: Screens, address: dict[str, str]) -> None:
    explore(screens, **address)


def test_no_number_at_all_asks_for_one(screens: Screens) -> None:
    screen = explore(screens)
    screen.multiselect(key="metric").set_value([]).run()
    assert "Choose a number to begin with." in texts(screen)
