"""How much customers use what they have."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, Base, HistoryRow, in_organization, within
from warehouse.oltp.types import Id


class UsageEvent(HistoryRow, Base):
    """How often a customer used one feature on one day."""

    __tablename__ = "usage_events"
    __table_args__ = (
        in_organization("customer_id", "customers"),
        in_organization("application_id", "applications"),
        in_organization("product_id", "products"),
        within("events", least=0),
        within("active_users", least=0),
    )

    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    application_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    product_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    feature: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    used_on: Mapped[date] = mapped_column(info=BUSINESS)
    events: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    active_users: Mapped[int | None] = mapped_column(info=BUSINESS)
    """How many people it were that day."""
