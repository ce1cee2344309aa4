"""What people may do with dashboards of their own: keep, change, share and put away; every version before is kept."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from warehouse.dashboards import Dashboard
from warehouse.oltp.insights import SavedDashboard
from warehouse.operations.declare import NotAllowedNow, NotFound, Work, operation
from warehouse.operations.fields import Request
from warehouse.tenancy import Actor

SAVES, SHARES_ANY = "insights:save", "organization:settings"
MOST_VERSIONS = 50


class SaveDashboard(Request):
    """A dashboard as its file would say it. Without `id` a new one; else `version` is the one the editor saw."""

    id: str | None = None
    version: int = 0
    body: dict[str, Any]
    is_shared: bool = False


class OneDashboard(Request):
    """A dashboard at the version the caller saw."""

    id: str
    version: int


@operation(
    "insights.save_dashboard", permission=SAVES, entity="saved_dashboards", input=SaveDashboard, stays_in_the_store=True
)
def save_dashboard(work: Work, request: SaveDashboard) -> SavedDashboard:
    """Keep a dashboard, or a new version of it."""
    name = _named(request.body)
    if request.id is None:
        made = SavedDashboard(
            organization_id=work.actor.organization_id,
            membership_id=_own(work.actor),
            created_at=work.now,
            version=0,
            earlier=[],
        )
        work.session.add(made)
    else:
        made = _open(work, request.id, request.version)
        before = {"version": made.version, "at": made.updated_at.isoformat(), "body": made.body}
        made.earlier = [before, *made.earlier][:MOST_VERSIONS]
    made.name, made.body, made.is_shared = name, request.body, request.is_shared
    made.version, made.updated_at = made.version + 1, work.now
    work.session.flush()
    work.entity_id, work.details = made.id, {"version": made.version, "is_shared": made.is_shared}
    return made


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
        raise NotAllowedNow("Somebody changed this dashboard since you opened it. Nothing was saved; open it again.")
    return found


def _named(body: dict[str, Any]) -> str:
    """What it is called; the whole is sound. Raises NotAllowedNow with the first thing that is not."""
    try:
        return Dashboard.model_validate(body).title
    except ValidationError as refused:
        first = refused.errors()[0]
        where = " · ".join(str(part) for part in first["loc"])
        raise NotAllowedNow(f"This is no dashboard: {where}: {first['msg'].removeprefix('Value error, ')}.") from None


def _own(actor: Actor) -> str:
    if actor.membership_id is None:
        raise NotAllowedNow("Only a member keeps dashboards.")
    return actor.membership_id
