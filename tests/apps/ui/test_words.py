from datetime import date
from decimal import Decimal

import pytest

from apps.ui.parts.changes import Moved, in_words
from apps.ui.parts.stocks import one_period_before
from apps.ui.parts.words import check_in_words, window_in_words


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


@pytest.mark.parametrize(
    ("day", "grain", "before"),
    [
        (date(2026, 11, 20), "month", date(2026, 10, 20)),
        (date(2026, 3, 31), "month", date(2026, 2, 28)),
        (date(2017, 12, 31), "quarter", date(2017, 9, 30)),
        (date(2017, 2, 28), "month", date(2017, 1, 31)),
        (date(2026, 1, 15), "month", date(2025, 12, 15)),
    ],
)
def test_a_stock_is_compared_with_the_same_day_one_period_before(day: date, grain: str, before: date) -> None:
    assert one_period_before(day, grain) == before  # type: ignore[arg-type]


def test_a_change_is_told_by_who_made_it() -> None:
    moves = [Moved("Tilda", Decimal(900)), Moved("Gus", Decimal(-400))]
    assert in_words(moves, Decimal(500), "USD") == (
        "**Won rose by \\$500.** More came from Tilda (+\\$900). Less came from Gus (−\\$400)."
    )
    assert in_words([], Decimal(0), "USD") == "Nothing moved: the same was won."
