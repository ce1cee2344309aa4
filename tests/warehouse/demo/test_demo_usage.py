"""Usage: weekdays show, it fades before some leave, and what that says about leaving is known."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from tests.warehouse.demo.rooms import SEED, Rooms, rooms_of, truth_of
from warehouse.demo.calendar import BLOCK_DAYS, is_holiday, weekday_of
from warehouse.demo.choices import Variant
from warehouse.demo.fading import FADES_UNTIL, WARNED, fading_of, seen_before_leaving
from warehouse.demo.usage import CLOSING


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    return rooms_of("tidepool")


def _rows(rooms: Rooms) -> np.ndarray:
    row = {key: place for place, key in enumerate(rooms.customers.ids.tolist())}
    return np.array([row[key] for key in rooms.tables["usage_events"]["customer_id"].tolist()])


def test_a_customer_uses_a_feature_once_a_day_and_only_while_a_customer(rooms: Rooms) -> None:
    usage, rows = rooms.tables["usage_events"], _rows(rooms)
    days = usage["used_on"].astype(int)
    grain = set(zip(rows.tolist(), usage["feature"].tolist(), days.tolist(), strict=True))
    assert len(grain) == len(rows)
    assert rooms.customers.is_active(rows, usage["used_on"]).all()
    assert (usage["events"] >= usage["active_users"]).all()
    assert (usage["recorded_at"] >= usage["used_on"] + 1).all()


@pytest.mark.parametrize("slug", ["tidepool", "lindenrow"])
def test_the_weekdays_of_a_kind_of_company_are_recovered(slug: str) -> None:
    rooms = rooms_of(slug)
    days = rooms.tables["usage_events"]["used_on"]
    # Whole weeks of an ordinary stretch.
    first = rooms.company.until - 7 * 60
    calendar = first + np.arange(7 * 59)
    usual = calendar[~is_holiday(calendar, rooms.company.country)]
    here = days[np.isin(days, usual)]
    found = np.bincount(weekday_of(here), minlength=7) / np.bincount(weekday_of(usual), minlength=7)
    planned = np.asarray(rooms.company.kind.week)
    assert np.corrcoef(found, planned)[0, 1] > 0.97
    assert np.abs(found / found.mean() - planned / planned.mean()).max() < 0.25


def test_use_fades_before_some_customers_leave_and_not_before_others(rooms: Rooms) -> None:
    usage, rows = rooms.tables["usage_events"], _rows(rooms)
    left = rooms.customers.life.churned_on
    fading = fading_of(rooms.company, rooms.customers, SEED)
    warned = ~np.isnat(fading.begins[:, 0])
    seen = np.flatnonzero(left <= rooms.company.until)
    old = seen[(left[seen] - rooms.customers.life.customer_on[seen]).astype(int) > 180]
    before = (left[rows] - usage["used_on"]).astype(float)
    ratios = []
    for group in (old[warned[old]], old[~warned[old]]):
        inside = np.isin(rows, group)
        last = (inside & (before >= 1) & (before <= 20)).sum() / 20
        usual = (inside & (before > FADES_UNTIL) & (before <= 160)).sum() / (160 - FADES_UNTIL)
        ratios.append(last / usual)
    assert ratios[0] < 0.5
    assert ratios[1] > 0.65
    assert abs(warned[seen].mean() - WARNED) < 0.07


def test_how_often_fading_is_seen_before_leaving_is_as_computed(rooms: Rooms) -> None:
    fading, life = fading_of(rooms.company, rooms.customers, SEED), rooms.customers.life
    block = (life.churned_on - rooms.company.origin).astype(float) // BLOCK_DAYS
    seen = [
        np.isin(block, [number]) & (fading.begins[:, 0] + 10 <= rooms.company.origin + BLOCK_DAYS * number)
        for number in range(2, 17)
    ]
    leaving = np.isin(block, range(2, 17)).sum()
    assert abs(np.sum(seen) / leaving - seen_before_leaving()) < 0.05


@pytest.mark.parametrize("slug", ["demo", "tidepool", "inkwell", "millrace", "lindenrow"])
def test_leaving_can_be_told_as_far_as_it_should_be(slug: str, tmp_path: Path) -> None:
    truth = truth_of(tmp_path, slug)["churn"]
    assert 0.80 <= roc_auc_score(truth["left"], truth["probability"]) <= 0.86
    assert abs(truth["left"].mean() - truth["probability"].mean()) < 0.02


def test_in_the_null_variant_use_says_nothing_about_leaving(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, "tidepool", Variant.NULL)["churn"]
    assert truth["left"].sum() > 100
    assert abs(roc_auc_score(truth["left"], truth["is_fading"].cast(int)) - 0.5) < 0.03
    assert abs(roc_auc_score(truth["left"], truth["probability"]) - 0.5) < 0.03


def test_in_the_drift_variant_the_counter_counts_more_in_the_last_fifth() -> None:
    rooms = rooms_of("tidepool", Variant.DRIFT)
    usage = rooms.tables["usage_events"]
    late = rooms.company.drift(usage["used_on"]) > 0
    per_user = usage["events"] / usage["active_users"]
    assert 1.4 < per_user[late].mean() / per_user[~late].mean() < 1.8


def test_in_the_leak_variant_a_use_is_booked_back_after_a_customer_has_left() -> None:
    rooms = rooms_of("tidepool", Variant.LEAK)
    usage = rooms.tables["usage_events"]
    closing = usage["feature"] == CLOSING
    row = {key: place for place, key in enumerate(rooms.customers.ids.tolist())}
    left = rooms.customers.life.churned_on[[row[key] for key in usage["customer_id"][closing].tolist()]]
    assert closing.sum() > 100
    assert (usage["used_on"][closing] <= left).all()
    assert (usage["recorded_at"][closing] > left).all()


def test_a_model_of_use_alone_finds_most_of_what_can_be_known_about_leaving(tmp_path: Path) -> None:
    rooms, truth = rooms_of("millrace"), truth_of(tmp_path, "millrace")["churn"]
    usage, rows = rooms.tables["usage_events"], _rows(rooms)
    row = {key: place for place, key in enumerate(rooms.customers.ids.astype("U36").tolist())}
    customer = np.array([row[key] for key in truth["customer_id"].to_list()])
    snapshot = (truth["snapshot_on"].to_numpy().astype("datetime64[D]") - rooms.company.origin).astype(int)
    day = (usage["recorded_at"].astype("datetime64[D]") - rooms.company.origin).astype(int)
    months = np.zeros((2, len(rooms.customers), day.max() // 30 + 2))
    np.add.at(months, (0, rows, day // 30), 1)
    np.add.at(months, (1, rows, day // 30), np.log(usage["events"] / usage["active_users"]))
    # Months that are over by the snapshot; what became known later is not in them.
    last = snapshot // 30
    sums = [
        sum(months[:, customer, np.maximum(last - back, 0)] * (last >= back) for back in range(1, span + 1))
        for span in (1, 2, 6)
    ]
    features = np.stack([part for both in sums for part in (both[0], both[1] / (both[0] + 1))], axis=1)
    train = snapshot <= np.quantile(snapshot, 0.65)
    model = HistGradientBoostingClassifier(
        learning_rate=0.03, max_iter=150, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=5, random_state=0
    )
    # Threads that wait for each other cost more than they bring on a busy machine.
    with threadpool_limits(1):
        model.fit(features[train], truth["left"].to_numpy()[train])
    later = truth["left"].to_numpy()[~train]
    found = roc_auc_score(later, model.predict_proba(features[~train])[:, 1]) - 0.5
    best = roc_auc_score(later, truth["probability"].to_numpy()[~train]) - 0.5
    assert 0.8 * best < found < best
