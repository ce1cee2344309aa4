"""What is still needed: the snapshots that must stay, and the records of builds that something refers to."""

import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from warehouse.extracts.builds import Build, definitions_folder, extracts_of, latest_build, read_build
from warehouse.extracts.definitions import project_digest
from warehouse.extracts.publish import KEPT
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import Receipt
from warehouse.settings import settings

YOUNG = timedelta(days=1)
"""A record this young may belong to something that is only beginning."""


def pinned_snapshots() -> set[int]:
    """Snapshots that never expire: those of receipts that were kept, and of what people are reading."""
    with reading() as session:
        pinned = {snapshot for (snapshot,) in session.query(Receipt.snapshot_id).filter(Receipt.kept).distinct()}
    for build_id in _published():
        with suppress(FileNotFoundError):
            pinned.add(read_build(build_id).snapshot_id)
    return pinned


def remove_records(snapshots: Collection[int], now: datetime) -> int:
    """Remove the records of builds and definitions that no snapshot, extract or receipt needs; how many."""
    with reading() as session:
        receipts = {build_id for (build_id,) in session.query(Receipt.build_id).distinct()}
    builds = [read_build(path.stem) for path in sorted(settings().builds_path.glob("*.json"))]
    named = receipts | set(_published()) | {last.build_id for last in [latest_build()] if last}
    stay = [build for build in builds if build.build_id in named or _is_needed(build, snapshots, now)]
    gone = [build.build_id for build in builds if build not in stay]
    for build_id in gone:
        (settings().builds_path / f"{build_id}.json").unlink()
    lost = receipts - {build.build_id for build in builds}
    definitions = {build.definitions for build in stay} | set(_told_by_receipts(lost)) | {project_digest()}
    return len(gone) + _remove_definitions(definitions, now)


def _published() -> list[str]:
    """Build ids of the latest extracts of every organization."""
    folders = settings().extracts_path.glob("*/")
    return [extract.stem for folder in folders for extract in extracts_of(folder.name)[:KEPT]]


def _is_needed(build: Build, snapshots: Collection[int], now: datetime) -> bool:
    return build.snapshot_id in snapshots or datetime.fromisoformat(build.built_at) > now - YOUNG


def _told_by_receipts(builds: Collection[str]) -> Iterator[str]:
    """Definitions of receipts whose build has no record any more: the receipt itself names them."""
    with reading() as session:
        for build_id in builds:
            for (body,) in session.query(Receipt.body).filter(Receipt.build_id == build_id):
                with suppress(json.JSONDecodeError, KeyError, TypeError):
                    yield json.loads(body)["build"]["definitions"]


def _remove_definitions(needed: Collection[str], now: datetime) -> int:
    folders = [path for path in definitions_folder("any").parent.glob("*/") if path.name not in needed]
    old = [path for path in folders if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - YOUNG]
    for path in old:
        shutil.rmtree(path)
    return len(old)
