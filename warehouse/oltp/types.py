"""Column types that store the same meaning on SQLite and PostgreSQL."""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, String
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import TypeDecorator, TypeEngine

MONEY_SCALE = 4
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NOBODY = "00000000-0000-0000-0000-000000000000"
"""An id that no record has."""
_UNIT = Decimal(1).scaleb(-MONEY_SCALE)
MONEY_LIMIT = Decimal(10) ** (18 - MONEY_SCALE)


class MoneyOutOfRange(ValueError):
    """An amount with more digits than the ledger keeps."""


def ledger_amount(value: Decimal | int | float | str) -> Decimal:
    """The amount with four places. Refuses what would be rounded or would overflow; never passes through a float."""
    exact = Decimal(value)
    # Finite and small first: quantize fails on anything else.
    if exact.is_finite() and abs(exact) < MONEY_LIMIT:
        rounded = exact.quantize(_UNIT, rounding=ROUND_HALF_EVEN)
        if rounded == exact:
            return rounded
    raise MoneyOutOfRange(f"{value} is not an amount with at most 14 digits and {MONEY_SCALE} decimals.")


class Money(TypeDecorator[Decimal]):
    """Exact decimal, four places: NUMERIC(18,4) on PostgreSQL, a scaled integer on SQLite."""

    impl = Numeric(18, MONEY_SCALE)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite has no exact decimal, so it keeps ten-thousandths as an integer."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(18, MONEY_SCALE))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Only what the ledger keeps exactly goes in."""
        if value is None:
            return None
        rounded = ledger_amount(value)
        return int(rounded.scaleb(MONEY_SCALE)) if dialect.name == "sqlite" else rounded

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Back to major units."""
        if value is None:
            return None
        return Decimal(value).scaleb(-MONEY_SCALE) if dialect.name == "sqlite" else Decimal(value)


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
