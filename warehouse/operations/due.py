"""What is due: whether anything changed since the last build, and whose extract it concerns."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from warehouse.extracts.builds import Build, extracts_of, latest_build, read_build
from warehouse.extracts.definitions import project_digest
from warehouse.operations.organization import last_changes, list_organizations


def due_organizations(session: Session, build: Build) -> list[str]:
    """Ids of the organizations that `build` lets through and whose extract it would change."""
    changes = last_changes(session)
    return [o.id for o in list_organizations(session) if o.id not in build.held and _is_due(o.id, changes, build)]


def _is_due(organization_id: str, changes: Mapping[str, int], build: Build) -> bool:
    """Whether something changed for the organization since its extract: a row, a name or a definition."""
    made = extracts_of(organization_id)
    if not made:
        return True
    try:
        last = read_build(made[0].stem)
    except FileNotFoundError:
        return True
    return last.definitions != build.definitions or changes.get(organization_id, 0) > last.watermark


def up_to_date(session: Session) -> Build | None:
    """The latest build, if nothing has happened since: no change, no new definition, every extract in place."""
    build = latest_build()
    if build is None or build.definitions != project_digest():
        return None
    if max(last_changes(session).values(), default=0) > build.watermark:
        return None
    return None if due_organizations(session, build) else build
