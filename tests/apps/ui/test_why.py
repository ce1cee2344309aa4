"""Why a number changed, on the screen: figures and table that add up as they are read."""

import re
from decimal import Decimal

import pytest

from tests.apps.ui.conftest import OLIVE, SAM, Screens, metrics, texts
from tests.houses import today
from warehouse.metrics.periods import last_complete, shifted


def number(told: str) -> Decimal:
    """`$1,204.50`, `+3.6 pts` → what it says."""
    digits = Decimal(re.sub(r"[^0-9.]", "", told) or "0")
    return -digits if told.startswith("−") else digits


@pytest.mark.parametrize(
    ("metric", "group"),
    [
        ("Won", "Sales rep"),
        ("Won", "Sector"),
        ("Win rate", "Product"),
        ("Invoiced", "Customer"),
        ("Tickets", "Category"),
    ],
)
@pytest.mark.parametrize("against", ["Period before", "Year before"])
def test_what_the_groups_add_is_the_change_as_it_is_read(
    screens: Screens, metric: str, group: str, against: str
) -> None:
    screen = screens.open("why", OLIVE, metric=metric, divide_by=group, **{"with": against})
    assert not screen.error, [one.value for one in screen.error]
    month = last_complete(today(), "month")
    since = shifted(month, -1 if against == "Period before" else -12)
    shown = metrics(screen)
    assert list(shown) == [since.label, month.label, "Change"]
    rows = screen.dataframe[0].value
    added = sum((number(one) for one in rows["change"]), Decimal(0))
    if metric != "Win rate":
        before, now = (sum((number(one) for one in rows[side]), Decimal(0)) for side in ("before", "now"))
    else:
        before, now = number(shown[since.label]), number(shown[month.label])
        assert added == number(shown["Change"])
    assert added == now - before


def test_a_group_opens_from_the_home_screen(screens: Screens) -> None:
    assert "Take it apart" in [one.label for one in screens.open("home", OLIVE).get("page_link")]


def test_only_numbers_that_can_be_taken_apart_are_offered(screens: Screens) -> None:
    offered = screens.open("why", SAM).selectbox(key="metric").options
    assert {"Won", "Win rate", "Invoiced"} <= set(offered)
    assert not {"Median resolution time", "Campaign ROI", "Active customers"} & set(offered)


def test_an_address_that_says_what_there_is_not_opens_on_something(screens: Screens) -> None:
    screen = screens.open("why", OLIVE, metric="Weather", divide_by="Moon")
    assert not screen.error
    assert "Why did it change?" in texts(screen)
