"""Every metric as arithmetic over `truth`: what the answer to a question must be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.journeys.truth import Facts, Span, Truth

PLACES = Decimal("1e-16")
Keep = Callable[[dict[str, Any]], bool]
Value = Decimal | None


@dataclass(frozen=True)
class Asked:
    """A span of days, and whose facts count."""

    span: Span
    keep: Keep = field(default=lambda _: True)

    @property
    def evening(self) -> date:
        """How things stand is told of the last day."""
        return self.span.last

    @property
    def before(self) -> date | None:
        """The evening before the span begins."""
        return self.span.first - timedelta(days=1) if self.span.first else None


Formula = Callable[[Truth, Asked], Value]


def added(facts: Iterable[Any], asked: Asked) -> Decimal:
    return sum((f.amount for f in facts if asked.span.holds(f.day) and asked.keep(f.groups)), Decimal(0))


def flow(facts: Callable[[Truth], Facts]) -> Formula:
    return lambda truth, asked: added(facts(truth), asked)


def stock(facts: Callable[[Truth, date], Facts]) -> Formula:
    def at(truth: Truth, asked: Asked) -> Value:
        return sum((f.amount for f in facts(truth, asked.evening) if asked.keep(f.groups)), Decimal(0))

    return at


def opening(facts: Callable[[Truth, date], Facts]) -> Formula:
    def at(truth: Truth, asked: Asked) -> Value:
        if asked.before is None:
            return None
        return sum((f.amount for f in facts(truth, asked.before) if asked.keep(f.groups)), Decimal(0))

    return at


def ratio(above: Formula, below: Formula) -> Formula:
    def of(truth: Truth, asked: Asked) -> Value:
        top, bottom = above(truth, asked), below(truth, asked)
        return (top / bottom).quantize(PLACES) if top is not None and bottom else None

    return of


def quantile(day: str, amount: str, share: float) -> Formula:
    """Between two values, in proportion."""

    def of(truth: Truth, asked: Asked) -> Value:
        found = sorted(
            row[amount]
            for row in truth.tickets
            if row[amount] is not None and asked.span.holds(row[day]) and asked.keep(row["groups"])
        )
        if not found:
            return None
        place = share * (len(found) - 1)
        low = int(place)
        high = min(low + 1, len(found) - 1)
        return Decimal(str(found[low] + (found[high] - found[low]) * (place - low)))

    return of


def distinct(kind: str, *keys: str, channel: str | None = None) -> Formula:
    def of(truth: Truth, asked: Asked) -> Value:
        found = truth.people(kind, *keys, channel=channel)
        return Decimal(len({one for on, one, groups in found if asked.span.holds(on) and asked.keep(groups)}))

    return of


def mails(kind: str) -> Formula:
    return distinct(kind, "campaign_id", "content_id", "customer_id", "contact_id", channel="email")


def people(kind: str) -> Formula:
    return distinct(kind, "campaign_id", "customer_id", "contact_id")


def roi(truth: Truth, asked: Asked) -> Value:
    brought, cost = added(truth.attributed(), asked), added(truth.spend(), asked)
    return ((brought - cost) / cost).quantize(PLACES) if cost else None


def tickets(day: str, amount: Callable[[dict[str, Any]], Any] = lambda _: 1) -> Formula:
    return flow(lambda t: t.ticket_facts(day, amount))


def closed(*stages: str, worth: str | None = None) -> Formula:
    return flow(lambda t: t._each(t._closed(*stages), "closed", worth))


def slipped(truth: Truth, asked: Asked) -> Value:
    return Decimal(len({deal for on, deal, groups in truth.slips() if asked.span.holds(on) and asked.keep(groups)}))


BOTH = ("closed_won", "closed_lost")
WON, WON_DEALS = flow(Truth.won), flow(Truth.won_deals)
CUSTOMERS = stock(Truth.customers_on)
LEADS = flow(lambda t: t.journeys("lead", "lead"))
NEW_CUSTOMERS = flow(lambda t: t.journeys("customer", "customer"))
SPEND = flow(Truth.spend)
RESOLVED = tickets("resolved", lambda row: 1 if row["minutes"] is not None else None)
MRR = stock(Truth.mrr)

METRICS: dict[str, Formula] = {
    "deal_count": flow(lambda t: t._each(t.deals, "opened")),
    "deal_value": flow(lambda t: t._each(t.deals, "opened", "worth")),
    "open_deal_count": stock(Truth.open_deals),
    "open_pipeline_value": stock(Truth.open_value),
    "weighted_pipeline_value": stock(lambda t, on: t.open_value(on, weighted=True)),
    "slipped_deal_count": slipped,
    "won_value": WON,
    "won_deal_count": WON_DEALS,
    "lost_deal_count": closed("closed_lost"),
    "closed_deal_count": closed(*BOTH),
    "win_rate": ratio(WON_DEALS, closed(*BOTH)),
    "win_rate_by_value": ratio(WON, closed(*BOTH, worth="worth")),
    "avg_won_deal_size": ratio(WON, flow(lambda t: t.won_deals(valued=True))),
    "avg_sales_cycle_days": ratio(
        flow(Truth.cycles), flow(lambda t: [one._replace(amount=Decimal(1)) for one in t.cycles()])
    ),
    "stage_conversion_rate": ratio(flow(lambda t: t.entries(forwards=True)), flow(Truth.entries)),
    "activity_count": flow(Truth.activities),
    "quota_attainment": ratio(flow(lambda t: t.quotas(won=True)), flow(lambda t: t.quotas(won=False))),
    "customer_count": CUSTOMERS,
    "new_customers": NEW_CUSTOMERS,
    "churned_customers": flow(Truth.churned),
    "customer_churn_rate": ratio(flow(Truth.churned), opening(Truth.customers_on)),
    "retention_rate": ratio(flow(lambda t: t.journeys("kept", "customer")), NEW_CUSTOMERS),
    "lead_count": LEADS,
    "mql_count": flow(lambda t: t.journeys("qualified", "qualified")),
    "lead_conversion_rate": ratio(flow(lambda t: t.journeys("customer", "lead")), LEADS),
    "invoiced_revenue": flow(Truth.invoiced),
    "invoice_count": flow(lambda t: t.invoiced(count=True)),
    "paid_amount": flow(lambda t: t.cash("payment")),
    "refunded_amount": flow(lambda t: t.cash("refund", sign=-1)),
    "ltv": flow(lambda t: t.cash("payment", "refund")),
    "outstanding_amount": stock(Truth.owed),
    "overdue_amount": stock(lambda t, on: t.owed(on, overdue=True)),
    "avg_days_to_pay": ratio(
        flow(Truth.payment_days), flow(lambda t: [one._replace(amount=Decimal(1)) for one in t.payment_days()])
    ),
    "mrr": MRR,
    "arr": lambda truth, asked: ((MRR(truth, asked) or Decimal(0)) * 12).quantize(PLACES),
    "new_mrr": flow(lambda t: t.movements("new")),
    "expansion_mrr": flow(lambda t: t.movements("expansion")),
    "reactivation_mrr": flow(lambda t: t.movements("reactivation")),
    "contraction_mrr": flow(lambda t: t.movements("contraction")),
    "churned_mrr": flow(lambda t: t.movements("churn")),
    "nrr": ratio(stock(lambda t, on: t.retention(on, "now")), stock(lambda t, on: t.retention(on, "then"))),
    "grr": ratio(stock(lambda t, on: t.retention(on, "kept")), stock(lambda t, on: t.retention(on, "then"))),
    "recognised_revenue": flow(Truth.recognised),
    "campaign_spend": SPEND,
    "attributed_won_value": flow(Truth.attributed),
    "first_touch_won_value": flow(lambda t: t.attributed("first")),
    "last_touch_won_value": flow(lambda t: t.attributed("last")),
    "time_decay_won_value": flow(lambda t: t.attributed("time_decay")),
    "campaign_roi": roi,
    "cost_per_lead": ratio(SPEND, LEADS),
    "cac": ratio(SPEND, NEW_CUSTOMERS),
    "email_delivery_rate": ratio(mails("delivered"), mails("sent")),
    "email_open_rate": ratio(mails("opened"), mails("delivered")),
    "click_rate": ratio(mails("clicked"), mails("delivered")),
    "unsubscribe_rate": ratio(mails("unsubscribed"), mails("delivered")),
    "bounce_rate": ratio(mails("bounced"), mails("sent")),
    "attendance_rate": ratio(people("attended"), people("registered")),
    "ticket_count": tickets("opened"),
    "resolved_ticket_count": RESOLVED,
    "open_ticket_count": stock(Truth.open_tickets),
    "avg_resolution_time": ratio(tickets("resolved", lambda row: row["minutes"]), RESOLVED),
    "median_resolution_time": quantile("resolved", "minutes", 0.5),
    "p90_resolution_time": quantile("resolved", "minutes", 0.9),
    "first_reply_time": ratio(
        tickets("opened", lambda row: row["reply"]),
        tickets("opened", lambda row: 1 if row["reply"] is not None else None),
    ),
    "reopen_rate": ratio(
        tickets("resolved", lambda row: row["reopened"] if row["minutes"] is not None else None), RESOLVED
    ),
    "escalation_rate": ratio(tickets("opened", lambda row: row["escalated"]), tickets("opened")),
    "sla_met_rate": ratio(
        tickets("opened", lambda row: row["met"]),
        tickets("opened", lambda row: 1 if row["met"] is not None else None),
    ),
    "avg_csat": ratio(
        tickets("answered", lambda row: row["score"]),
        tickets("answered", lambda row: 1 if row["score"] is not None else None),
    ),
    "tickets_per_customer": ratio(tickets("opened"), CUSTOMERS),
    "kb_deflection_rate": ratio(flow(lambda t: t.views(deflected=True)), flow(lambda t: t.views(deflected=False))),
    "usage_events": flow(lambda t: t.usage("events")),
    "active_users": flow(lambda t: t.usage("active_users")),
    "active_customers": stock(Truth.active),
    "feature_adoption_rate": ratio(stock(Truth.active), stock(Truth.active)),
}
"""Metric → its formula."""
