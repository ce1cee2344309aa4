"""Says in words what a row of the audit is about."""

import json
from typing import Any

from apps.ui.formats import plain
from warehouse.operations.audit_search import EventRow

NOUNS = {
    "several": "Many records",
    "opportunities": "Deal",
    "customers": "Customer",
    "memberships": "Member",
    "organizations": "Organization",
    "audit_events": "Audit",
    "team_members": "Place in a team",
    "data": "Data",
    "sql": "Question in SQL",
    "job_requests": "Run",
}
PAGES = {"opportunities": ("screens/sales_deal.py", "id"), "memberships": ("screens/organization_members.py", "member")}
"""Entity → where its record is opened, and the name of the address's part that says which."""
FIELDS = {
    "rows": "Records touched",
    "fingerprint": "Fingerprint of the records",
    "counts": "Records by kind",
    "sign_in": "Sign-in",
    "new_place": "From a new place",
    "step": "What was wrong",
    "personal": "Names or describes people",
    "format": "Format",
    "provider": "Vouched for by",
    "sha256": "SHA-256 of its text",
}
NOT_KEPT = "changed; its values are not kept here"


def record_in_words(row: EventRow, names: dict[str, str]) -> str:
    """`Deal`, `Member Vera Holt`."""
    noun = NOUNS.get(row.entity) or row.entity.replace("_", " ").removesuffix("s").capitalize()
    name = names.get(row.entity_id or "") if row.entity == "memberships" else None
    return f"{noun} {name}" if name else noun


def details_in_words(details: dict[str, Any], names: dict[str, str]) -> list[tuple[str, str]]:
    """What the row keeps besides: a heading and its words, escaped for Markdown; what is unknown is left out."""
    told = [(_field(name), _change(change)) for name, change in details.get("changed", {}).items()]
    rest = {name: value for name, value in details.items() if name != "changed" and value not in (None, {}, [])}
    return told + [(_field(name), plain(_value(value, names))) for name, value in rest.items()]


def _field(name: str) -> str:
    return FIELDS.get(name) or name.replace("_", " ").removesuffix(" id").capitalize()


def _change(change: object) -> str:
    if isinstance(change, list) and len(change) == 2:
        before, after = (plain("empty" if one is None else str(one)) for one in change)
        return f"{before} → {after}"
    return NOT_KEPT


def _value(value: object, names: dict[str, str]) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_value(one, names)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value(one, names) for one in value)
    if isinstance(value, int):
        return f"{value:,}"
    return names.get(str(value), value if isinstance(value, str) else json.dumps(value))
