"""What every operational table shares: identity, tenancy, audit columns and a privacy tag on each column."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.types import Id, Moment, Money
from warehouse.oltp.veil import veil_columns

PERSONAL = {"privacy": "personal"}
"""Identifies a person, or is free text that may: never leaves the operational store for the lake."""
RESTRICTED = {"privacy": "restricted"}
"""Quotas, commissions, cost, margin, credentials: only for the roles that may see them."""
BUSINESS = {"privacy": "business"}
"""Everything else. Like what is restricted, it is copied to the lake."""

DERIVED = {"derived": True}
"""Found out by the platform and written back; people read it, and only the platform writes it."""

ShortText = String(200)

veil_columns()


class Base(DeclarativeBase):
    """Root of the operational schema; an enum is stored as its value, not its Python name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Moment(),
        date: Date(),
        Decimal: Money(),
        dict[str, Any]: JSON(),
        str: ShortText,
        StrEnum: Enum(StrEnum, native_enum=False, length=40, values_callable=list),
    }


class OfInstallation:
    """A row that belongs to no organization: only code that works for the whole installation sees it."""

    is_posted: ClassVar[bool] = False
    """Whether an organization may add such a row, in its own name, and never sees it again: a mail on its way."""


class OfOrganization:
    """A row that belongs to exactly one organization; nobody else sees it."""

    @declared_attr
    def organization_id(cls) -> Mapped[str]:
        """The one organization that may see the row."""
        return mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)


class PerhapsOfOrganization:
    """A row that belongs to one organization or, without one, concerns all of them."""

    @declared_attr
    def organization_id(cls) -> Mapped[str | None]:
        """The one organization that may see the row; None, everybody may."""
        return mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)


class Tenanted(OfOrganization):
    """A row of one organization with an id of its own."""

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)

    @declared_attr
    def organization_id(cls) -> Mapped[str]:
        """The one organization that may see the row."""
        return mapped_column(Id(), ForeignKey("organizations.id"), index=True, info=BUSINESS)


class Written:
    """A row copied to the lake: it carries the sequence of the change event that last wrote it."""

    change_seq: Mapped[int] = mapped_column(index=True, info=BUSINESS)


class Record(Tenanted, Written):
    """A thing people create, edit, delete and restore."""

    responsible: ClassVar[str | None] = None
    """The column that names the member who is responsible for it, where somebody is."""

    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    created_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    updated_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, info=PERSONAL)


class HistoryRow(Tenanted, Written):
    """Something that happened to a record: appended, never edited."""

    recorded_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    """When it became known here: now for live work, the event's own time for imports."""
    recorded_at_assumed: Mapped[bool] = mapped_column(default=False, info=BUSINESS)


def in_organization(column: str, target: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key that cannot point into another organization: (organization_id, column) → target."""
    return ForeignKeyConstraint(["organization_id", column], [f"{target}.organization_id", f"{target}.id"], **options)


WITHIN: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
"""For a key into the same table: a bulk load may bring the child before its parent."""


def owned_key() -> UniqueConstraint:
    """The pair that `in_organization` points at."""
    return UniqueConstraint("organization_id", "id")


def within(column: str, least: int | None = None, most: int | None = None, *, exact: bool = False) -> CheckConstraint:
    """Holds a number between bounds, in the store and in what operations are given.

    `exact` says the column is an exact decimal: SQLite keeps those scaled, so the store itself holds only a bound of
    zero, and operations hold the rest.
    """
    bounds = [f"{column} >= {least}"] if least is not None else []
    if most is not None and not exact:
        bounds.append(f"{column} <= {most}")
    told = {"column": column, "least": least, "most": most}
    return CheckConstraint(" and ".join(bounds), name=f"{column}_within_bounds", info=told)


def above_zero(column: str) -> CheckConstraint:
    """Holds a number above zero, in the store and in what operations are given."""
    return CheckConstraint(f"{column} > 0", name=f"{column}_positive", info={"above_zero": column})


def in_order(first: str, then: str) -> CheckConstraint:
    """Holds two days or moments in order, where both are known."""
    return CheckConstraint(f"{first} <= {then}", name=f"{first}_to_{then}", info={"first": first, "then": then})


__all__ = [
    "BUSINESS",
    "DERIVED",
    "PERSONAL",
    "RESTRICTED",
    "WITHIN",
    "Base",
    "HistoryRow",
    "Index",
    "OfInstallation",
    "OfOrganization",
    "PerhapsOfOrganization",
    "Record",
    "Tenanted",
    "Written",
    "above_zero",
    "in_order",
    "in_organization",
    "owned_key",
    "within",
]
