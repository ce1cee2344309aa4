"""The arithmetic over parts: exact, and unknown where a part is."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.formula import FormulaUnreadable, as_sql, evaluate

NUMBERS = st.decimals(-(10**9), 10**9, places=4)


@given(NUMBERS, NUMBERS)
def test_a_return_is_what_came_less_what_went_as_a_share_of_it(brought: Decimal, spent: Decimal) -> None:
    found = evaluate("(brought - spent) / spent", {"brought": brought, "spent": spent})
    assert found == (((brought - spent) / spent).quantize(Decimal("1e-16")) if spent else None)


@given(NUMBERS, st.integers(-1000, 1000))
def test_rows_are_ordered_by_nearly_the_same(one: Decimal, other: int) -> None:
    exact = evaluate("(one + other) * 2 - one / other", {"one": one, "other": other})
    sql = as_sql("(one + other) * 2 - one / other").replace('"one"', f"{one}").replace('"other"', f"{other}")
    [(found,)] = duckdb.sql(f"select {sql}").fetchall()
    assert found == (None if exact is None else pytest.approx(float(exact), rel=1e-9, abs=1e-6))


def test_an_unknown_part_makes_the_whole_unknown() -> None:
    assert evaluate("one / other", {"one": None, "other": 2}) is None
    assert evaluate("one / other", {"one": 1, "other": None}) is None


@pytest.mark.parametrize("formula", ["one ** 2", "f(one)", "one if other else 1", "-one", "one < other"])
def test_what_is_no_sum_difference_product_or_quotient_is_refused(formula: str) -> None:
    with pytest.raises(FormulaUnreadable):
        evaluate(formula, {"one": Decimal(1), "other": Decimal(2)})
    with pytest.raises(FormulaUnreadable):
        as_sql(formula)
