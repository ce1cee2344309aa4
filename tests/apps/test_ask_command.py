"""`longhouse ask`: the sentence, the rows, the days, the receipt; and an honest no."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.houses import House

ORG = ("--org", "demo")


def answered(house: House, question: str, *more: str) -> dict[str, Any]:
    told = json.loads(house.run("ask", question, *ORG, *more, "--format", "json").stdout)
    assert isinstance(told, dict)
    return told


def test_an_answer_is_the_semantic_layers_own_and_its_receipt_holds(built_house: House) -> None:
    told = answered(built_house, "won deals by sector in 2025")
    metric = built_house.metric("won_deal_count", *ORG, "--by", "sector", "--from", "2025-01-01", "--to", "2026-01-01")
    assert told["rows"] == metric["rows"] != []
    assert told["receipt"] == metric["receipt"]
    assert told["window"]["from"] == "2025-01-01"
    assert "holds" in built_house.run("verify", told["receipt"]).stdout


def test_single_records_what_is_left_out_and_other_dates_are_verified_too(built_house: House) -> None:
    for question in (
        "the ten largest won deals",
        "won value excluding retail in 2025 by country",
        "deals won in 2026 that were opened in 2025",
    ):
        told = answered(built_house, question)
        assert told["rows"]
        assert "holds" in built_house.run("verify", told["receipt"]).stdout, question


def test_the_ten_largest_are_the_largest(built_house: House) -> None:
    largest = [float(row["won_value"]) for row in answered(built_house, "the ten largest won deals")["rows"]]
    every = [float(row["won_value"] or 0) for row in answered(built_house, "which deals did we win")["rows"]]
    assert largest == sorted(every, reverse=True)[:10]


def test_what_is_left_out_and_what_is_left_make_the_whole(built_house: House) -> None:
    def count(question: str) -> int:
        return int(answered(built_house, question)["rows"][0]["won_deal_count"])

    assert count("won deals excluding retail") + count("won deals in retail") == count("won deals") > 0


def test_a_person_reads_a_sentence_a_table_the_days_and_the_receipt(built_house: House) -> None:
    done = built_house.run("ask", "top 3 reps by won value", *ORG, "--as-of", "2026-06-30")
    assert done.stdout.startswith("Won by sales rep, all time up to 30 Jun 2026; the 3 largest.\n")
    assert "as of 2026-06-30 · receipt " in done.stderr


@pytest.mark.parametrize(("question", "kind"), [("why?", "unanswerable"), ("how are we doing?", "clarify")])
def test_no_answer_is_told_as_one(built_house: House, question: str, kind: str) -> None:
    told = answered(built_house, question)
    assert (told["kind"], "rows" in told) == (kind, False)
    assert built_house.run("ask", question, *ORG).stdout.startswith(told["reason"])


def test_a_file_of_questions_is_scored(built_house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(
        "as_of: 2026-11-28\ncases:\n"
        "  - {id: a, question: won deals in 2025, kind: answer, gold: {metrics: [won_deal_count], from: 2025-01-01, to: 2026-01-01}}\n"
        "  - {id: b, question: won deals in 2025, kind: answer, gold: {metrics: [lost_deal_count]}}\n"
        "  - {id: c, question: profit margin, kind: refuse}\n",
        encoding="utf-8",
    )
    told = json.loads(built_house.run("ask", "evaluate", str(file), *ORG, "--format", "json").stdout)
    assert {name: told[name] for name in ("cases", "answerable", "right", "wrong", "refuse_right")} == {
        "cases": 3, "answerable": 2, "right": 1, "wrong": 1, "refuse_right": 1
    }  # fmt: skip
    assert [failure["id"] for failure in told["failures"]] == ["b"]


def test_a_file_that_is_not_there_is_told_in_a_sentence(built_house: House) -> None:
    done = built_house.run("ask", "evaluate", "nowhere.yaml", *ORG, check=False)
    assert done.returncode != 0
    assert "nowhere.yaml cannot be read" in done.stdout + done.stderr
