"""What others reach, to compare oneself with."""

from datetime import date
from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, Base, Record, in_order


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
