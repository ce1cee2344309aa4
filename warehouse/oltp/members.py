"""Who comes and goes: teams, invitations, how an organization wants to be treated, and what remains of one that left."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    RESTRICTED,
    Base,
    OfInstallation,
    OfOrganization,
    Record,
    Tenanted,
    in_organization,
    owned_key,
)
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Id
from warehouse.tenancy import AccessRole


class Team(Record, Base):
    """Members who work together; a member may be in several."""

    __tablename__ = "teams"
    __table_args__ = (owned_key(), in_organization("manager_id", "memberships"))

    name: Mapped[str] = mapped_column(info=PERSONAL)
    """Free text: a team may be called after a person."""
    manager_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)


class TeamMember(Record, Base):
    """A member's place in a team."""

    __tablename__ = "team_members"
    __table_args__ = (
        UniqueConstraint("team_id", "membership_id"),
        in_organization("team_id", "teams"),
        in_organization("membership_id", "memberships"),
    )

    team_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)
    membership_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)


class Invitation(Tenanted, Base):
    """A link that lets one address become a member, once and for a while."""

    __tablename__ = "invitations"
    __table_args__ = (in_organization("membership_id", "memberships"), Index(None, "email"))

    email: Mapped[str] = mapped_column(String(320), info=PERSONAL)
    """Lower case, as people's addresses are kept."""
    access_role: Mapped[AccessRole] = mapped_column(info=BUSINESS)
    functions: Mapped[list[str]] = mapped_column(JSON, default=list, info=BUSINESS)
    """Business functions the person gets."""
    membership_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    """The member without a sign-in, named in an import, that the person takes over."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=RESTRICTED)
    invited_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    sent_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    times_sent: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    expires_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    accepted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    withdrawn_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)


class OrganizationSetting(OfOrganization, Base):
    """What an organization chose beside what the lake knows of it; no row, the defaults."""

    __tablename__ = "organization_settings"

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    week_start: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    """ISO weekday, 1 is Monday."""
    retention_days: Mapped[int | None] = mapped_column(info=BUSINESS)
    """How long deleted records are kept; null, for ever."""
    quiet_from: Mapped[str | None] = mapped_column(String(5), info=BUSINESS)
    """From when nobody is mailed or called, as 20:00 in the organization's time zone; null, there is no such time."""
    quiet_until: Mapped[str | None] = mapped_column(String(5), info=BUSINESS)


class Departure(OfInstallation, Base):
    """The certificate of an organization that was deleted, and how far its deletion has come."""

    __tablename__ = "departures"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    departed: Mapped[str] = mapped_column(Id(), unique=True, info=BUSINESS)
    """The id the organization had."""
    slug_digest: Mapped[str] = mapped_column(String(64), index=True, info=BUSINESS)
    asked_by: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    """Id of the owner's membership, or the label of the operator."""
    begun_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    finished_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    step: Mapped[str] = mapped_column(String(40), info=BUSINESS)
    """The last step that is done."""
    canaries: Mapped[str | None] = mapped_column(Sealed(), info=PERSONAL)
    """Texts of the organization that must be found nowhere afterwards; null once the scan has looked for them."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Table or place → rows or files that went."""
    scan: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Place → how often something of the organization was found there after the deletion."""
    snapshots: Mapped[list[int]] = mapped_column(JSON, default=list, info=BUSINESS)
    """Snapshots of the lake that others' kept receipts need, which hold its rows under ids alone."""
    last_audit_hash: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    export_sha256: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    certificate_hash: Mapped[str | None] = mapped_column(String(64), info=BUSINESS)
