"""Things that happen in a company in a day, each a few operations."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from warehouse.demo.live import Nothing, Scene
from warehouse.oltp.billing import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from warehouse.oltp.customers import CUSTOMER_FLOW, Customer, CustomerStatus
from warehouse.oltp.marketing import CAMPAIGN_FLOW, Campaign, CampaignStatus
from warehouse.oltp.sales import ActivityKind, Opportunity, Stage
from warehouse.oltp.support import TICKET_FLOW, Ticket, TicketStatus
from warehouse.operations.billing import owed

FIRST = ("Amber", "Birch", "Cobalt", "Drift", "Ember", "Fable", "Gale", "Harbour", "Iris", "Juniper")
LAST = ("Forge", "Garden", "House", "Lane", "Mill", "Orchard", "Press", "Quay", "Studio", "Yard")
TROUBLES = ("The lid is stuck", "A question about the bill", "It is slower than yesterday", "How do I share this?")
ANSWERS = ("Thank you, we are looking at it.", "Please try it again now.", "You find it under Settings.")
FEATURES = ("reports", "search", "sharing", "exports")


def sign_up(scene: Scene) -> None:
    """Somebody new is heard of, with a person to talk to."""
    name = f"{scene.throws.choice(FIRST)} {scene.throws.choice(LAST)} {scene.throws.randrange(100, 1000)}"
    made = scene.do("customers.create_customer", name=name, status=CustomerStatus.LEAD, acquisition_source="website")
    mail = f"{name.replace(' ', '.').lower()}@example.test"
    scene.do("customers.create_contact", customer_id=made.id, name=f"{name} desk", email=mail, is_primary=True)
    scene.do("marketing.note_consent", customer_id=made.id, purpose="marketing", is_given=scene.throws.random() < 0.6)


def step_closer(scene: Scene) -> None:
    """A customer comes to stand one step further."""
    customer = scene.one_of(Customer, Customer.status.in_([CustomerStatus.LEAD, CustomerStatus.PROSPECT]))
    [to] = scene.throws.sample(sorted(CUSTOMER_FLOW[customer.status] - {CustomerStatus.CHURNED}), 1)
    scene.do("customers.move_customer", id=customer.id, version=customer.version, to=to)


def open_deal(scene: Scene) -> None:
    """Something may be sold."""
    customer = scene.one_of(Customer)
    scene.do(
        "sales.create_opportunity",
        name=f"{scene.throws.choice(LAST)} for {customer.name}"[:200],
        customer_id=customer.id,
        sales_rep_id=scene.actor.membership_id,
        amount=Decimal(scene.throws.randrange(500, 60_000)),
        currency=customer.currency,
        expected_close_on=scene.today + timedelta(days=scene.throws.randrange(10, 120)),
    )


def edit_deal(scene: Scene) -> None:
    """A deal turns out larger, smaller, later."""
    deal = scene.one_of(Opportunity, Opportunity.stage.in_([one for one in Stage if one.is_open]))
    amount = (deal.amount or Decimal(1000)) * scene.throws.randrange(80, 125) / 100
    later = scene.today + timedelta(days=scene.throws.randrange(5, 90))
    values = {"amount": amount.quantize(Decimal("0.01")), "expected_close_on": later}
    scene.do("sales.edit_opportunity", id=deal.id, version=deal.version, **values)


def move_deal(scene: Scene) -> None:
    """A deal goes up a rung, or ends."""
    deal = scene.one_of(Opportunity, Opportunity.stage.in_([one for one in Stage if one.is_open]))
    following = Stage.CLOSED_LOST if scene.throws.random() < 0.25 else list(Stage)[deal.stage.position]
    scene.do("sales.move_opportunity", id=deal.id, version=deal.version, stage=following)


def call(scene: Scene) -> None:
    """Somebody talked to a customer, and wrote it down."""
    kind = scene.throws.choice([one for one in ActivityKind if one is not ActivityKind.TASK])
    customer = scene.one_of(Customer)
    values = {"kind": kind, "subject": "Talked it over", "customer_id": customer.id, "happened_on": scene.today}
    scene.do("sales.create_activity", **values)


def ask_for_help(scene: Scene) -> None:
    """A customer writes."""
    customer, subject = scene.one_of(Customer), scene.throws.choice(TROUBLES)
    made = scene.do("support.create_ticket", customer_id=customer.id, subject=subject, category="question")
    scene.do("support.create_ticket_message", ticket_id=made.id, author="customer", body=f"{subject}. Can you help?")


def answer(scene: Scene) -> None:
    """A ticket is answered, and goes on its way."""
    ticket = scene.one_of(Ticket, Ticket.status.in_([one for one in TicketStatus if one.is_open]))
    said = {"ticket_id": ticket.id, "author": "agent", "body": scene.throws.choice(ANSWERS)}
    scene.do("support.create_ticket_message", **said)
    scene.session.flush()
    ways = sorted(TICKET_FLOW[ticket.status] - {TicketStatus.ESCALATED})
    scene.do("support.move_ticket", id=ticket.id, version=ticket.version, to=scene.throws.choice(ways))


def rate_answer(scene: Scene) -> None:
    """A customer says how it went."""
    done = [TicketStatus.RESOLVED, TicketStatus.CLOSED]
    ticket = scene.one_of(Ticket, Ticket.status.in_(done), Ticket.customer_satisfaction.is_(None))
    score = scene.throws.choices((1, 2, 3, 4, 5), (1, 1, 2, 5, 6))[0]
    scene.do("support.note_satisfaction", ticket_id=ticket.id, score=score)


def bill(scene: Scene) -> None:
    """A month of a subscription is billed."""
    running = scene.one_of(Subscription, Subscription.status == SubscriptionStatus.ACTIVE)
    first = scene.today.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    made = scene.do(
        "billing.create_invoice",
        customer_id=running.customer_id,
        subscription_id=running.id,
        currency=running.currency,
    )
    scene.do(
        "billing.create_invoice_line",
        invoice_id=made.id,
        product_id=running.product_id,
        subscription_id=running.id,
        unit_price=running.monthly_value,
        service_from=first,
        service_until=last,
    )
    scene.do("billing.move_invoice", id=made.id, version=made.version, to="open")


def pay(scene: Scene) -> None:
    """Money arrives, all that is owed or a part of it."""
    invoice = scene.one_of(Invoice, Invoice.status == InvoiceStatus.OPEN)
    if owed(invoice) <= 0:
        raise Nothing("owed")
    part = owed(invoice) if scene.throws.random() < 0.8 else (owed(invoice) / 2).quantize(Decimal("0.01"))
    scene.do("billing.create_payment", invoice_id=invoice.id, amount=part, paid_on=scene.today)


def touch(scene: Scene) -> None:
    """Somebody opens a mail, clicks, visits a page."""
    customer = scene.one_of(Customer)
    kind = scene.throws.choice(("opened", "clicked", "visited"))
    running = [one for one in CAMPAIGN_FLOW if one is CampaignStatus.ACTIVE]
    try:
        campaign = scene.one_of(Campaign, Campaign.status.in_(running)).id
    except Nothing:
        campaign = None
    scene.do("marketing.note_interaction", kind=kind, customer_id=customer.id, campaign_id=campaign, channel="email")


def use(scene: Scene) -> None:
    """A customer uses what it has."""
    customer = scene.one_of(Customer, Customer.status == CustomerStatus.CUSTOMER)
    events = scene.throws.randrange(1, 40)
    values: dict[str, Any] = {"feature": scene.throws.choice(FEATURES), "used_on": scene.today, "events": events}
    scene.do("usage.note_usage", customer_id=customer.id, **values)


@dataclass(frozen=True)
class Happening:
    """What may happen, and how often beside the others."""

    play: Callable[[Scene], None]
    weight: float


SCENES = {
    "sign up": Happening(sign_up, 6),
    "step closer": Happening(step_closer, 5),
    "open a deal": Happening(open_deal, 5),
    "edit a deal": Happening(edit_deal, 10),
    "move a deal": Happening(move_deal, 6),
    "call": Happening(call, 8),
    "ask for help": Happening(ask_for_help, 6),
    "answer": Happening(answer, 8),
    "rate an answer": Happening(rate_answer, 3),
    "bill": Happening(bill, 3),
    "pay": Happening(pay, 4),
    "touch": Happening(touch, 12),
    "use": Happening(use, 10),
}
