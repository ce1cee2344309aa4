"""What we sell and at which price: products, price books and the prices in them."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, RESTRICTED, Base, Record, in_order, in_organization, owned_key, within
from warehouse.oltp.states import State
from warehouse.oltp.types import Id


class BillingPeriod(State):
    """How often something is paid for."""

    ONCE = "once"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        """How many months one payment covers; zero for what is bought once."""
        return {"once": 0, "monthly": 1, "quarterly": 3, "yearly": 12}[self.value]


class Product(Record, Base):
    """Something we sell."""

    __tablename__ = "products"
    __table_args__ = (
        owned_key(),
        Index(None, "organization_id", "name"),
        within("list_price", least=0, exact=True),
        within("cost", least=0, exact=True),
    )

    name: Mapped[str] = mapped_column(info=BUSINESS)
    sku: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)
    series: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    list_price: Mapped[Decimal | None] = mapped_column(info=BUSINESS)
    cost: Mapped[Decimal | None] = mapped_column(info=RESTRICTED)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    billing_period: Mapped[BillingPeriod] = mapped_column(
        default=BillingPeriod.ONCE, server_default=BillingPeriod.ONCE, info=BUSINESS
    )
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class PriceBook(Record, Base):
    """A list of prices in one currency, for a while and perhaps for one kind of customer."""

    __tablename__ = "price_books"
    __table_args__ = (owned_key(), in_order("valid_from", "valid_until"))

    name: Mapped[str] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), info=BUSINESS)
    valid_from: Mapped[date | None] = mapped_column(info=BUSINESS)
    valid_until: Mapped[date | None] = mapped_column(info=BUSINESS)
    """The last day it holds."""
    is_standard: Mapped[bool] = mapped_column(default=False, info=BUSINESS)


class PriceBookEntry(Record, Base):
    """What one product costs in a price book, from a quantity on and in a span of days."""

    __tablename__ = "price_book_entries"
    __table_args__ = (
        in_organization("price_book_id", "price_books"),
        in_organization("product_id", "products"),
        UniqueConstraint("organization_id", "price_book_id", "product_id", "least_quantity", "valid_from"),
        within("unit_price", least=0, exact=True),
        within("least_quantity", least=1),
        in_order("valid_from", "valid_until"),
    )

    price_book_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    product_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    unit_price: Mapped[Decimal] = mapped_column(info=BUSINESS)
    least_quantity: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    valid_from: Mapped[date | None] = mapped_column(info=BUSINESS)
    valid_until: Mapped[date | None] = mapped_column(info=BUSINESS)
