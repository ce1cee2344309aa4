"""Why a number changed: the parts add up to the change, whatever the groups."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.why import Group, NotDivisible, Why, _parts, taken_apart

SIZES = st.integers(0, 50).map(Fraction)
CENTS = st.integers(0, 10**9).map(lambda cents: Fraction(cents, 100))


@pytest.fixture(scope="module")
def catalogue(definitions: Path) -> Catalogue:
    return Catalogue.read(definitions)


def apart(catalogue: Catalogue, name: str, *groups: tuple[Any, ...]) -> Why:
    made = [Group(key, *map(Fraction, numbers)) for key, *numbers in groups]
    return taken_apart(catalogue.metric(name), made)


@given(st.lists(st.tuples(CENTS, SIZES, CENTS, SIZES), min_size=1, max_size=8))
def test_the_parts_of_a_sum_add_up_to_the_cent(catalogue: Catalogue, told: list[tuple[Fraction, ...]]) -> None:
    found = apart(catalogue, "won_value", *((place, *group) for place, group in enumerate(told)))
    assert found.now is not None
    assert found.before is not None
    assert sum(share.change for share in found.shares) == found.change == found.now - found.before
    assert sum(found.effects.values()) == found.change
    assert all(share.change == share.change.quantize(Decimal("0.01")) for share in found.shares)
    if all(size for group in told for size in (group[1], group[3])):
        for share in found.shares:
            # Rounded once per effect: a cent at most from the group's own change.
            assert abs(share.change - ((share.now or 0) - (share.before or 0))) <= Decimal("0.02")


@given(st.lists(st.tuples(SIZES, SIZES, SIZES, SIZES), min_size=1, max_size=8))
def test_the_parts_of_a_ratio_add_up(catalogue: Catalogue, told: list[tuple[Fraction, ...]]) -> None:
    groups = [(place, min(a, b), b, min(c, d), d) for place, (a, b, c, d) in enumerate(told)]
    if not sum(group[2] for group in groups) or not sum(group[4] for group in groups):
        with pytest.raises(NotDivisible):
            apart(catalogue, "win_rate", *groups)
        return
    found = apart(catalogue, "win_rate", *groups)
    assert sum(share.change for share in found.shares) == found.change == sum(found.effects.values())
    assert set(found.effects) == {"mix", "rate"}


def test_the_same_rates_in_another_mix_are_mix_alone(catalogue: Catalogue) -> None:
    """Half and half at 20 % and 80 %; then nine in ten at 80 %."""
    found = apart(catalogue, "win_rate", ("small", 2, 10, 1, 5), ("large", 8, 10, 36, 45))
    assert (found.before, found.now) == (Decimal("0.5"), Decimal("0.74"))
    assert found.effects == {"mix": Decimal("0.24"), "rate": Decimal(0)}


def test_other_rates_in_the_same_mix_are_rate_alone(catalogue: Catalogue) -> None:
    found = apart(catalogue, "win_rate", ("small", 2, 10, 4, 10), ("large", 8, 10, 8, 10))
    assert found.effects == {"mix": Decimal(0), "rate": Decimal("0.1")}
    assert [(share.key, share.change) for share in found.shares] == [("small", Decimal("0.1")), ("large", Decimal(0))]


def test_twice_as_many_deals_of_the_same_size_are_volume_alone(catalogue: Catalogue) -> None:
    found = apart(catalogue, "won_value", ("Tilda", 300, 3, 600, 6))
    assert found.effects == {"volume": Decimal(300), "rate": Decimal(0)}


def test_a_group_that_came_or_went_is_volume(catalogue: Catalogue) -> None:
    found = apart(catalogue, "won_value", ("came", 0, 0, 500, 2), ("went", 120, 1, 0, 0))
    assert found.effects == {"volume": Decimal(380), "rate": Decimal(0)}
    assert [(share.key, share.change) for share in found.shares] == [("came", Decimal(500)), ("went", Decimal(-120))]


def test_a_count_moves_by_how_many(catalogue: Catalogue) -> None:
    found = apart(catalogue, "won_deal_count", ("a", 3, 0, 5, 0), ("b", 4, 0, 1, 0))
    assert found.effects == {"volume": Decimal(-1)}
    assert [(share.key, share.change) for share in found.shares] == [("a", Decimal(2)), ("b", Decimal(-3))]


@pytest.mark.parametrize("name", ["median_resolution_time", "campaign_roi", "active_customers"])
def test_what_does_not_add_up_is_not_taken_apart(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(NotDivisible, match=catalogue.metric(name).label):
        _parts(catalogue.metric(name), SimpleNamespace(catalogue=catalogue))  # type: ignore[arg-type]
