"""What people may do with tickets and what is said about them."""

from typing import Any

from warehouse.oltp.builder import TicketApplication
from warehouse.oltp.support import (
    TICKET_FLOW,
    Author,
    BusinessHours,
    Macro,
    SatisfactionResponse,
    SlaPolicy,
    Ticket,
    TicketEscalation,
    TicketMessage,
    TicketStatus,
    TicketStatusChange,
)
from warehouse.oltp.support_knowledge import TicketArticle
from warehouse.operations.declare import NotAllowedNow, Work, find
from warehouse.operations.numbers import next_count
from warehouse.operations.register import append, keep, move, note
from warehouse.operations.working_hours import read_week

SET_UP = "support:plan"


def _number_ticket(work: Work, ticket: Ticket) -> None:
    ticket.number = ticket.number or next_count(work, Ticket)
    ticket.opened_at = ticket.opened_at or work.now


def _begin_history(work: Work, ticket: Ticket) -> None:
    if ticket.version == 1:
        _write_status(work, ticket, None, None)


def _write_status(work: Work, ticket: Ticket, was: TicketStatus | None, reason: str | None) -> None:
    append(
        work,
        TicketStatusChange(
            ticket_id=ticket.id,
            from_status=was,
            to_status=ticket.status,
            changed_at=work.now if was else ticket.opened_at,
            changed_by=work.actor.membership_id,
            reason=reason,
        ),
    )


def _follow_status(work: Work, ticket: Ticket, was: TicketStatus, request: Any) -> None:
    """Keep the moments that a status stands for: opened again, a ticket is neither resolved nor closed."""
    if ticket.status is TicketStatus.RESOLVED:
        ticket.resolved_at = work.now
    elif ticket.status is TicketStatus.CLOSED:
        ticket.resolved_at, ticket.closed_at = ticket.resolved_at or work.now, work.now
    else:
        ticket.resolved_at = ticket.closed_at = None
    _write_status(work, ticket, was, getattr(request, "reason", None))


def _ticket_of(work: Work, ticket_id: str) -> Ticket:
    return find(work.session, work.actor, Ticket, ticket_id)


def _check_message(work: Work, message: TicketMessage) -> None:
    message.sent_at = message.sent_at or work.now
    if message.author is Author.CUSTOMER and message.is_internal:
        raise NotAllowedNow("What a customer says is never among ourselves.")
    if message.author is Author.AGENT and message.member_id is None:
        message.member_id = work.actor.membership_id


def _note_first_reply(work: Work, message: TicketMessage) -> None:
    ticket = _ticket_of(work, message.ticket_id)
    if message.author is Author.AGENT and not message.is_internal and ticket.first_replied_at is None:
        work.follow(ticket, {"first_replied_at": max(message.sent_at, ticket.opened_at)})


def _escalate(work: Work, escalation: TicketEscalation) -> None:
    ticket = _ticket_of(work, escalation.ticket_id)
    if not ticket.status.is_open:
        raise NotAllowedNow(f"This ticket is {ticket.status.label.lower()}; open it again before it is escalated.")
    was = ticket.status
    to = escalation.to_member_id or ticket.assigned_agent_id
    work.follow(ticket, {"status": TicketStatus.ESCALATED, "assigned_agent_id": to})
    if was is not ticket.status:
        _write_status(work, ticket, was, escalation.reason)


def _keep_score(work: Work, response: SatisfactionResponse) -> None:
    work.follow(_ticket_of(work, response.ticket_id), {"customer_satisfaction": response.score})


def _check_hours(_work: Work, hours: BusinessHours) -> None:
    read_week(hours.week, hours.holidays)


tickets = keep(
    Ticket,
    room="support",
    noun="ticket",
    computed=(
        "number",
        "status",
        "first_replied_at",
        "first_reply_due_at",
        "resolved_at",
        "resolution_due_at",
        "closed_at",
        "customer_satisfaction",
    ),
    filled=("opened_at",),
    before=_number_ticket,
    after=_begin_history,
)
move_ticket = move(Ticket, room="support", noun="ticket", flow=TICKET_FLOW, after=_follow_status)
ticket_messages = keep(
    TicketMessage,
    room="support",
    noun="ticket message",
    parent="ticket_id",
    filled=("sent_at",),
    fixed=("author", "member_id", "contact_id", "sent_at", "is_internal"),
    before=_check_message,
    after=_note_first_reply,
)
note_escalation = note(
    TicketEscalation, room="support", noun="escalation", parent="ticket_id", filled=("escalated_at",), after=_escalate
)
note_satisfaction = note(
    SatisfactionResponse,
    room="support",
    noun="satisfaction",
    parent="ticket_id",
    filled=("answered_at",),
    after=_keep_score,
)
ticket_articles = keep(TicketArticle, room="support", noun="ticket article", parent="ticket_id", fixed=("article_id",))
ticket_applications = keep(
    TicketApplication, room="support", noun="ticket application", parent="ticket_id", fixed=("application_id",)
)
business_hours = keep(BusinessHours, room="support", noun="business hours", permission=SET_UP, before=_check_hours)
sla_policies = keep(SlaPolicy, room="support", noun="service level", permission=SET_UP)
macros = keep(Macro, room="support", noun="macro", permission=SET_UP)
