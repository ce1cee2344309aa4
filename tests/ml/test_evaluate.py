"""Guesses are tried on a table before anybody trusts them; the truth of these tables is known."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from apps.cli import app
from ml.forecasts.backtest import evaluate as forecast
from ml.scores.history import history
from ml.scores.measures import auc
from ml.scores.protocol import Spec, evaluate
from ml.tables import Unusable


def _table(rows: int = 1500, strength: float = 1.5, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    draw = np.random.default_rng(seed)
    size, kind = draw.normal(size=rows), draw.choice(["north", "south"], rows)
    p = 1 / (1 + np.exp(-strength * size - strength * (kind == "north") + strength / 2))
    outcome = (draw.random(rows) < p).astype(int)
    return pd.DataFrame({"size": size, "kind": kind, "day": np.arange(rows), "won": outcome}), p


def test_a_score_comes_near_the_best_there_can_be() -> None:
    table, truth = _table()
    report = evaluate(table, Spec("won", time="day"))
    assert report.state == "ok"
    assert report.auc is not None
    assert report.auc_temporal is not None
    assert report.auc - 0.5 >= 0.93 * (auc(table["won"].to_numpy(), truth) - 0.5)


def test_noise_is_refused() -> None:
    states = [evaluate(_table(400, 0.0, seed)[0], Spec("won")).state for seed in range(5)]
    assert states.count("ok") <= 1


def test_a_column_that_knows_the_outcome_is_set_aside() -> None:
    table, _ = _table()
    table["fee"] = table["won"] * 5.0 + np.random.default_rng(0).normal(size=len(table))
    report = evaluate(table, Spec("won"))
    assert (report.state, report.features_quarantined) == ("leak", ["fee"])


def test_empty_constant_and_infinite_columns_do_no_harm() -> None:
    table, _ = _table(500)
    table["nothing"], table["same"] = np.nan, 3
    table["vast"] = np.where(np.arange(500) % 7, -1.0, np.inf)
    report = evaluate(table, Spec("won", time="day"))
    assert report.state == "ok"
    assert report.features_left_out == {"nothing": "empty", "same": "always the same"}


@pytest.mark.parametrize("rows", [0, 5])
def test_a_few_rows_make_no_model(rows: int) -> None:
    assert evaluate(_table()[0].head(rows), Spec("won")).state == "too_few"


def test_one_outcome_alone_makes_no_model() -> None:
    assert evaluate(_table()[0].assign(won=1), Spec("won")).state == "too_few"


def test_a_subject_s_past_holds_only_what_was_known() -> None:
    time, known, outcome = pd.Series([0.0, 10.0, 20.0]), pd.Series([15.0, 20.0, 30.0]), pd.Series([1.0, 0.0, 1.0])
    past = history(pd.Series(["acme"] * 3, name="who"), time, known, outcome)
    assert past["who history: known"].tolist() == [0, 0, 1]
    assert past["who history: open"].tolist() == [0, 1, 1]


def test_a_seasonal_series_is_forecast_better_than_by_its_last_season() -> None:
    draw, months = np.random.default_rng(0), 120
    day = pd.date_range("2015-01-01", periods=months, freq="MS").astype(str)
    rows = [
        pd.DataFrame(
            {"day": day, "one": one, "sold": 50 + 10 * np.sin(np.arange(months) * np.pi / 6) + draw.normal(size=months)}
        )
        for one in range(20)
    ]
    told = forecast(pd.concat(rows), "day", "sold", ("one",), 6, 12)
    assert told["mase"] < told["mase_seasonal_naive"]
    assert 0.65 <= told["coverage_80"] <= 0.92


def test_a_missing_month_is_said() -> None:
    day = pd.date_range("2015-01-01", periods=60, freq="MS").astype(str).delete(30)
    with pytest.raises(Unusable, match="lacks a period"):
        forecast(pd.DataFrame({"day": day, "sold": -1.0}), "day", "sold", (), 3, 12)


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (None, [], "There is no file"),
        (b"", [], "is empty"),
        (b"\x00\x01\x02,\xff\n\x00,\x00", [], "not a CSV"),
        (b"a,b\n1,2\n", [], "There is no column won"),
        (b"a,won\n1,Won\n2,Lost\n", ["--positive", "Gone"], "never holds Gone"),
        (b"a,won\n1,Won\n2,Lost\n", [], "--positive"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, content: bytes | None, options: list[str], told: str
) -> None:
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    asked = ["ml", "evaluate", "--task", "win", "--data", str(path), "--target", "won", "--format", "json", *options]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["state"] == "invalid"
    assert told in answer["reason"]
