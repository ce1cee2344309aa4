"""Gate, commit and publish: what happens between a finished build and what people see."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines.checks.gate import BUILD_TAG, judge
from pipelines.say import say
from pipelines.transform.dbt import MANIFEST
from pipelines.transform.selection import ground
from warehouse.extracts.builds import Build, read_build
from warehouse.extracts.publish import PeopleMissing, now_text, publish
from warehouse.lake.commit import WORKSHOP, commit_build
from warehouse.lake.connection import Lake, open_lake
from warehouse.lake.workshop import Standing, identities
from warehouse.oltp.engine import reading, writing
from warehouse.operations.due import due_organizations
from warehouse.operations.organization import list_organizations, record_checks
from warehouse.release import git_commit
from warehouse.settings import settings

DEFINITIONS = MANIFEST.parent.name
ALWAYS_BUILT = dg.AssetKey(["core", "build_watermark"])
"""What every build makes: a step that waits for a table which one build leaves alone would be skipped with it."""


@dg.asset(key=["lake", "gate"], deps=[ALWAYS_BUILT], pool="lake", group_name="serving")
def gate(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Store what every check found, and note which organizations keep their last extract."""
    build_id = _build_id(context)
    with reading() as session:
        organizations = [organization.id for organization in list_organizations(session)]
    with open_lake() as lake:
        verdict = judge(lake, build_id, DEFINITIONS, organizations)
        seq = _built_watermark(lake)
    with writing() as session:
        record_checks(session, verdict.results)
    build = Build(
        build_id=build_id,
        snapshot_id=0,
        watermark=seq,
        definitions=DEFINITIONS,
        git_commit=git_commit(),
        built_at=now_text(),
        built=verdict.built,
        held=dict(verdict.held),
    )
    build.save()
    failing = sum(not result.passed for result in verdict.results)
    say("gate", f"{len(verdict.results)} checks, {failing} failing, {len(verdict.held)} organizations held back")
    return dg.MaterializeResult(metadata={"checks": len(verdict.results), "failing": failing})


@dg.asset(key=["lake", "model"], deps=[gate], pool="lake", group_name="serving", kinds={"ducklake"})
def lake_model(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Commit the tables that changed: one build, one snapshot."""
    build = read_build(_build_id(context))
    workshop = settings().workshop_path
    with open_lake(write=True) as lake:
        committed = commit_build(lake, workshop, build.build_id, build.built)
        now = Standing(build.build_id, build.watermark, ground(lake, build.definitions), identities(lake))
    build.snapshot_id, build.changed = committed.snapshot_id, committed.changed
    build.rows = sum(dict(committed.rows).values())
    build.save()
    now.keep(workshop)
    say("commit", f"{len(committed.changed)} tables changed, snapshot {committed.snapshot_id}")
    return dg.MaterializeResult(
        metadata={"snapshot": committed.snapshot_id, "changed": committed.changed, "rows": dict(committed.rows)}
    )


@dg.asset(key=["serve", "extracts"], deps=[lake_model], pool="lake", group_name="serving", kinds={"duckdb"})
def extracts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Publish to the organizations that passed and changed; the others keep what they have."""
    build = read_build(_build_id(context))
    published = list(publish_changed(build))
    say(
        "publish",
        f"{len(published)} of {len(published) + len(build.held)} extracts written" if published else "none due",
    )
    return dg.MaterializeResult(metadata={"published": len(published), "held": len(build.held)})


def publish_changed(build: Build) -> Iterator[Path]:
    """Extracts of a build, one organization after the other; one that fails holds back only itself."""
    with reading() as session:
        due = due_organizations(session, build)
    if not due:
        return
    with open_lake() as lake:
        for organization_id in due:
            try:
                yield publish(lake, build, organization_id)
            except PeopleMissing as problem:
                build.held[organization_id] = [str(problem)]
                build.save()


def _built_watermark(lake: Lake) -> int:
    """What the build saw, as its first model recorded it."""
    lake.attach(settings().workshop_path, WORKSHOP)
    try:
        return int(lake.value(f"select coalesce(max(seq), 0) from {WORKSHOP}.core.build_watermark") or 0)
    finally:
        lake.detach(WORKSHOP)


def _build_id(context: dg.AssetExecutionContext) -> str:
    return context.run.tags.get(BUILD_TAG, context.run_id)
