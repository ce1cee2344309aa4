"""Whether an organization was deleted, for the floors that must then show nothing of it."""

from sqlalchemy import select

from warehouse.oltp.engine import reading, store_exists
from warehouse.oltp.members import Departure


def has_departed(organization_id: str) -> bool:
    """Whether this organization's deletion has begun; False where there is no store to ask."""
    if not store_exists():
        return False
    with reading() as session:
        return session.scalars(select(Departure.id).where(Departure.departed == organization_id)).first() is not None
