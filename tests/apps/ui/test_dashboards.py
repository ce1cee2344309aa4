"""Dashboards as people see them: every card drawn, every figure the metric's own, filters and comparisons by address."""

from datetime import date, timedelta

import pytest

from apps.ui import formats
from apps.ui.answers import ask, metric
from tests.apps.ui.conftest import BOB, OLIVE, SAM, VERA, Screens, metrics, texts
from tests.houses import today
from warehouse.metrics.calendar import Grain
from warehouse.metrics.dashboard import standard
from warehouse.metrics.periods import last_complete, period_of, shifted
from warehouse.metrics.question import Question

BOARDS = sorted(standard())
RUNNING: tuple[Grain, ...] = ("month", "quarter", "year")


def drawn(screens: Screens, who: str, board: str, slug: str = "demo", **address: str) -> list[str]:
    """The titles of the cards a person sees; whatever could not be shown fails."""
    screen = screens.open("dashboard", who, slug, board=board, **address)
    assert not [error.value for error in screen.error]
    return [one.value.strip("*") for one in screen.markdown if one.value.startswith("**")]


@pytest.mark.parametrize("board", BOARDS)
def test_every_card_of_every_dashboard_is_drawn(screens: Screens, board: str) -> None:
    assert set(drawn(screens, OLIVE, board)) >= {card.title for card in standard()[board].cards}


@pytest.mark.parametrize("board", BOARDS)
def test_every_figure_is_what_the_metric_says(screens: Screens, board: str) -> None:
    """The same question through the same door, unrounded, written as a card writes it."""
    month, actor = last_complete(today(), "month"), screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    shown = metrics(screens.open("dashboard", OLIVE, board=board))
    for name in standard()[board].figures:
        told = metric(actor, name)
        window = {} if told.is_stock else {"start": month.start, "end": month.end}
        value = ask(actor, Question(metrics=(name,), as_of=today(), **window)).only(name).value  # type: ignore[arg-type]
        assert shown[told.label] == formats.number(value, told.unit), name


@pytest.mark.parametrize("board", BOARDS)
def test_a_company_with_deals_alone_is_shown_what_it_has(screens: Screens, board: str) -> None:
    drawn(screens, BOB, board, "globex")


@pytest.mark.parametrize("who", [SAM, VERA])
def test_a_colleague_without_every_right_sees_the_rest(screens: Screens, who: str) -> None:
    assert "Won" in drawn(screens, who, "sales")


def test_an_empty_organization_is_welcomed(working_screens: Screens) -> None:
    working_screens.found_empty()
    assert "There are no deals yet" in texts(working_screens.open("dashboard", OLIVE, "empty", board="revenue"))


def test_an_address_that_names_no_dashboard_says_so(screens: Screens) -> None:
    assert "There is no such dashboard" in texts(screens.open("dashboard", OLIVE, board="weather"))


def test_a_period_that_runs_is_compared_with_as_many_days(screens: Screens) -> None:
    now = today()
    # The last day of a month ends it, and of a year everything: then nothing runs, and nothing of the kind is offered.
    running = next((one for one in RUNNING if last_complete(now, one) != period_of(now, one)), None)
    if running is None:
        offered = screens.open("dashboard", OLIVE, board="sales").selectbox(key="month").options
        assert not [label for label in offered if label.endswith("so far")]
        return
    period = period_of(now, running)
    address = {"show": running.capitalize(), running: f"{period.label} so far"}
    screen = screens.open("dashboard", OLIVE, board="sales", **address)
    [won] = [one for one in screen.metric if one.label == "Won"]
    actor, earlier = screens.signed_in(OLIVE, "demo").actor, shifted(period, -1)
    assert actor is not None
    value, before = (won_between(actor, *window) for window in windows(period.start, earlier.start, now))
    moved = formats.change(value, before, "money")
    assert won.value == formats.money(value)
    assert moved is None or won.delta == moved.text


def windows(start: date, earlier: date, now: date) -> list[tuple[date, date]]:
    days = timedelta(days=(now - start).days + 1)
    return [(start, start + days), (earlier, min(earlier + days, start))]


def won_between(actor: object, start: date, end: date) -> object:
    question = Question(metrics=("won_value",), start=start, end=end, as_of=today())
    return ask(actor, question).only("won_value").value  # type: ignore[arg-type]


def test_a_filter_by_address_narrows_the_cards_that_know_it_and_the_others_say_so(screens: Screens) -> None:
    screen = screens.open("dashboard", OLIVE, board="sales", only_sales_rep="Sam Sampleton")
    assert not screen.error
    assert "Not filtered by sales rep" not in texts(screen), "every card of this dashboard knows its reps"
    screen = screens.open("dashboard", OLIVE, board="revenue", only_product="Harbour Desk")
    assert "Not filtered by product" in texts(screen), "what is owed is not owed for a product"


@pytest.mark.parametrize("against", ["previous", "year", "best", "median"])
def test_figures_are_compared_in_each_way(screens: Screens, against: str) -> None:
    screen = screens.open("dashboard", OLIVE, board="sales", against=against)
    assert not screen.error
    assert any(one.delta for one in screen.metric)
