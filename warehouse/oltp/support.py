"""What customers ask for help with, what is said about it, and how quickly it has to be."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    DERIVED,
    PERSONAL,
    Base,
    HistoryRow,
    Record,
    in_order,
    in_organization,
    owned_key,
    within,
)
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id


class TicketStatus(State):
    """Where a ticket stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Somebody still has to do something."""
        return self not in {TicketStatus.RESOLVED, TicketStatus.CLOSED}


_WORKED_ON = {TicketStatus.IN_PROGRESS, TicketStatus.WAITING_CUSTOMER, TicketStatus.ESCALATED, TicketStatus.RESOLVED}
TICKET_FLOW: Flow = {
    TicketStatus.OPEN: _WORKED_ON | {TicketStatus.CLOSED},
    TicketStatus.IN_PROGRESS: _WORKED_ON - {TicketStatus.IN_PROGRESS},
    TicketStatus.WAITING_CUSTOMER: _WORKED_ON - {TicketStatus.WAITING_CUSTOMER} | {TicketStatus.CLOSED},
    TicketStatus.ESCALATED: _WORKED_ON - {TicketStatus.ESCALATED},
    TicketStatus.RESOLVED: {TicketStatus.CLOSED, TicketStatus.OPEN},
    TicketStatus.CLOSED: {TicketStatus.OPEN},
}
"""A resolved or closed ticket may be opened again; a closed one is not worked on before that."""


class Priority(State):
    """How urgent."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class TicketChannel(State):
    """How a customer reached us."""

    EMAIL = "email"
    CHAT = "chat"
    PHONE = "phone"
    PORTAL = "portal"
    API = "api"


class BusinessHours(Record, Base):
    """When people work: spans of the week and days off, in one time zone."""

    __tablename__ = "business_hours"
    __table_args__ = (owned_key(),)

    name: Mapped[str] = mapped_column(info=BUSINESS)
    timezone: Mapped[str] = mapped_column(String(60), default="UTC", info=BUSINESS)
    week: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """ISO weekday, 1 is Monday → list of [from, until] as HH:MM."""
    holidays: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    """Days off, as YYYY-MM-DD."""


class SlaPolicy(Record, Base):
    """How soon tickets of a priority are answered and solved, in working minutes where hours are named."""

    __tablename__ = "sla_policies"
    __table_args__ = (
        owned_key(),
        in_organization("business_hours_id", "business_hours"),
        within("first_reply_minutes", least=1),
        within("resolution_minutes", least=1),
    )

    name: Mapped[str] = mapped_column(info=BUSINESS)
    priority: Mapped[Priority] = mapped_column(info=BUSINESS)
    first_reply_minutes: Mapped[int] = mapped_column(info=BUSINESS)
    resolution_minutes: Mapped[int] = mapped_column(info=BUSINESS)
    business_hours_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class Ticket(Record, Base):
    """A customer's question or trouble."""

    __tablename__ = "tickets"
    responsible = "assigned_agent_id"
    __table_args__ = (
        owned_key(),
        in_organization("customer_id", "customers"),
        in_organization("contact_id", "contacts"),
        in_organization("assigned_agent_id", "memberships"),
        in_organization("sla_policy_id", "sla_policies"),
        Index(None, "organization_id", "status"),
        UniqueConstraint("organization_id", "number"),
        within("customer_satisfaction", least=1, most=5),
        in_order("opened_at", "resolved_at"),
    )

    number: Mapped[int] = mapped_column(info=BUSINESS)
    """What people call it by: counted up in the organization."""
    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    subject: Mapped[str] = mapped_column(info=PERSONAL)
    description: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    status: Mapped[TicketStatus] = mapped_column(default=TicketStatus.OPEN, info=BUSINESS)
    priority: Mapped[Priority] = mapped_column(default=Priority.MEDIUM, info=BUSINESS)
    category: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    channel: Mapped[TicketChannel] = mapped_column(default=TicketChannel.EMAIL, info=BUSINESS)
    language: Mapped[str | None] = mapped_column(String(10), info=BUSINESS)
    assigned_agent_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    sla_policy_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    opened_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    first_replied_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    first_reply_due_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    resolved_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    resolution_due_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    closed_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    customer_satisfaction: Mapped[int | None] = mapped_column(info=BUSINESS)
    """One to five; the last answer."""
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)

    resolution_minutes: Mapped[int | None] = mapped_column(info=BUSINESS | DERIVED)
    ai_suggested_resolution: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL | DERIVED)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS | DERIVED)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS | DERIVED)


class TicketStatusChange(HistoryRow, Base):
    """A ticket reached a status."""

    __tablename__ = "ticket_status_changes"
    __table_args__ = (in_organization("ticket_id", "tickets"),)

    ticket_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    from_status: Mapped[TicketStatus | None] = mapped_column(info=BUSINESS)
    to_status: Mapped[TicketStatus] = mapped_column(info=BUSINESS)
    changed_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    changed_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class Author(State):
    """Who said something on a ticket."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class TicketMessage(Record, Base):
    """Something said on a ticket, to the customer or among ourselves."""

    __tablename__ = "ticket_messages"
    __table_args__ = (
        in_organization("ticket_id", "tickets"),
        in_organization("member_id", "memberships"),
        in_organization("contact_id", "contacts"),
    )

    ticket_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    author: Mapped[Author] = mapped_column(info=BUSINESS)
    member_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    channel: Mapped[TicketChannel] = mapped_column(default=TicketChannel.EMAIL, info=BUSINESS)
    is_internal: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    sent_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    body: Mapped[str] = mapped_column(Text, info=PERSONAL)


class TicketEscalation(HistoryRow, Base):
    """A ticket was handed to somebody who can do more."""

    __tablename__ = "ticket_escalations"
    __table_args__ = (
        in_organization("ticket_id", "tickets"),
        in_organization("from_member_id", "memberships"),
        in_organization("to_member_id", "memberships"),
        within("level", least=1, most=9),
    )

    ticket_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    level: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    from_member_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    to_member_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    escalated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)


class SatisfactionResponse(HistoryRow, Base):
    """What a customer answered when asked how a ticket went."""

    __tablename__ = "satisfaction_responses"
    __table_args__ = (
        in_organization("ticket_id", "tickets"),
        in_organization("contact_id", "contacts"),
        within("score", least=1, most=5),
    )

    ticket_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    score: Mapped[int] = mapped_column(info=BUSINESS)
    comment: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    answered_at: Mapped[datetime] = mapped_column(info=BUSINESS)


class Macro(Record, Base):
    """A reply and changes that agents apply with one click."""

    __tablename__ = "macros"
    __table_args__ = (owned_key(),)

    name: Mapped[str] = mapped_column(info=BUSINESS)
    body: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    actions: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Field of the ticket → its new value."""
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)
