"""Forecasts are tried on the end of series whose making is known."""

import numpy as np
import pandas as pd
import pytest

from ml.forecasts.ahead import forecast
from ml.forecasts.backtest import evaluate
from ml.forecasts.bands import bands
from ml.forecasts.mix import weights
from ml.tables import Unusable
from tests.ml.invented import months


def test_a_seasonal_series_is_forecast_better_than_by_its_last_season() -> None:
    told = evaluate(months(), "month", "sold", ("shop",), 6, 12)
    assert told["state"] == "ok"
    assert told["mase"] < 0.85 * told["mase_seasonal_naive"]
    assert 0.68 <= told["coverage_80"] <= 0.92
    assert 0.88 <= told["coverage_95"] <= 1.0


def test_the_same_series_give_the_same_figures() -> None:
    first, again = (evaluate(months(4, 60), "month", "sold", ("shop",), 6, 12) for _ in range(2))
    assert {**first, "cpu_seconds": 0} == {**again, "cpu_seconds": 0}


def test_a_random_walk_is_not_said_to_be_known_better_than_it_is() -> None:
    walks = np.cumsum(np.random.default_rng(1).normal(size=(60, 80)), axis=1)
    said = forecast(walks[:, :-8], 8, 4)
    ahead = np.abs(walks[:, -8:] - said.points).mean(axis=0)
    assert ahead[-1] > ahead[0]
    bounds = said.bounds(0.80)
    assert bounds is not None
    inside = ((bounds[0] <= walks[:, -8:]) & (walks[:, -8:] <= bounds[1])).mean()
    assert 0.70 <= inside <= 0.90
    width = (bounds[1] - bounds[0])[0]
    assert width[-1] > width[0]


def test_a_past_too_short_to_try_gets_no_bounds() -> None:
    told = evaluate(months(1, 20), "month", "sold", ("shop",), 6, 12)
    assert told["coverage_80"] is None
    assert told["coverage_95"] is None
    assert told["champion"] == "seasonal_naive"
    assert "there are no bounds" in told["reason"]


def test_a_short_series_has_the_bounds_of_the_others() -> None:
    table = months(12, 60)
    table = table[(table["shop"] != "shop 3") | (table["month"] >= "2018-06-01")]
    told = evaluate(table, "month", "sold", ("shop",), 6, 12)
    assert told["reason"].startswith("12 of 12")
    assert told["coverage_80"] is not None


def test_fewer_periods_than_are_asked_for_are_too_few() -> None:
    told = evaluate(months(2, 8), "month", "sold", ("shop",), 6, 12)
    assert (told["state"], told["mase"], told["coverage_80"]) == ("too_few", None, None)


def test_nothing_was_below_nought_and_nothing_is_said_to_be() -> None:
    few = np.random.default_rng(0).poisson(0.4, (10, 60)).astype(float)
    said = forecast(few, 6, 12)
    bounds = said.bounds(0.95)
    assert said.points.min() >= 0
    assert bounds is not None
    assert bounds[0].min() >= 0


def test_what_was_below_nought_may_be_so_again() -> None:
    told = forecast(np.full((3, 40), -5.0) + np.random.default_rng(0).normal(size=(3, 40)), 4, 4)
    assert told.points.max() < -2


def test_a_flat_series_stays_flat() -> None:
    assert forecast(np.full((1, 40), 7.0), 4, 4).points == pytest.approx(7.0)


def test_where_the_last_season_was_right_it_is_what_is_said() -> None:
    again = np.tile(np.random.default_rng(0).normal(size=(1, 12)), 6)
    said = forecast(again, 12, 12)
    assert said.points == pytest.approx(again[:, :12])


def test_bounds_widen_when_earlier_ones_held_too_little() -> None:
    draw = np.abs(np.random.default_rng(0).normal(size=(4, 50, 6)))
    growing = draw * np.array([1, 2, 4, 8])[:, None, None]
    shuffled = draw * np.array([8, 1, 4, 2])[:, None, None]
    widened, usual = bands(growing, np.ones(50)), bands(shuffled, np.ones(50))
    assert widened is not None
    assert usual is not None
    assert widened.half_width(0.80).mean() > usual.half_width(0.80).mean()


def test_three_misses_tell_no_width() -> None:
    assert bands(np.ones((3, 1, 6)), np.ones(1)) is None


def test_a_method_that_errs_less_weighs_more_and_one_far_off_nothing() -> None:
    errors = np.array([[[1.0], [1.2], [3.0]]] * 4)
    told = weights(errors)[:, 0]
    assert told[0] > told[1] > 0
    assert told[2] == 0
    assert told.sum() == pytest.approx(1)


def test_a_missing_month_is_said() -> None:
    one = months(1, 60).drop(index=30)
    with pytest.raises(Unusable, match="lacks a period"):
        evaluate(one, "month", "sold", (), 3, 12)


def test_a_month_without_a_number_is_said() -> None:
    one = months(1, 60)
    one.loc[30, "sold"] = np.inf
    with pytest.raises(Unusable, match="lacks a period or a number"):
        evaluate(one, "month", "sold", (), 3, 12)


def test_a_series_with_a_missing_month_stops_no_other() -> None:
    told = evaluate(months(3, 60).drop(index=30), "month", "sold", ("shop",), 3, 12)
    assert told["state"] == "ok"
    assert "1 more lack a period or a number and were left out: shop 0" in told["reason"]


def test_a_month_that_is_there_twice_is_said() -> None:
    with pytest.raises(Unusable, match="twice"):
        evaluate(months(2, 60), "month", "sold", (), 3, 12)


def test_words_are_no_values() -> None:
    with pytest.raises(Unusable, match="does not hold numbers"):
        evaluate(months(1, 60), "month", "shop", (), 3, 12)


def test_an_empty_table_has_no_series() -> None:
    assert evaluate(pd.DataFrame({"month": [], "sold": []}), "month", "sold", (), 3, 12)["state"] == "too_few"
