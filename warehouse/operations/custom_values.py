"""Values of the fields an organization added itself: checked against their definitions wherever a record is written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from warehouse.oltp.custom_fields import CustomField, FieldKind
from warehouse.operations.declare import NotAllowedNow, Work

LONGEST = 2_000
OWN_FIELDS = frozenset({"customers", "opportunities", "campaigns", "tickets"})
"""Tables whose records an organization may add fields to."""


def defined_fields(session: Session, organization_id: str, entity: str) -> dict[str, CustomField]:
    """Key → definition of every field an organization added to a table's records, in their order."""
    query = select(CustomField).where(
        CustomField.organization_id == organization_id,
        CustomField.entity == entity,
        CustomField.deleted_at.is_(None),
    )
    return {one.key: one for one in session.scalars(query.order_by(CustomField.position, CustomField.key))}


def check_custom_fields(work: Work, record: Any) -> None:
    """Bring what is new or changed of a record's own fields into its form. Raises NotAllowedNow for what cannot be.

    Values that were there stay as they are, also those of a field that is gone or was made stricter since. Days are
    kept as YYYY-MM-DD, numbers as decimal text: neither passes through a float.
    """
    history = get_history(record, "custom_fields")
    found = history.deleted or history.unchanged
    is_new, before = not found, (found[0] if found else None) or {}
    given: Mapping[str, Any] = record.custom_fields or {}
    if given == before and not is_new:
        return
    defined = defined_fields(work.session, work.actor.organization_id, type(record).__tablename__)
    kept = dict(before)
    for key in [*given, *(key for key in before if key not in given)]:
        if given.get(key) == before.get(key):
            continue
        if key not in defined:
            raise NotAllowedNow(f"There is no field {key!r} here; an admin adds fields under Organization.")
        work.must_see(defined[key].privacy.value)
        kept[key] = read_value(defined[key], given.get(key))
    missing = [one.label for key, one in defined.items() if one.is_required and kept.get(key) is None]
    if missing:
        raise NotAllowedNow(f"{missing[0]} is needed.")
    record.custom_fields = {key: value for key, value in kept.items() if value is not None}


def read_value(field: CustomField, value: Any) -> Any:
    """A value in the form its field keeps it in; None is nothing. Raises NotAllowedNow."""
    if value is None or value == "":
        return None
    readers = {
        FieldKind.TEXT: _text,
        FieldKind.NUMBER: _number,
        FieldKind.DAY: _day,
        FieldKind.YES_NO: _yes_no,
        FieldKind.CHOICE: _choice,
    }
    return readers[field.kind](field, value)


def _text(field: CustomField, value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise NotAllowedNow(f"{field.label} is a text of at most {LONGEST:,} characters.")
    return value.strip() or None


def _number(field: CustomField, value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal(10) ** 14:
        raise NotAllowedNow(f"{field.label} is a number, as 12.50.")
    return f"{number.normalize():f}"


def _day(field: CustomField, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as no:
        raise NotAllowedNow(f"{field.label} is a day, as 2026-03-31.") from no


def _yes_no(field: CustomField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise NotAllowedNow(f"{field.label} is yes or no.")
    return value


def _choice(field: CustomField, value: Any) -> str:
    if value not in field.choices:
        raise NotAllowedNow(f"{field.label} is one of: {', '.join(map(str, field.choices))}.")
    return str(value)
