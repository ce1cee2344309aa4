"""What watches numbers for people: alerts, what happened to each, and dashboards that are sent at set hours."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.alerts import Happened, Level, Standing
from warehouse.oltp.base import BUSINESS, Base, Tenanted, in_organization, owned_key
from warehouse.oltp.types import Id


class Alert(Tenanted, Base):
    """A rule somebody keeps, and where what it watches stands. Only its owner's rights decide what it may look at."""

    __tablename__ = "alerts"
    __table_args__ = (
        owned_key(),
        in_organization("membership_id", "memberships"),
        in_organization("on_duty_id", "memberships"),
    )

    name: Mapped[str] = mapped_column(String(80), info=BUSINESS)
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """What it watches, as `warehouse.alerts` reads it."""
    level: Mapped[Level] = mapped_column(default=Level.WARNING, info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    """Whose it is: told first, and whose rights decide."""
    on_duty_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    """Who is told when nobody acknowledged it in time."""
    escalate_minutes: Mapped[int | None] = mapped_column(Integer, info=BUSINESS)
    cooldown_minutes: Mapped[int] = mapped_column(Integer, default=60, info=BUSINESS)
    earlier: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    """What it was before: version, moment and values, the latest first."""
    version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    paused_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    paused_because: Mapped[str | None] = mapped_column(Text, info=BUSINESS)
    """Why it was paused, where nobody did it by hand."""

    standing: Mapped[Standing] = mapped_column(default=Standing.OK, index=True, info=BUSINESS)
    fired_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    resolved_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    escalated_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    snoozed_until: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    checked_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    checked_build: Mapped[str | None] = mapped_column(String(40), info=BUSINESS)
    """The build whose numbers were read last; the same build on the same day is read once."""
    checked_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    checked_version: Mapped[int | None] = mapped_column(Integer, info=BUSINESS)
    problem: Mapped[str | None] = mapped_column(Text, info=BUSINESS)
    """Why the last reading could not be taken."""


class AlertEvent(Tenanted, Base):
    """Something that happened to an alert, with the number, what it was held against, and the receipt of both."""

    __tablename__ = "alert_events"
    __table_args__ = (
        owned_key(),
        in_organization("alert_id", "alerts"),
        # Written by whoever did it; the platform does the rest by itself.
        in_organization("membership_id", "memberships"),
        Index(None, "alert_id", "at"),
    )

    alert_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    happened: Mapped[Happened] = mapped_column(info=BUSINESS)
    at: Mapped[datetime] = mapped_column(info=BUSINESS)
    membership_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    value: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)
    """Exact, as text: numbers have many units."""
    bound: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)
    receipt: Mapped[str | None] = mapped_column(String(64), info=BUSINESS)
    told: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """What the words need besides: label, unit, period, the tags somebody has to see, names of checks."""


class ReportSchedule(Tenanted, Base):
    """A kept dashboard that goes out by mail at set hours, each recipient's with the recipient's own rights."""

    __tablename__ = "report_schedules"
    __table_args__ = (
        owned_key(),
        in_organization("membership_id", "memberships"),
        in_organization("dashboard_id", "saved_dashboards"),
    )

    dashboard_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    """Who asked for it."""
    recipients: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    """Memberships it goes to."""
    every: Mapped[str] = mapped_column(String(10), info=BUSINESS)
    """day, week or month."""
    on_day: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    """ISO weekday, or day of the month; the last one where a month has no such day."""
    at_hour: Mapped[int] = mapped_column(default=7, info=BUSINESS)
    """In the organization's time zone."""
    next_at: Mapped[datetime] = mapped_column(index=True, info=BUSINESS)
    last_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    problem: Mapped[str | None] = mapped_column(Text, info=BUSINESS)
    """Why the last one did not reach everybody."""
    version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
