"""Connections to outside systems: how each is reached, what its syncs did, and what must not enter the lake."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    RESTRICTED,
    Base,
    OfOrganization,
    Tenanted,
    in_organization,
    owned_key,
)
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Id


class Connection(Tenanted, Base):
    """An organization's account with a vendor, and how it is kept in step."""

    __tablename__ = "connections"
    __table_args__ = (owned_key(),)

    vendor: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    name: Mapped[str] = mapped_column(String(80), info=BUSINESS)
    secret: Mapped[str | None] = mapped_column(Sealed(), deferred=True, info=RESTRICTED)
    """What lets us in, as JSON; null once the connection is removed."""
    things: Mapped[list[str]] = mapped_column(JSON, default=list, info=BUSINESS)
    """The kinds of records that are brought."""
    every_minutes: Mapped[int] = mapped_column(default=60, info=BUSINESS)
    made_since: Mapped[date | None] = mapped_column(info=BUSINESS)
    """Only what was made on or after this day is brought; null, everything."""
    is_paused: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    tried_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    """When its last sync began."""
    whole_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    """When the last sync that read everything began; null, the next one does."""
    earlier: Mapped[list[Any]] = mapped_column(JSON, default=list, info=BUSINESS)
    """What it was before, without its secret: the latest first."""
    version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    updated_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)


class SyncOutcome(StrEnum):
    """How a sync ended."""

    OK = "ok"
    FAILED = "failed"


class ConnectionSync(Tenanted, Base):
    """One sync: when, what it read and changed, and why it failed."""

    __tablename__ = "connection_syncs"
    __table_args__ = (
        in_organization("connection_id", "connections"),
        Index(None, "connection_id", "started_at"),
    )

    connection_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    started_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    finished_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    outcome: Mapped[SyncOutcome] = mapped_column(info=BUSINESS)
    is_whole: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    """Whether everything was read, or only what changed."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Kind of record → how many were read, came new or changed, were deleted, could not be taken."""
    problem: Mapped[str] = mapped_column(Text, default="", info=BUSINESS)
    """A sentence of ours; nothing of what the vendor answered."""


class ExternalIdentity(OfOrganization, Base):
    """What identifies the person or company behind a vendor's record: the lake has the record under the same id without it."""

    __tablename__ = "external_identities"
    __table_args__ = (in_organization("connection_id", "connections"),)

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    connection_id: Mapped[str] = mapped_column(Id(), primary_key=True, info=BUSINESS)
    thing: Mapped[str] = mapped_column(String(60), primary_key=True, info=BUSINESS)
    record_id: Mapped[str] = mapped_column(String(255), primary_key=True, info=BUSINESS)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    """The fields declared personal, in the shape the vendor gave them; none, once the vendor deleted the record."""
    digest: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    seen_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    """When it last came differently."""
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)


class UndeclaredField(OfOrganization, Base):
    """A field that a vendor sends and nobody declared, with a few values of it for a short while: it is kept nowhere else."""

    __tablename__ = "undeclared_fields"
    __table_args__ = (in_organization("connection_id", "connections"),)

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    connection_id: Mapped[str] = mapped_column(Id(), primary_key=True, info=BUSINESS)
    thing: Mapped[str] = mapped_column(String(60), primary_key=True, info=BUSINESS)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True, info=BUSINESS)
    """Of its place."""
    place: Mapped[str] = mapped_column(Text, info=PERSONAL)
    """Where in the record; a vendor may call a field after a person."""
    samples: Mapped[list[Any]] = mapped_column(JSON, default=list, info=PERSONAL)
    records: Mapped[int] = mapped_column(default=0, info=BUSINESS)
    """How many records brought it, in the syncs that did."""
    first_seen_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    last_seen_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    samples_until: Mapped[datetime] = mapped_column(index=True, info=BUSINESS)
    """When the values are forgotten."""
