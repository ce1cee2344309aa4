"""Deletes an organization completely: step by step, each of which may be repeated, and with a certificate at the end."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.cache import forget
from warehouse.extracts.builds import extracts_of, read_build
from warehouse.extracts.publish import KEPT
from warehouse.files.places import place
from warehouse.lake.connection import Lake, lake_exists, open_lake
from warehouse.lake.departing import find_in_catalog, find_in_files, forget_snapshots, remove_rows
from warehouse.oltp.engine import overwrite_deleted, reading, writing
from warehouse.oltp.members import Departure
from warehouse.oltp.organization import AuditEvent, Organization, Receipt
from warehouse.operations import departed_rows
from warehouse.operations.declare import NotAllowedNow
from warehouse.settings import settings
from warehouse.tenancy import Actor

CLOSED, DONE = "closed", "done"


class DepartureUnfinished(Exception):
    """Something of the organization was still found after its deletion."""


class NoCertificate(Exception):
    """No organization was deleted under this id or name."""


def begin(actor: Actor, confirmation: str, export: Path, departure_id: str | None = None) -> str:
    """Close the organization for everybody; the id of its certificate. `export` is the ZIP with everything it has.

    Raises Forbidden; NotAllowedNow where the slug is not typed right or the export is not there.
    """
    actor.must("organization:delete")
    if not export.is_file():
        raise NotAllowedNow("Export everything first: what is deleted cannot be brought back.")
    with export.open("rb") as made:
        digest = hashlib.file_digest(made, "sha256").hexdigest()
    with writing() as session:
        found = session.get_one(Organization, actor.organization_id)
        if confirmation.strip() != found.slug:
            raise NotAllowedNow(f"Type {found.slug} to confirm.")
        made_row = Departure(
            departed=found.id,
            slug_digest=_slug_digest(found.slug),
            asked_by=actor.membership_id or actor.label,
            begun_at=datetime.now(UTC),
            step=CLOSED,
            canaries=json.dumps(departed_rows.take_canaries(session, found.id)),
            counts=departed_rows.count_rows(session, found.id),
            last_audit_hash=_last_audit_hash(session, found.id),
            export_sha256=digest,
        )
        if departure_id:
            made_row.id = departure_id
        session.add(made_row)
        found.deleted_at = made_row.begun_at
        departed_rows.close_organization(session, found.id)
        session.flush()
        return made_row.id


def proceed(departure_id: str, say: Callable[[str], None] = lambda step: None) -> Departure:
    """Do what is left of a deletion that was begun; whoever was interrupted calls it again.

    Raises DepartureUnfinished, LakeLocked, StoreBusy or FilesUnreachable; calling it again goes on from there.
    """
    while (found := _read(departure_id)).step != DONE:
        done = [CLOSED, *STEPS].index(found.step)
        name = list(STEPS)[done]
        say(name)
        STEPS[name](found)
        _note(departure_id, step=name)
    return found


def unfinished() -> list[str]:
    """Ids of deletions that were begun and interrupted."""
    with reading() as session:
        return list(session.scalars(select(Departure.id).where(Departure.step != DONE).order_by(Departure.begun_at)))


def find_departure(session: Session, told: str) -> Departure:
    """The certificate with this id, or of the organization that had this slug or id. Raises NoCertificate."""
    query = select(Departure).where(Departure.slug_digest == _slug_digest(told))
    if re.fullmatch(r"[0-9a-f-]{36}", told.lower()):
        query = select(Departure).where((Departure.id == told.lower()) | (Departure.departed == told.lower()))
    found = session.scalars(query.order_by(Departure.begun_at.desc())).first()
    if found is None:
        raise NoCertificate(
            f"No organization was deleted under {told!r}. The id of a certificate, or the slug, finds it."
        )
    return found


def certificate(found: Departure) -> dict[str, object]:
    """What the certificate says; `certificate_hash` is the SHA-256 of everything else in canonical JSON."""
    return _content(found) | {
        "finished_at": found.finished_at.isoformat() if found.finished_at else None,
        "scan": found.scan,
        "snapshots_that_remain": found.snapshots,
        "certificate_hash": found.certificate_hash,
    }


def _content(found: Departure) -> dict[str, object]:
    """What is known when the rows go."""
    return {
        "id": found.id,
        "organization": found.departed,
        "slug_sha256": found.slug_digest,
        "asked_by": found.asked_by,
        "begun_at": found.begun_at.isoformat(),
        "rows": found.counts,
        "last_audit_hash": found.last_audit_hash,
        "export_sha256": found.export_sha256,
    }


def _remove_from_store(found: Departure) -> None:
    with writing() as session:
        departed_rows.remove_rows(session, found.departed, _canonical(_content(found)))
    overwrite_deleted()


def _remove_from_lake(found: Departure) -> None:
    if not lake_exists():
        return
    with open_lake(write=True) as lake:
        gone = remove_rows(lake, found.departed)
        left = forget_snapshots(lake, _needed(found.departed))
    # A second try finds no rows and must not forget how many the first one found.
    counts = {f"lake.{name}": rows for name, rows in gone.items()}
    _note(found.id, counts=found.counts | counts, snapshots=left)


def _remove_folders(found: Departure) -> None:
    current = settings()
    place().remove_all(found.departed)
    forget(found.departed)
    for root in (current.extracts_path, current.evidence_path, current.connectors_path):
        folder = root / found.departed
        shutil.rmtree(folder, ignore_errors=True)
    for folder in _imports_with(_texts(found)):
        shutil.rmtree(folder)
    # The next build makes it anew from the lake.
    for workshop in (current.workshop_path.parent, current.scratch_path):
        shutil.rmtree(workshop, ignore_errors=True)
    for path in sorted(current.builds_path.glob("*.json")):
        build = read_build(path.stem)
        if build.held.pop(found.departed, None) is not None:
            build.save()
    (current.departing_path / f"{found.departed}.zip").unlink(missing_ok=True)


def _prove(found: Departure) -> None:
    """Look everywhere for the organization, and put down what was seen. Raises DepartureUnfinished."""
    scan = _scan(found)
    _note(found.id, scan=scan)
    if any(scan.values()):
        where = ", ".join(f"{name} ({count:,})" for name, count in scan.items() if count)
        _note(found.id, step=CLOSED)
        raise DepartureUnfinished(
            f"Something of the organization was still found in {where}. Nothing is certified; run the deletion again, "
            "and stop what still writes there."
        )
    finished = datetime.now(UTC)
    _note(found.id, finished_at=finished, canaries=None)
    again = _read(found.id)
    told = {name: value for name, value in certificate(again).items() if name != "certificate_hash"}
    _note(found.id, certificate_hash=hashlib.sha256(_canonical(told)).hexdigest())


STEPS: dict[str, Callable[[Departure], None]] = {
    "store": _remove_from_store,
    "lake": _remove_from_lake,
    "folders": _remove_folders,
    DONE: _prove,
}
"""In this order: what the store no longer has, no ingest copies again; what the lake no longer has, no build makes."""


def _scan(found: Departure) -> dict[str, int]:
    texts, current = _texts(found), settings()
    pattern = departed_rows.pattern_of(texts)
    with reading() as session:
        scan = {f"store.{name}": rows for name, rows in departed_rows.find_texts(session, texts).items()}
    if lake_exists():
        with open_lake() as lake:
            scan |= {"lake": find_in_files(lake, pattern)}
            scan |= _in_catalog(lake, pattern, found)
        for snapshot in found.snapshots:
            with open_lake(snapshot=snapshot) as lake:
                # Under ids alone: its texts must be nowhere, not even where others need the snapshot.
                beyond_ids = departed_rows.pattern_of(text for text in texts if text != found.departed)
                scan[f"snapshot {snapshot}, texts"] = find_in_files(lake, beyond_ids) if beyond_ids else 0
    roots = (current.extracts_path, current.evidence_path, current.connectors_path)
    owned = [root / found.departed for root in roots]
    return scan | {
        "extracts and evidence": sum(folder.exists() for folder in owned),
        "files": sum(kept.organization_id == found.departed for kept in place().kept()),
        "imports": len(list(_imports_with(texts))),
        "builds": sum(
            found.departed in path.read_text(encoding="utf-8") for path in current.builds_path.glob("*.json")
        ),
        "workshop": int(current.workshop_path.exists()) + int(current.scratch_path.exists()),
    }


def _in_catalog(lake: Lake, pattern: str, found: Departure) -> dict[str, int]:
    """Smallest and largest ids stay in the catalog as long as the files of snapshots that others need."""
    return {} if found.snapshots else {"catalog": find_in_catalog(lake, pattern)}


def _imports_with(texts: list[str]) -> Iterator[Path]:
    for folder in sorted(settings().imports_path.glob("*/")):
        for path in (one for one in folder.rglob("*") if one.is_file()):
            told = path.read_text(encoding="utf-8", errors="replace")
            if any(text in told for text in texts):
                yield folder
                break


def _needed(organization_id: str) -> set[int]:
    """Snapshots behind receipts that others keep, and behind the numbers others look at."""
    with reading() as session:
        kept = select(Receipt.snapshot_id).where(Receipt.kept, Receipt.organization_id != organization_id)
        needed = set(session.scalars(kept.distinct()))
    for folder in settings().extracts_path.glob("*/"):
        if folder.name != organization_id:
            for extract in extracts_of(folder.name)[:KEPT]:
                if (settings().builds_path / f"{extract.stem}.json").exists():
                    needed.add(read_build(extract.stem).snapshot_id)
    return needed


def _texts(found: Departure) -> list[str]:
    return list(json.loads(found.canaries)) if found.canaries else [found.departed]


def _read(departure_id: str) -> Departure:
    with reading() as session:
        return session.get_one(Departure, departure_id)


def _note(departure_id: str, **values: object) -> None:
    with writing() as session:
        found = session.get_one(Departure, departure_id)
        for name, value in values.items():
            setattr(found, name, value)


def _last_audit_hash(session: Session, organization_id: str) -> str:
    return session.scalars(
        select(AuditEvent.hash)
        .where(AuditEvent.organization_id == organization_id)
        .order_by(AuditEvent.position.desc())
        .limit(1)
    ).one()


def _slug_digest(slug: str) -> str:
    return hashlib.sha256(slug.encode()).hexdigest()


def _canonical(content: dict[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
