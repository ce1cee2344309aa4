"""The exports of Zendesk, as CSV and as JSON, become customers, members, tickets and what was said about them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.warehouse.imports.looking import by_name, counted, name_of, reasons, rows_of
from warehouse.imports.load import ImportReport
from warehouse.imports.undo import undo
from warehouse.oltp.customers import Contact, Customer, CustomerStatus
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import Membership
from warehouse.oltp.support import (
    Author,
    Priority,
    SatisfactionResponse,
    Ticket,
    TicketChannel,
    TicketMessage,
    TicketStatus,
    TicketStatusChange,
)
from warehouse.operations.support import tickets
from warehouse.tenancy import Actor

Import = Callable[..., ImportReport]
TICKETS = "tickets-2024.csv"


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


def _ticket(number: int) -> Ticket:
    (found,) = rows_of(Ticket, Ticket.number == number)
    return found


def _who(ticket: Ticket) -> tuple[str | None, ...]:
    """Customer, contact and agent of a ticket."""
    asked = ((Customer, ticket.customer_id), (Contact, ticket.contact_id), (Membership, ticket.assigned_agent_id))
    return tuple(name_of(kind, record_id) for kind, record_id in asked)


def _climb(number: int) -> list[tuple[Any, ...]]:
    rows = rows_of(TicketStatusChange, TicketStatusChange.ticket_id == _ticket(number).id)
    return [(step.to_status, step.changed_at) for step in sorted(rows, key=lambda step: (step.recorded_at, step.id))]


def test_a_help_desk_becomes_members_customers_contacts_and_tickets(bring_vendor: Import) -> None:
    report = bring_vendor("zendesk")
    assert report.read == {"memberships": 3, "customers": 3, "contacts": 2, "tickets": 3}
    members, customers, contacts = by_name(Membership), by_name(Customer), by_name(Contact)
    robin, kim = members["Robin Reed"], members["Kim Frost"]
    assert (robin.email, robin.business_role, robin.user_id, robin.is_active) == ("rr@x.test", "Agent", None, True)
    assert (kim.user_id, members["Marlo Marsh"].is_active) == (None, False)
    pebble = customers["Pebble & Sons"]
    assert (pebble.status, pebble.metadata_["details"], pebble.metadata_["tags"]) == (
        CustomerStatus.CUSTOMER,
        "Roofs",
        "vip",
    )
    sol, tom = contacts["Sol Vik"], contacts["tom@home.test"]
    assert (sol.customer_id, sol.phone, tom.customer_id) == (pebble.id, "+47 555 02", None)


def test_a_ticket_has_its_number_people_moments_and_answer(bring_vendor: Import) -> None:
    bring_vendor("zendesk")
    roof = _ticket(101)
    assert (roof.subject, roof.status, roof.priority) == ("Leaking roof", TicketStatus.CLOSED, Priority.CRITICAL)
    assert (roof.channel, roof.category) == (TicketChannel.EMAIL, "Incident")
    assert _who(roof) == ("Pebble & Sons", "Sol Vik", "Robin Reed")
    assert (roof.opened_at, roof.first_replied_at) == (_at(1, 9), _at(1, 9, 30))
    assert (roof.resolved_at, roof.closed_at, roof.customer_satisfaction) == (_at(5, 10, 15), _at(9, 8), 5)
    assert (roof.metadata_, roof.custom_fields) == ({"tags": "roof,urgent", "group": "Support"}, {})


def test_what_a_ticket_does_not_say_stays_unknown_or_takes_its_default(bring_vendor: Import) -> None:
    report = bring_vendor("zendesk")
    lone, waiting = _ticket(102), _ticket(103)
    assert (lone.status, lone.priority, lone.channel) == (TicketStatus.OPEN, Priority.MEDIUM, TicketChannel.PORTAL)
    assert (lone.category, lone.resolved_at, lone.first_replied_at, lone.customer_satisfaction) == (None,) * 4
    assert _who(lone) == (None, "tom@home.test", None)
    assert _who(waiting) == ("Harbour", "Sol Vik", "Kim Frost")
    assert (waiting.subject, waiting.channel, waiting.closed_at) == ("(no subject)", TicketChannel.PHONE, None)
    assert counted(report, "tickets_channel_taken_for_portal") == 1


def test_tickets_that_cannot_come_are_listed_and_deleted_ones_counted(bring_vendor: Import) -> None:
    report = bring_vendor("zendesk")
    assert [line.split(" is not")[0] for line in reasons(report)[TICKETS]] == ["6,status: 'Escalating'"]
    assert counted(report, "tickets_left_out") == 1


def test_a_tickets_statuses_are_known_from_the_moments_it_tells(bring_vendor: Import) -> None:
    bring_vendor("zendesk")
    assert _climb(101) == [
        (TicketStatus.OPEN, _at(1, 9)),
        (TicketStatus.IN_PROGRESS, _at(1, 9, 30)),
        (TicketStatus.RESOLVED, _at(5, 10, 15)),
        (TicketStatus.CLOSED, _at(9, 8)),
    ]
    assert _climb(102) == [(TicketStatus.OPEN, _at(2, 10))]
    assert _climb(103)[-1] == (TicketStatus.WAITING_CUSTOMER, _at(4, 12))
    steps = rows_of(TicketStatusChange)
    assert {(step.recorded_at == step.changed_at, step.recorded_at_assumed) for step in steps} == {(True, True)}


def test_a_ticket_solved_since_the_last_export_has_climbed_and_undoing_steps_back(
    bring_vendor: Import, ana: Actor
) -> None:
    bring_vendor("zendesk")
    report = bring_vendor("zendesk", (TICKETS, "2024-03-03 11:05,-,-,Not Offered", "2024-03-03 11:05,2024-03-06 09:00,-,Bad"), (TICKETS, "Pending,Normal", "Solved,Normal"))  # fmt: skip
    solved = _ticket(103)
    assert (solved.status, solved.resolved_at, solved.customer_satisfaction) == (TicketStatus.RESOLVED, _at(6, 9), 1)
    assert _climb(103)[-1] == (TicketStatus.RESOLVED, _at(6, 9))
    assert report.written == {"tickets": 1, "ticket_status_changes": 1}
    with writing() as session:
        undo(session, ana, report.id)
    assert (_ticket(103).status, _ticket(103).resolved_at) == (TicketStatus.WAITING_CUSTOMER, None)
    assert _climb(103)[-1][0] is TicketStatus.WAITING_CUSTOMER


def test_a_ticket_solved_before_it_was_opened_is_left_out(bring_vendor: Import) -> None:
    report = bring_vendor("zendesk", (TICKETS, "2024-03-05 10:15", "2024-02-05 10:15"))
    assert reasons(report)[TICKETS][0].startswith("2,resolved_at comes before opened_at")


def _make(actor: Actor, subject: str) -> int:
    with writing() as session:
        return int(tickets.create(session, actor, tickets.create.input(subject=subject)).number)


def test_a_number_that_a_ticket_has_here_is_counted_up_instead(bring_vendor: Import, ana: Actor) -> None:
    assert _make(ana, "Ours") == 1
    report = bring_vendor("zendesk", (TICKETS, "\n1,102,", "\n1,1,"))
    assert {ticket.number: ticket.subject for ticket in rows_of(Ticket)} == {
        1: "Ours",
        101: "Leaking roof",
        103: "(no subject)",
        104: "No answer",
    }
    assert counted(report, "tickets_with_a_number_that_is_taken") == 1
    assert bring_vendor("zendesk", (TICKETS, "\n1,102,", "\n1,1,")).written == {}
    assert _make(ana, "Next") == 105


def test_tickets_taken_back_give_their_numbers_up(bring_vendor: Import, ana: Actor) -> None:
    for _ in range(2):
        report = bring_vendor("zendesk")
        assert sorted(ticket.number for ticket in rows_of(Ticket)) == [101, 102, 103]
        with writing() as session:
            undo(session, ana, report.id)
    assert rows_of(Ticket) == []


def test_a_json_export_brings_what_was_said_by_whom(bring_vendor: Import) -> None:
    report = bring_vendor("zendesk json")
    records = {"memberships": 2, "customers": 1, "contacts": 2, "tickets": 2, "ticket_messages": 2}
    assert report.read == records | {"satisfaction_responses": 1}
    first, second = sorted(rows_of(TicketMessage), key=lambda message: message.sent_at)
    sol, robin = by_name(Contact)["Sol Vik"], by_name(Membership)["Robin Reed"]
    assert (first.author, first.contact_id, first.member_id, first.body) == (Author.CUSTOMER, sol.id, None, "It drips.")
    assert (second.author, second.member_id, second.is_internal) == (Author.AGENT, robin.id, True)
    assert (second.sent_at, first.channel, second.channel) == (_at(1, 9, 20), TicketChannel.EMAIL, TicketChannel.PORTAL)
    assert reasons(report)["tickets.json/comments"][0].startswith("1,it names no body we know that was loaded")


def test_a_json_export_tells_the_same_of_a_ticket(bring_vendor: Import) -> None:
    bring_vendor("zendesk json")
    roof, fence = _ticket(101), _ticket(102)
    assert (roof.description, roof.category, roof.customer_satisfaction) == ("It drips.", "incident", 1)
    assert (roof.first_replied_at, roof.resolved_at, roof.closed_at) == (_at(1, 9, 30), _at(5, 10, 15), _at(9, 8))
    assert _who(roof) == ("Pebble & Sons", "Sol Vik", "Robin Reed")
    assert (fence.status, fence.priority, fence.channel) == (
        TicketStatus.IN_PROGRESS,
        Priority.MEDIUM,
        TicketChannel.CHAT,
    )
    assert _who(fence) == (None, "Tom Moor", "Kim Frost")


def test_audits_tell_each_status_and_ratings_each_answer(bring_vendor: Import) -> None:
    bring_vendor("zendesk json")
    assert _climb(101) == [
        (TicketStatus.OPEN, _at(1, 9)),
        (TicketStatus.WAITING_CUSTOMER, _at(2, 7)),
        (TicketStatus.RESOLVED, _at(5, 10, 15)),
        (TicketStatus.CLOSED, _at(9, 8)),
    ]
    (answer,) = rows_of(SatisfactionResponse)
    assert (answer.score, answer.comment, answer.ticket_id) == (1, "Slow", _ticket(101).id)
    assert (answer.answered_at, answer.recorded_at, answer.recorded_at_assumed) == (_at(6, 11), _at(6, 11), True)


def test_tickets_that_come_later_know_organizations_and_agents_by_name(bring_vendor: Import) -> None:
    bring_vendor("zendesk", without=(TICKETS,))
    report = bring_vendor("zendesk", without=("team-members.csv", "organizations.csv", "users.csv"))
    assert (report.written["memberships"], report.written["customers"]) == (1, 1)
    assert _who(_ticket(101)) == ("Pebble & Sons", "Sol Vik", "Robin Reed")
    assert len(by_name(Membership)) == len(rows_of(Membership))


@pytest.mark.parametrize("vendor", ["zendesk", "zendesk json"])
def test_a_dry_run_of_a_help_desk_writes_nothing(bring_vendor: Import, vendor: str) -> None:
    dry = bring_vendor(vendor, dry_run=True)
    assert rows_of(Ticket) == []
    assert (dry.read, dry.written) == ((wet := bring_vendor(vendor)).read, wet.written)
