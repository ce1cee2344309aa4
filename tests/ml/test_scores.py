"""Scores are tried on a table before anybody trusts them; the truth of these tables is known."""

import numpy as np
import pandas as pd
import pytest

from ml.scores.calibration import line
from ml.scores.folds import CUTS, rolling, shuffled
from ml.scores.measures import auc, ece
from ml.scores.protocol import Prepared, Spec, evaluate, prepared
from ml.tables import Unusable
from tests.ml.invented import deals


def test_a_score_comes_near_the_best_there_can_be() -> None:
    table, truth = deals()
    report = evaluate(table, Spec("won", time="day"))
    assert report.state == "ok"
    assert report.auc is not None
    assert report.auc_temporal is not None
    assert report.auc - 0.5 >= 0.93 * (auc(table["won"].to_numpy(), truth) - 0.5)


def test_the_same_table_gives_the_same_figures() -> None:
    table, _ = deals(600)
    assert evaluate(table, Spec("won", time="day")) == evaluate(table.copy(), Spec("won", time="day"))


def test_noise_is_refused() -> None:
    states = [evaluate(deals(300, 0.0, seed)[0], Spec("won")).state for seed in range(8)]
    assert states.count("ok") <= 1


def test_a_refused_score_says_the_base_rate() -> None:
    report = evaluate(deals(300, 0.0, 4)[0], Spec("won"))
    assert (report.state, report.champion) == ("no_signal", "base_rate")
    assert f"{report.base_rate:.1%}" in report.reason


def test_a_column_that_knows_the_outcome_is_set_aside() -> None:
    table, _ = deals()
    table["fee"] = table["won"] * 5.0 + np.random.default_rng(0).normal(size=len(table))
    report = evaluate(table, Spec("won"))
    assert (report.state, report.features_quarantined) == ("leak", ["fee"])
    assert report.auc == pytest.approx(evaluate(table.drop(columns="fee"), Spec("won")).auc)


def test_columns_that_only_together_know_the_outcome_make_no_model() -> None:
    table, _ = deals()
    mask = np.random.default_rng(0).normal(scale=20, size=len(table))
    table["one"], table["other"] = mask, mask + 9 * table["won"]
    report = evaluate(table, Spec("won"))
    assert (report.state, report.champion) == ("leak", "base_rate")


def test_a_date_of_what_came_later_is_set_aside() -> None:
    table, _ = deals(800)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(table["day"], unit="D")
    later = day + pd.to_timedelta(np.random.default_rng(0).integers(1, 90, len(table)), unit="D")
    table["opened"], table["closed"] = day.astype(str), later.astype(str)
    assert evaluate(table, Spec("won", time="opened", drop=("day",))).features_quarantined == ["closed"]


def test_empty_constant_and_infinite_columns_do_no_harm() -> None:
    table, _ = deals(500)
    table["nothing"], table["same"] = np.nan, 3
    table["vast"] = np.where(np.arange(500) % 7, -1.0, np.inf)
    report = evaluate(table, Spec("won", time="day"))
    assert report.state == "ok"
    assert report.features_left_out == {"nothing": "empty", "same": "always the same"}


def test_a_column_that_is_empty_in_the_oldest_rows_alone_does_no_harm() -> None:
    table, _ = deals(700)
    table["new"] = np.where(table["day"] > 500, table["size"], np.nan)
    assert evaluate(table, Spec("won", time="day")).state == "ok"


def test_negative_values_are_values() -> None:
    table, _ = deals(600, seed=2)
    below = table.assign(size=table["size"] - 1e6, label=-table["won"]).drop(columns="won")
    report = evaluate(below, Spec("label", "-1"))
    assert report.state == "ok"
    assert report.base_rate == pytest.approx(table["won"].mean())


@pytest.mark.parametrize("rows", [0, 5])
def test_a_few_rows_make_no_model(rows: int) -> None:
    assert evaluate(deals()[0].head(rows), Spec("won")).state == "too_few"


@pytest.mark.parametrize("value", [0, 1])
def test_one_outcome_alone_makes_no_model(value: int) -> None:
    assert evaluate(deals()[0].assign(won=value), Spec("won")).state == "too_few"


def test_blank_outcomes_are_no_outcomes() -> None:
    table, _ = deals(400)
    table["won"] = table["won"].astype(object).where(table["day"] < 300, None)
    assert evaluate(table, Spec("won")).rows == 300


def test_a_row_that_stands_there_twice_counts_once() -> None:
    table, _ = deals(400)
    table["id"] = [f"deal-{k}" for k in range(len(table))]
    report = evaluate(pd.concat([table, table.tail(15)]), Spec("won"))
    assert (report.rows, report.repeated_rows) == (400, 15)
    assert report.auc == evaluate(table, Spec("won")).auc


def test_rows_of_one_id_are_in_one_fold() -> None:
    table, _ = deals(400)
    group = np.arange(400) % 360
    part = shuffled(table[["size"]], table["won"].to_numpy(), group).part
    assert (part[360:] == part[:40]).all()


def test_a_candidate_is_not_chosen_on_the_rows_it_is_judged_by() -> None:
    table, _ = deals(600)
    rows, time = table[["size", "kind"]], table["day"].to_numpy(float)
    outcome = table["won"].to_numpy(float)
    changed = outcome.copy()
    last = time >= np.quantile(time, CUTS[-2])
    changed[last] = 1 - changed[last]
    before, after = rolling(rows, outcome, time, None), rolling(rows, changed, time, None)
    assert before is not None
    assert after is not None
    assert before.chosen == after.chosen
    assert (before.nested == after.nested).all()
    assert len(before.truth) == int((time >= np.quantile(time, CUTS[1])).sum())


def test_an_outcome_that_was_not_known_by_then_teaches_nothing() -> None:
    table, _ = deals(900)
    rows, time, outcome = table[["size"]], table["day"].to_numpy(float), table["won"].to_numpy(float)
    known = time + 10_000
    assert rolling(rows, outcome, time, known) is None
    assert rolling(rows, outcome, time, time + 5) is not None


def test_what_is_not_known_yet_is_no_outcome() -> None:
    table, _ = deals(600, seed=2)
    table["closed"] = (table["day"] + 5).where(table["day"] < 500)
    report = evaluate(
        table.assign(won=table["won"].where(table["day"] < 500, 0)), Spec("won", time="day", known="closed")
    )
    assert report.rows == 500
    assert report.base_rate == pytest.approx(table["won"].head(500).mean())


def test_what_counts_as_the_rest_is_said() -> None:
    table, _ = deals(400)
    table["stage"] = np.where(table["won"] == 1, "Won", np.where(table["day"] % 2, "Lost", "Open"))
    assert evaluate(table.drop(columns="won"), Spec("stage", "Won")).reason.endswith("Not Won are: Lost, Open.")


def test_a_running_number_is_no_day_that_dates_are_told_from() -> None:
    table, _ = deals(400)
    table["number"] = 600_000 + table["day"]
    table["begun"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(table["day"] * 7 % 90, unit="D")).astype(str)
    told = prepared(table, Spec("won", time="number", drop=("day",)))
    assert isinstance(told, Prepared)
    assert not told.recipe.since
    assert told.rows["begun"].between(19_000, 20_000).all()


def test_rows_without_a_time_take_no_part_in_time() -> None:
    table, _ = deals(900)
    table["day"] = table["day"].where(table["day"] % 9 != 0).astype(float)
    report = evaluate(table, Spec("won", time="day"))
    assert report.state == "ok"
    assert report.rows == 900


def test_a_time_that_is_never_there_gives_no_figure_of_time() -> None:
    report = evaluate(deals(400)[0].assign(day=np.nan), Spec("won", time="day"))
    assert report.auc_temporal is None


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (Spec("gone"), "no column gone"),
        (Spec("won", drop=("gone",)), "no column gone"),
        (Spec("won", "Maybe"), "never holds Maybe"),
        (Spec("kind"), "more than yes and no"),
        (Spec("kind", ">0"), "does not hold numbers"),
        (Spec("won", time="kind"), "neither dates nor numbers"),
        (Spec("won", subject="kind"), "needs a time"),
        (Spec("won", time="day", known="date"), "both must be dates"),
    ],
)
def test_what_a_table_cannot_mean_is_said(spec: Spec, told: str) -> None:
    with pytest.raises(Unusable, match=told):
        evaluate(deals(100)[0].assign(date="2024-01-31"), spec)


def test_what_is_called_likely_happens_as_often_as_is_said() -> None:
    table, truth = deals(1500)
    said = np.clip(truth, 0.01, 0.99)
    timid = 1 / (1 + np.exp(-0.4 * np.log(said / (1 - said)) - 0.7))
    told = line(timid, table["won"].to_numpy(float))
    assert ece(table["won"].to_numpy(), told.probability(timid)) < 0.04 < ece(table["won"].to_numpy(), timid)


def test_a_few_rows_move_a_probability_little() -> None:
    assert abs(line(np.array([0.5]), np.array([1.0])).shift) < 0.5
    assert line(np.empty(0), np.empty(0)).stretch == pytest.approx(1)


def test_a_base_rate_that_grows_is_followed() -> None:
    draw, rows = np.random.default_rng(0), 2400
    day, size = np.arange(rows), draw.normal(size=rows)
    won = draw.random(rows) < 1 / (1 + np.exp(-size - np.where(day > rows * 0.5, 1.0, -1.0)))
    judged = rolling(pd.DataFrame({"size": size}), won.astype(float), day.astype(float), None)
    assert judged is not None
    last = judged.part == judged.part.max()
    plain = judged.told[judged.chosen[int(judged.part.max())].name]
    truth = judged.truth[last]
    assert abs(judged.nested[last].mean() - truth.mean()) < abs(plain[last].mean() - truth.mean())
