"""Whom we talk to and with what: segments, campaigns, their contents and costs, forms and landing pages."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    DERIVED,
    PERSONAL,
    Base,
    Record,
    in_order,
    in_organization,
    owned_key,
    within,
)
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id


class CampaignType(State):
    """What kind of effort."""

    EMAIL = "email"
    SOCIAL = "social"
    CONTENT = "content"
    PAID_ADS = "paid_ads"
    WEBINAR = "webinar"
    EVENT = "event"


class CampaignStatus(State):
    """Where a campaign stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ARCHIVED = "archived"


CAMPAIGN_FLOW: Flow = {
    CampaignStatus.DRAFT: {CampaignStatus.ACTIVE, CampaignStatus.ARCHIVED},
    CampaignStatus.ACTIVE: {CampaignStatus.PAUSED, CampaignStatus.COMPLETED},
    CampaignStatus.PAUSED: {CampaignStatus.ACTIVE, CampaignStatus.COMPLETED, CampaignStatus.ARCHIVED},
    CampaignStatus.COMPLETED: {CampaignStatus.ARCHIVED},
    CampaignStatus.ARCHIVED: set(),
}


class Segment(Record, Base):
    """A group of customers described by rules; who belongs follows from the data."""

    __tablename__ = "segments"
    __table_args__ = (owned_key(), in_organization("owner_id", "memberships"))

    name: Mapped[str] = mapped_column(info=BUSINESS)
    description: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    """A tree of conditions; its values may name people."""
    owner_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class Campaign(Record, Base):
    """An effort to be heard by an audience, with a budget and a span of days."""

    __tablename__ = "campaigns"
    responsible = "owner_id"
    __table_args__ = (
        owned_key(),
        in_organization("owner_id", "memberships"),
        in_organization("segment_id", "segments"),
        within("budget", least=0, exact=True),
        in_order("scheduled_start_on", "scheduled_end_on"),
    )

    name: Mapped[str] = mapped_column(info=BUSINESS)
    campaign_type: Mapped[CampaignType] = mapped_column(info=BUSINESS)
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.DRAFT, info=BUSINESS)
    owner_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    segment_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    target_audience: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    """A rule tree like a segment's, where no segment is named."""
    scheduled_start_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    scheduled_end_on: Mapped[date | None] = mapped_column(info=BUSINESS)
    budget: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    channels: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    automation_rules: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)

    campaign_metrics: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS | DERIVED)
    ai_optimization: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL | DERIVED)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS | DERIVED)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS | DERIVED)


class CampaignMember(Record, Base):
    """A customer, or a person there, whom a campaign is meant for."""

    __tablename__ = "campaign_members"
    __table_args__ = (
        UniqueConstraint("organization_id", "campaign_id", "customer_id", "contact_id"),
        in_organization("campaign_id", "campaigns"),
        in_organization("customer_id", "customers"),
        in_organization("contact_id", "contacts"),
    )

    campaign_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    contact_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    added_on: Mapped[date] = mapped_column(info=BUSINESS)
    is_control: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    """Left out on purpose, to see what would have happened."""


class ContentKind(State):
    """What a content is."""

    EMAIL = "email"
    SOCIAL_POST = "social_post"
    LANDING_PAGE = "landing_page"
    ADVERTISEMENT = "advertisement"
    ARTICLE = "article"


class CampaignContent(Record, Base):
    """A mail, post, page or advertisement, with its versions by letter for tests between them."""

    __tablename__ = "campaign_contents"
    __table_args__ = (owned_key(), in_organization("campaign_id", "campaigns"))

    campaign_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    kind: Mapped[ContentKind] = mapped_column(info=BUSINESS)
    title: Mapped[str] = mapped_column(info=PERSONAL)
    body: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    variant: Mapped[str] = mapped_column(String(10), default="A", info=BUSINESS)
    language: Mapped[str | None] = mapped_column(String(10), info=BUSINESS)


class CampaignDailyCost(Record, Base):
    """What a campaign cost on a day in one channel, and what the channel says it delivered for it."""

    __tablename__ = "campaign_daily_costs"
    __table_args__ = (
        UniqueConstraint("organization_id", "campaign_id", "channel", "spent_on"),
        in_organization("campaign_id", "campaigns"),
        within("amount", least=0, exact=True),
        within("impressions", least=0),
        within("clicks", least=0),
    )

    campaign_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    channel: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    spent_on: Mapped[date] = mapped_column(info=BUSINESS)
    amount: Mapped[Decimal] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    impressions: Mapped[int | None] = mapped_column(info=BUSINESS)
    clicks: Mapped[int | None] = mapped_column(info=BUSINESS)


class Form(Record, Base):
    """Questions on a page that make a lead of a visitor."""

    __tablename__ = "forms"
    __table_args__ = (owned_key(), in_organization("campaign_id", "campaigns"))

    name: Mapped[str] = mapped_column(info=BUSINESS)
    campaign_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    fields: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    consent_text: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class LandingPage(Record, Base):
    """A page of our own that a campaign leads to."""

    __tablename__ = "landing_pages"
    __table_args__ = (
        owned_key(),
        UniqueConstraint("organization_id", "slug"),
        in_organization("campaign_id", "campaigns"),
        in_organization("form_id", "forms"),
    )

    slug: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    title: Mapped[str] = mapped_column(info=PERSONAL)
    body: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    campaign_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    form_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    published_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
