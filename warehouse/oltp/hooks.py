"""What lets an organization's identity provider tell of its users: a secret, and what was delivered under it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, RESTRICTED, Base, OfOrganization
from warehouse.oltp.sealed import Sealed
from warehouse.oltp.types import Id


class HookSecret(OfOrganization, Base):
    """What an organization's identity provider signs with; no row, it tells us nothing."""

    __tablename__ = "hook_secrets"

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    secret: Mapped[str] = mapped_column(Sealed(), info=RESTRICTED)
    former: Mapped[str | None] = mapped_column(Sealed(), info=RESTRICTED)
    """The one before, until the provider was given the new one."""
    former_until: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    made_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    made_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)


class HookDelivery(OfOrganization, Base):
    """A message that was taken, so that the same one, sent again, changes nothing."""

    __tablename__ = "hook_deliveries"

    organization_id: Mapped[str] = mapped_column(Id(), ForeignKey("organizations.id"), primary_key=True, info=BUSINESS)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True, info=BUSINESS)
    """Of the message's id: what a provider calls it is not ours to keep."""
    received_at: Mapped[datetime] = mapped_column(info=BUSINESS)
