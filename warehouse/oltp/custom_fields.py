"""Fields that an organization adds to its records, as data."""

from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, Base, Record, within
from warehouse.oltp.states import State


class FieldKind(State):
    """What values a field takes."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"


class FieldPrivacy(State):
    """Who sees a field, and whether the lake's readers do; as columns are tagged."""

    BUSINESS = "business"
    PERSONAL = "personal"
    RESTRICTED = "restricted"


class CustomField(Record, Base):
    """One field of one kind of record. Its values live with the records, under its key."""

    __tablename__ = "custom_fields"
    __table_args__ = (UniqueConstraint("organization_id", "entity", "key"), within("position", least=1))

    entity: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    """The table whose records have it."""
    key: Mapped[str] = mapped_column(String(40), info=BUSINESS)
    """What programs, the model and questions call it."""
    label: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    kind: Mapped[FieldKind] = mapped_column(info=BUSINESS)
    privacy: Mapped[FieldPrivacy] = mapped_column(info=BUSINESS)
    choices: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    is_required: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    position: Mapped[int] = mapped_column(default=1, info=BUSINESS)
