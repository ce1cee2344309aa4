"""`longhouse dbt`: models by hand, on a workshop of one's own."""

import json
import shutil
from pathlib import Path

import pytest

from tests.houses import House

pytestmark = pytest.mark.slow


@pytest.fixture
def scratch(house: House) -> Path:
    """A folder to build in by hand that starts from what the last refresh built."""
    folder = house.home / "scratch"
    folder.mkdir()
    shutil.copy(house.home / "workshop" / "workshop.duckdb", folder)
    return folder


def test_every_unit_test_of_the_model_holds(house: House, scratch: Path) -> None:
    house.run("dbt", "test", "--select", "test_type:unit")
    results = json.loads((scratch / "target" / "run_results.json").read_text())["results"]
    assert {one["status"] for one in results} == {"pass"}
    assert len(results) > 20


def test_a_model_built_by_hand_changes_no_number(house: House, scratch: Path) -> None:
    before = house.metric("won_value", "--org", "demo")
    shutil.rmtree(scratch)
    assert "Completed successfully" in house.run("dbt", "run", "--select", "+dim_stages").stdout
    assert "nothing has changed" in house.run("refresh").stderr
    assert house.metric("won_value", "--org", "demo")["receipt"] == before["receipt"]


def test_what_dbt_refuses_is_told_as_dbt_tells_it(house: House) -> None:
    done = house.run("dbt", "run", "--select", "no_such_model")
    assert "does not match any enabled nodes" in done.stdout + done.stderr
    assert house.run("dbt", "rum", check=False).returncode == 2
