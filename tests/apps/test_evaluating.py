"""`longhouse ml evaluate` as a person or a program asks it."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from apps.cli import app
from tests.ml.invented import deals, months

SCORE = {
    "state",
    "auc",
    "brier",
    "brier_skill",
    "ece",
    "lift_at_10",
    "auc_temporal",
    "champion",
    "features_quarantined",
}
FORECAST = {"state", "mase", "mase_seasonal_naive", "coverage_80", "coverage_95", "cpu_seconds"}
ROUTING = {"state", "accuracy", "macro_f1", "coverage_at_95_precision"}


def _asked(*words: str) -> Result:
    return CliRunner().invoke(app, ["ml", "evaluate", *words])


def _written(table: pd.DataFrame, folder: Path) -> str:
    table.to_csv(folder / "t.csv", index=False)
    return str(folder / "t.csv")


def test_a_score_is_told_in_json(tmp_path: Path) -> None:
    table = deals(600, seed=2)[0].assign(won=lambda rows: rows["won"].map({1: "Yes", 0: "No"}))
    done = _asked("--task", "win", "--data", _written(table, tmp_path), "--target", "won", "--format", "json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert set(told) >= SCORE
    assert (told["state"], told["auc_temporal"]) == ("ok", None)


def test_a_score_without_signal_ends_well(tmp_path: Path) -> None:
    path = _written(deals(200, 0.0, 4)[0], tmp_path)
    done = _asked("--task", "churn", "--data", path, "--target", "won", "--time", "day")
    assert done.exit_code == 0
    assert "no_signal" in done.stdout
    assert "base rate" in done.stdout


def test_a_forecast_is_told_in_json(tmp_path: Path) -> None:
    path = _written(months(2, 60), tmp_path)
    options = ("--time", "month", "--value", "sold", "--series", "shop", "--horizon", "3", "--season", "12")
    done = _asked("--task", "forecast", "--data", path, *options, "--format", "json")
    assert done.exit_code == 0
    assert set(json.loads(done.stdout)) >= FORECAST


def test_routing_is_told_in_json(tmp_path: Path) -> None:
    text = pd.DataFrame({"text": ["late box", "locked out"] * 30, "kind": ["parcel", "access"] * 30})
    path = _written(text, tmp_path)
    done = _asked(
        "--task", "routing", "--data", path, "--test", path, "--text", "text", "--target", "kind", "--format", "json"
    )
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert set(told) >= ROUTING
    assert told["accuracy"] == 1


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (None, [], "There is no file"),
        (b"", [], "is empty"),
        (b"\x00\x01\x02,\xff\n\x00,\x00", [], "not a CSV"),
        (b"a,b\n1,2\n", [], "There is no column won"),
        (b"a,won\n1,Won\n2,Lost\n", ["--positive", "Gone"], "never holds Gone"),
        (b"a,won\n1,Won\n2,Lost\n", [], "--positive"),
        (b"a,won\n1,1\n2,0\n", ["--subject", "a"], "needs a time"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, content: bytes | None, options: list[str], told: str
) -> None:
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    done = _asked("--task", "win", "--data", str(path), "--target", "won", "--format", "json", *options)
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["state"]) == (1, "invalid")
    assert told in answer["reason"]


@pytest.mark.parametrize(
    ("task", "told"), [("forecast", "--time and --value"), ("routing", "--text"), ("win", "--target")]
)
def test_an_option_that_a_task_needs_is_named(tmp_path: Path, task: str, told: str) -> None:
    done = _asked("--task", task, "--data", _written(months(1, 30), tmp_path))
    assert done.exit_code == 1
    assert told in done.stderr
