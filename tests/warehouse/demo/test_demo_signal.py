"""Outcomes follow from what is known as strongly as they should, and from nothing in the null variant."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tests.warehouse.demo.frames import Told, told
from warehouse.demo.calendar import month_of, weekday_of
from warehouse.demo.choices import Preset, Variant

HOUSES = ("demo", "tidepool", "millrace", "lindenrow")
FEATURES = {
    "lead": ["fit", "engagement", "response_hours"],
    "win": ["champion", "rival", "slips", "discount", "fit", "price_sensitivity", "effort", "skill"],
    "late_payment": ["lateness"],
}
CHANCE = {"lead": "chance", "win": "chance_at_proposal", "late_payment": "chance"}
BANDS = {"lead": (0.80, 0.88), "win": (0.70, 0.78), "late_payment": (0.83, 0.87)}


def _rows(house: Told, task: str) -> pl.DataFrame:
    """Cases whose outcome is known."""
    rows = house.truth[task]
    if task == "lead":
        return rows.filter("closed")
    if task == "win":
        return rows.filter(pl.col("reached_proposal") & pl.col("closed"))
    return rows


def _all(task: str, variant: Variant = Variant.NORMAL) -> pl.DataFrame:
    return pl.concat([_rows(told(slug, variant=variant), task) for slug in HOUSES])


def _auc(rows: pl.DataFrame, by: NDArray[Any]) -> float:
    return float(roc_auc_score(rows["label"].to_numpy(), by))


def _features(rows: pl.DataFrame, task: str) -> NDArray[np.float64]:
    values = rows.select(pl.col(FEATURES[task]).cast(pl.Float64)).to_numpy().copy()
    if task == "lead":
        values[:, 2] = np.log(values[:, 2])
    return values


@pytest.mark.parametrize("task", BANDS)
def test_the_best_possible_score_is_as_good_as_it_should_be(task: str) -> None:
    rows = _all(task)
    low, high = BANDS[task]
    assert rows.height > 5_000
    assert low <= _auc(rows, rows[CHANCE[task]].to_numpy()) <= high


@pytest.mark.parametrize("task", BANDS)
def test_the_true_chances_are_what_happens(task: str) -> None:
    rows = _all(task).with_columns(tenth=(pl.col(CHANCE[task]) * 10).floor())
    told_and_seen = rows.group_by("tenth").agg(
        pl.col(CHANCE[task]).mean().alias("told"), pl.col("label").mean().alias("seen"), pl.len().alias("n")
    )
    for one in told_and_seen.filter(pl.col("n") > 200).iter_rows(named=True):
        assert abs(one["told"] - one["seen"]) < 0.06, one


@pytest.mark.parametrize("task", ["lead", "win"])
def test_a_model_finds_what_there_is_to_find(task: str) -> None:
    rows = _all(task)
    half = rows.height // 2
    values, labels = _features(rows, task), rows["label"].to_numpy()
    order = np.random.default_rng(1).permutation(rows.height)
    train, test = order[:half], order[half:]
    model = LogisticRegression(max_iter=500).fit(values[train], labels[train])
    found = roc_auc_score(labels[test], model.predict_proba(values[test])[:, 1])
    best = roc_auc_score(labels[test], rows[CHANCE[task]].to_numpy()[test])
    assert found - 0.5 >= 0.9 * (best - 0.5)


@pytest.mark.parametrize("task", BANDS)
def test_in_the_null_variant_nothing_tells_outcomes_apart(task: str) -> None:
    rows = _all(task, Variant.NULL)
    values, labels = _features(rows, task), rows["label"].to_numpy()
    for column in range(values.shape[1]):
        assert abs(roc_auc_score(labels, values[:, column]) - 0.5) < 0.03
    order = np.random.default_rng(1).permutation(rows.height)
    half = rows.height // 2
    model = LogisticRegression(max_iter=500).fit(values[order[:half]], labels[order[:half]])
    found = roc_auc_score(labels[order[half:]], model.predict_proba(values[order[half:]])[:, 1])
    assert abs(found - 0.5) < 0.03


def test_late_payers_stay_late_payers() -> None:
    """What a customer did before says more than the bill does."""
    rows = _all("late_payment").sort("issued_on")
    seen = rows.with_columns(
        before=(pl.col("label").cast(pl.Int64).cum_sum() - pl.col("label")).over("customer_id"),
        bills=pl.int_range(pl.len()).over("customer_id"),
    ).filter(pl.col("bills") >= 3)
    share = (seen["before"] / seen["bills"]).to_numpy()
    assert _auc(seen, share) > 0.72


@pytest.mark.parametrize("slug", ["millrace", "lindenrow"])
def test_the_year_shows_in_new_customers(slug: str) -> None:
    house = told(slug)
    days = house.tables["customers"]["created_at"].dt.date().to_numpy().astype("datetime64[D]")
    later = days[days > house.company.origin + 60]
    whole = later[later < house.company.origin + 60 + 730]
    counts = np.bincount(month_of(whole), minlength=12) / len(whole) * 12
    assert np.corrcoef(counts, house.company.kind.season)[0, 1] > 0.6
    week = np.bincount(weekday_of(later), minlength=7) / len(later)
    assert np.corrcoef(week, house.company.kind.week)[0, 1] > 0.95


def test_business_grows() -> None:
    house = told("tidepool")
    days = house.tables["customers"]["created_at"].dt.date()
    start = house.company.origin.astype(date)
    first = days.is_between(start.replace(month=4), start.replace(month=4, year=start.year + 1)).sum()
    second = days.is_between(
        start.replace(month=4, year=start.year + 1), start.replace(month=4, year=start.year + 2)
    ).sum()
    assert 1.3 < second / first < 2.2


def test_the_leak_gives_won_deals_away() -> None:
    house = told("demo", Preset.TINY, variant=Variant.LEAK)
    deals = house.tables["opportunities"]
    assert (deals["custom_fields"].str.contains("handover") == (deals["stage"] == "closed_won")).all()


def test_drift_makes_the_rare_frequent_in_the_end() -> None:
    def late_share(variant: Variant) -> float:
        house = told("millrace", variant=variant)
        begins = house.company.origin.astype(date).toordinal() + int(1096 * 0.8)
        rows = _rows(house, "late_payment").filter(pl.col("issued_on") > date.fromordinal(begins))
        return float(rows["label"].mean())  # type: ignore[arg-type]

    assert late_share(Variant.DRIFT) > 1.5 * late_share(Variant.NORMAL)
