"""Failures nobody foresaw, the same ones counted together."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, PERSONAL, Base, OfInstallation


class ErrorGroup(OfInstallation, Base):
    """An unforeseen failure, as often as it happened in one release; of the installation, not of an organization."""

    __tablename__ = "error_groups"

    id: Mapped[str] = mapped_column(String(12), primary_key=True, info=BUSINESS)
    """The reference people are told: a digest of fingerprint and release."""
    fingerprint: Mapped[str] = mapped_column(String(64), index=True, info=BUSINESS)
    """Digest of the exception's type and the innermost places in our own code: the same in every release."""
    release: Mapped[str] = mapped_column(String(80), info=BUSINESS)
    kind: Mapped[str] = mapped_column(info=BUSINESS)
    """The exception's type."""
    place: Mapped[str] = mapped_column(String(300), info=BUSINESS)
    """The innermost file and function of ours."""
    source: Mapped[str] = mapped_column(String(20), info=BUSINESS)
    """Where it came up last: request, screen, command, job."""
    message: Mapped[str] = mapped_column(Text, info=PERSONAL)
    traceback: Mapped[str] = mapped_column(Text, info=PERSONAL)
    """Of the last time, redacted."""
    count: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    first_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    last_at: Mapped[datetime] = mapped_column(index=True, info=BUSINESS)
    last_request_id: Mapped[str | None] = mapped_column(String(64), info=BUSINESS)
