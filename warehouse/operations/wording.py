"""Words for columns, choices and refusals, as people read them on forms, lists and records."""

from enum import Enum
from typing import Any

from pydantic import ValidationError

from warehouse.oltp.states import State

LABELS = {
    "article_version": "Text version",
    "custom_fields": "Own fields",
    "deployment_url": "Address",
    "email": "E-mail",
    "entity": "Records",
    "is_control": "Control group",
    "is_internal": "Among ourselves",
    "is_machine": "By a machine",
    "is_sale_of_data_refused": "Refuses sale of data",
    "key": "Key, for programs",
    "least_quantity": "From quantity",
    "membership_id": "Member",
    "notice_days": "Notice, days",
    "opportunity_id": "Deal",
    "parent_customer_id": "Part of",
    "parent_territory_id": "Part of",
    "payment_terms_days": "Payment terms, days",
    "renews_itself": "Renews by itself",
    "revision_of_id": "Revision of",
    "sku": "SKU",
    "sla_policy_id": "Service level",
    "timezone": "Time zone",
    "was_helpful": "Helped",
}
"""Columns whose label does not follow from their name."""


HELP = {
    "assignment_rules.conditions": 'Field of the record → values, as {"country": ["Norway"]}; none, every record matches.',
    "business_hours.holidays": "Days off, as 2026-12-25.",
    "business_hours.week": 'Weekday (1 is Monday) → spans, as {"1": [["09:00", "17:00"]]}.',
    "campaign_contents.variant": "A letter for each version that is tested against the others.",
    "contracts.value": "Over its whole term, without tax.",
    "custom_fields.choices": "Only for a choice: what may be chosen.",
    "custom_fields.key": "What programs and questions call it; it stays as it is.",
    "custom_fields.privacy": "Who sees it: business, everybody; personal or restricted, whoever may see such fields.",
    "invoice_lines.service_until": "The last day that is paid for.",
    "macros.actions": 'Field of the ticket → its new value, as {"priority": "high"}.',
    "price_book_entries.valid_until": "The last day it holds.",
    "segments.rules": 'A tree of conditions, as {"country": ["Norway"]}.',
    "sla_policies.first_reply_minutes": "Working minutes, where business hours are named.",
    "sla_policies.resolution_minutes": "Working minutes, where business hours are named.",
    "subscriptions.unit_price": "For one seat and one billing period, without tax.",
    "territories.rules": 'Field of the customer → values, as {"country": ["Norway"]}.',
}
"""What has to be known to fill a field in, by table and column."""


def choice_label(value: Any) -> str:
    """A choice as people read it."""
    if isinstance(value, State):
        return value.label
    return str(value.value if isinstance(value, Enum) else value).replace("_", " ").capitalize()


def label_of(name: str) -> str:
    """A column's name as people read it."""
    if name in LABELS:
        return LABELS[name]
    words = name.removesuffix("_id").removeprefix("is_").replace("_", " ")
    for short in ("utm", "crm"):
        words = words.replace(short, short.upper(), 1) if words.startswith(f"{short} ") else words
    return words[:1].upper() + words[1:].removesuffix(" percent") + (", %" if name.endswith("_percent") else "")


FORMS = {
    "key": "Small letters, digits and underscores, beginning with a letter.",
    "slug": "Small letters, digits and hyphens, beginning and ending with a letter or digit.",
    "evidence_sha256": "A SHA-256 in hexadecimal: 64 of the characters 0 to 9 and a to f.",
}


def sentence(name: str, refused: ValidationError) -> str:
    """The first thing that is wrong, as people write it."""
    found = refused.errors()[0]
    told: dict[str, Any] = found.get("ctx") or {}
    sentences = {
        "string_too_short": "Something has to stand here.",
        "string_too_long": f"At most {told.get('max_length')} characters.",
        "string_pattern_mismatch": FORMS.get(name, "Three capital letters, as USD."),
        "greater_than_equal": f"Not less than {told.get('ge')}.",
        "less_than_equal": f"Not more than {told.get('le')}.",
        "decimal_max_places": f"At most {told.get('decimal_places')} decimals.",
        "decimal_max_digits": f"At most {told.get('max_digits')} digits.",
        "decimal_whole_digits": f"At most {told.get('whole_digits')} digits before the point.",
    }
    if found["type"] == "value_error":
        return str(told.get("error", found["msg"]))
    return sentences.get(found["type"], str(found["msg"]))
