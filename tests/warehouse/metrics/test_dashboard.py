"""Dashboards as data: what ships is askable, and what is not sound is refused."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from warehouse.dashboards import Card, Dashboard, forms_of
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.dashboard import View, homes, known_to, question_of, standard, unheard
from warehouse.metrics.periods import period_of
from warehouse.tenancy import BusinessFunction

OCTOBER = View(period_of(date(2026, 10, 1), "month"), date(2026, 11, 20))
EVERY = [*standard().values(), *homes().values()]


@pytest.fixture(scope="module")
def catalogue(definitions: Path) -> Catalogue:
    return Catalogue.read(definitions)


@pytest.mark.parametrize("dashboard", EVERY, ids=lambda one: f"{one.title} {one.name}")
def test_what_ships_asks_only_for_what_there_is(dashboard: Dashboard, catalogue: Catalogue) -> None:
    assert known_to(dashboard, catalogue) == dashboard


@pytest.mark.parametrize("dashboard", EVERY, ids=lambda one: f"{one.title} {one.name}")
def test_every_filter_is_heard_by_a_card(dashboard: Dashboard, catalogue: Catalogue) -> None:
    for name in dashboard.filters:
        assert any(name in catalogue.metric(one).dimensions for one in dashboard.asked_of), name


def test_everybody_lands_somewhere() -> None:
    assert set(homes()) == {"everybody", "sales", "marketing", "support", "finance"}
    assert set(homes()) - {"everybody"} <= set(BusinessFunction)


def test_a_card_asks_for_its_window() -> None:
    card = {"title": "Won", "metrics": ["won_value"]}
    over = {
        "period": Card(form="bars", by=("sales_rep",), **card),
        "trend": Card(form="columns", over="trend", **card),
        "now": Card(form="bars", by=("sales_rep",), over="now", **card),
    }
    catalogue_free = {name: (one.over, one.limit) for name, one in over.items()}
    assert catalogue_free == {"period": ("period", 10), "trend": ("trend", 10), "now": ("now", 10)}


def test_the_windows_of_a_card_are_the_views(catalogue: Catalogue) -> None:
    bars = Card(title="Won", form="bars", metrics=("won_value",), by=("sales_rep",))
    asked = question_of(bars, OCTOBER, catalogue)
    assert (asked.start, asked.end, asked.grain, asked.limit) == (date(2026, 10, 1), date(2026, 11, 1), None, 10)
    course = question_of(Card(title="Won", form="columns", metrics=("won_value",), over="trend"), OCTOBER, catalogue)
    assert (course.start, course.end, course.grain, course.limit) == (
        date(2025, 11, 1),
        date(2026, 11, 1),
        "month",
        None,
    )
    stands = bars.model_copy(update={"metrics": ("open_pipeline_value",), "over": "now"})
    assert question_of(stands, OCTOBER, catalogue).as_of == date(2026, 11, 20)
    earlier = View(OCTOBER.period, OCTOBER.today, is_latest=False)
    assert question_of(stands, earlier, catalogue).as_of == date(2026, 10, 31)


def test_a_filter_that_a_metric_does_not_know_is_left_out_and_told(catalogue: Catalogue) -> None:
    view = View(OCTOBER.period, OCTOBER.today, {"sector": ("Retail",), "regional_office": ("North",)})
    card = Card(title="MRR", form="columns", metrics=("mrr",), over="trend")
    assert question_of(card, view, catalogue).where == {"sector": ("Retail",)}
    assert unheard(card, view, catalogue) == ["regional_office"]


def test_who_does_not_see_a_tag_has_no_card_of_it(catalogue: Catalogue) -> None:
    seen = known_to(standard()["sales"], catalogue.without(frozenset({"restricted", "personal"})))
    titles = {card.title for card in seen.cards}
    assert "Won" in titles
    assert not titles & {"Won by sales rep", "Quota attainment", "Sales reps side by side"}
    assert "sales_rep" not in seen.filters


@pytest.mark.parametrize(
    ("metrics", "by", "over", "forms"),
    [
        (["won_value"], [], "trend", ["columns", "lines", "table"]),
        (["won_value"], ["sector"], "trend", ["columns", "lines", "heatmap", "table"]),
        (["won_value"], ["sector"], "period", ["bars", "table"]),
        (["won_value"], ["sector", "country"], "period", ["heatmap", "table"]),
        (["won_value", "win_rate"], ["sector"], "period", ["table"]),
        (["won_value", "win_rate"], [], "trend", ["lines", "table"]),
        (["won_value", "win_rate"], ["sector"], "trend", ["table"]),
        (["open_pipeline_value"], ["stage"], "now", ["bars", "table"]),
    ],
)
def test_only_forms_that_can_be_drawn_are_offered(
    metrics: list[str], by: list[str], over: str, forms: list[str]
) -> None:
    assert forms_of(metrics, by, over) == forms  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "bars"},
        {"form": "bars", "by": ["a", "b"]},
        {"form": "columns"},
        {"form": "columns", "over": "trend", "metrics": ["a", "b"]},
        {"form": "heatmap", "by": ["a"]},
        {"form": "bridge", "over": "trend"},
        {"form": "cohorts"},
        {"form": "cohorts", "over": "trend", "by": ["sector"]},
        {"form": "cohorts", "over": "trend", "metrics": ["won_value", "win_rate"]},
        {"form": "pie"},
        {"form": "bars", "by": ["a"], "metrics": []},
        {"form": "bars", "by": ["a"], "title": ""},
        {"form": "bars", "by": ["a"], "limit": 0},
        {"form": "bars", "by": ["a"], "colour": "red"},
    ],
)
def test_a_card_that_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Card.model_validate({"title": "Won", "metrics": ["won_value"]} | wrong)
