"""Loads a foreign export into one organization, as one bulk operation."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.imports.alone import Alone
from warehouse.imports.findings import Finding
from warehouse.imports.fitting import fitted
from warehouse.imports.follow import Follower
from warehouse.imports.followed import Followed
from warehouse.imports.mapping import ImportProblem, Mapping, read_mapping
from warehouse.imports.record import folder_of, keep_record, previous_values
from warehouse.imports.sheets import Sheet
from warehouse.imports.since import catch_up
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import CheckResult, Organization, User
from warehouse.operations.bulk import BulkLoad, bulk_load, known_identities
from warehouse.operations.organization import (
    CreateOrganization,
    UnknownOrganization,
    create_organization,
    find_organization,
    first_user,
    record_checks,
)
from warehouse.operations.passwords import hash_password
from warehouse.tenancy import Actor, operator_actor

FIRST_USER = "owner@longhouse.example"
NEW_CURRENCY = "USD"
"""Of an organization that an import creates whose mapping says none."""


@dataclass
class ImportReport:
    """What an import did."""

    organization: str
    created: bool
    owner_email: str | None
    owner_password: str | None
    """Only when the owner's sign-in was made just now."""
    read: dict[str, int]
    written: dict[str, int]
    findings: list[Finding] = field(default_factory=list)
    id: str = ""
    """What undoing it asks for."""
    notes: list[str] = field(default_factory=list)
    """How the files were read."""
    rejects: list[tuple[str, int, Path]] = field(default_factory=list)
    """File, how many of its rows were not loaded, and where they are."""
    dry_run: bool = False


def read_export(folder: Path, mapping_path: Path) -> tuple[Mapping, dict[str, Sheet]]:
    """The mapping as it fits the files, and those files, columns checked; ImportProblem before anything is written."""
    mapping = read_mapping(mapping_path)
    if not folder.exists():
        raise ImportProblem(f"There is no folder {folder}.")
    mapping, sheets = fitted(mapping, folder.parent if folder.is_file() else folder)
    for name, sheet in sheets.items():
        sheet.require(mapping.columns_of(name))
    return mapping, sheets


def import_export(
    session: Session,
    mapping: Mapping,
    sheets: dict[str, Sheet],
    slug: str,
    *,
    create: bool = True,
    owner_email: str | None = None,
    actor: Actor | None = None,
    strict: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Load what is new or changed; rows that break a rule stay out, or stop it when `strict`.

    The organization is created where it is missing and `create` allows it. A dry run takes everything back.
    """
    owner, password = None, None
    try:
        organization = find_organization(session, slug)
    except UnknownOrganization:
        if not create:
            raise
        owner, password = _owner(session, owner_email)
        organization = _create(session, slug, mapping, owner)
    if mapping.currency is None:
        mapping = mapping.model_copy(update={"currency": organization.currency})
    report = ImportReport(slug, owner is not None, owner.email if owner else None, password, {}, {}, dry_run=dry_run)
    _load(session, actor or operator_actor(organization.id), mapping, sheets, report, strict=strict)
    if dry_run:
        session.rollback()
    return report


def _load(
    session: Session,
    actor: Actor,
    mapping: Mapping,
    sheets: dict[str, Sheet],
    report: ImportReport,
    *,
    strict: bool,
) -> None:
    """Follow the mapping, write what it makes, and put into the report what was done."""
    organization_id, now = actor.organization_id, datetime.now(UTC)
    known = known_identities(session, organization_id, mapping.source)
    alone = Alone(session, organization_id, (entity.into for entity in mapping.entities))
    followed = Follower(mapping, known, alone, now, strict=strict).follow(sheets)
    catch_up(session, actor, followed, now)
    previous = previous_values(session, organization_id, followed.batches)
    request = BulkLoad(source=mapping.source, batches=followed.batches, identities=followed.identities)
    report.written = bulk_load(session, actor, request)
    report.id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    report.rejects = followed.rejects.write(folder_of(report.id))
    if report.written or report.rejects:
        record_checks(session, _as_checks(followed, organization_id))
    if report.written and not report.dry_run:
        hashes = {key: content for key, (_, content) in known.items()}
        keep_record(session, report.id, organization_id, mapping.source, followed, previous, hashes)
    report.read, report.findings, report.notes = dict(followed.read), [*followed.findings.values()], followed.notes


def _create(session: Session, slug: str, mapping: Mapping, owner: User) -> Organization:
    name = slug.replace("-", " ").title()
    request = CreateOrganization(
        slug=slug,
        name=name,
        currency=mapping.currency or NEW_CURRENCY,
        owner_user_id=owner.id,
        owner_name=owner.profile.get("name") or owner.email,
    )
    return create_organization(session, request)


def _owner(session: Session, email: str | None) -> tuple[User, str | None]:
    """The person who will own a new organization, and their password when they are new themselves."""
    found = (
        session.execute(select(User).where(func.lower(User.email) == email.lower())).scalar_one_or_none()
        if email
        else first_user(session)
    )
    if found:
        return found, None
    password = secrets.token_urlsafe(12)
    made = User(
        id=uuid7(),
        email=email or FIRST_USER,
        password_hash=hash_password(password),
        profile={"name": (email or FIRST_USER).split("@")[0].title()},
        is_operator=first_user(session) is None,
        created_at=datetime.now(UTC),
    )
    session.add(made)
    session.flush()
    return made, password


def _as_checks(followed: Followed, organization_id: str) -> list[CheckResult]:
    now = datetime.now(UTC)
    return [
        CheckResult(
            organization_id=organization_id,
            source="import",
            check_name=finding.name,
            subject=finding.subject,
            severity=finding.severity,
            passed=False,
            rows_failing=finding.rows,
            sample_ids=finding.sample,
            message=f"{finding.rows:,} {finding.message}.",
            checked_at=now,
        )
        for finding in followed.findings.values()
    ]
