"""The screen that tells what was checked, to whom it concerns."""

from datetime import UTC, datetime
from typing import Any

from tests.apps.ui.conftest import BOB, OLIVE, VERA, Screens, texts
from warehouse.oltp.engine import writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.operations.checks import EXAMINED, GREAT_EXPECTATIONS, evidence_place
from warehouse.operations.organization import record_checks

PAGE = "insights_checks"
NOT_MET = "1 of 4 deals (25.0%) fail: No deal was closed before 1990 or in the future."


def examine(screens: Screens, deal: str) -> str:
    """An examination of the demo company that found something about a deal."""
    organization_id, examination = screens.organization("demo"), uuid7()

    def result(name: str, **told: Any) -> CheckResult:
        shared = {"source": GREAT_EXPECTATIONS, "build_id": examination, "checked_at": datetime.now(UTC)}
        told = {"severity": Severity.WARN, "passed": True} | told
        return CheckResult(organization_id=organization_id, check_name=name, **shared, **told)

    with writing() as session:
        record_checks(
            session,
            [
                result(
                    EXAMINED, subject="night", sample_ids=["1", "9"], message="2 expectations of 4 rows: 1 not met."
                ),
                result("amount_in_a_possible_range", subject="opportunities", message="An amount is possible."),
                result(
                    "closed_on_a_possible_day",
                    subject="opportunities",
                    passed=False,
                    rows_failing=1,
                    sample_ids=[deal],
                    message=NOT_MET,
                ),
            ],
        )
    place = evidence_place(organization_id, examination)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("<!doctype html><p>The evidence.</p>")
    return examination


def test_what_is_not_met_leads_to_the_record_and_the_evidence(working_screens: Screens) -> None:
    deal = working_screens.a_deal()
    examination = examine(working_screens, deal)
    screen = working_screens.open(PAGE, VERA)
    said = texts(screen).replace("\\", "")
    assert NOT_MET in said
    assert "2 expectations of 4 rows: 1 not met." in said
    [link] = screen.get("page_link")
    assert deal in str(link.proto)
    assert not screen.get("iframe")
    screen.toggle(key=f"evidence_{examination}").set_value(True).run()
    assert not screen.exception
    [frame] = screen.get("iframe")
    assert "The evidence." in frame.proto.srcdoc


def test_another_organization_is_told_nothing_of_it(working_screens: Screens) -> None:
    examine(working_screens, working_screens.a_deal())
    screen = working_screens.open(PAGE, BOB, "globex")
    said = texts(screen).replace("\\", "")
    assert NOT_MET not in said
    assert "Imports are examined as they arrive" in said


def test_the_model_and_the_lake_are_told_with_what_they_check(screens: Screens) -> None:
    said = texts(screens.open(PAGE, OLIVE))
    assert "The business model" in said
    assert "deals lack nothing they must have" in said.replace("\\", "").lower()
    assert "Nothing was looked at yet" in said
