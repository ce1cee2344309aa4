"""What is due: whether anything changed since the last build, and whose extract it concerns."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from warehouse.extracts.builds import Build, latest_build, read_build
from warehouse.extracts.definitions import project_digest
from warehouse.extracts.publish import PeopleMissing, extracts_of, publish
from warehouse.lake.connection import open_lake
from warehouse.oltp.engine import reading
from warehouse.operations.organization import last_changes, list_organizations


def publish_changed(build: Build) -> Iterator[Path]:
    """Extracts of a build, one organization after the other; one that fails holds back only itself."""
    with reading() as session:
        changes = last_changes(session)
        due = [o for o in list_organizations(session) if o.id not in build.held and _is_due(o.id, changes, build)]
    if not due:
        return
    with open_lake() as lake:
        for organization in due:
            try:
                yield publish(lake, build, organization.id)
            except PeopleMissing as problem:
                build.held[organization.id] = [str(problem)]
                build.save()


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


def is_up_to_date() -> Build | None:
    """The latest build, if nothing has happened since: no change, no new definition, every extract in place."""
    build = latest_build()
    if build is None or build.definitions != project_digest():
        return None
    with reading() as session:
        changes = last_changes(session)
        due = any(o.id not in build.held and _is_due(o.id, changes, build) for o in list_organizations(session))
    return None if due or max(changes.values(), default=0) > build.watermark else build
