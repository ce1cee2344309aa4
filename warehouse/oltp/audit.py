"""What the audit needs beside its rows: the certificates by which a whole chain may go."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, Base, OfInstallation
from warehouse.oltp.types import Id


class AuditRelease(OfInstallation, Base):
    """The end of an organization's audit chain, kept when the organization was deleted under a certificate.

    The database lets go of audit rows of exactly the organizations named here, and takes no new ones for them.
    """

    __tablename__ = "audit_releases"
    __table_args__ = (CheckConstraint("length(certificate_hash) = 64", name="certificate_is_a_digest"),)

    # No foreign key: the organization itself goes, this row stays.
    organization_id: Mapped[str] = mapped_column(Id(), primary_key=True, info=BUSINESS)
    last_position: Mapped[int] = mapped_column(info=BUSINESS)
    last_hash: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    released_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    certificate_hash: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    """SHA-256 of the certificate of deletion."""
