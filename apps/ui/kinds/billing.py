"""Subscriptions, bills, and what is paid for them."""

from typing import Any

from apps.ui.kinds.declare import Kind, Part, Place
from apps.ui.session import today
from warehouse.operations.billing import owed


def _the_rest(invoice: Any) -> dict[str, Any]:
    """A payment mostly is what is still owed, and is noted on the day it came."""
    rest = owed(invoice)
    return {"amount": rest if rest > 0 else None, "paid_on": today()}


KINDS = (
    Kind(
        "subscriptions",
        "Subscription",
        "Subscriptions",
        ":material/autorenew:",
        "What a customer pays for again and again.",
        ("status", "monthly_value", "quantity", "billing_period", "started_on", "renews_on"),
        ("status", "billing_period", "customer_id", "product_id"),
        (Part("subscription_changes", "subscription_id", "Changes"), Part("invoices", "subscription_id")),
        place=Place.MENU,
    ),
    Kind(
        "invoices",
        "Invoice",
        "Invoices",
        ":material/receipt_long:",
        "A bill; its amounts are the sums of its lines, payments, refunds and credit notes.",
        ("customer_id", "status", "total", "amount_paid", "issued_on", "due_on"),
        ("status", "customer_id", "is_disputed"),
        (
            Part("invoice_lines", "invoice_id"),
            Part("payments", "invoice_id", start=_the_rest),
            Part("credit_notes", "invoice_id"),
        ),
        place=Place.MENU,
    ),
    Kind(
        "invoice_lines",
        "Invoice line",
        "Lines",
        ":material/list:",
        "One position on a bill, and the days it is for.",
        ("position", "quantity", "unit_price", "discount_percent", "tax_percent", "amount", "service_from"),
        parts=(Part("revenue_schedule_entries", "invoice_line_id", "Counts as revenue"),),
    ),
    Kind(
        "payments",
        "Payment",
        "Payments",
        ":material/payments:",
        "Money for a bill, under way, arrived or refused.",
        ("invoice_id", "amount", "status", "reference"),
        ("status", "method"),
        (Part("refunds", "payment_id", start=lambda payment: {"amount": payment.amount}),),
        place=Place.MENU,
    ),
    Kind(
        "refunds",
        "Refund",
        "Refunds",
        ":material/undo:",
        "Money given back of a payment.",
        ("payment_id", "amount", "reason"),
    ),
    Kind(
        "credit_notes",
        "Credit note",
        "Credit notes",
        ":material/money_off:",
        "What a customer need not pay of a bill.",
        ("invoice_id", "amount", "issued_on", "reason"),
    ),
    Kind(
        "revenue_schedule_entries",
        "Month of revenue",
        "Months of revenue",
        ":material/calendar_month:",
        "How much of an invoice line counts as revenue in one month.",
        ("month", "amount"),
    ),
    Kind(
        "fx_rates",
        "Exchange rate",
        "Exchange rates",
        ":material/currency_exchange:",
        "What one unit of a currency is worth in another on a day.",
        ("rate", "source"),
        place=Place.SET_UP,
    ),
)
