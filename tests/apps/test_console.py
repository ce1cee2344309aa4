"""`longhouse sql`: an analyst's own questions, read-only, of one organization, and within what one may see."""

import json
import os
import subprocess
import sys

import pytest

from tests.houses import ROOT, House


@pytest.fixture(scope="module")
def asked(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A copy: every question leaves a row in the audit."""
    return built_house.copy(tmp_path_factory.mktemp("asked") / "data")


def rows(house: House, query: str, *more: str) -> list[dict[str, object]]:
    told = json.loads(house.run("sql", "--org", "demo", query, "--format", "json", *more).stdout)
    found: list[dict[str, object]] = told["rows"]
    return found


def test_one_select_is_answered(asked: House) -> None:
    [row] = rows(asked, "select count(*) as deals, min(opened_on) <= max(opened_on) as ordered from fct_opportunities")
    assert int(str(row["deals"])) > 0
    assert row["ordered"] is True


def test_only_the_organizations_own_rows_are_there(asked: House) -> None:
    here = rows(asked, "select count(*) as deals from fct_opportunities")
    there = json.loads(
        asked.run(
            "sql", "--org", "globex", "select count(*) as deals from fct_opportunities", "--format", "json"
        ).stdout
    )["rows"]
    assert there == [{"deals": 6}]
    assert here != there


@pytest.mark.parametrize(
    "query",
    [
        "delete from fct_opportunities",
        "create table t as select 1",
        "attach 'x.db' as x",
        "select * from read_csv('/etc/passwd')",
        "select * from duckdb_settings()",
        "select 1; select 2",
        "select * from build_watermark",
    ],
)
def test_what_is_no_question_of_ones_own_numbers_is_refused(asked: House, query: str) -> None:
    done = asked.run("sql", "--org", "demo", query, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip()


def test_a_mistake_is_told_and_the_next_statement_is_answered(asked: House) -> None:
    typed = "select nothing from fct_opportunities;\nselect 40 + 2\n  as answer;\nselect 1 as last"
    done = subprocess.run(
        [sys.executable, "-m", "apps.cli", "sql", "--org", "globex", "--format", "csv"],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | asked.environment,
        timeout=120,
    )
    assert done.returncode == 0
    assert done.stdout.split() == ["answer", "42", "last", "1"]
    assert "nothing" in done.stderr


def test_the_tables_are_listed_with_what_a_row_is(asked: House) -> None:
    told = asked.run("sql", "--org", "demo", "--tables").stdout
    assert "fct_opportunities" in told
    assert "people_customers" in told
    assert "build_watermark" not in told
