"""What people did with what we sent or showed them, and what they allowed."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, PERSONAL, Base, HistoryRow, Record, in_organization
from warehouse.oltp.states import State
from warehouse.oltp.types import Id


class InteractionKind(State):
    """What happened between us and a person."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    VISITED = "visited"
    REGISTERED = "registered"
    ATTENDED = "attended"
    CONVERTED = "converted"


class Interaction(HistoryRow, Base):
    """One touch: a mail opened, a page visited, a seminar attended."""

    __tablename__ = "interactions"
    __table_args__ = (
        in_organization("campaign_id", "campaigns"),
        in_organization("content_id", "campaign_contents"),
        in_organization("customer_id", "customers"),
        in_organization("contact_id", "contacts"),
        in_organization("opportunity_id", "opportunities"),
        in_organization("form_id", "forms"),
        in_organization("landing_page_id", "landing_pages"),
    )

    kind: Mapped[InteractionKind] = mapped_column(info=BUSINESS)
    happened_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    channel: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)
    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    campaign_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    content_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    opportunity_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    form_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    landing_page_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    utm_source: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    utm_medium: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    utm_campaign: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    utm_term: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    utm_content: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    is_machine: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    """Done by a scanner or robot, not by a person."""


class ConsentPurpose(State):
    """What a person is asked to allow."""

    MARKETING = "marketing"
    ANALYTICS = "analytics"
    SALE_OF_DATA = "sale_of_data"


class Consent(HistoryRow, Base):
    """A person allowed something, or took that back; the latest row holds."""

    __tablename__ = "consents"
    __table_args__ = (
        in_organization("customer_id", "customers"),
        in_organization("contact_id", "contacts"),
        in_organization("form_id", "forms"),
    )

    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    purpose: Mapped[ConsentPurpose] = mapped_column(info=BUSINESS)
    channel: Mapped[str] = mapped_column(String(60), default="email", info=BUSINESS)
    is_given: Mapped[bool] = mapped_column(info=BUSINESS)
    happened_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    form_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    evidence: Mapped[str | None] = mapped_column(info=PERSONAL)
    """Where and in which words."""


class SuppressionReason(State):
    """Why somebody is not written to."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ASKED = "asked"


class Suppression(Record, Base):
    """An address that gets nothing any more on a channel."""

    __tablename__ = "suppressions"
    __table_args__ = (in_organization("customer_id", "customers"), in_organization("contact_id", "contacts"))

    address: Mapped[str] = mapped_column(String(320), index=True, info=PERSONAL)
    """E-mail address, phone number or handle, in lower case."""
    channel: Mapped[str] = mapped_column(String(60), default="email", info=BUSINESS)
    reason: Mapped[SuppressionReason] = mapped_column(info=BUSINESS)
    since: Mapped[date] = mapped_column(info=BUSINESS)
    customer_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
