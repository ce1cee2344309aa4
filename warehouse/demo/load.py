"""Puts the demo company into the operational store, once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.demo.company import Company, generate
from warehouse.demo.words import COMPANY_NAME, COMPANY_SLUG
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.bulk import Batch, BulkLoad, bulk_load, known_identities
from warehouse.operations.identity import check_sign_in
from warehouse.operations.organization import CreateOrganization, create_organization, first_user
from warehouse.operations.passwords import hash_password
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, operator_actor

DEMO_PASSWORD = "longhouse-demo"  # noqa: S105 - published on purpose; refused in production
SOURCE = "demo"
IDENTITY = ("organizations", COMPANY_SLUG)


class DemoNotInProduction(Exception):
    """The demo company's password is public, so a production installation does not take it."""


class DemoSlugTaken(Exception):
    """The demo company's slug belongs to another organization."""


class SignIn(NamedTuple):
    """How to sign in; `password` is None for a person who has one of their own."""

    email: str
    role: str
    password: str | None


@dataclass(frozen=True)
class DemoResult:
    """What stands after loading. `counts` holds the rows written per table: none when it was there before."""

    slug: str
    sign_ins: tuple[SignIn, ...]
    counts: Mapping[str, int]

    @property
    def is_new(self) -> bool:
        """Whether this run wrote anything."""
        return bool(self.counts)

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        if self.is_new:
            return f"The demo company {COMPANY_NAME} ({self.slug}) is ready: {sum(self.counts.values()):,} rows."
        return f"The demo company {COMPANY_NAME} ({self.slug}) was here already; nothing was changed."


def load_demo(session: Session, until: date) -> DemoResult:
    """Create the demo company with history up to `until`, the last day that is over, inside the caller's transaction.

    A second run changes nothing, whatever its `until`. Raises DemoNotInProduction or DemoSlugTaken.
    """
    if settings().environment == "production":
        raise DemoNotInProduction(
            "The demo company is for trying things out: its passwords are public. It is not loaded where "
            "LONGHOUSE_ENVIRONMENT is production; set it to development, or use another data folder."
        )
    existing = session.scalars(select(Organization).where(Organization.slug == COMPANY_SLUG)).one_or_none()
    if existing is not None:
        return _already_there(session, existing)
    company = generate(until)
    users = _add_users(session, company)
    owner, *_ = company.tables["memberships"]
    organization = create_organization(
        session,
        CreateOrganization(
            slug=company.slug,
            name=company.name,
            owner_user_id=users[owner["user_id"]].id,
            owner_name=owner["name"],
        ),
    )
    request = _everything(session, company, organization, users)
    counts = bulk_load(session, operator_actor(organization.id), request)
    return DemoResult(company.slug, _sign_ins(session, organization.id), counts)


def _already_there(session: Session, organization: Organization) -> DemoResult:
    if organization.deleted_at is not None or IDENTITY not in known_identities(session, organization.id, SOURCE):
        raise DemoSlugTaken(
            f"The name {COMPANY_SLUG!r} belongs to an organization that is not the demo company, or to one that was "
            "deleted. Nothing was changed; use another data folder for the demo (LONGHOUSE_HOME)."
        )
    return DemoResult(organization.slug, _sign_ins(session, organization.id), {})


def _add_users(session: Session, company: Company) -> dict[str, User]:
    """Generated user id → the person on the installation: a new one, or whoever has that e-mail address already."""
    users: dict[str, User] = {}
    is_first = first_user(session) is None
    for row in company.tables["users"]:
        known = session.scalars(select(User).where(User.email == row["email"])).one_or_none()
        users[row["id"]] = known or User(**row, password_hash=hash_password(DEMO_PASSWORD))
        # The owner comes first; on an empty installation somebody must be its operator.
        if is_first and len(users) == 1:
            users[row["id"]].is_operator = True
    session.add_all(users.values())
    session.flush()
    return users


def _sign_ins(session: Session, organization_id: str) -> tuple[SignIn, ...]:
    """Everyone who signs in, the owner first; the demo password where it still opens the door."""
    rows = session.execute(
        select(User.email, Membership.access_role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id)
        .order_by(Membership.access_role != AccessRole.OWNER, Membership.id)
    )
    return tuple(
        SignIn(email, role.value, DEMO_PASSWORD if check_sign_in(session, email, DEMO_PASSWORD) else None)
        for email, role in rows
    )


def _everything(session: Session, company: Company, organization: Organization, users: Mapping[str, User]) -> BulkLoad:
    """All tables as one request; the owner's membership exists already and is completed."""
    batches = [
        Batch(table, [dict(row) for row in rows])
        for table, rows in company.tables.items()
        if table not in {"users", "memberships"}
    ]
    content = hashlib.sha256(f"{company.seed} {company.until}".encode()).hexdigest()
    entity, key = IDENTITY
    identity = {"entity": entity, "source_key": key, "record_id": organization.id, "content_hash": content}
    members = _members(session, company, organization, users)
    return BulkLoad(source=SOURCE, batches=[members, *batches], identities=[identity])


def _members(session: Session, company: Company, organization: Organization, users: Mapping[str, User]) -> Batch:
    generated_owner, *others = company.tables["memberships"]
    owner = session.scalars(select(Membership).where(Membership.organization_id == organization.id)).one()
    completed = {name: generated_owner[name] for name in ("email", "regional_office", "created_at")}
    inserts: list[dict[str, Any]] = []
    for row in others:
        user = users[row["user_id"]].id if row["user_id"] else None
        manager = owner.id if row["manager_id"] == generated_owner["id"] else row["manager_id"]
        inserts.append({**row, "user_id": user, "manager_id": manager})
    return Batch("memberships", inserts, [completed | {"id": owner.id}])
