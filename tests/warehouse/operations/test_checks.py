"""What checks look at, each change once, and what an organization is told of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.oltp.sales import Opportunity
from warehouse.operations.checks import (
    EXAMINED,
    GREAT_EXPECTATIONS,
    Changes,
    checks_of,
    evidence_place,
    examinations,
    latest_checks,
    latest_import,
    one_change,
    read_evidence,
    rows_before,
    rows_written,
    unseen_changes,
)
from warehouse.operations.organization import last_change, record_checks
from warehouse.operations.sales import CreateOpportunity, create_opportunity
from warehouse.tenancy import Actor, Forbidden

NOW = datetime.now(UTC)


def deal(actor: Actor) -> tuple[Opportunity, int]:
    """A new deal, and the change that made it."""
    with writing() as session:
        made = create_opportunity(session, actor, CreateOpportunity(name="A deal"))
        return made, made.change_seq


def examined(actor: Actor, first: int, last: int) -> None:
    keep(actor, source=GREAT_EXPECTATIONS, check_name=EXAMINED, subject="night", sample_ids=[str(first), str(last)])


def keep(actor: Actor | None, **told: Any) -> None:
    """A check's result about an organization, or about everybody."""
    shared = {"severity": Severity.WARN, "passed": True, "checked_at": NOW}
    with writing() as session:
        organization_id = actor.organization_id if actor else None
        record_checks(session, [CheckResult(**shared | {"organization_id": organization_id} | told)])


def ids(session: Session, actor: Actor, changes: Changes, most: int = 10) -> list[str]:
    came = rows_written(session, actor.organization_id, "opportunities", ["id"], changes, most)
    return [row["id"] for row in came.rows]


def test_every_change_is_covered_once(ana: Actor, bob: Actor) -> None:
    first, seq = deal(ana)
    alone, alone_seq = deal(ana)
    deal(bob)
    last, last_seq = deal(ana)
    examined(ana, alone_seq, alone_seq)
    with reading() as session:
        assert one_change(session, ana.organization_id, alone_seq) is None
        assert one_change(session, ana.organization_id, seq) == Changes(seq - 1, seq)
        unseen = unseen_changes(session, ana.organization_id)
        assert unseen == Changes(0, last_seq, (alone_seq,))
        assert sorted(ids(session, ana, unseen)) == sorted([first.id, last.id])
        assert ids(session, ana, unseen, most=1) == [last.id]
    examined(ana, 1, last_seq)
    with reading() as session:
        assert unseen_changes(session, ana.organization_id) is None
        assert one_change(session, ana.organization_id, last_seq) is None
        assert unseen_changes(session, bob.organization_id) is not None
    fresh, fresh_seq = deal(ana)
    with reading() as session:
        unseen = unseen_changes(session, ana.organization_id)
        assert unseen == Changes(last_seq, fresh_seq)
        assert ids(session, ana, unseen) == [fresh.id]
        before = rows_before(session, ana.organization_id, "opportunities", ["id"], unseen, 10)
        assert {row["id"] for row in before.rows} == {first.id, alone.id, last.id}


def test_an_examined_change_after_a_gap_leaves_the_gap_to_be_seen(ana: Actor) -> None:
    _, seq = deal(ana)
    examined(ana, seq, seq)
    with reading() as session:
        latest = last_change(session, ana.organization_id)
        unseen = unseen_changes(session, ana.organization_id)
    assert latest == seq
    assert unseen is not None
    assert unseen.last < seq


def test_a_check_that_fails_for_others_passes_here_and_names_nothing_of_theirs(ana: Actor, bob: Actor) -> None:
    for build, failing in ((uuid7(NOW - timedelta(days=1)), ana), (uuid7(NOW), bob)):
        told = {"source": "dbt", "check_name": "unique_x", "build_id": build, "passed": False, "rows_failing": 2}
        keep(failing, **told, sample_ids=["theirs"], message="2 rows fail.")
        keep(None, source="dbt", check_name="not_null_x", build_id=build)
    with reading() as session:
        mine, theirs = latest_checks(session, ana, "dbt"), latest_checks(session, bob, "dbt")
    assert {row.check_name: row.passed for row in mine} == {"unique_x": True, "not_null_x": True}
    assert [row.sample_ids or [] for row in mine] == [[], []]
    assert [(row.check_name, row.passed) for row in theirs] == [("unique_x", False), ("not_null_x", True)]


def test_the_night_before_does_not_outlive_the_last_one(ana: Actor) -> None:
    told = {"source": "reconciliation", "check_name": "store_matches_lake", "subject": "customers"}
    keep(ana, **told, passed=False, checked_at=NOW - timedelta(days=1))
    keep(None, **told)
    with reading() as session:
        assert [row.passed for row in latest_checks(session, ana, "reconciliation")] == [True]


def test_findings_of_an_import_are_its_organizations_own(ana: Actor, bob: Actor) -> None:
    keep(bob, source="import", check_name="rejected", passed=False)
    with reading() as session:
        assert latest_import(session, ana) == []
        assert [row.check_name for row in latest_import(session, bob)] == ["rejected"]


def test_an_examination_is_seen_by_its_organization_alone(ana: Actor, bob: Actor, vic: Actor) -> None:
    examination = uuid7()
    shared = {"source": GREAT_EXPECTATIONS, "build_id": examination}
    keep(ana, **shared, check_name=EXAMINED, subject="night", sample_ids=["1", "2"], message="1 of 1.")
    keep(ana, **shared, check_name="email_is_an_address", subject="customers", passed=False)
    place = evidence_place(ana.organization_id, examination)
    place.parent.mkdir(parents=True)
    place.write_text("<p>seen</p>")
    with reading() as session:
        assert [(one.id, one.not_met, one.told) for one in examinations(session, vic)] == [(examination, 1, "1 of 1.")]
        assert [row.check_name for row in checks_of(session, vic, examination)] == ["email_is_an_address"]
        assert (examinations(session, bob), checks_of(session, bob, examination)) == ([], [])
    assert read_evidence(vic, examination) == "<p>seen</p>"
    assert read_evidence(bob, examination) is None


def test_an_id_that_is_none_is_no_path(ana: Actor) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        read_evidence(ana, "../../secrets/client_secret")


def test_a_stranger_reads_no_checks(ana: Actor) -> None:
    nobody = Actor(ana.organization_id, "member", frozenset())
    with reading() as session:
        for asked in (examinations, latest_import):
            with pytest.raises(Forbidden):
                asked(session, nobody)
    with pytest.raises(Forbidden):
        read_evidence(nobody, uuid7())
