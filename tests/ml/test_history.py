"""A subject's past is what was known of it at the time, and no more."""

import numpy as np
import pandas as pd

from ml.scores.history import history
from ml.scores.protocol import Spec, evaluate
from tests.ml.invented import invoices


def test_a_subject_s_past_holds_only_what_was_known() -> None:
    time, known, outcome = pd.Series([0.0, 10.0, 20.0]), pd.Series([15.0, 20.0, 30.0]), pd.Series([1.0, 0.0, 1.0])
    past = history(pd.Series(["acme"] * 3, name="who"), time, known, outcome)
    assert past["who history: known"].tolist() == [0, 0, 1]
    assert past["who history: open"].tolist() == [0, 1, 1]


def test_nothing_that_came_later_changes_a_row_s_past() -> None:
    draw = np.random.default_rng(0)
    who = pd.Series(draw.choice(["a", "b", "c"], 300), name="who")
    time = pd.Series(np.sort(draw.integers(0, 500, 300)).astype(float))
    known = time + draw.integers(1, 60, 300)
    outcome = pd.Series(draw.integers(0, 2, 300).astype(float))
    whole = history(who, time, known, outcome)
    for row in (50, 150, 250, 299):
        there = time <= time[row]
        seen = known < time[row]
        then = history(who[there], time[there], known[there].where(seen), outcome[there].where(seen))
        pd.testing.assert_series_equal(then.loc[row], whole.loc[row])


def test_a_wrong_date_shows_no_row_its_own_outcome() -> None:
    past = history(
        pd.Series(["a", "a"], name="who"), pd.Series([5.0, 9.0]), pd.Series([1.0, 2.0]), pd.Series([1.0, 0.0])
    )
    assert past["who history: known"].tolist() == [0, 1]


def test_rows_without_a_subject_have_no_past_in_common() -> None:
    nobody = pd.Series([None, None, "a"], name="who")
    past = history(nobody, pd.Series([0.0, 9.0, 9.0]), pd.Series([1.0, 10.0, 10.0]), pd.Series([1.0, 1.0, 1.0]))
    assert past["who history: known"].isna().tolist() == [True, True, False]


def test_a_customer_s_way_is_learnt_from_its_past_alone() -> None:
    table = invoices()
    without = evaluate(table, Spec("days_late", ">0", "issued", drop=("paid", "customer")))
    within = evaluate(table, Spec("days_late", ">0", "issued", "customer", "paid"))
    assert without.state == "no_signal"
    assert within.state == "ok"
    assert within.auc_temporal is not None
    assert within.auc_temporal > 0.75
