"""Suites are data: every file is valid, and what is asked and shown keeps to what may be said."""

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.checks.before import bounds
from pipelines.checks.evidence import KEPT, keep, page
from pipelines.checks.expectations import Finding
from pipelines.checks.outcome import Examined, Outcome
from pipelines.checks.suite import COMPARED, Expectation, Suite, read_suites
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Severity
from warehouse.oltp.projection import copied_tables
from warehouse.operations.checks import EXAMINED, Changes
from warehouse.settings import settings

SUITES = read_suites()
TABLES = {table.name: table for table in copied_tables()}
MEDIAN = Expectation(
    check="usual",
    type="expect_column_median_to_be_between",
    kwargs={"column": "amount"},
    meaning="As before.",
    against_before={"times": 10, "rows": 10},
)
SHARE = Expectation(
    check="as_often",
    type="expect_column_proportion_of_non_null_values_to_be_between",
    kwargs={"column": "amount"},
    meaning="As before.",
    against_before={"drop": 0.25, "rows": 10},
)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_a_suite_names_columns_its_table_has_and_each_check_once(suite: Suite) -> None:
    assert set(suite.columns) <= set(TABLES[suite.table].c.keys())
    names = [one.check for one in suite.expectations]
    assert len(names) == len(set(names))
    assert EXAMINED not in names


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_a_suite_asks_only_what_great_expectations_knows(suite: Suite) -> None:
    found = find_spec("great_expectations")
    assert found is not None
    assert found.origin is not None
    known = {path.stem for path in (Path(found.origin).parent / "expectations" / "core").glob("expect_*.py")}
    assert {one.type for one in suite.expectations} <= known


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_restricted_columns_are_not_examined_and_personal_ones_not_measured(suite: Suite) -> None:
    privacy = {name: TABLES[suite.table].c[name].info["privacy"] for name in suite.columns}
    assert "restricted" not in privacy.values()
    shares = "expect_column_proportion_of_non_null_values_to_be_between"
    measured = [one for one in suite.expectations if one.type in COMPARED and one.type != shares]
    assert [one.check for one in measured if privacy[one.columns[0]] != "business"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "expect_column_values_to_not_be_null"},
        {"against_before": None},
        {"against_before": {"drop": 0.5}},
        {"meaning": "no sentence"},
        {"colour": "red"},
    ],
)
def test_a_mistake_in_a_suite_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Expectation.model_validate(MEDIAN.model_dump() | changed)


def test_bounds_come_from_the_rows_before() -> None:
    before = [{"amount": amount} for amount in (*range(91, 110), None)]
    came = [{"amount": 1.0}] * 10
    assert bounds(MEDIAN, came, before) == {"column": "amount", "min_value": 10.0, "max_value": 1000.0}
    assert bounds(SHARE, came, before) == {"column": "amount", "min_value": 0.7}


@pytest.mark.parametrize("expectation", [MEDIAN, SHARE], ids=["median", "share"])
def test_with_too_few_rows_nobody_compares(expectation: Expectation) -> None:
    few, enough = [{"amount": 1}] * 9, [{"amount": 1}] * 10
    assert bounds(expectation, few, enough) is None
    assert bounds(expectation, enough, few) is None


def outcome(organization_id: str = "01a1f949-e020-7c80-9d9c-bb7c3bc20e3f") -> Outcome:
    """One expectation met and one not."""
    met = Finding("met", "All is well.", "expect_x", {"column": "a"}, Severity.WARN, passed=True, rows=4)
    ids = tuple(f"id-{number}" for number in range(60))
    broken = Finding(
        "broken", "A < B.", "expect_y", {"min_value": 5}, Severity.WARN, passed=False, rows=120, failing=60, ids=ids
    )
    table = Examined("customers", "customers", 120, 200, [met, broken])
    now = datetime.now(UTC)
    return Outcome(uuid7(now), organization_id, "A <b>&</b> Sons", "night", now, Changes(4, 9), [table])


def test_results_say_what_was_covered_and_name_a_few_ids() -> None:
    covered, met, broken = outcome().results()
    assert (covered.check_name, covered.sample_ids, covered.passed) == (EXAMINED, ["5", "9"], True)
    assert (met.passed, met.message, met.sample_ids) == (True, "All is well.", [])
    assert broken.message == "60 of 120 customers (50.0%) fail: A < B."
    assert (broken.subject, broken.rows_failing, len(broken.sample_ids)) == ("customers", 60, 5)


def test_the_page_fetches_nothing_runs_nothing_and_escapes_everything() -> None:
    html = page(outcome())
    assert "default-src 'none'" in html
    assert all(word not in html for word in ("<script", "http://", "https://", "<b>&</b>"))
    assert "A &lt;b&gt;&amp;&lt;/b&gt; Sons" in html
    assert "The newest 120 of 200" in html
    assert "and 10 more" in html
    assert html.index("A &lt; B.") < html.index("All is well.")


def test_the_latest_pages_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    try:
        kept = [keep(outcome()) for _ in range(KEPT + 3)]
        assert sorted(kept[0].parent.iterdir()) == sorted(kept)[3:]
        assert kept[-1].stat().st_mode & 0o077 == 0
    finally:
        settings.cache_clear()
