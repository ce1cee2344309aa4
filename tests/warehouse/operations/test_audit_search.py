"""Searching the audit, in words; and what is taken away of it."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from warehouse.oltp.engine import reading_as, writing, writing_as
from warehouse.operations import events
from warehouse.operations.audit import record_event
from warehouse.operations.audit_search import (
    EventFilter,
    EventRow,
    actors_called,
    as_csv,
    begin_export,
    export_events,
    get_event,
    list_events,
)
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.declare import OPERATIONS
from warehouse.operations.events import in_the_past, known_operations, sentence_of
from warehouse.spreadsheet import safe_cell
from warehouse.tenancy import Actor, Forbidden, operator_actor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def pebble(ana: Actor, bob: Actor) -> str:
    """The id of a customer; the operator made a second one, and bob one elsewhere."""
    with writing() as session:
        create_customer(session, bob, CreateCustomer(name="Anchor"))
        create_customer(session, operator_actor(ana.organization_id), CreateCustomer(name="Quarry"))
        made = create_customer(session, ana, CreateCustomer(name="Pebble"))
        for hour in range(3):
            moment = NOW + timedelta(hours=hour)
            record_event(
                session, ana, events.SIGNED_IN, "memberships", ana.membership_id, {"provider": None}, now=moment
            )
        return made.id


def _found(actor: Actor, wanted: EventFilter) -> list[tuple[str, str]]:
    with reading_as(actor) as session:
        return [(row.who, row.what) for row in list_events(session, actor, wanted)[1]]


def test_everything_is_told_with_names_and_in_words_latest_first(ana: Actor, pebble: str) -> None:
    assert _found(ana, EventFilter()) == [
        ("The owner", "Signed in"),
        ("The owner", "Signed in"),
        ("The owner", "Signed in"),
        ("The owner", "Created a customer"),
        ("Operator, command line", "Created a customer"),
        ("Operator, command line", "Created an organization"),
    ]


def test_each_filter_narrows_and_they_narrow_together(ana: Actor, pebble: str) -> None:
    assert _found(ana, EventFilter(record=pebble)) == [("The owner", "Created a customer")]
    assert len(_found(ana, EventFilter(who=[ana.membership_id or ""]))) == 4
    assert len(_found(ana, EventFilter(who=["operator, command line"]))) == 2
    assert len(_found(ana, EventFilter(operations=[events.SIGNED_IN]))) == 3
    wanted = EventFilter(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2))
    assert len(_found(ana, wanted)) == 1
    both = EventFilter(operations=["customers.create_customer"], who=["operator, command line"])
    assert len(_found(ana, both)) == 1


@pytest.mark.parametrize("record", ["nothing like an id", "' or 1=1 --", "01a1f8b8-5968-75ed-a89a-03373fb6adcb", "%"])
def test_a_record_nobody_has_is_in_no_row(ana: Actor, pebble: str, record: str) -> None:
    assert _found(ana, EventFilter(record=record)) == []


def test_pages_follow_each_other_without_gap(ana: Actor, pebble: str) -> None:
    with reading_as(ana) as session:
        pages = [list_events(session, ana, EventFilter(), offset=at, limit=2) for at in (0, 2, 4, 6)]
    assert [row.position for _, rows in pages for row in rows] == [6, 5, 4, 3, 2, 1]
    assert {total for total, _ in pages} == {6}


def test_another_organizations_row_is_not_there(ana: Actor, bob: Actor, pebble: str) -> None:
    with reading_as(ana) as session:
        _, rows = list_events(session, ana, EventFilter())
    with reading_as(bob) as session:
        assert all(get_event(session, bob, row.id) is None for row in rows)
        assert list_events(session, bob, EventFilter(record=pebble))[0] == 0


def test_people_are_found_by_name_address_id_and_label(ana: Actor, pebble: str) -> None:
    with reading_as(ana) as session:
        for told in ("ana@acme.test", "ANA@ACME.TEST", " the owner ", ana.membership_id or ""):
            assert ana.membership_id in actors_called(session, ana, told)
        assert actors_called(session, ana, "Operator, command line") == ["operator, command line"]


def test_an_export_is_in_the_audit_and_not_in_itself(ana: Actor, pebble: str) -> None:
    with writing_as(ana) as session:
        before = begin_export(session, ana, "csv")
    with reading_as(ana) as session:
        rows = list(export_events(session, ana, EventFilter(), before=before))
        newest = list_events(session, ana, EventFilter())[1][0]
    assert [row.position for row in rows] == [1, 2, 3, 4, 5, 6]
    assert (newest.what, newest.details) == ("Took data away as a file", {"format": "csv", "personal": True})


def test_the_latest_so_many_come_first_to_last(ana: Actor, pebble: str) -> None:
    with reading_as(ana) as session:
        assert [row.position for row in export_events(session, ana, EventFilter(), most=2)] == [5, 6]
        assert list(export_events(session, ana, EventFilter(record="x"), most=2)) == []


def test_only_owners_and_admins_search_and_export(vic: Actor) -> None:
    with reading_as(vic) as session:
        with pytest.raises(Forbidden):
            list_events(session, vic, EventFilter())
        with pytest.raises(Forbidden):
            export_events(session, vic, EventFilter())
        with pytest.raises(Forbidden):
            get_event(session, vic, "x")
    with pytest.raises(Forbidden), writing_as(vic) as session:
        begin_export(session, vic, "csv")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("text", FORMULAS)
def test_a_spreadsheet_computes_nothing_of_a_file(text: str) -> None:
    row = EventRow("id", 1, NOW, text, text, text, text, text, {"x": text}, "", text)
    _, cells = csv.reader(io.StringIO("".join(as_csv(iter([row]))), newline=""))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert cells[2] == f"'{text}"


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert safe_cell("Pebble & Sons = good") == "Pebble & Sons = good"


def test_every_operation_has_a_sentence_of_one_line() -> None:
    known = known_operations()
    assert set(OPERATIONS) <= set(known)
    for name, said in known.items():
        assert said, name
        assert len(said) <= 90, name
        assert said[0].isupper(), name
        assert "_" not in said, name
        assert not said.endswith("."), name


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("Move a deal to another stage; a closed deal stays closed.", "Moved a deal to another stage"),
        ("Bring a deleted customer back.", "Brought a deleted customer back"),
        ("Carry a deal over.", "Carried a deal over"),
        ("Pay an invoice: all of it.", "Paid an invoice"),
        ("Delete it for good. Nothing stays.", "Deleted it for good"),
        ("", ""),
    ],
)
def test_summaries_are_told_in_the_past(summary: str, said: str) -> None:
    assert in_the_past(summary) == said


def test_an_operation_that_is_gone_is_spelled_out() -> None:
    assert sentence_of("sales.merge_old_things") == "Merge old things"
