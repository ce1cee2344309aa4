"""A company at work: whatever happens there happens through the operations, and leaves books that are right."""

from random import Random

import pytest
from sqlalchemy import func, select

from warehouse.demo.live import Tally, act, live, organizations_of
from warehouse.demo.live_scenes import SCENES
from warehouse.oltp.billing import Invoice, InvoiceLine, Subscription, SubscriptionChange
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent
from warehouse.oltp.support import Ticket, TicketStatusChange
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.rooms import OPERATIONS
from warehouse.tenancy import Actor


@pytest.fixture
def busy(ana: Actor) -> Actor:
    """Acme, with a customer that has a subscription, after four hundred things that happened."""
    with writing() as session:
        customer = OPERATIONS["customers.create_customer"]
        made = customer(session, ana, customer.input(name="Pebble", status="customer"))
        subscription = OPERATIONS["billing.create_subscription"]
        asked = {"customer_id": made.id, "unit_price": 40, "started_on": "2026-01-01"}
        subscription(session, ana, subscription.input(**asked))
    throws = Random(7)
    for _ in range(400):
        act(ana.organization_id, throws)
    return ana


def test_everything_that_can_happen_does_and_the_books_are_right(busy: Actor) -> None:
    with reading() as session:
        done = set(session.scalars(select(AuditEvent.operation)))
        assert {"support.move_ticket", "billing.move_invoice", "billing.create_payment", "usage.note_usage"} <= done
        assert broken_audit_rows(session, busy.organization_id) == []
        for invoice in session.scalars(select(Invoice)):
            lines = select(func.sum(InvoiceLine.amount)).where(InvoiceLine.invoice_id == invoice.id)
            assert session.scalar(lines) == invoice.subtotal
            assert 0 <= invoice.amount_paid + invoice.amount_credited <= invoice.total
        [running] = session.scalars(select(Subscription))
        assert session.scalar(select(func.sum(SubscriptionChange.monthly_value_change))) == running.monthly_value
        for ticket in session.scalars(select(Ticket)):
            steps = select(TicketStatusChange.to_status).where(TicketStatusChange.ticket_id == ticket.id)
            assert session.scalars(steps.order_by(TicketStatusChange.id.desc()).limit(1)).one() is ticket.status


def test_it_goes_on_until_it_is_told_to_stop_and_counts_what_was_done(ana: Actor) -> None:
    left, tally = iter(range(60)), Tally()
    live([ana.organization_id], 1_000_000, 3, lambda _: next(left, None) is not None, tally)
    assert tally.total > 30
    assert tally.total + tally.passed_over == 60
    assert set(tally.done) <= set(SCENES)


def test_an_organization_that_nobody_runs_is_left_alone(ana: Actor, bob: Actor) -> None:
    with reading() as session:
        assert organizations_of(session, ["globex"]) == [bob.organization_id]
        assert set(organizations_of(session, [])) == {ana.organization_id, bob.organization_id}
