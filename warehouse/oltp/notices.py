"""What people are told: on screen, by mail and at addresses of theirs; and how each of them wants it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    RESTRICTED,
    Base,
    OfOrganization,
    Tenanted,
    in_organization,
    owned_key,
)
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Id


class Notice(Tenanted, Base):
    """Something one member is told: what happened, by references and figures; names are joined when it is shown."""

    __tablename__ = "notices"
    __table_args__ = (
        owned_key(),
        in_organization("membership_id", "memberships"),
        Index(None, "organization_id", "kind", "subject"),
        Index(None, "membership_id", "read_at"),
    )

    membership_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    """Who is told."""
    topic: Mapped[str] = mapped_column(String(20), default="security", server_default="security", info=BUSINESS)
    """What it is about, which people choose their channels by."""
    kind: Mapped[str] = mapped_column(String(40), info=BUSINESS)
    """The rule that fired, or what happened; it holds the words."""
    subject: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    """What it is about, as a reference: told at most once in a while about each."""
    audit_event_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    """The row of the audit it speaks of, where it speaks of one."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """References and figures that the words need; never a name."""
    channels: Mapped[list[Any]] = mapped_column(JSON, default=lambda: ["mail"], info=BUSINESS)
    """How it goes out besides the screen: mail or digest, decided when it was told."""
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    due_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    """Not before: the end of quiet hours, or the hour of the digest."""
    read_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    mailed_at: Mapped[datetime | None] = mapped_column(index=True, info=BUSINESS)
    """When its mail was put into the outbox; null, it is due."""


class NotificationChoice(OfOrganization, Base):
    """How one member wants to be told in one organization; no row, as everybody is."""

    __tablename__ = "notification_choices"
    __table_args__ = (in_organization("membership_id", "memberships"),)

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), primary_key=True, info=BUSINESS)
    channels: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Topic → channels."""
    quiet_from: Mapped[str | None] = mapped_column(String(5), info=BUSINESS)
    """09:00, in the organization's time zone."""
    quiet_until: Mapped[str | None] = mapped_column(String(5), info=BUSINESS)
    digest_hour: Mapped[int] = mapped_column(default=7, info=BUSINESS)
    hook_form: Mapped[str | None] = mapped_column(String(10), info=BUSINESS)
    """What the address understands: plain, slack or teams."""
    hook_address: Mapped[str | None] = mapped_column(Sealed(), info=RESTRICTED)
    """Sealed: whoever knows a chat's address may write there."""
    hook_secret: Mapped[str | None] = mapped_column(Sealed(), info=RESTRICTED)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)


class HookCall(Tenanted, Base):
    """A notice on its way to its member's own address, tried until it is taken."""

    __tablename__ = "hook_calls"
    __table_args__ = (in_organization("notice_id", "notices"),)

    notice_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    attempts: Mapped[int] = mapped_column(default=0, info=BUSINESS)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True, info=BUSINESS)
    sent_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    failed_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    """When it was given up."""
    problem: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    """Why the last try failed, in the other side's words."""
