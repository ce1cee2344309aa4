"""A model scores rows it never saw, and says why in parts that add up."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from ml.scores.calibration import Line
from ml.scores.measures import auc, ece
from ml.scores.model import Model, train
from ml.scores.protocol import Spec
from ml.tables import Unusable
from tests.ml.invented import deals, invoices


@pytest.fixture(scope="module")
def model() -> Model:
    table, _ = deals(1500)
    table["date"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(table["day"] % 200, unit="D")).astype(str)
    return train(table, Spec("won", drop=("day",)))


@pytest.fixture(scope="module")
def others() -> tuple[pd.DataFrame, np.ndarray]:
    table, truth = deals(2000, seed=9)
    table["date"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(table["day"] % 200, unit="D")).astype(str)
    return table.set_index(np.arange(5000, 7000)), truth


def test_rows_it_never_saw_are_ranked_and_rated_well(model: Model, others: tuple[pd.DataFrame, np.ndarray]) -> None:
    table, truth = others
    p = model.score(table.drop(columns="won")).probability
    won = table["won"].to_numpy()
    assert p.index.equals(table.index)
    assert auc(won, p.to_numpy()) >= auc(won, truth) - 0.02
    assert ece(won, p.to_numpy()) < 0.05


def test_a_row_scores_the_same_alone_and_among_others(model: Model, others: tuple[pd.DataFrame, np.ndarray]) -> None:
    table, _ = others
    together = model.score(table.head(20))
    alone = model.score(table.iloc[[7]])
    assert alone.probability.iloc[0] == pytest.approx(together.probability.iloc[7])
    row = together.drivers[together.drivers["row"] == table.index[7]]
    assert alone.drivers["sentence"].tolist() == row["sentence"].tolist()


def test_drivers_add_up_to_the_difference_from_a_typical_row(
    model: Model, others: tuple[pd.DataFrame, np.ndarray]
) -> None:
    table, _ = others
    told = model.score(table)
    sums = told.drivers.groupby("row")["log_odds"].sum().reindex(table.index, fill_value=0.0)
    base = logit(told.probability) - sums
    # What moves a row by less than a twentieth is not told: three fields leave no more than that.
    assert base.max() - base.min() < 0.3


def test_the_field_that_matters_comes_first_and_says_which_way(
    model: Model, others: tuple[pd.DataFrame, np.ndarray]
) -> None:
    table, _ = others
    asked = table.head(1).assign(size=3.0, kind="south")
    first = model.score(asked).drivers.iloc[0]
    assert (first["field"], first["direction"], first["value"]) == ("size", "raises", "3")
    assert first["sentence"].startswith("size is 3 (usually ")
    assert first["sentence"].endswith("), which raises the chance.")
    assert model.score(asked.assign(size=-3.0)).drivers.iloc[0]["direction"] == "lowers"


def test_what_was_never_seen_before_is_unknown_and_does_no_harm(
    model: Model, others: tuple[pd.DataFrame, np.ndarray]
) -> None:
    table, _ = others
    odd = table.head(3).assign(kind=["west", None, ""], size=[np.inf, np.nan, 1e12], date=["soon", None, "2031-01-01"])
    p = model.score(odd).probability
    assert p.between(0, 1).all()
    assert model.score(table.head(0)).probability.empty


def test_a_missing_column_is_said(model: Model, others: tuple[pd.DataFrame, np.ndarray]) -> None:
    with pytest.raises(Unusable, match="no column size"):
        model.score(others[0].drop(columns="size"))


def test_where_there_is_no_signal_every_row_has_the_base_rate() -> None:
    table, _ = deals(300, 0.0, 4)
    told = train(table, Spec("won")).score(table)
    assert told.probability.tolist() == pytest.approx([table["won"].mean()] * 300)
    assert told.drivers.empty


def test_five_rows_have_their_base_rate_and_none_has_none() -> None:
    table = deals()[0].head(5)
    assert train(table, Spec("won")).score(table).probability.iloc[0] == pytest.approx(table["won"].mean())
    assert train(table.head(0), Spec("won")).score(table).probability.isna().all()


def test_a_quarantined_column_is_not_needed_and_not_looked_at() -> None:
    table, _ = deals(800)
    table["fee"] = table["won"] * 5.0 + np.random.default_rng(0).normal(size=len(table))
    model = train(table, Spec("won"))
    p = model.score(table.drop(columns="fee")).probability
    assert (p == model.score(table.assign(fee=-table["fee"])).probability).all()


def test_calibration_is_part_of_a_score(model: Model, others: tuple[pd.DataFrame, np.ndarray]) -> None:
    table, _ = others
    p = model.score(table).probability
    before = model.report.calibration
    model.report.calibration = Line(before.shift + 1, before.stretch)
    try:
        assert (logit(model.score(table).probability) - logit(p)).to_numpy() == pytest.approx(1)
    finally:
        model.report.calibration = before


def test_a_new_invoice_is_scored_by_its_customer_s_past() -> None:
    table = invoices()
    past, new = table.iloc[:-300], table.iloc[-300:]
    model = train(past, Spec("days_late", ">0", "issued", "customer", "paid"))
    assert model.report.state == "ok"
    last = new[["customer", "issued", "amount"]].assign(issued="05/02/2025")
    told = model.score(last.head(3), past)
    assert told.probability.between(0, 1).all()
    assert told.drivers["field"].str.startswith("customer history").any()
    with pytest.raises(Unusable, match="earlier rows"):
        model.score(last)


def test_two_rows_are_read_with_the_day_first_as_all_were() -> None:
    table = invoices()
    model = train(table, Spec("days_late", ">0", "issued", "customer", "paid"))
    one = table[["customer", "issued", "amount"]].head(1)
    early, late = (
        model.score(one.assign(issued=day), table).probability.iloc[0] for day in ("01/02/2023", "02/01/2025")
    )
    assert early != late
    assert model.day_first == {"issued": True, "paid": True}
