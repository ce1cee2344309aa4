"""Which day it is where an organization is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from warehouse.oltp.organization import Organization
from warehouse.settings import settings


def today_at(session: Session, organization_id: str) -> date:
    """The organization's own day at this moment; the installation's, in UTC, where there is no such organization."""
    found = session.get(Organization, organization_id)
    return local_day(settings().moment(), found.timezone) if found else settings().today()


def local_day(moment: datetime, zone: str) -> date:
    """The day on which a moment falls in a time zone of the IANA database."""
    return moment.astimezone(ZoneInfo(zone)).date()
