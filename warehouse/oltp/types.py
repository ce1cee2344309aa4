"""Column types that store the same meaning on SQLite and PostgreSQL."""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, String
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import TypeDecorator, TypeEngine

MONEY_SCALE = 4
RATE_SCALE = 8
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NOBODY = "00000000-0000-0000-0000-000000000000"
"""An id that no record has."""
DIGITS = 18
MONEY_LIMIT = Decimal(10) ** (DIGITS - MONEY_SCALE)


class MoneyOutOfRange(ValueError):
    """An amount with more digits than the ledger keeps."""


def ledger_amount(value: Decimal | int | float | str, places: int = MONEY_SCALE) -> Decimal:
    """The amount with its places. Refuses what would be rounded or would overflow; never passes through a float."""
    exact = Decimal(value)
    # Finite and small first: quantize fails on anything else.
    if exact.is_finite() and abs(exact) < Decimal(10) ** (DIGITS - places):
        rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        if rounded == exact:
            return rounded
    raise MoneyOutOfRange(f"{value} is not an amount with at most {DIGITS - places} digits and {places} decimals.")


class Exact(TypeDecorator[Decimal]):
    """Exact decimal with a fixed number of places: NUMERIC(18, places) on PostgreSQL, a scaled integer on SQLite."""

    impl = Numeric(DIGITS, MONEY_SCALE)
    cache_ok = True
    places = MONEY_SCALE

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite has no exact decimal, so it keeps an integer of the smallest unit."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(DIGITS, self.places))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Only what is kept exactly goes in."""
        if value is None:
            return None
        rounded = ledger_amount(value, self.places)
        return int(rounded.scaleb(self.places)) if dialect.name == "sqlite" else rounded

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Back to major units."""
        if value is None:
            return None
        return Decimal(value).scaleb(-self.places) if dialect.name == "sqlite" else Decimal(value)


class Money(Exact):
    """An amount, to the hundredth of a cent."""

    cache_ok = True


class Rate(Exact):
    """A rate between two currencies, with eight places."""

    cache_ok = True
    places = RATE_SCALE


class Id(TypeDecorator[str]):
    """A UUID: native on PostgreSQL, lowercase text on SQLite, which compares bytes."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Native where the engine has it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(UUID(as_uuid=False))
        return dialect.type_descriptor(String(36))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Lowercase on the way in. PostgreSQL refuses what is no UUID, so such a text asks for nobody's id there."""
        if value is None:
            return None
        if dialect.name == "postgresql" and not UUID_TEXT.fullmatch(value):
            return NOBODY
        return value.lower()


class Moment(TypeDecorator[datetime]):
    """A point in time, UTC, microseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Only aware times go in; SQLite keeps them as UTC text without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
