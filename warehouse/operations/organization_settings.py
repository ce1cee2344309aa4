"""What people may do with the settings of their organization, and what it uses of the installation."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.extracts.builds import extracts_of
from warehouse.oltp.base import Record
from warehouse.oltp.customers import Customer
from warehouse.oltp.files import File
from warehouse.oltp.members import Invitation, OrganizationSetting, Team
from warehouse.oltp.organization import Membership, Organization
from warehouse.oltp.sales import Activity, Opportunity
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations.declare import NotAllowedNow, Work, operation
from warehouse.operations.fields import Currency, Hour, Locale, Month, Name, Request, Zone
from warehouse.tenancy import Actor

COUNTED: dict[str, type[Record]] = {
    "Customers": Customer,
    "Deals": Opportunity,
    "Activities": Activity,
    "Products": Product,
    "Teams": Team,
}

BESIDE = frozenset({"week_start", "retention_days", "quiet_from", "quiet_until"})
"""What the lake asks nothing of."""
MAY_BE_EMPTY = BESIDE - {"week_start"}


class EditSettings(Request):
    """What is given is set."""

    name: Name | None = None
    currency: Currency | None = None
    timezone: Zone | None = None
    locale: Locale | None = None
    fiscal_year_start_month: Month | None = None
    require_totp: bool | None = None
    week_start: Annotated[int, Field(ge=1, le=7)] | None = None
    retention_days: Annotated[int, Field(ge=30, le=36500)] | None = None
    """Null keeps deleted records for ever."""
    quiet_from: Hour | None = None
    """From when nobody is mailed, in the organization's time zone; null, there is no such time."""
    quiet_until: Hour | None = None


@dataclass(frozen=True)
class Settings:
    """The organization's settings as they stand."""

    slug: str
    name: str
    currency: str
    timezone: str
    locale: str
    fiscal_year_start_month: int
    require_totp: bool
    week_start: int
    retention_days: int | None
    quiet_from: str | None = None
    quiet_until: str | None = None


@dataclass(frozen=True)
class Usage:
    """What an organization uses."""

    seats: int
    """Active members who can sign in."""
    invited: int
    records: dict[str, int]
    """What → how many, deleted ones left out."""
    file_bytes: int
    extract_bytes: int


@operation("organization.edit_settings", permission="organization:settings", entity="organizations", input=EditSettings)
def edit_settings(work: Work, request: EditSettings) -> Organization:
    """Change the organization's settings."""
    found = work.session.get_one(Organization, work.actor.organization_id)
    values = request.model_dump(include=request.model_fields_set)
    changed: dict[str, object] = {}
    beside = _beside(work.session, found.id)
    for name, value in values.items():
        row = beside if name in BESIDE else found
        before = getattr(row, name)
        if before == value:
            continue
        if value is None and name not in MAY_BE_EMPTY:
            raise NotAllowedNow(f"{name.replace('_', ' ').capitalize()} cannot be empty.")
        setattr(row, name, value)
        changed[name] = [before, value]
    work.entity_id, work.rows = found.id, int(bool(changed))
    if changed:
        found.change_seq, work.details = work.seq, {"changed": changed}
    return found


def read_settings(session: Session, actor: Actor) -> Settings:
    """The settings of the actor's organization."""
    actor.must("organization:read")
    found = session.get_one(Organization, actor.organization_id)
    beside = session.get(OrganizationSetting, found.id) or OrganizationSetting(week_start=1, retention_days=None)
    return Settings(
        found.slug,
        found.name,
        found.currency,
        found.timezone,
        found.locale,
        found.fiscal_year_start_month,
        bool(found.require_totp),
        beside.week_start,
        beside.retention_days,
        beside.quiet_from,
        beside.quiet_until,
    )


def read_usage(session: Session, actor: Actor) -> Usage:
    """What the actor's organization uses."""
    actor.must("organization:settings")
    here = actor.organization_id
    seats = select(func.count()).where(
        Membership.organization_id == here,
        Membership.is_active,
        Membership.user_id.is_not(None),
        Membership.deleted_at.is_(None),
    )
    invited = select(func.count()).where(
        Invitation.organization_id == here, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)
    )
    stored = select(func.coalesce(func.sum(File.bytes), 0)).where(
        File.organization_id == here, File.deleted_at.is_(None)
    )
    return Usage(
        seats=session.scalar(seats) or 0,
        invited=session.scalar(invited) or 0,
        records={
            label: session.scalar(
                select(func.count(kind.id)).where(kind.organization_id == here, kind.deleted_at.is_(None))
            )
            or 0
            for label, kind in COUNTED.items()
        },
        file_bytes=int(session.scalar(stored) or 0),
        extract_bytes=sum(path.stat().st_size for path in extracts_of(here)),
    )


def _beside(session: Session, organization_id: str) -> OrganizationSetting:
    found = session.get(OrganizationSetting, organization_id)
    if found is None:
        found = OrganizationSetting(organization_id=organization_id, week_start=1, retention_days=None)
        session.add(found)
    return found
