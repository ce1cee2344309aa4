"""What others reach, to compare oneself with; and the dashboards and numbers that people made."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, Base, Record, Tenanted, in_order, in_organization, owned_key
from warehouse.oltp.types import Id


class Benchmark(Record, Base):
    """How one metric is spread over companies of an industry, size and country in a span of days."""

    __tablename__ = "benchmarks"
    __table_args__ = (
        in_order("starts_on", "ends_on"),
        in_order("lower_quartile", "median"),
        in_order("median", "upper_quartile"),
    )

    metric: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    industry: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    size_band: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)
    country: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    starts_on: Mapped[date] = mapped_column(info=BUSINESS)
    ends_on: Mapped[date] = mapped_column(info=BUSINESS)
    lower_quartile: Mapped[Decimal] = mapped_column(info=BUSINESS)
    median: Mapped[Decimal] = mapped_column(info=BUSINESS)
    upper_quartile: Mapped[Decimal] = mapped_column(info=BUSINESS)
    source: Mapped[str] = mapped_column(info=BUSINESS)
    """Who published it."""


class SavedDashboard(Tenanted, Base):
    """A dashboard somebody made: theirs alone, or shared with the organization."""

    __tablename__ = "saved_dashboards"
    __table_args__ = (owned_key(), in_organization("membership_id", "memberships"))

    name: Mapped[str] = mapped_column(String(80), info=BUSINESS)
    body: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """What stands on it, as a file of it would say. Whoever reads it sees its numbers with their own rights."""
    earlier: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    """What it was before: version, moment, body, the latest first."""
    is_shared: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    """Whose it is."""
    version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)


class DefinedMetric(Tenanted, Base):
    """A number that an organization made of governed ones, for itself alone."""

    __tablename__ = "defined_metrics"
    __table_args__ = (owned_key(), UniqueConstraint("organization_id", "name"))

    name: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    """What questions, programs and dashboards call it; put away, it keeps its name and its versions."""
    body: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """What it is, as a file of it would say."""
    earlier: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    """What it was before: version, moment, body, the latest first."""
    version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
