"""Great Expectations itself, on what an import brought, on a night, and with no way out of this machine."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.checks.examine import examine_import, examine_unseen
from pipelines.checks.expectations import validate
from pipelines.checks.outcome import Outcome
from pipelines.checks.suite import read_suites
from tests.houses import MAPPING, House, today
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import CheckResult
from warehouse.oltp.sales import Opportunity
from warehouse.operations.checks import evidence_place
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import find_organization
from warehouse.tenancy import operator_actor

CANARY = "Canary Thistlewing"
SUITES = {suite.table: suite for suite in read_suites()}


@pytest.fixture
def inside(house: House, enter: Callable[[House], None], monkeypatch: pytest.MonkeyPatch) -> House:
    """A house this process works on, on a machine without a network."""
    enter(house)

    def refuse(*_: object) -> None:
        raise AssertionError("something wanted to leave this machine")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return house


@pytest.fixture
def bad_export(small_export: Path, tmp_path: Path) -> Path:
    """One new deal that closed a thousand years ago, and a customer from before companies."""
    folder = tmp_path / "export"
    shutil.copytree(small_export, folder)
    with (folder / "sales_pipeline.csv").open("a") as deals:
        deals.write(f"{CANARY},Robin Reed,Kite One,{CANARY},Won,1017-01-10,1017-02-09,70\n")
    with (folder / "accounts.csv").open("a") as accounts:
        accounts.write(f"{CANARY},retail,1204,12.5,140,Norway,\n")
    return folder


def imported(house: House, folder: Path, **environment: str) -> str:
    asked = ("import", str(folder), "--org", "globex", "--mapping", str(MAPPING))
    return house.run(*asked, **environment).stdout


def failing(outcome: Outcome) -> dict[str, list[str]]:
    """Check → ids, of what an examination kept."""
    with reading() as session:
        rows = session.query(CheckResult).filter_by(source="great_expectations", build_id=outcome.id, passed=False)
        return {f"{row.subject}.{row.check_name}": row.sample_ids for row in rows}


@pytest.mark.slow
def test_bad_rows_of_an_import_are_named_by_id_and_by_nothing_else(inside: House, bad_export: Path) -> None:
    import_id = imported(inside, bad_export).split("This was import ")[1].split(";")[0]
    outcome = examine_import("globex", import_id)
    assert outcome is not None
    with reading() as session:
        actor = operator_actor(find_organization(session, "globex").id)
        [deal] = session.query(Opportunity.id).filter_by(organization_id=actor.organization_id, amount=70).one()
        kept = session.query(CheckResult).filter_by(build_id=outcome.id).all()
        told = " ".join(f"{row.message} {row.sample_ids}" for row in kept)
    found = failing(outcome)
    assert found["opportunities.opened_on_a_possible_day"] == [deal]
    assert found["opportunities.closed_on_a_possible_day"] == [deal]
    assert len(found["customers.founded_in_a_possible_year"]) == 1
    page = evidence_place(actor.organization_id, outcome.id).read_text()
    assert deal in page
    assert not any(word in page + told for word in (*CANARY.split(), "1017", "1204"))
    assert examine_import("globex", import_id) is None


@pytest.mark.slow
def test_a_night_examines_what_came_in_once_and_the_demo_company_is_as_expected(inside: House) -> None:
    first = {one.organization: one for one in examine_unseen()}
    assert [one.failing for one in first.values()] == [[], []]
    assert {table.table for table in first["Globex"].tables} <= set(SUITES)
    assert sum(table.rows for one in first.values() for table in one.tables) > 10_000
    assert list(examine_unseen()) == []
    with writing() as session:
        actor = operator_actor(find_organization(session, "globex").id)
        request = CreateCustomer(name=CANARY, email="nobody at home")
        made = create_customer(session, actor, request).id
    [second] = examine_unseen()
    assert [(table.table, table.rows) for table in second.tables] == [("customers", 1)]
    assert failing(second) == {"customers.email_is_an_address": [made]}
    page = evidence_place(second.organization_id, second.id).read_text()
    assert not any(word in page for word in (*CANARY.split(), "nobody at home"))


@pytest.mark.slow
def test_what_drifts_from_the_rows_before_is_told_with_both_figures() -> None:
    suite = SUITES["activities"]
    before = [row(suite.columns, duration_minutes=30 + n % 9, customer_id="c", kind="call") for n in range(300)]
    came = [row(suite.columns, duration_minutes=1, customer_id=None, kind="meeting") for _ in range(300)]
    found = {one.check: one for one in validate(suite, came, before, today()) if not one.passed}
    assert set(found) == {
        "subject_is_there",
        "customers_are_named_as_often_as_before",
        "durations_are_of_the_usual_size",
        "kinds_are_spread_as_before",
    }
    assert found["durations_are_of_the_usual_size"].observed == 1
    assert found["durations_are_of_the_usual_size"].asked["min_value"] == 3.4
    assert found["customers_are_named_as_often_as_before"].observed == 0
    same = validate(suite, [one | {"subject": "A call"} for one in before], before, today())
    assert [one.check for one in same if not one.passed] == []


def row(columns: list[str], **told: object) -> dict[str, object]:
    """A row that holds nothing else, under one blank subject."""
    return dict.fromkeys(columns) | {"id": os.urandom(4).hex(), "subject": " "} | told


@pytest.mark.slow
def test_the_command_line_tells_what_is_not_met_and_where_it_is_shown(house: House, bad_export: Path) -> None:
    told = imported(house, bad_export, LONGHOUSE_EXAMINE_IMPORTS="true")
    assert "not met: 1 of 1 deals (100.0%) fail: No deal was closed before 1990 or in the future." in told
    assert Path(told.split("evidence: ")[1].split("\n")[0]).exists()
    assert told.endswith("Next: longhouse refresh\n")


def test_an_import_stands_when_it_cannot_be_examined(house: House, bad_export: Path) -> None:
    (house.home / "evidence").write_text("in the way")
    told = imported(house, bad_export, LONGHOUSE_EXAMINE_IMPORTS="true")
    assert "could not be examined; it is loaded all the same" in told
    assert told.endswith("Next: longhouse refresh\n")


def test_an_unknown_import_is_a_sentence(house: House) -> None:
    from apps.children import JobFailed, run_job

    with house.entered(), pytest.raises(JobFailed, match="There is no import"):
        run_job("examine", lambda step, text: None, "globex", "20260101-000000-0000")
