"""What people may do with dashboards of their own: keep, change, share and put away; every version before is kept."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from warehouse.dashboards import NoDashboard, read_dashboard
from warehouse.oltp.insights import SavedDashboard
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion, Work, operation
from warehouse.operations.fields import Request
from warehouse.tenancy import Actor

SAVES, SHARES_ANY = "insights:save", "organization:settings"
MOST_VERSIONS = 50


class KeepDashboard(Request):
    """A new dashboard, as its file would say it."""

    body: dict[str, Any]
    is_shared: bool = False


class EditDashboard(Request):
    """What a dashboard is from now on; `version` is the one the editor saw."""

    id: str
    version: int
    body: dict[str, Any]
    is_shared: bool


class OneDashboard(Request):
    """A dashboard at the version the caller saw."""

    id: str
    version: int


@operation(
    "insights.keep_dashboard", permission=SAVES, entity="saved_dashboards", input=KeepDashboard, stays_in_the_store=True
)
def keep_dashboard(work: Work, request: KeepDashboard) -> SavedDashboard:
    """Keep a new dashboard, one's own."""
    made = SavedDashboard(
        organization_id=work.actor.organization_id,
        membership_id=_own(work.actor),
        name=_named(request.body),
        body=request.body,
        is_shared=request.is_shared,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    work.entity_id, work.details = made.id, {"is_shared": made.is_shared}
    return made


@operation(
    "insights.edit_dashboard", permission=SAVES, entity="saved_dashboards", input=EditDashboard, stays_in_the_store=True
)
def edit_dashboard(work: Work, request: EditDashboard) -> SavedDashboard:
    """Change a dashboard; what it was before is kept with it."""
    found, name = _open(work, request.id, request.version), _named(request.body)
    before = {"version": found.version, "at": found.updated_at.isoformat(), "body": found.body}
    found.earlier = [before, *found.earlier][:MOST_VERSIONS]
    found.name, found.body, found.is_shared = name, request.body, request.is_shared
    found.version, found.updated_at = found.version + 1, work.now
    work.entity_id, work.details = found.id, {"version": found.version, "is_shared": found.is_shared}
    return found


@operation(
    "insights.delete_dashboard",
    permission=SAVES,
    entity="saved_dashboards",
    input=OneDashboard,
    stays_in_the_store=True,
)
def delete_dashboard(work: Work, request: OneDashboard) -> SavedDashboard:
    """Put a dashboard away."""
    found = _open(work, request.id, request.version)
    found.deleted_at, found.version, work.entity_id = work.now, found.version + 1, found.id
    return found


def dashboards_of(session: Session, actor: Actor) -> Sequence[SavedDashboard]:
    """The person's own dashboards and those that are shared with everybody, by name. Raises Forbidden."""
    actor.must("insights:read")
    kept = select(SavedDashboard).where(*_seen_by(actor)).order_by(SavedDashboard.name, SavedDashboard.id)
    return session.scalars(kept).all()


def find_dashboard(session: Session, actor: Actor, dashboard_id: str) -> SavedDashboard:
    """One of them. Raises NotFound for another's that is not shared, and Forbidden."""
    actor.must("insights:read")
    found = session.scalars(select(SavedDashboard).where(*_seen_by(actor), SavedDashboard.id == dashboard_id)).first()
    if found is None:
        raise NotFound("There is no such dashboard here.")
    return found


def may_change(actor: Actor, one: SavedDashboard) -> bool:
    """Whether it is the person's own, or shared and theirs to look after."""
    own = one.membership_id == actor.membership_id
    return actor.may(SAVES) and (own or (one.is_shared and actor.may(SHARES_ANY)))


def _seen_by(actor: Actor) -> list[ColumnElement[bool]]:
    return [
        SavedDashboard.organization_id == actor.organization_id,
        SavedDashboard.deleted_at.is_(None),
        or_(SavedDashboard.is_shared, SavedDashboard.membership_id == (actor.membership_id or "")),
    ]


def _open(work: Work, dashboard_id: str, version: int) -> SavedDashboard:
    found = find_dashboard(work.session, work.actor, dashboard_id)
    if not may_change(work.actor, found):
        raise NotAllowedNow("This dashboard is a colleague's: keep a copy of your own and change that.")
    if found.version != version:
        raise StaleVersion(found, version)
    return found


def _named(body: dict[str, Any]) -> str:
    """What it is called; the whole is sound. Raises NotAllowedNow with the first thing that is not."""
    try:
        return read_dashboard(body).title
    except NoDashboard as wrong:
        raise NotAllowedNow(f"This is no dashboard: {wrong}") from None


def _own(actor: Actor) -> str:
    if actor.membership_id is None:
        raise NotAllowedNow("Only a member keeps dashboards.")
    return actor.membership_id
