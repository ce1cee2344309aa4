"""What admins may do with the fields an organization adds."""

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.base import Base
from warehouse.oltp.custom_fields import CustomField, FieldKind
from warehouse.operations.custom_values import OWN_FIELDS
from warehouse.operations.declare import NotAllowedNow, Work
from warehouse.operations.register import keep

MOST = 100


def _is_sound(_work: Work, field: CustomField) -> None:
    if field.entity not in OWN_FIELDS:
        raise NotAllowedNow(f"Fields can be added to: {', '.join(sorted(OWN_FIELDS))}.")
    if field.key in Base.metadata.tables[field.entity].c:
        raise NotAllowedNow(f"{field.key} is the name of a field that is there already; choose another.")
    is_choice = field.kind is FieldKind.CHOICE
    texts = [one for one in field.choices if isinstance(one, str) and one.strip()]
    if is_choice != bool(field.choices) or len(texts) != len(field.choices) or len(set(texts)) != len(texts):
        raise NotAllowedNow("A choice needs its choices, each a different text; no other field has any.")
    if len(field.choices) > MOST:
        raise NotAllowedNow(f"A field has at most {MOST} choices.")


custom_fields = keep(
    CustomField,
    room="organization",
    noun="custom field",
    permission="organization:settings",
    fixed=("entity", "key", "kind", "privacy"),
    before=_is_sound,
)
