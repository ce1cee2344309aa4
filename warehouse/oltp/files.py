"""Files people and programs hand in or take away: what is known of each; its bytes lie elsewhere, under its id."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, PERSONAL, Base, Tenanted, owned_key
from warehouse.oltp.types import Id

NAME_LENGTH = 255


class FileKind(StrEnum):
    """What a file is for."""

    UPLOAD = "upload"
    """Rows to be brought in."""
    EXPORT = "export"
    """Rows taken away."""
    ATTACHMENT = "attachment"
    """Whatever belongs to a record."""
    DOCUMENT = "document"
    """Something to print or send: a quote, an invoice."""


class File(Tenanted, Base):
    """A file that is kept, or was: the row stays when the bytes and the name are gone."""

    __tablename__ = "files"
    __table_args__ = (owned_key(),)

    kind: Mapped[FileKind] = mapped_column(info=BUSINESS)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), info=PERSONAL)
    """What whoever brought it calls it; empty once it is deleted."""
    content_type: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    """As its bytes tell, whatever its name says."""
    bytes: Mapped[int] = mapped_column(BigInteger, info=BUSINESS)
    sha256: Mapped[str] = mapped_column(String(64), info=BUSINESS)
    contains_personal: Mapped[bool] = mapped_column(default=True, info=BUSINESS)
    """Whether each reading of it is written down."""
    created_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    created_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    expires_at: Mapped[datetime | None] = mapped_column(index=True, info=BUSINESS)
    deleted_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
