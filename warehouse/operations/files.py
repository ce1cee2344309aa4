"""What people may do with files: keep, read, delete. Rows here, bytes in their place, the two never apart for long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import InstanceOf, StringConstraints
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from warehouse.files.content import NotTaken
from warehouse.files.incoming import Content, incoming
from warehouse.files.links import LONGEST, SHORT, Link, Verb, link_in, token_of
from warehouse.files.names import plain_name
from warehouse.files.places import FilesUnreachable, place
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.oltp.files import NAME_LENGTH, File, FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.audit import record_event
from warehouse.operations.declare import NotAllowedNow, NotFound, Work, operation
from warehouse.operations.events import FILE_READ
from warehouse.operations.fields import Request
from warehouse.tenancy import Actor

READS, WRITES, SEES_PEOPLE = "files:read", "files:write", "fields:personal"
NOBODY_THERE = "There is no such file here."


@dataclass(frozen=True)
class Handing:
    """A file as whoever hands it in tells of it."""

    kind: FileKind
    name: str
    contains_personal: bool = True
    expires_at: datetime | None = None


class StoreFile(Request):
    """A file whose bytes were received: for programs here, which received them, and nobody else."""

    id: str
    kind: FileKind
    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH)]
    content: InstanceOf[Content]
    contains_personal: bool = True
    expires_at: datetime | None = None


class OneFile(Request):
    """A file."""

    id: str


@operation("files.store", permission=WRITES, entity="files", input=StoreFile, stays_in_the_store=True)
def store_file(work: Work, request: StoreFile) -> File:
    """Keep a file."""
    if work.session.get(File, request.id) is not None:
        raise NotAllowedNow("This file was handed in already.")
    made = File(
        **request.model_dump(exclude={"content"}),
        content_type=request.content.content_type,
        bytes=request.content.bytes,
        sha256=request.content.sha256,
        organization_id=work.actor.organization_id,
        created_at=work.now,
        created_by=work.actor.membership_id,
    )
    work.session.add(made)
    work.entity_id = made.id
    work.details = {"kind": made.kind.value, "content_type": made.content_type, "bytes": made.bytes}
    return made


@operation("files.delete", permission=WRITES, entity="files", input=OneFile, stays_in_the_store=True)
def mark_deleted(work: Work, request: OneFile) -> File:
    """Delete a file for good: its name goes with the row's deletion, its bytes after the commit."""
    found = find_file(work.session, work.actor.organization_id, request.id, work.now)
    found.deleted_at, found.name, work.entity_id = work.now, "", found.id
    return found


def keep_file(actor: Actor, handing: Handing, portions: Iterable[bytes], file_id: str | None = None) -> File:
    """Receive a file and keep it; its row and its bytes appear together or not at all.

    Raises Forbidden, TooLarge, NotTaken, NotAllowedNow, FilesUnreachable, StoreBusy.
    """
    actor.must(WRITES)
    made_id, name = file_id or uuid7(), plain_name(handing.name)
    with incoming(actor.organization_id, made_id) as arriving:
        for portion in portions:
            arriving.write(portion)
        asked = StoreFile(
            id=made_id,
            kind=handing.kind,
            name=name,
            content=arriving.judged(handing.kind, name),
            contains_personal=handing.contains_personal,
            expires_at=handing.expires_at,
        )
        with writing_as(actor) as session:
            made = store_file(session, actor, asked)
            # Last, and inside: whoever hands in the same id at the same time has been refused by now.
            arriving.keep()
    return made


def delete_file(actor: Actor, file_id: str) -> None:
    """Delete a file and its bytes. Raises Forbidden, NotFound, StoreBusy."""
    with writing_as(actor) as session:
        mark_deleted(session, actor, OneFile(id=file_id))
    remove_bytes(actor.organization_id, file_id)


def remove_bytes(organization_id: str, file_id: str) -> bool:
    """Remove the bytes of a file whose row is gone; False where the place does not answer: the night tries again."""
    try:
        place().remove(organization_id, file_id)
    except FilesUnreachable:
        return False
    return True


def download_link(session: Session, actor: Actor, file_id: str, lasts: timedelta = SHORT) -> str:
    """A token that opens the file until it expires. Raises Forbidden, NotFound, KeyMissing."""
    actor.must(READS)
    now = datetime.now(UTC)
    found = find_file(session, actor.organization_id, file_id, now)
    if found.contains_personal:
        actor.must(SEES_PEOPLE)
    ends = now + min(lasts, LONGEST)
    holder = (ends, actor.label, actor.membership_id)
    return token_of(
        Link(actor.organization_id, file_id, Verb.DOWNLOAD, *holder, contains_personal=actor.sees("personal"))
    )


def upload_link(
    actor: Actor,
    kind: FileKind,
    *,
    contains_personal: bool = True,
    kept_until: datetime | None = None,
    lasts: timedelta = SHORT,
) -> tuple[str, str]:
    """The id of a file to come, and a token that takes it in once. Raises Forbidden, KeyMissing."""
    actor.must(WRITES)
    file_id, ends = uuid7(), datetime.now(UTC) + min(lasts, LONGEST)
    link = Link(
        actor.organization_id,
        file_id,
        Verb.UPLOAD,
        ends,
        actor.label,
        actor.membership_id,
        kind,
        contains_personal,
        kept_until,
    )
    return file_id, token_of(link)


def awaited(token: str) -> Link:
    """The upload that a token is good for now. Raises LinkRefused, NotFound."""
    link = link_in(token, Verb.UPLOAD, datetime.now(UTC))
    with reading_as(_holder(link)) as session:
        _check_holder(session, link)
        if session.get(File, link.file_id) is not None:
            raise NotFound(NOBODY_THERE)
    return link


def take_in(link: Link, name: str, portions: Iterable[bytes]) -> File:
    """Keep what came over an upload link. Raises what `keep_file` raises."""
    if link.kind is None:
        raise NotTaken("This link says not what kind of file it takes.")
    return keep_file(
        _holder(link), Handing(link.kind, name, link.contains_personal, link.kept_until), portions, link.file_id
    )


def opened(token: str) -> tuple[File, Link]:
    """The file that a download token opens now. Raises LinkRefused, NotFound."""
    now = datetime.now(UTC)
    link = link_in(token, Verb.DOWNLOAD, now)
    with reading_as(_holder(link)) as session:
        _check_holder(session, link)
        return find_file(session, link.organization_id, link.file_id, now), link


def read_bytes(file: File, link: Link, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of an opened file; of one with personal data, the reading is written down before the first of them.

    Raises FileGone, FilesUnreachable, StoreBusy.
    """
    portions = place().open(file.organization_id, file.id, start, length)
    if file.contains_personal:
        holder = _holder(link)
        with writing_as(holder) as session:
            record_event(session, holder, FILE_READ, "files", file.id, {"kind": file.kind.value})
    return portions


def find_file(session: Session, organization_id: str, file_id: str, now: datetime) -> File:
    """A file of the organization that is neither deleted nor expired; raises NotFound."""
    found = session.scalars(
        select(File).where(File.organization_id == organization_id, File.id == file_id)
    ).one_or_none()
    if found is None or found.deleted_at or (found.expires_at and found.expires_at <= now):
        raise NotFound(NOBODY_THERE)
    return found


def _holder(link: Link) -> Actor:
    """Whoever a link was made for, with the rights it gives and no other: it was judged when it was made."""
    rights = {WRITES} if link.verb is Verb.UPLOAD else {READS, *([SEES_PEOPLE] if link.contains_personal else [])}
    return Actor(link.organization_id, link.label, frozenset(rights), membership_id=link.membership_id)


def _check_holder(session: Session, link: Link) -> None:
    """A link is as good as the membership it was made for, and the organization; raises NotFound."""
    organization = session.get(Organization, link.organization_id)
    if organization is None or organization.deleted_at:
        raise NotFound(NOBODY_THERE)
    member = exists().where(
        Membership.organization_id == link.organization_id,
        Membership.id == link.membership_id,
        Membership.is_active,
        Membership.deleted_at.is_(None),
        Membership.user_id == User.id,
        User.is_active,
    )
    if link.membership_id and not session.scalar(select(member)):
        raise NotFound(NOBODY_THERE)
