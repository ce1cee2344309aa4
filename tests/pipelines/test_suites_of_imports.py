"""What help desks and audiences bring in is examined: good rows pass, and a bad one is named by its id."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipelines.checks.expectations import validate
from pipelines.checks.suite import read_suites

TODAY = date(2026, 11, 20)
OPENED, LATER, FAR = (datetime(year, 3, 1, 9, tzinfo=UTC) for year in (2024, 2025, 2999))
GOOD: dict[str, dict[str, Any]] = {
    "tickets": {"subject": "Roof", "number": 7, "opened_at": OPENED, "resolved_at": LATER, "closed_at": LATER},
    "ticket_status_changes": {"changed_at": OPENED},
    "ticket_messages": {"body": "It drips.", "sent_at": OPENED},
    "satisfaction_responses": {"answered_at": OPENED},
    "campaigns": {"name": "Spring", "scheduled_start_on": date(2024, 3, 1), "currency": "USD"},
    "interactions": {"happened_at": OPENED},
    "consents": {"happened_at": OPENED, "evidence": "a form"},
    "suppressions": {"address": "sol@pebble.test", "channel": "email", "since": date(2024, 3, 1)},
}
BAD = [
    ("tickets", {"subject": " "}, "subject_is_there"),
    ("tickets", {"number": -3}, "number_counts_from_one"),
    ("tickets", {"opened_at": FAR}, "opened_at_a_possible_moment"),
    ("tickets", {"first_replied_at": datetime(2023, 1, 1, tzinfo=UTC)}, "first_replied_after_opening"),
    ("tickets", {"closed_at": OPENED}, "closed_after_it_was_resolved"),
    ("ticket_status_changes", {"changed_at": FAR}, "changed_at_a_possible_moment"),
    ("ticket_messages", {"body": " "}, "body_is_there"),
    ("satisfaction_responses", {"answered_at": FAR}, "answered_at_a_possible_moment"),
    ("campaigns", {"scheduled_start_on": date(1024, 3, 1)}, "starts_on_a_possible_day"),
    ("interactions", {"happened_at": FAR}, "happened_at_a_possible_moment"),
    ("consents", {"evidence": None}, "evidence_is_there"),
    ("suppressions", {"address": "Sol@pebble.test"}, "address_is_in_lower_case"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("table", "wrong", "check"), BAD, ids=[f"{table} {check}" for table, _, check in BAD])
def test_a_row_that_is_not_as_expected_is_named_and_the_others_pass(
    table: str, wrong: dict[str, Any], check: str
) -> None:
    suite = next(suite for suite in read_suites() if suite.table == table)
    good = dict.fromkeys(suite.columns) | GOOD[table]
    other = {"address": "kim@frost.test"} if table == "suppressions" else {"name": "Summer", "number": 8}
    rows = [
        good | {"id": "good"},
        good | {name: told for name, told in other.items() if name in good} | wrong | {"id": "bad"},
    ]
    findings = validate(suite, rows, [], TODAY)
    assert all(finding.computed for finding in findings)
    assert {finding.check: finding.ids for finding in findings if not finding.passed} == {check: ("bad",)}
