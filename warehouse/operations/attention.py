"""What waits for somebody: bills, deals and tickets whose day has passed, the most pressing first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.billing import Invoice, InvoiceStatus
from warehouse.oltp.sales import Opportunity, Stage
from warehouse.oltp.support import Ticket, TicketStatus
from warehouse.operations.reading import names_of
from warehouse.operations.records import may_read
from warehouse.tenancy import Actor

MOST = 8
OPEN_STAGES = [stage for stage in Stage if stage.is_open]
OPEN_TICKETS = [status for status in TicketStatus if status.is_open]


@dataclass(frozen=True)
class Waiting:
    """One record to act on: why, since how many days, and what is at stake where it is known."""

    table: str
    id: str
    name: str
    why: str
    days: int
    amount: Decimal | None = None
    currency: str = ""


def needs_attention(session: Session, actor: Actor, today: date, most: int = MOST) -> list[Waiting]:
    """The records past their day, of every kind the actor may read.

    Each kind by what is at stake: bills and deals by amount (as written, whatever the currency), tickets by how long they have been late. The kinds take
    turns, so that one with much in it does not hide the others.
    """
    kinds = [
        list(found(session, actor, today, most))
        for table, found in {"invoices": _bills, "opportunities": _deals, "tickets": _tickets}.items()
        if may_read(actor, table)
    ]
    turns = [one for place in range(most) for kind in kinds for one in kind[place : place + 1]][:most]
    return _named(session, actor, turns)


def _bills(session: Session, actor: Actor, today: date, most: int) -> Iterator[Waiting]:
    owed = Invoice.total - Invoice.amount_paid - Invoice.amount_credited
    query = (
        select(Invoice.id, Invoice.due_on, owed, Invoice.currency)
        .where(*_of(Invoice, actor), Invoice.status == InvoiceStatus.OPEN, Invoice.due_on < today)
        .order_by(owed.desc(), Invoice.id)
        .limit(most)
    )
    for key, due, amount, currency in session.execute(query):
        yield Waiting("invoices", key, "", "bill overdue", _days(today, due), amount, currency)


def _deals(session: Session, actor: Actor, today: date, most: int) -> Iterator[Waiting]:
    query = (
        select(Opportunity.id, Opportunity.expected_close_on, Opportunity.amount, Opportunity.currency)
        .where(*_of(Opportunity, actor), Opportunity.stage.in_(OPEN_STAGES), Opportunity.expected_close_on < today)
        .order_by(Opportunity.amount.desc().nulls_last(), Opportunity.id)
        .limit(most)
    )
    for key, due, amount, currency in session.execute(query):
        yield Waiting("opportunities", key, "", "deal past its close date", _days(today, due), amount, currency)


def _tickets(session: Session, actor: Actor, today: date, most: int) -> Iterator[Waiting]:
    night = datetime(today.year, today.month, today.day, tzinfo=UTC)
    query = (
        select(Ticket.id, Ticket.resolution_due_at)
        .where(*_of(Ticket, actor), Ticket.status.in_(OPEN_TICKETS), Ticket.resolution_due_at < night)
        .order_by(Ticket.resolution_due_at, Ticket.id)
        .limit(most)
    )
    for key, due in session.execute(query):
        yield Waiting("tickets", key, "", "ticket late", _days(today, due and due.date()))


def _days(today: date, due: date | None) -> int:
    """The statements ask for a day, so there is one."""
    return (today - due).days if due else 0


def _of(kind: Any, actor: Actor) -> tuple[Any, Any]:
    return kind.organization_id == actor.organization_id, kind.deleted_at.is_(None)


def _named(session: Session, actor: Actor, found: list[Waiting]) -> list[Waiting]:
    names: dict[str, str] = {}
    for table in dict.fromkeys(one.table for one in found):
        names |= names_of(session, actor, table, [one.id for one in found if one.table == table])
    return [replace(one, name=names.get(one.id, "")) for one in found]
