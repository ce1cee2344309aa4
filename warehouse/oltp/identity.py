"""What signing in keeps besides people and sessions: attempts, second factors, resets and the mails about them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, PERSONAL, RESTRICTED, Base, OfInstallation
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Id


class SignInAttempt(OfInstallation, Base):
    """An attempt that failed or is being judged; of somebody we know or not, for a short while."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "account", "happened_at"), Index(None, "address", "happened_at"))

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    kind: Mapped[str] = mapped_column(String(20), info=BUSINESS)
    """sign_in or reset."""
    account: Mapped[str] = mapped_column(String(64), info=PERSONAL)
    """Digest of the e-mail that was typed."""
    address: Mapped[str] = mapped_column(String(49), info=PERSONAL)
    """Where it came from: an IPv4 address or an IPv6 /64 network."""
    while_locked: Mapped[bool] = mapped_column(default=False, server_default=false(), info=BUSINESS)
    """Refused unseen, so it does not prolong the lock."""
    happened_at: Mapped[datetime] = mapped_column(index=True, info=BUSINESS)


class Authenticator(OfInstallation, Base):
    """A person's authenticator app, kept once they have shown that it works."""

    __tablename__ = "authenticators"

    user_id: Mapped[str] = mapped_column(Id(), ForeignKey("users.id"), primary_key=True, info=BUSINESS)
    secret: Mapped[str] = mapped_column(Sealed(), info=RESTRICTED)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    last_step: Mapped[int] = mapped_column(info=BUSINESS)
    """The time step of the last code taken: that one and older ones are refused."""


class RecoveryCode(OfInstallation, Base):
    """One way in for a person who lost their authenticator app; good once."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    user_id: Mapped[str] = mapped_column(Id(), ForeignKey("users.id"), index=True, info=BUSINESS)
    code_hash: Mapped[str] = mapped_column(String(64), info=RESTRICTED)
    used_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)


class PasswordReset(OfInstallation, Base):
    """A link that lets a person choose a new password, once and soon."""

    __tablename__ = "password_resets"

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    user_id: Mapped[str] = mapped_column(Id(), ForeignKey("users.id"), index=True, info=BUSINESS)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=RESTRICTED)
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    expires_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    used_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)


class Mail(OfInstallation, Base):
    """A mail to be sent, written in the same transaction as its cause."""

    __tablename__ = "outbox"
    is_posted = True

    id: Mapped[str] = mapped_column(Id(), primary_key=True, default=uuid7, info=BUSINESS)
    organization_id: Mapped[str | None] = mapped_column(Id(), ForeignKey("organizations.id"), info=BUSINESS)
    recipient: Mapped[str] = mapped_column(String(320), info=PERSONAL)
    subject: Mapped[str] = mapped_column(info=PERSONAL)
    text: Mapped[str | None] = mapped_column(Sealed(), info=PERSONAL)
    """Sealed, for it may hold a link that lets somebody in; null once sent."""
    files: Mapped[str | None] = mapped_column(Sealed(), info=PERSONAL)
    """What is attached, as JSON: name, kind and Base64 of each; null once sent."""
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    attempts: Mapped[int] = mapped_column(default=0, info=BUSINESS)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True, info=BUSINESS)
    sent_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    failed_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    """When it was given up."""
    problem: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    """Why the last try failed, in the server's words."""
