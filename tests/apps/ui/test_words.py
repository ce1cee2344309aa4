from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from apps.ui.parts.changes import Moved, in_words
from apps.ui.parts.words import check_in_words, in_order, value_in_words, window_in_words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2017, 10, 1), date(2018, 1, 1), "Q4 2017 (1 Oct 2017 to 31 Dec 2017)"),
        (date(2026, 10, 1), date(2026, 11, 1), "October 2026 (1 Oct 2026 to 31 Oct 2026)"),
        (date(2026, 10, 5), date(2026, 10, 8), "5 Oct 2026 to 7 Oct 2026"),
        (None, None, "all time"),
        (date(2026, 10, 5), None, "since 5 Oct 2026"),
    ],
)
def test_a_window_ends_on_its_last_day(start: date | None, end: date | None, words: str) -> None:
    assert window_in_words(start, end) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("assert_a_deal_closes_after_it_opens", "a deal closes after it opens"),
        ("not_null_fct_opportunities", "deals lack nothing they must have"),
        ("not_null_dim_applications", "applications lack nothing they must have"),
        ("unique_fct_opportunities_opportunity_id", "none of deals is there twice"),
        ("is_a_stage_fct_opportunities_stage", "the stage of deals is a rung of the sales ladder"),
        ("relationships_fct_opportunities", "what deals point at exists"),
        ("a_check_nobody_knew", "a check nobody knew"),
    ],
)
def test_a_check_is_said_in_words(name: str, words: str) -> None:
    assert check_in_words(name) == words


def test_a_change_is_told_by_who_made_it() -> None:
    won = cast(Any, SimpleNamespace(label="Won", unit="money"))
    moves = [Moved("Tilda", Decimal(900)), Moved("Gus", Decimal(-400))]
    assert in_words(moves, won, "USD").split("\n\n") == [
        "**Won rose by \\$500.**",
        "More came from Tilda (+\\$900).",
        "Less came from Gus (−\\$400).",
    ]
    assert in_words([], won, "USD") == "Nothing moved: Won is the same."


def test_values_are_said_as_people_write_them_and_names_as_they_are() -> None:
    told = [
        value_in_words("category", "how_to"),
        value_in_words("stage", "closed_won"),
        value_in_words("customer", "ikea"),
    ]
    assert told == ["How to", "Closed won", "ikea"]
    assert value_in_words("sector", None) == "unknown"


def test_what_has_an_order_of_its_own_is_shown_in_it() -> None:
    assert in_order("age", ["over 90 days", None, "1-30 days", "not due"]) == [
        "not due",
        "1-30 days",
        "over 90 days",
        None,
    ]
    assert in_order("stage", ["proposal", "lead"]) == ["lead", "proposal"]
    assert in_order("sector", ["b", "A", None]) == ["A", "b", None]
