"""What is usual follows from a number's own past: its season counts, and single outliers do not."""

from decimal import Decimal
from random import Random

import pytest

from warehouse.watching.usual import usual

WEEK = [100, 110, 120, 130, 140, 30, 20]
"""Monday to Sunday."""


def _days(weeks: int) -> list[Decimal]:
    dice = Random(7)
    return [Decimal(WEEK[day] + dice.randrange(-4, 5)) for _ in range(weeks) for day in range(7)]


@pytest.mark.parametrize("day", range(7))
def test_a_day_like_its_weekday_is_usual_and_twice_as_much_is_not(day: int) -> None:
    past = _days(9)[: 7 * 8 + day]
    found = usual(past, "day", "medium")
    assert found is not None
    assert found.lower <= Decimal(WEEK[day] + 1) <= found.upper
    assert not found.lower <= Decimal(WEEK[day] * 3) <= found.upper


def test_an_outlier_in_the_past_does_not_widen_the_bounds() -> None:
    plain, spoiled = _days(9), _days(9)
    spoiled[20] = Decimal(9000)
    before, after = usual(plain, "day", "medium"), usual(spoiled, "day", "medium")
    assert before is not None
    assert after is not None
    assert after.upper - after.lower < 2 * (before.upper - before.lower)


def test_a_higher_sensitivity_has_narrower_bounds() -> None:
    widths = []
    for sensitivity in ("low", "medium", "high"):
        found = usual(_days(9), "day", sensitivity)
        assert found is not None
        widths.append(found.upper - found.lower)
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 3


@pytest.mark.parametrize(("grain", "length"), [("day", 12), ("month", 17), ("week", 9)])
def test_too_short_a_past_tells_nothing(grain: str, length: int) -> None:
    assert usual([Decimal(5)] * length, grain, "medium") is None
    assert usual([Decimal(5)] * (length + 1), grain, "medium") is not None


def test_where_most_values_are_the_same_the_others_still_make_a_spread() -> None:
    past = [Decimal(10)] * 20 + [Decimal(14)] + [Decimal(10)] * 20
    found = usual(past, "week", "medium")
    assert found is not None
    assert found.lower < 10 < found.upper
    assert found.upper < 14
