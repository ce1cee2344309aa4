"""Every job leaves one line in the log: which, how long, how it ended; a failure nobody foresaw has a reference."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines import run
from tests.houses import forget_everything
from warehouse import logs
from warehouse.oltp import migrate
from warehouse.settings import settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "data"))
    forget_everything()
    migrate.upgrade()
    monkeypatch.setattr(run, "up_to_date", lambda session: None)
    yield tmp_path / "data"
    ours = logging.getLogger(logs.OURS)
    ours.handlers[:], ours.propagate = [logging.NullHandler()], True
    logs.begin()
    forget_everything()


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (settings().logs_path / "jobs.log").read_text().splitlines()]


@pytest.mark.parametrize(
    ("failure", "outcome", "code"), [(None, "ok", 0), ("Mail ana@acme.test about it.", "failed", 1)]
)
def test_a_job_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, failure: str | None, outcome: str, code: int
) -> None:
    monkeypatch.setattr(run, "_execute", lambda job: failure)
    assert run.main(["refresh"]) == code
    [line] = lines()
    assert (line["event"], line["job"], line["outcome"]) == ("job", "refresh", outcome)
    assert line["run_id"]
    assert line["duration_ms"] >= 0
    assert line.get("problem") == ("Mail [e-mail] about it." if failure else None)


def test_what_nobody_foresaw_is_one_sentence_with_a_reference(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(job: str) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(run, "_execute", fails)
    assert run.main(["refresh"]) == 70
    said = capsys.readouterr().err
    reference = next(line["reference"] for line in lines() if line["event"] == "unforeseen failure")
    assert f"longhouse errors {reference}" in said
    assert said.count("\n") == 1
