"""Founding an organization: whoever may, becomes its owner."""

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import Organization, User
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.fields import Currency, Locale, Month, Name, Request, Slug, Zone
from warehouse.operations.identity import name_of
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import Forbidden

LABEL = "founder"
"""How the audit names who acted: there is no membership before the organization."""
LONGEST_SLUG = 63


class FoundOrganization(Request):
    """A new organization, as its founder describes it."""

    name: Name
    slug: Slug
    currency: Currency = "USD"
    timezone: Zone = "UTC"
    locale: Locale = "en_GB"
    fiscal_year_start_month: Month = 1


def may_found(user_is_operator: bool) -> bool:
    """Whether a person may found an organization on this installation."""
    return user_is_operator or settings().everybody_may_found


def found_organization(session: Session, user_id: str, request: FoundOrganization) -> Organization:
    """Make an organization that this person owns. Raises Forbidden, or NotAllowedNow where the slug is taken."""
    user = session.get_one(User, user_id)
    if not may_found(user.is_operator):
        raise Forbidden("Only the operator of this installation founds organizations. Ask them for one.")
    if _is_taken(session, request.slug):
        free = propose_slug(session, request.slug)
        raise NotAllowedNow(f"There is an organization {request.slug} already. {free} is free.")
    asked = CreateOrganization(**request.model_dump(), owner_user_id=user.id, owner_name=name_of(user))
    return create_organization(session, asked, by=LABEL)


def propose_slug(session: Session, name: str) -> str:
    """A free short name for an address, made from what the organization is called; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_SLUG - 4].rstrip("-")
    if not wanted:
        return ""
    tries = (wanted, *(f"{wanted}-{number}" for number in range(2, 1000)))
    return next((one for one in tries if not _is_taken(session, one)), "")


def _is_taken(session: Session, slug: str) -> bool:
    return session.execute(select(Organization.id).where(Organization.slug == slug)).first() is not None
