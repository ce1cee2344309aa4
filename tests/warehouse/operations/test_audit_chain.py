"""What verifying an audit tells: which row, what it means; and an audit written anew as a whole is found out too."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from tests.tampering import tamper
from warehouse.oltp.engine import reading, reading_as, writing
from warehouse.oltp.organization import AuditEvent
from warehouse.operations.anchors import (
    AnchorsUnreadable,
    anchors_of,
    anchors_path,
    own_anchors,
    read_anchors,
    write_anchors,
)
from warehouse.operations.audit import GENESIS, audit_hash, record_event
from warehouse.operations.audit_chain import ChainReport, verify_chain, verify_own_chain
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.tenancy import Actor, Forbidden

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _history(ana: Actor, bob: Actor) -> None:
    """Five rows of acme, one of globex."""
    for name in ("Pebble", "Quarry", "Tin", "Kite"):
        with writing() as session:
            create_customer(session, ana, CreateCustomer(name=name))


def _verify(actor: Actor, anchors: dict[int, str] | None = None) -> ChainReport:
    with reading() as session:
        return verify_chain(session, actor.organization_id, anchors)


def _anchor() -> int:
    with reading() as session:
        return write_anchors(session, NOW)


def _written_anew(actor: Actor) -> None:
    """What somebody with every right and our source does: change row 2, and make every hash fit again."""
    with reading() as session:
        mine = select(AuditEvent).where(AuditEvent.organization_id == actor.organization_id)
        rows = session.scalars(mine.order_by(AuditEvent.position)).all()
    previous, statements = GENESIS, []
    for row in rows:
        row.actor_label = "nobody" if row.position == 2 else row.actor_label
        row.previous_hash = previous
        row.hash = previous = audit_hash(row)
        statements.append(
            f"update audit_events set actor_label = '{row.actor_label}', previous_hash = '{row.previous_hash}', "
            f"hash = '{row.hash}' where id = '{row.id}'"
        )
    tamper(*statements)


def test_a_chain_that_holds_tells_its_length_and_its_times(ana: Actor) -> None:
    report = _verify(ana)
    assert (report.holds, report.rows, report.more) == (True, 5, 0)
    assert report.first_at is not None
    assert report.last_at is not None
    assert report.first_at < report.last_at


@pytest.mark.parametrize(
    ("statement", "position", "meaning"),
    [
        ("update audit_events set operation = 'x' where position = 3", 3, "was changed after it was written"),
        ("delete from audit_events where position in (2, 3)", 4, "Rows 2 to 3 are missing"),
        ("update audit_events set previous_hash = 'x' where position = 3", 3, "was changed after it was written"),
    ],
)
def test_each_finding_names_the_row_and_what_it_means(ana: Actor, statement: str, position: int, meaning: str) -> None:
    tamper(f"{statement} and organization_id = '{ana.organization_id}'")
    told = [(one.position, one.meaning) for one in _verify(ana).findings if one.position]
    assert told[0][0] == position
    assert meaning in told[0][1]


def test_a_removed_row_is_named_by_the_change_it_told_of(ana: Actor) -> None:
    with reading() as session:
        mine = (AuditEvent.organization_id == ana.organization_id) & (AuditEvent.position == 5)
        removed = session.scalars(select(AuditEvent.id).where(mine)).one()
    tamper(f"delete from audit_events where id = '{removed}'")
    (finding,) = _verify(ana).findings
    assert finding.row_id == removed
    assert "it was removed" in finding.meaning


def test_a_thousand_findings_are_counted_and_the_first_are_told(ana: Actor) -> None:
    with writing() as session:
        for _ in range(200):
            record_event(session, ana, "identity.signed_in", "memberships", ana.membership_id)
    tamper(f"update audit_events set actor_label = 'x' where organization_id = '{ana.organization_id}'")
    report = _verify(ana)
    assert (len(report.findings), report.more) == (100, 105)


def test_an_audit_that_was_written_anew_fits_itself_and_not_its_anchor(ana: Actor, bob: Actor) -> None:
    assert _anchor() == 2
    _written_anew(ana)
    assert _verify(ana).holds
    report = _verify(ana, own_anchors(ana.organization_id))
    assert [(one.position, "written anew" in one.meaning) for one in report.findings] == [(5, True)]
    assert _verify(bob, own_anchors(bob.organization_id)).holds


def test_an_end_that_was_cut_off_is_shorter_than_its_anchor(ana: Actor) -> None:
    with writing() as session:
        record_event(session, ana, "identity.signed_in", "memberships", ana.membership_id)
    _anchor()
    tamper(f"delete from audit_events where organization_id = '{ana.organization_id}' and position = 6")
    assert _verify(ana).holds
    (finding,) = _verify(ana, own_anchors(ana.organization_id)).findings
    assert "had 6 rows" in finding.meaning


def test_an_audit_that_goes_on_after_its_anchors_holds(ana: Actor) -> None:
    for day in range(3):
        with writing() as session:
            create_customer(session, ana, CreateCustomer(name=f"Day {day}"))
        _anchor()
    with writing() as session:
        create_customer(session, ana, CreateCustomer(name="Later"))
    report = _verify(ana, own_anchors(ana.organization_id))
    assert (report.holds, report.anchors, report.rows) == (True, 3, 9)


def test_only_what_grew_is_anchored_again(ana: Actor) -> None:
    assert (_anchor(), _anchor()) == (2, 0)
    with writing() as session:
        create_customer(session, ana, CreateCustomer(name="Later"))
    assert _anchor() == 1
    lines = [json.loads(line) for line in anchors_path().read_text().splitlines()]
    assert [line["position"] for line in lines if line["organization_id"] == ana.organization_id] == [5, 6]


def test_a_line_that_a_power_cut_left_short_harms_no_other(ana: Actor) -> None:
    _anchor()
    with anchors_path().open("a") as opened:
        opened.write('{"organization_id":"01a1f8b8-59')
    assert len(list(read_anchors(anchors_path()))) == 2
    with writing() as session:
        create_customer(session, ana, CreateCustomer(name="Later"))
    _anchor()
    assert sorted(own_anchors(ana.organization_id)) == [5, 6]


def test_a_file_of_something_else_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "copy.jsonl"
    path.write_text('{"name": "x"}\n')
    with pytest.raises(AnchorsUnreadable, match="Line 1"):
        anchors_of(path)
    with pytest.raises(AnchorsUnreadable, match="cannot be read"):
        anchors_of(tmp_path / "none.jsonl")


def test_only_owners_and_admins_verify_on_screen(ana: Actor, vic: Actor) -> None:
    with reading_as(ana) as session:
        assert verify_own_chain(session, ana).rows == 6
    with pytest.raises(Forbidden), reading_as(vic) as session:
        verify_own_chain(session, vic)


def test_events_without_a_change_are_links_of_the_same_chain(ana: Actor) -> None:
    with writing() as session:
        before = session.scalar(text("select count(*) from change_events"))
        made = record_event(session, ana, "data.personal_read", "customers", details={"rows": 3}, now=NOW)
        assert session.scalar(text("select count(*) from change_events")) == before
    assert made.position == 6
    assert made.happened_at == NOW
    assert _verify(ana).holds


def test_details_are_hashed_as_the_store_gives_them_back(ana: Actor) -> None:
    with writing() as session:
        record_event(session, ana, "x.y", "z", details={1: ("a", "ü"), "b": {"c": 1.5, "a": None}})  # type: ignore[dict-item]
    assert _verify(ana).holds


def test_moments_of_any_zone_are_hashed_alike(ana: Actor) -> None:
    moment = NOW.astimezone(ZoneInfo("Asia/Kolkata")) + timedelta(microseconds=1)
    with writing() as session:
        record_event(session, ana, "x.y", "z", now=moment)
    assert _verify(ana).holds


def test_the_audit_of_one_organization_grows_in_the_order_of_its_commits(ana: Actor) -> None:
    def write(_: int) -> None:
        with writing() as session:
            record_event(session, ana, "identity.signed_in", "memberships", ana.membership_id)

    with ThreadPoolExecutor(8) as many:
        list(many.map(write, range(80)))
    report = _verify(ana)
    assert (report.holds, report.rows) == (True, 85)
