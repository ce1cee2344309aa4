"""Only what lies downstream of a change is built, and what comes out is what building everything gives."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import duckdb
import pytest

from tests.houses import House
from warehouse.extracts.builds import latest_build
from warehouse.lake.commit import commit_build
from warehouse.lake.connection import open_lake
from warehouse.lake.workshop import clear, standing
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.sales import ActivityKind
from warehouse.operations.activities import activities
from warehouse.operations.customers import customer_names
from warehouse.operations.organization import find_organization
from warehouse.settings import settings
from warehouse.tenancy import operator_actor

EDITS = 12


@pytest.fixture
def definitions(house: House, enter: Callable[[House], None]) -> str:
    """Inside a house that was just built; the definitions it was built from."""
    enter(house)
    build = latest_build()
    assert build is not None
    return build.definitions


def planned(definitions: str) -> tuple[tuple[str, ...] | None, str]:
    from pipelines.transform.selection import plan

    with open_lake() as lake:
        told = plan(lake, definitions)
    return told.sources, told.why


def log_a_call() -> None:
    with writing() as session:
        actor = operator_actor(find_organization(session, "demo").id)
        about = next(iter(customer_names(session, actor)))
        call = activities.create.input(kind=ActivityKind.CALL, subject="A call", customer_id=about)
        activities.create(session, actor, call)


def ingested() -> None:
    from pipelines.ingest.operational import ingest

    with open_lake(write=True) as lake:
        ingest(lake, "test")


def test_where_nothing_changed_nothing_is_planned(definitions: str) -> None:
    assert planned(definitions) == ((), "no source changed")


def test_a_change_is_planned_by_the_table_it_is_in(definitions: str) -> None:
    log_a_call()
    ingested()
    assert planned(definitions) == (("activities",), "changed: activities")


def test_other_definitions_build_everything(definitions: str) -> None:
    assert planned("others") == (None, "the definitions changed")


def test_without_a_workshop_everything_is_built(definitions: str) -> None:
    clear(settings().workshop_path)
    assert planned(definitions) == (None, "there is no whole build to start from")


def test_a_damaged_workshop_is_none(definitions: str) -> None:
    settings().workshop_path.write_bytes(b"not a database" * 1000)
    assert standing(settings().workshop_path) is None
    assert planned(definitions)[0] is None


def test_a_build_that_did_not_reach_the_lake_is_built_again(definitions: str) -> None:
    build = latest_build()
    assert build is not None
    build.build_id = "ffffffff-0000-7000-8000-000000000000"
    build.save()
    assert planned(definitions) == (None, "the workshop holds another build")


def test_a_lake_that_lost_a_table_of_the_model_gets_everything(definitions: str) -> None:
    with open_lake(write=True) as lake:
        lake.run("create or replace table lake.core.fct_activities as from lake.core.fct_activities")
    assert planned(definitions) == (None, "the lake holds another model")


def test_a_source_that_was_copied_anew_has_changed(definitions: str) -> None:
    with open_lake(write=True) as lake:
        lake.run("create or replace table lake.raw.sales_stages as from lake.raw.sales_stages")
    assert planned(definitions) == (("sales_stages",), "changed: sales_stages")


@pytest.mark.slow
def test_building_piece_by_piece_gives_what_building_everything_gives(
    house: House, enter: Callable[[House], None]
) -> None:
    """After rounds of random work by people, the model and every finding equal those of a workshop made at once."""
    from warehouse.demo.live import act

    enter(house)
    with reading() as session:
        organization = find_organization(session, "demo").id
    throws = Random(20261128)
    for _ in range(2):
        for _ in range(EDITS):
            act(organization, throws)
        house.run("refresh")
    build = latest_build()
    assert build is not None
    assert build.changed
    assert set(build.changed) < set(build.built)
    assert "core.dim_dates" not in build.built
    house.run("dbt", "--quiet", "build")
    at_once = settings().scratch_path / "workshop.duckdb"
    with open_lake(write=True) as lake:
        assert commit_build(lake, at_once, "at once").changed == []
    assert findings(settings().workshop_path) == findings(at_once)


@pytest.mark.slow
def test_only_what_a_change_can_reach_is_built_and_a_finding_of_a_test_that_did_not_run_still_holds_back(
    house: House, enter: Callable[[House], None]
) -> None:
    from tests.journeys.test_from_edit_to_number import _write_past_the_operations

    enter(house)
    globex = _write_past_the_operations("globex", "closed_on = '2016-01-01'")
    house.run("refresh")
    log_a_call()
    assert "1 organizations held back" in house.run("refresh").stderr
    build = latest_build()
    assert build is not None
    assert {"core.build_watermark", "core.fct_activities"} <= set(build.built)
    assert "core.fct_activities" in build.changed
    assert "core.fct_opportunities" not in build.built
    assert "assert_a_deal_closes_after_it_opens" in build.held[globex]


def findings(workshop: Path) -> dict[str, int]:
    """Every stored test → its failing rows."""
    with duckdb.connect(str(workshop), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'checks'").fetchall()
        found = {
            name: len(connection.execute(f'from checks."{name}"').fetchall()) for (name,) in names if name is not None
        }
    assert found, "no test has stored what it found"
    return found
