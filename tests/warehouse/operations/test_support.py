"""Tickets go their way, and keep when they were answered, solved and opened again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from warehouse.oltp.engine import reading
from warehouse.oltp.support import TICKET_FLOW, Ticket, TicketStatus, TicketStatusChange
from warehouse.oltp.support_knowledge import KnowledgeArticleVersion
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.working_hours import read_week

Do = Callable[..., Any]


@pytest.fixture
def ticket(do: Do, pebble: Any) -> Any:
    """A new one."""
    return do("support.create_ticket", customer_id=pebble.id, subject="The lid is stuck")


def _now(ticket_id: str) -> Ticket:
    with reading() as session:
        return session.get_one(Ticket, ticket_id)


def _move(do: Do, ticket_id: str, to: str) -> Any:
    return do("support.move_ticket", id=ticket_id, version=_now(ticket_id).version, to=to)


def _steps(ticket_id: str) -> list[str]:
    with reading() as session:
        rows = session.scalars(
            select(TicketStatusChange).where(TicketStatusChange.ticket_id == ticket_id).order_by(TicketStatusChange.id)
        )
        return [one.to_status.value for one in rows]


def test_tickets_are_numbered_in_their_organization(do: Do, ticket: Any) -> None:
    assert (ticket.number, do("support.create_ticket", subject="Another").number) == (1, 2)


def test_every_step_is_kept(do: Do, ticket: Any) -> None:
    for to in ("in_progress", "resolved", "closed", "open"):
        _move(do, ticket.id, to)
    assert _steps(ticket.id) == ["open", "in_progress", "resolved", "closed", "open"]
    again = _now(ticket.id)
    assert (again.resolved_at, again.closed_at) == (None, None)


def test_a_closed_ticket_was_resolved(do: Do, ticket: Any) -> None:
    closed = _move(do, ticket.id, "closed")
    assert closed.resolved_at == closed.closed_at


@pytest.mark.parametrize("was", list(TicketStatus))
def test_only_the_steps_of_the_flow_are_taken(was: TicketStatus) -> None:
    assert was not in TICKET_FLOW[was]
    assert set(TICKET_FLOW[was]) <= set(TicketStatus)


def test_a_closed_ticket_is_opened_before_it_is_worked_on(do: Do, ticket: Any) -> None:
    _move(do, ticket.id, "closed")
    with pytest.raises(NotAllowedNow, match="it may become open"):
        _move(do, ticket.id, "in_progress")


def test_the_first_answer_to_the_customer_counts_and_a_note_does_not(do: Do, ticket: Any, ana: Any) -> None:
    said = {"ticket_id": ticket.id, "author": "agent"}
    do("support.create_ticket_message", **said, body="Whose is it?", is_internal=True)
    assert _now(ticket.id).first_replied_at is None
    first = do("support.create_ticket_message", **said, body="Turn it left.")
    do("support.create_ticket_message", **said, body="And then right.")
    assert _now(ticket.id).first_replied_at == first.sent_at
    assert first.member_id == ana.membership_id


def test_an_escalation_hands_the_ticket_on(do: Do, ticket: Any, ana: Any) -> None:
    do("support.note_escalation", ticket_id=ticket.id, to_member_id=ana.membership_id, reason="Hot")
    now = _now(ticket.id)
    assert (now.status, now.assigned_agent_id) == (TicketStatus.ESCALATED, ana.membership_id)
    assert _steps(ticket.id) == ["open", "escalated"]


def test_the_last_answer_is_the_satisfaction(do: Do, ticket: Any) -> None:
    for score in (2, 5):
        do("support.note_satisfaction", ticket_id=ticket.id, score=score)
    assert _now(ticket.id).customer_satisfaction == 5


def test_a_text_that_changed_is_a_version_and_a_category_is_none(do: Do) -> None:
    article = do("support.create_article", slug="lids", title="Lids", body="Turn left.")
    article = do("support.edit_article", id=article.id, version=article.version, category="kitchen")
    article = do("support.edit_article", id=article.id, version=article.version, body="Turn right.")
    with reading() as session:
        texts = session.scalars(select(KnowledgeArticleVersion.body).order_by(KnowledgeArticleVersion.article_version))
        assert list(texts) == ["Turn left.", "Turn right."]
    assert article.article_version == 2


def test_business_hours_are_read_or_refused(do: Do) -> None:
    hours, holidays = read_week({"1": [["09:00", "12:00"], ["13:00", "17:00"]]}, ["2026-12-25"])
    assert (len(hours[1]), len(holidays)) == (2, 1)
    for week in ({"8": []}, {"1": [["17:00", "09:00"]]}, {"1": [["09:00", "12:00"], ["11:00", "13:00"]]}, {"1": [7]}):
        with pytest.raises(NotAllowedNow):
            do("support.create_business_hours", name="Odd", week=week)


def test_a_ticket_is_not_resolved_before_it_was_opened(do: Do) -> None:
    later = datetime(2999, 1, 1, tzinfo=UTC)
    early = do("support.create_ticket", subject="From tomorrow", opened_at=later)
    with pytest.raises(NotAllowedNow, match="cannot come after"):
        do("support.move_ticket", id=early.id, version=early.version, to="resolved")
