"""Organizations, the people in them, and what was done: the room everything else leans on."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import (
    BUSINESS,
    PERSONAL,
    RESTRICTED,
    WITHIN,
    Base,
    OfInstallation,
    OfOrganization,
    PerhapsOfOrganization,
    Record,
    in_organization,
    owned_key,
)
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.types import Id
from warehouse.tenancy import AccessRole, BusinessFunction


class Organization(Base):
    """A company on this installation."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    slug: Mapped[str] = mapped_column(String(63), unique=True, info=BUSINESS)
    name: Mapped[str] = mapped_column(info=BUSINESS)
    currency: Mapped[str] = mapped_column(String(3), default="USD", info=BUSINESS)
    locale: Mapped[str] = mapped_column(String(20), default="en_GB", info=BUSINESS)
    timezone: Mapped[str] = mapped_column(String(60), default="UTC", info=BUSINESS)
    fiscal_year_start_month: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    require_totp: Mapped[bool] = mapped_column(default=False, server_default=false(), info=RESTRICTED)
    """Whether members sign in with a code from an authenticator app besides the password."""
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    change_seq: Mapped[int] = mapped_column(index=True, info=BUSINESS)


class User(Base):
    """Someone who can sign in, in any number of organizations."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    email: Mapped[str] = mapped_column(String(320), unique=True, info=PERSONAL)
    password_hash: Mapped[str | None] = mapped_column(String(300), info=RESTRICTED)
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    """name, avatar, company."""
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    is_operator: Mapped[bool] = mapped_column(default=False, info=BUSINESS)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)
    last_active_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)


class SignInSession(OfInstallation, Base):
    """One sign-in: which person acts in which organization, until it expires or is revoked."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    user_id: Mapped[str] = mapped_column(Id(), ForeignKey("users.id"), index=True, info=BUSINESS)
    organization_id: Mapped[str | None] = mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    expires_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    revoked_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    last_seen_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    """When something was last done in it, to the minute."""
    address: Mapped[str | None] = mapped_column(String(45), info=PERSONAL)
    agent: Mapped[str | None] = mapped_column(String(60), info=PERSONAL)
    """The browser and system it was opened with, in words."""
    provider: Mapped[str | None] = mapped_column(String(60), info=BUSINESS)
    """The outside provider that vouched for the person; null for our own password."""


class Membership(Record, Base):
    """A person in one organization. People named in an import have one without a sign-in."""

    __tablename__ = "memberships"
    __table_args__ = (
        owned_key(),
        UniqueConstraint("organization_id", "user_id"),
        in_organization("manager_id", "memberships", **WITHIN),
    )

    user_id: Mapped[str | None] = mapped_column(Id(), ForeignKey("users.id"), index=True, info=BUSINESS)
    name: Mapped[str] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(String(320), info=PERSONAL)
    access_role: Mapped[AccessRole] = mapped_column(default=AccessRole.MEMBER, info=BUSINESS)
    business_role: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    """The job's title in plain words: Owner, Sales Manager, Support Manager …"""
    regional_office: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    manager_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    is_active: Mapped[bool] = mapped_column(default=True, info=BUSINESS)


class RoleGrant(Record, Base):
    """A business function that a member holds."""

    __tablename__ = "role_grants"
    __table_args__ = (
        UniqueConstraint("membership_id", "business_function"),
        in_organization("membership_id", "memberships"),
    )

    membership_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    business_function: Mapped[BusinessFunction] = mapped_column(info=BUSINESS)


class ExternalId(OfOrganization, Base):
    """Which record a key of a foreign system stands for, and the content it last brought."""

    __tablename__ = "external_ids"

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    source: Mapped[str] = mapped_column(String(60), primary_key=True, info=BUSINESS)
    entity: Mapped[str] = mapped_column(String(60), primary_key=True, info=BUSINESS)
    source_key: Mapped[str] = mapped_column(String(300), primary_key=True, info=PERSONAL)
    record_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    content_hash: Mapped[str] = mapped_column(String(64), info=BUSINESS)


class AuditEvent(OfOrganization, Base):
    """Who did what, when. Each row's hash includes the one before it, per organization."""

    __tablename__ = "audit_events"
    __table_args__ = (UniqueConstraint("organization_id", "position"), Index(None, "organization_id", "happened_at"))

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)
    position: Mapped[int] = mapped_column(info=BUSINESS)
    happened_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    actor_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    actor_label: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    operation: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    entity: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    entity_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    """Names of changed fields, and values of business fields; never a personal value."""
    previous_hash: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    hash: Mapped[str] = mapped_column(String(64), info=BUSINESS)


class ChangeEvent(OfOrganization, Base):
    """One committed change; its sequence is the lake's only clock."""

    __tablename__ = "change_events"
    __table_args__ = (Index(None, "organization_id", "seq"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, info=BUSINESS)
    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)
    happened_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    operation: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    entity: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    entity_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    """Null for a bulk operation, which counts and fingerprints its rows instead."""
    rows: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    fingerprint: Mapped[str | None] = mapped_column(String(64), info=BUSINESS)
    audit_event_id: Mapped[str] = mapped_column(Id(), info=BUSINESS)


class Severity(StrEnum):
    """What a failing check holds back."""

    INFO = "info"
    WARN = "warn"
    HOLD = "hold"


class CheckResult(PerhapsOfOrganization, Base):
    """The last word of one check about one organization in one build or import."""

    __tablename__ = "check_results"
    __table_args__ = (Index(None, "organization_id", "build_id"),)

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    organization_id: Mapped[str | None] = mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)
    build_id: Mapped[str | None] = mapped_column(String(40), index=True, info=BUSINESS)
    source: Mapped[str] = mapped_column(String(40), info=BUSINESS)
    """What ran it: dbt, import, gate …"""
    check_name: Mapped[str] = mapped_column(info=BUSINESS)
    subject: Mapped[str | None] = mapped_column(info=BUSINESS)
    """The model or file it speaks of."""
    severity: Mapped[Severity] = mapped_column(info=BUSINESS)
    passed: Mapped[bool] = mapped_column(info=BUSINESS)
    rows_failing: Mapped[int] = mapped_column(default=0, info=BUSINESS)
    sample_ids: Mapped[list[str]] = mapped_column(JSON, default=list, info=BUSINESS)
    message: Mapped[str] = mapped_column(Text, default="", info=BUSINESS)
    checked_at: Mapped[datetime] = mapped_column(info=BUSINESS)


class Receipt(OfOrganization, Base):
    """What stands behind one value: written once, recomputed by `longhouse verify`."""

    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, info=BUSINESS)
    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), index=True, info=BUSINESS)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    build_id: Mapped[str] = mapped_column(String(40), info=BUSINESS)
    snapshot_id: Mapped[int] = mapped_column(info=BUSINESS)
    body: Mapped[str] = mapped_column(Text, info=BUSINESS)
    """Canonical JSON: query, definitions, SQL, values, fingerprints, checks."""
    body_sha256: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    kept: Mapped[bool] = mapped_column(Boolean, default=False, info=BUSINESS)
    """Saved, shared, exported or alerted: its snapshot is never expired."""


class JobStatus(StrEnum):
    """Where a job stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    STOPPING = "stopping"
    """Somebody wants it to end; the clock has not done so yet."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


class JobRequest(PerhapsOfOrganization, Base):
    """A job that someone asked for or the clock began, and how it ended."""

    __tablename__ = "job_requests"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    job: Mapped[str] = mapped_column(String(60), info=BUSINESS)
    organization_id: Mapped[str | None] = mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)
    requested_by: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    requested_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    status: Mapped[JobStatus] = mapped_column(index=True, info=BUSINESS)
    started_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    finished_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    message: Mapped[str] = mapped_column(Text, default="", info=BUSINESS)
