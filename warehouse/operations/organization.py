"""What people may do with organizations, their members and their jobs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import (
    ChangeEvent,
    CheckResult,
    JobRequest,
    JobStatus,
    Membership,
    Organization,
    User,
)
from warehouse.operations.declare import Work, operation
from warehouse.operations.fields import Currency, Locale, Month, Name, Request, Slug, Zone
from warehouse.tenancy import AccessRole, Actor, operator_actor


class UnknownOrganization(Exception):
    """No organization has this slug."""


class CreateOrganization(Request):
    """A new company and the person who owns it."""

    slug: Slug
    name: Name
    currency: Currency = "USD"
    timezone: Zone = "UTC"
    locale: Locale = "en_GB"
    fiscal_year_start_month: Month = 1
    owner_user_id: str
    owner_name: Name


def create_organization(session: Session, request: CreateOrganization, by: str | None = None) -> Organization:
    """Create an organization whose owner can sign in; the audit names `by`, else the operator."""
    now = datetime.now(UTC)
    made = Organization(
        **request.model_dump(exclude={"owner_user_id", "owner_name"}), id=uuid7(now), created_at=now, change_seq=0
    )
    session.add(made)
    session.flush()
    actor = operator_actor(made.id)
    _open_organization(session, replace(actor, label=by) if by else actor, request)
    return made


@operation(
    "organization.create_organization",
    permission="organization:write",
    entity="organizations",
    input=CreateOrganization,
)
def _open_organization(work: Work, request: CreateOrganization) -> Organization:
    """Create an organization."""
    made = work.session.get_one(Organization, work.actor.organization_id)
    made.change_seq = work.seq
    work.add(
        Membership(
            user_id=request.owner_user_id,
            name=request.owner_name,
            access_role=AccessRole.OWNER,
            business_role="Owner",
        )
    )
    work.entity_id = made.id
    return made


def find_organization(session: Session, slug: str) -> Organization:
    """The organization with this slug; raises UnknownOrganization with the nearest ones."""
    found = session.execute(
        select(Organization).where(Organization.slug == slug, Organization.deleted_at.is_(None))
    ).scalar_one_or_none()
    if found:
        return found
    known = list_slugs(session)
    near = get_close_matches(slug, known, n=3, cutoff=0.5) or known[:5]
    hint = f" Did you mean {', '.join(near)}?" if near else " There is none yet: `longhouse import` creates one."
    raise UnknownOrganization(f"There is no organization {slug!r}.{hint}")


def list_slugs(session: Session) -> list[str]:
    """Every organization's slug, by name."""
    return list(
        session.execute(
            select(Organization.slug).where(Organization.deleted_at.is_(None)).order_by(Organization.slug)
        ).scalars()
    )


def list_organizations(session: Session) -> list[Organization]:
    """Every organization on the installation, oldest first."""
    return list(
        session.execute(
            select(Organization).where(Organization.deleted_at.is_(None)).order_by(Organization.created_at)
        ).scalars()
    )


def first_user(session: Session) -> User | None:
    """The person who has been on the installation longest."""
    return session.execute(select(User).order_by(User.created_at, User.id).limit(1)).scalar_one_or_none()


def member_names(session: Session, actor: Actor) -> dict[str, str]:
    """Id → name of everyone in the organization, by name."""
    actor.must("organization:read")
    return dict(
        session.execute(
            select(Membership.id, Membership.name)
            .where(Membership.organization_id == actor.organization_id, Membership.deleted_at.is_(None))
            .order_by(Membership.name)
        ).all()
    )


def last_change(session: Session, organization_id: str | None = None) -> int:
    """The sequence of the latest change, of one organization or of all; 0 when nothing ever changed."""
    query = select(func.max(ChangeEvent.seq))
    if organization_id:
        query = query.where(ChangeEvent.organization_id == organization_id)
    return session.execute(query).scalar() or 0


def last_changes(session: Session) -> dict[str, int]:
    """Organization id → the sequence of its latest change."""
    query = select(ChangeEvent.organization_id, func.max(ChangeEvent.seq)).group_by(ChangeEvent.organization_id)
    return dict(session.execute(query).all())


def record_checks(session: Session, checks: Iterable[CheckResult]) -> None:
    """Store what checks found."""
    session.add_all(checks)


def request_job(session: Session, job: str, requested_by: str, organization_id: str | None = None) -> JobRequest:
    """Ask the clock for a job."""
    made = JobRequest(
        job=job,
        organization_id=organization_id,
        requested_by=requested_by,
        requested_at=datetime.now(UTC),
        status=JobStatus.REQUESTED,
    )
    session.add(made)
    session.flush()
    return made


def next_requested_jobs(session: Session, job: str = "refresh") -> Sequence[JobRequest]:
    """Requests of a job that nobody has begun, oldest first."""
    waiting = select(JobRequest).where(JobRequest.status == JobStatus.REQUESTED, JobRequest.job == job)
    return session.execute(waiting.order_by(JobRequest.requested_at)).scalars().all()


def job_status(session: Session, request_id: str) -> tuple[JobStatus, str]:
    """Where a requested job stands, and what it said."""
    request = session.get_one(JobRequest, request_id)
    return request.status, request.message


def count_jobs(session: Session) -> dict[tuple[str, JobStatus], int]:
    """Job and how it stands → how many of them there are on record."""
    query = select(JobRequest.job, JobRequest.status, func.count()).group_by(JobRequest.job, JobRequest.status)
    return {(job, status): number for job, status, number in session.execute(query)}
