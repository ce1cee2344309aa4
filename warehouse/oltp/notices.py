"""What owners and admins are told about the safety of their organization, on screen and by mail."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, Base, Tenanted, in_organization
from warehouse.oltp.types import Id


class Notice(Tenanted, Base):
    """Something one member is told: which rule fired, about which audit row; names are joined when it is shown."""

    __tablename__ = "notices"
    __table_args__ = (
        in_organization("membership_id", "memberships"),
        Index(None, "organization_id", "kind", "subject"),
        Index(None, "membership_id", "read_at"),
    )

    membership_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    """Who is told."""
    kind: Mapped[str] = mapped_column(String(40), info=BUSINESS)
    """The rule that fired, which holds the words."""
    subject: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    """What the rule counts by, as a reference: told at most once in a while about each."""
    audit_event_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """References and figures that the words need; never a name."""
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    read_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    mailed_at: Mapped[datetime | None] = mapped_column(index=True, info=BUSINESS)
    """When its mail was put into the outbox; null, it is due."""
