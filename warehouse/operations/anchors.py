"""Anchors: each day's last audit hash of every organization, kept outside of the store.

A chain that was written anew from its first row to its last fits together; it does not fit the anchors.
"""

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.organization import AuditEvent
from warehouse.settings import settings


class AnchorsUnreadable(Exception):
    """The file of anchors cannot be read, or a line of it is none of ours."""


@dataclass(frozen=True)
class Anchor:
    """The end of one organization's audit at one moment."""

    organization_id: str
    position: int
    hash: str
    anchored_at: str
    """ISO 8601, UTC."""


def anchors_path() -> Path:
    """Where this installation keeps its anchors."""
    return settings().home / "audit" / "anchors.jsonl"


def write_anchors(session: Session, now: datetime, path: Path | None = None) -> int:
    """Append the end of every audit that grew since its last anchor; how many. Needs a session of the installation."""
    at = path or anchors_path()
    at.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with at.open("a+b") as opened:
        # Of two at once, the second sees what the first wrote.
        fcntl.flock(opened, fcntl.LOCK_EX)
        known = {one.organization_id: one.position for one in read_anchors(at)}
        fresh = [one for one in _ends(session, now) if one.position > known.get(one.organization_id, 0)]
        lines = "".join(json.dumps(asdict(one), separators=(",", ":")) + "\n" for one in fresh)
        opened.write((_mend(opened.tell(), at) + lines).encode())
        opened.flush()
        os.fsync(opened.fileno())
    return len(fresh)


def _mend(size: int, path: Path) -> str:
    """A line break, where a power cut left the last line without one."""
    if size == 0:
        return ""
    with path.open("rb") as opened:
        opened.seek(-1, os.SEEK_END)
        return "" if opened.read() == b"\n" else "\n"


def _ends(session: Session, now: datetime) -> Iterator[Anchor]:
    last = (
        select(AuditEvent.organization_id, func.max(AuditEvent.position).label("position"))
        .group_by(AuditEvent.organization_id)
        .subquery()
    )
    rows = session.execute(
        select(AuditEvent.organization_id, AuditEvent.position, AuditEvent.hash)
        .join(
            last,
            (AuditEvent.organization_id == last.c.organization_id) & (AuditEvent.position == last.c.position),
        )
        .order_by(AuditEvent.organization_id)
    )
    for organization_id, position, digest in rows:
        yield Anchor(organization_id, position, digest, now.isoformat())


def read_anchors(path: Path) -> Iterator[Anchor]:
    """Every anchor in a file, oldest first; a last line that was cut short counts for nothing. Raises AnchorsUnreadable."""
    try:
        with path.open(encoding="utf-8") as opened:
            for number, line in enumerate(opened, 1):
                try:
                    yield Anchor(**json.loads(line))
                except (ValueError, TypeError) as failure:
                    if line.endswith("\n") and line.strip().endswith("}"):
                        raise AnchorsUnreadable(f"Line {number} of {path} is not an anchor.") from failure
    except (OSError, UnicodeDecodeError) as failure:
        why = getattr(failure, "strerror", None) or "it is no text"
        raise AnchorsUnreadable(f"The anchors in {path} cannot be read: {why}.") from failure


def anchors_of(path: Path, organization_id: str | None = None) -> dict[str, dict[int, str]]:
    """Organization id → position → hash, of all or of one organization."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for one in read_anchors(path):
        if organization_id in {None, one.organization_id}:
            found[one.organization_id][one.position] = one.hash
    return dict(found)


def own_anchors(organization_id: str) -> dict[int, str]:
    """What this installation's own anchors say of one organization; nothing before the first night."""
    path = anchors_path()
    return anchors_of(path, organization_id).get(organization_id, {}) if path.exists() else {}
