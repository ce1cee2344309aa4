"""Stripe: which lists are walked, and how private each field is. Field names are those of the pinned API version.

Stripe's lists know no filter by change: what changed is read from its events, which it keeps for thirty days.
"""

from datetime import UTC, datetime, time, timedelta

from warehouse.connectors.spec import AfterLast, Ask, Bearer, Cursor, Item, Kind, Read, Since, Thing, Vendor

CODE, WHOLE, NUMBER, FLAG, MOMENT, LABEL = Kind.CODE, Kind.WHOLE, Kind.NUMBER, Kind.FLAG, Kind.MOMENT, Kind.LABEL
MOST = "100"
"""Entries of a page; Stripe gives no more."""
PAGES = AfterLast("starting_after", "id", "has_more")
SHARED = {"id": CODE, "created": MOMENT, "currency": CODE, "livemode": FLAG}
LISTED = ("object", "url", "has_more", "total_count")
"""What every list inside a record carries beside its entries."""


def _list_of(place: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for name in LISTED)


def _events(about: str, *told: str) -> tuple[str, ...]:
    return tuple(f"{about}.{name}" for name in told)


CUSTOMERS = Thing(
    "customers",
    "/v1/customers",
    business=SHARED
    | {
        "balance": WHOLE,
        "delinquent": FLAG,
        "tax_exempt": CODE,
        "address.country": CODE,
        "shipping.address.country": CODE,
    },
    personal=(
        *("name", "business_name", "individual_name", "email", "phone", "description", "metadata", "invoice_prefix"),
        *(f"address.{part}" for part in ("city", "line1", "line2", "postal_code", "state")),
        *(f"shipping.address.{part}" for part in ("city", "line1", "line2", "postal_code", "state")),
        *("shipping.name", "shipping.phone", "shipping.carrier", "shipping.tracking_number"),
    ),
    unused=(
        *("object", "cash_balance", "customer_account", "default_source", "discount", "invoice_credit_balance"),
        *("invoice_settings", "next_invoice_sequence", "preferred_locales", "sources", "subscriptions", "tax"),
        *("tax_ids", "test_clock", "deleted"),
    ),
    made="created",
    vendor_name="customer",
)
PRODUCTS = Thing(
    "products",
    "/v1/products",
    business={"id": CODE, "created": MOMENT, "updated": MOMENT, "livemode": FLAG, "active": FLAG, "name": LABEL}
    | {"default_price": CODE, "tax_code": CODE, "type": CODE, "unit_label": LABEL},
    personal=("description", "metadata"),
    unused=(
        *("object", "images", "marketing_features", "package_dimensions", "shippable", "statement_descriptor"),
        *("tax_details", "url", "attributes", "deleted"),
    ),
    made="created",
    vendor_name="product",
)
PRICES = Thing(
    "prices",
    "/v1/prices",
    business=SHARED
    | {"active": FLAG, "billing_scheme": CODE, "product": CODE, "type": CODE, "tax_behavior": CODE}
    | {"unit_amount": WHOLE, "unit_amount_decimal": NUMBER, "tiers_mode": CODE, "lookup_key": CODE}
    | {"recurring.interval": CODE, "recurring.interval_count": WHOLE, "recurring.usage_type": CODE},
    personal=("nickname", "metadata"),
    unused=(
        *("object", "currency_options", "custom_unit_amount", "tiers", "transform_quantity", "deleted"),
        *("recurring.meter", "recurring.trial_period_days", "recurring.aggregate_usage"),
    ),
    made="created",
    vendor_name="price",
)
SUBSCRIPTIONS = Thing(
    "subscriptions",
    "/v1/subscriptions",
    business=SHARED
    | {"customer": CODE, "status": CODE, "collection_method": CODE, "latest_invoice": CODE}
    | {"start_date": MOMENT, "ended_at": MOMENT, "canceled_at": MOMENT, "cancel_at": MOMENT}
    | {"trial_start": MOMENT, "trial_end": MOMENT, "billing_cycle_anchor": MOMENT, "cancel_at_period_end": FLAG}
    | {"cancellation_details.reason": CODE, "cancellation_details.feedback": CODE}
    | {"items.data.id": CODE, "items.data.quantity": WHOLE, "items.data.price.id": CODE}
    | {"items.data.price.product": CODE, "items.data.price.currency": CODE, "items.data.price.unit_amount": WHOLE}
    | {"items.data.price.unit_amount_decimal": NUMBER, "items.data.price.recurring.interval": CODE}
    | {"items.data.price.recurring.interval_count": WHOLE, "items.data.current_period_start": MOMENT}
    | {"items.data.current_period_end": MOMENT, "items.has_more": FLAG},
    personal=("description", "metadata", "cancellation_details.comment", "items.data.metadata"),
    unused=(
        *("object", "application", "application_fee_percent", "automatic_tax", "billing_cycle_anchor_config"),
        *("billing_mode", "billing_schedules", "billing_thresholds", "customer_account", "days_until_due"),
        *("default_payment_method", "default_source", "default_tax_rates", "discounts", "invoice_settings"),
        *("managed_payments", "next_pending_invoice_item_invoice", "on_behalf_of", "pause_collection"),
        *("payment_settings", "pending_invoice_item_interval", "pending_setup_intent", "pending_update"),
        *("presentment_details", "schedule", "status_details", "test_clock", "transfer_data", "trial_settings"),
        *("items.object", "items.url", "items.total_count", "items.data.object", "items.data.created"),
        *("items.data.billing_thresholds", "items.data.discounts", "items.data.subscription", "items.data.tax_rates"),
        *(
            f"items.data.price.{name}"
            for name in ("object", "active", "billing_scheme", "created", "livemode", "lookup_key", "metadata")
        ),
        *(
            f"items.data.price.{name}"
            for name in ("nickname", "tax_behavior", "tiers_mode", "transform_quantity", "type", "custom_unit_amount")
        ),
        *(
            f"items.data.price.recurring.{name}"
            for name in ("meter", "trial_period_days", "usage_type", "aggregate_usage")
        ),
    ),
    made="created",
    vendor_name="subscription",
)
_LINE = "lines.data"
INVOICES = Thing(
    "invoices",
    "/v1/invoices",
    business=SHARED
    | {"customer": CODE, "status": CODE, "billing_reason": CODE, "collection_method": CODE, "number": CODE}
    | {"amount_due": WHOLE, "amount_paid": WHOLE, "amount_remaining": WHOLE, "subtotal": WHOLE, "total": WHOLE}
    | {"subtotal_excluding_tax": WHOLE, "total_excluding_tax": WHOLE, "starting_balance": WHOLE}
    | {"ending_balance": WHOLE, "attempt_count": WHOLE, "due_date": MOMENT, "period_start": MOMENT}
    | {"period_end": MOMENT, "effective_at": MOMENT, "account_country": CODE}
    | {f"status_transitions.{one}_at": MOMENT for one in ("finalized", "marked_uncollectible", "paid", "voided")}
    | {"parent.type": CODE, "parent.subscription_details.subscription": CODE, "lines.has_more": FLAG}
    | {f"{_LINE}.id": CODE, f"{_LINE}.amount": WHOLE, f"{_LINE}.currency": CODE, f"{_LINE}.quantity": WHOLE}
    | {f"{_LINE}.period.start": MOMENT, f"{_LINE}.period.end": MOMENT}
    | {f"{_LINE}.pricing.price_details.price": CODE, f"{_LINE}.pricing.price_details.product": CODE},
    personal=(
        *("account_name", "customer_address", "customer_email", "customer_name", "customer_phone"),
        *("customer_shipping", "customer_tax_ids", "custom_fields", "description", "footer", "metadata"),
        *("shipping_details", "statement_descriptor", "parent.subscription_details.metadata"),
        *(f"{_LINE}.description", f"{_LINE}.metadata"),
    ),
    unused=(
        *("object", "account_tax_ids", "amount_overpaid", "amount_paid_off_stripe", "amount_shipping", "application"),
        *("attempted", "auto_advance", "automatic_tax", "automatically_finalizes_at", "confirmation_secret"),
        *("customer_account", "customer_tax_exempt", "default_payment_method", "default_source", "default_tax_rates"),
        *("discounts", "from_invoice", "hosted_invoice_url", "invoice_pdf", "issuer", "last_finalization_error"),
        *("latest_revision", "next_payment_attempt", "on_behalf_of", "payment_settings", "payments"),
        *("post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "receipt_number", "rendering"),
        *("shipping_cost", "status_details", "test_clock", "threshold_reason", "total_discount_amounts"),
        *("total_pretax_credit_amounts", "total_taxes", "webhooks_delivered_at", "parent.quote_details", "deleted"),
        *("lines.object", "lines.url", "lines.total_count"),
        *(
            f"{_LINE}.{name}"
            for name in ("object", "invoice", "livemode", "discount_amounts", "discountable", "discounts", "parent")
        ),
        *(f"{_LINE}.{name}" for name in ("pretax_credit_amounts", "subscription", "taxes", "subtotal")),
        *(f"{_LINE}.pricing.{name}" for name in ("type", "unit_amount_decimal")),
    ),
    made="created",
    vendor_name="invoice",
)
CHARGES = Thing(
    "charges",
    "/v1/charges",
    business=SHARED
    | {"amount": WHOLE, "amount_captured": WHOLE, "amount_refunded": WHOLE, "captured": FLAG, "paid": FLAG}
    | {"customer": CODE, "disputed": FLAG, "failure_code": CODE, "payment_intent": CODE, "refunded": FLAG}
    | {"status": CODE, "balance_transaction": CODE, "outcome.type": CODE, "outcome.risk_level": CODE}
    | {"payment_method_details.type": CODE, "payment_method_details.card.brand": CODE}
    | {"payment_method_details.card.country": CODE, "payment_method_details.card.funding": CODE}
    | {"billing_details.address.country": CODE},
    personal=(
        *("billing_details.name", "billing_details.email", "billing_details.phone", "billing_details.tax_id"),
        *(f"billing_details.address.{part}" for part in ("city", "line1", "line2", "postal_code", "state")),
        *("description", "metadata", "receipt_email", "shipping", "statement_descriptor", "failure_message"),
        *("calculated_statement_descriptor", "statement_descriptor_suffix"),
    ),
    unused=(
        *("object", "application", "application_fee", "application_fee_amount", "authorization_code"),
        *("failure_balance_transaction", "fraud_details", "on_behalf_of", "payment_method", "presentment_details"),
        *("radar_options", "receipt_number", "receipt_url", "refunds", "review", "source", "source_transfer"),
        *("transfer", "transfer_data", "transfer_group", "dispute", "invoice", "order", "destination"),
        *(f"outcome.{name}" for name in ("network_status", "reason", "risk_score", "seller_message")),
        *(f"outcome.{name}" for name in ("network_advice_code", "network_decline_code", "advice_code", "rule")),
        *(
            f"payment_method_details.card.{name}"
            for name in ("checks", "exp_month", "exp_year", "fingerprint", "last4", "network", "three_d_secure")
        ),
        *(
            f"payment_method_details.card.{name}"
            for name in ("amount_authorized", "authorization_code", "extended_authorization", "wallet", "mandate")
        ),
        *(
            f"payment_method_details.card.{name}"
            for name in ("incremental_authorization", "installments", "multicapture", "network_token", "overcapture")
        ),
        *(f"payment_method_details.card.{name}" for name in ("regulated_status", "network_transaction_id")),
    ),
    made="created",
    vendor_name="charge",
)
REFUNDS = Thing(
    "refunds",
    "/v1/refunds",
    business={"id": CODE, "created": MOMENT, "currency": CODE, "amount": WHOLE, "charge": CODE, "status": CODE}
    | {"payment_intent": CODE, "reason": CODE, "failure_reason": CODE, "balance_transaction": CODE},
    personal=("description", "metadata", "instructions_email"),
    unused=(
        *("object", "customer", "customer_account", "destination_details", "failure_balance_transaction"),
        *("next_action", "payment_method", "pending_reason", "presentment_details", "receipt_number"),
        *("source_transfer_reversal", "transfer_reversal"),
    ),
    made="created",
    vendor_name="refund",
)
DISPUTES = Thing(
    "disputes",
    "/v1/disputes",
    business=SHARED
    | {"amount": WHOLE, "charge": CODE, "payment_intent": CODE, "reason": CODE, "status": CODE}
    | {"is_charge_refundable": FLAG, "network_reason_code": CODE, "evidence_details.due_by": MOMENT}
    | {"evidence_details.has_evidence": FLAG, "evidence_details.past_due": FLAG},
    personal=("evidence", "metadata"),
    unused=(
        *("object", "balance_transactions", "enhanced_eligibility_types", "intended_submission_method"),
        *("payment_method_details", "evidence_details.submission_count", "evidence_details.enhanced_eligibility"),
    ),
    made="created",
    vendor_name="dispute",
)
EVENTS = {
    "customers": _events("customer", "created", "updated", "deleted"),
    "products": _events("product", "created", "updated", "deleted"),
    "prices": _events("price", "created", "updated", "deleted"),
    "subscriptions": _events(
        "customer.subscription",
        *("created", "updated", "deleted", "paused", "resumed", "trial_will_end"),
        *("pending_update_applied", "pending_update_expired"),
    ),
    # Not `upcoming`: it tells of an invoice that is not there yet and has no id.
    "invoices": _events(
        "invoice",
        *("created", "updated", "deleted", "finalized", "finalization_failed", "sent", "paid", "voided"),
        *("marked_uncollectible", "overdue", "overpaid", "will_be_due"),
        *("payment_action_required", "payment_failed", "payment_succeeded"),
    ),
    "charges": _events("charge", "captured", "expired", "failed", "pending", "refunded", "succeeded", "updated"),
    "refunds": _events("refund", "created", "updated", "failed"),
    "disputes": _events("charge.dispute", "created", "updated", "closed", "funds_reinstated", "funds_withdrawn"),
}
"""Kind of record → the events that tell of a change of one: at most twenty, and by name, as Stripe takes them."""
GONE = {"customer.deleted", "product.deleted", "price.deleted", "invoice.deleted"}
"""Events after which the record is not there any more; a subscription that is `deleted` was cancelled, and stays."""


def ask(thing: Thing, since: Since) -> list[Ask]:
    """Everything, newest first; or the events since a moment, newest first too."""
    if since.changed is None:
        wanted = {"limit": MOST}
        if since.made is not None:
            wanted["created[gte]"] = str(int(datetime.combine(since.made, time(), UTC).timestamp()))
        # Without it, Stripe leaves out subscriptions that have ended.
        wanted |= {"status": "all"} if thing.name == "subscriptions" else {}
        return [Ask(thing.path, PAGES, "data", wanted, newest_first=True)]
    told = {f"types[{n}]": one for n, one in enumerate(EVENTS[thing.name])}
    told |= {"limit": MOST, "created[gte]": str(int(since.changed.timestamp()))}
    return [Ask("/v1/events", PAGES, "data", told, newest_first=True)]


def read(thing: Thing, item: Item) -> Read | None:
    """A record as the list has it, or as an event carries it."""
    if item.get("object") != "event":
        return Read(item, item.get("deleted") is True)
    record = item["data"]["object"]
    if record.get("object") != thing.vendor_name:
        return None
    return Read(record, item["type"] in GONE)


VENDOR = Vendor(
    name="stripe",
    title="Stripe",
    address="https://api.stripe.com",
    auth=Bearer(),
    per_second=25,
    cursor=Cursor(lookback=timedelta(hours=1), reaches_back=timedelta(days=29)),
    things=(CUSTOMERS, PRODUCTS, PRICES, SUBSCRIPTIONS, INVOICES, CHARGES, REFUNDS, DISPUTES),
    ask=ask,
    read=read,
    api_version="2026-10-28.endive",
    headers={"Stripe-Version": "2026-10-28.endive"},
)
