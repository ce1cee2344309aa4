"""Files that nobody may read any more are removed: expired ones, bytes without a row, halves, a whole organization's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import delete, func, select

from warehouse.files.places import Kept, place
from warehouse.oltp.engine import reading, writing, writing_as
from warehouse.oltp.files import File
from warehouse.operations.declare import Work, operation
from warehouse.operations.fields import Request
from warehouse.operations.files import WRITES, remove_bytes
from warehouse.tenancy import Actor

PATIENCE = timedelta(days=1)
"""How old bytes without a row must be: younger ones may be on their way in."""
AT_ONCE = 500
CLOCK = "clock, files"


class ExpireFiles(Request):
    """What is due by this moment; the store's clock where none is told."""

    now: datetime | None = None


@dataclass(frozen=True)
class CleanUp:
    """How many files expired, lay there without a row, or were begun and never kept."""

    expired: int
    orphans: int
    halves: int

    @property
    def sentence(self) -> str:
        """What was done, in words."""
        return f"{self.expired} expired, {self.orphans} without a record and {self.halves} half written files removed"


@operation("files.expire", permission=WRITES, entity="files", input=ExpireFiles, stays_in_the_store=True)
def expire_files(work: Work, request: ExpireFiles) -> list[str]:
    """Delete the files whose time is over; their ids come back."""
    due = work.session.scalars(
        select(File).where(
            File.organization_id == work.actor.organization_id,
            File.expires_at <= (request.now or work.now),
            File.deleted_at.is_(None),
        )
    ).all()
    for file in due:
        file.deleted_at, file.name = work.now, ""
    work.rows, work.details = len(due), {"because": "expired"}
    return [file.id for file in due]


def clean_up(now: datetime) -> CleanUp:
    """Remove what expired and what crashes left behind, of every organization. Raises FilesUnreachable, StoreBusy."""
    expired = 0
    for organization_id in _with_expired(now):
        actor = Actor(organization_id, CLOCK, frozenset({WRITES}))
        with writing_as(actor) as session:
            gone = expire_files(session, actor, ExpireFiles(now=now))
        expired += len(gone)
        for file_id in gone:
            remove_bytes(organization_id, file_id)
    return CleanUp(expired, _remove_orphans(now - PATIENCE), place().drop_halves(now - PATIENCE))


def remove_all(organization_id: str) -> int:
    """Remove every file of an organization that is itself being removed, rows and bytes; how many rows there were.

    Raises FilesUnreachable when the bytes could not be removed: the rows are gone, calling it again finishes it.
    """
    mine = File.organization_id == organization_id
    with writing() as session:
        rows = session.scalar(select(func.count()).select_from(File).where(mine)) or 0
        session.execute(delete(File).where(mine))
    place().remove_all(organization_id)
    return rows


def _with_expired(now: datetime) -> list[str]:
    with reading() as session:
        due = select(File.organization_id).where(File.expires_at <= now, File.deleted_at.is_(None)).distinct()
        return list(session.scalars(due))


def _remove_orphans(before: datetime) -> int:
    """Bytes that no row vouches for: their upload crashed, or the place did not answer when they were deleted."""
    removed, settled = 0, (one for one in place().kept() if one.at.astimezone(UTC) < before)
    for some in _portions(settled):
        ids = [one.file_id for one in some]
        with reading() as session:
            known = session.execute(
                select(File.organization_id, File.id).where(File.id.in_(ids), File.deleted_at.is_(None))
            ).all()
        there = {(organization_id, file_id) for organization_id, file_id in known}
        removed += sum(
            remove_bytes(one.organization_id, one.file_id)
            for one in some
            if (one.organization_id, one.file_id) not in there
        )
    return removed


def _portions(found: Iterable[Kept]) -> Iterator[list[Kept]]:
    left = iter(found)
    while some := list(islice(left, AT_ONCE)):
        yield some
