"""Files are kept whole or not at all, read by those who may, and gone when they are deleted."""

import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from warehouse.files import incoming
from warehouse.files.content import NotTaken
from warehouse.files.incoming import TooLarge
from warehouse.files.places import FilesUnreachable, FolderDraft, place
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.files import File, FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.operations import files
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.declare import NotAllowedNow, NotFound
from warehouse.operations.file_upkeep import PATIENCE, clean_up, remove_all
from warehouse.operations.files import Handing
from warehouse.settings import settings
from warehouse.tenancy import Actor, Forbidden

CSV = b"name,amount\nPebble & Sons,12.5\n"
MEBIBYTE = 1024 * 1024


def _kept(actor: Actor, content: bytes = CSV, **told: object) -> File:
    handing = {"kind": FileKind.UPLOAD, "name": "deals.csv"} | told
    return files.keep_file(actor, Handing(**handing), [content])  # type: ignore[arg-type]


def _read(actor: Actor, file: File) -> bytes:
    with reading() as session:
        token = files.download_link(session, actor, file.id)
    return b"".join(files.read_bytes(*files.opened(token)))


def _audited(actor: Actor) -> list[str]:
    with reading() as session:
        assert broken_audit_rows(session, actor.organization_id) == []
        mine = select(AuditEvent).where(AuditEvent.organization_id == actor.organization_id)
        return [row.operation for row in session.scalars(mine.order_by(AuditEvent.position))]


def _lying_there() -> list[str]:
    return [one.file_id for one in place().kept()]


def test_a_file_is_kept_with_what_its_bytes_tell(ana: Actor) -> None:
    made = _kept(ana, name="../../Deals of May.csv")
    with reading() as session:
        row = session.get_one(File, made.id)
    assert (row.name, row.content_type, row.bytes, row.created_by) == (
        "Deals of May.csv",
        "text/csv",
        len(CSV),
        ana.membership_id,
    )
    assert _read(ana, made) == CSV
    assert _audited(ana)[-2:] == ["files.store", "files.read"]


def test_the_audit_holds_no_name_of_a_file(ana: Actor) -> None:
    made = _kept(ana, name="Pebble & Sons salaries.csv")
    files.delete_file(ana, made.id)
    with reading() as session:
        told = [str(row.details) for row in session.scalars(select(AuditEvent))]
        assert session.get_one(File, made.id).name == ""
    assert "salaries" not in "".join(told)


def test_reading_is_written_down_where_people_are_in_it_and_changes_nothing(ana: Actor) -> None:
    personal, plain = _kept(ana), _kept(ana, contains_personal=False)
    with reading() as session:
        before = session.scalars(select(ChangeEvent.seq)).all()
    _read(ana, personal)
    _read(ana, plain)
    with reading() as session:
        assert session.scalars(select(ChangeEvent.seq)).all() == before
    assert _audited(ana).count("files.read") == 1


def test_another_organizations_file_is_not_found(ana: Actor, bob: Actor) -> None:
    made = _kept(ana)
    with reading() as session, pytest.raises(NotFound):
        files.download_link(session, bob, made.id)
    with pytest.raises(NotFound):
        files.delete_file(bob, made.id)
    assert _read(ana, made) == CSV


def test_who_looks_on_hands_nothing_in(vic: Actor) -> None:
    with pytest.raises(Forbidden):
        _kept(vic)
    with pytest.raises(Forbidden):
        files.upload_link(vic, FileKind.UPLOAD)
    assert _lying_there() == []


def test_who_does_not_see_people_opens_no_file_with_people_in_it(ana: Actor) -> None:
    blind = Actor(ana.organization_id, "client", frozenset({"files:read"}))
    personal, plain = _kept(ana), _kept(ana, contains_personal=False)
    with reading() as session:
        with pytest.raises(Forbidden, match="fields:personal"):
            files.download_link(session, blind, personal.id)
        assert files.download_link(session, blind, plain.id)


def _breaking() -> Iterator[bytes]:
    yield CSV
    raise ConnectionError


@pytest.mark.parametrize(
    ("portions", "refusal"),
    [([b""], NotTaken), ([b"\x7fELF\x00"], NotTaken), (_breaking, ConnectionError)],
    ids=["empty", "a program", "half"],
)
def test_what_is_refused_or_breaks_off_leaves_nothing(ana: Actor, portions: object, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        files.keep_file(ana, Handing(FileKind.UPLOAD, "x.csv"), portions() if callable(portions) else portions)  # type: ignore[arg-type]
    with reading() as session:
        assert session.scalars(select(File)).all() == []
    assert [path for path in settings().files_path.rglob("*") if path.is_file()] == []


def test_a_file_above_the_limit_is_refused_before_it_is_all_there(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_FILES_LIMIT_MB", "2")
    settings.cache_clear()
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 65_536

    with pytest.raises(TooLarge, match="larger than 2 MB"):
        files.keep_file(ana, Handing(FileKind.UPLOAD, "x.csv"), endless())
    assert taken == 33
    assert _lying_there() == []


def test_a_large_file_passes_through_little_memory(ana: Actor) -> None:
    portion = os.urandom(24).hex().encode() * 1365
    whole = 50 * MEBIBYTE // len(portion)
    tracemalloc.start()
    made = files.keep_file(ana, Handing(FileKind.UPLOAD, "x.csv"), (portion for _ in range(whole)))
    with reading() as session:
        token = files.download_link(session, ana, made.id)
    read = sum(len(one) for one in files.read_bytes(*files.opened(token)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == made.bytes == whole * len(portion) > 49 * MEBIBYTE
    assert peak < 6 * MEBIBYTE


def test_a_row_that_cannot_be_written_keeps_no_bytes_and_the_other_way_round(
    ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _kept(ana)
    with pytest.raises(NotAllowedNow):
        files.keep_file(ana, Handing(FileKind.UPLOAD, "y.csv"), [b"other,bytes\n"], made.id)
    assert _read(ana, made) == CSV

    def full(_: FolderDraft) -> None:
        raise FilesUnreachable("no room")

    monkeypatch.setattr(FolderDraft, "keep", full)
    with pytest.raises(FilesUnreachable):
        _kept(ana)
    assert _lying_there() == [made.id]
    with reading() as session:
        assert session.scalars(select(File.id)).all() == [made.id]
    assert _audited(ana).count("files.store") == 1


def test_a_deleted_file_is_gone_for_links_made_before(ana: Actor) -> None:
    made = _kept(ana)
    with reading() as session:
        token = files.download_link(session, ana, made.id)
    files.delete_file(ana, made.id)
    with pytest.raises(NotFound):
        files.opened(token)
    assert _lying_there() == []
    with pytest.raises(NotFound):
        files.delete_file(ana, made.id)


def test_the_night_removes_what_expired_and_what_crashes_left(ana: Actor, bob: Actor) -> None:
    now = datetime.now(UTC)
    stays = _kept(bob)
    _kept(ana, expires_at=now + timedelta(hours=1))
    lost, half = uuid7(), uuid7()
    draft = place().begin(ana.organization_id, lost)
    draft.write(b"lost")
    draft.keep()
    place().begin(ana.organization_id, half).write(b"half")
    assert clean_up(now).sentence == "0 expired, 0 without a record and 0 half written files removed"
    done = clean_up(now + PATIENCE + timedelta(hours=1))
    assert (done.expired, done.orphans, done.halves) == (1, 1, 1)
    assert _lying_there() == [stays.id]
    assert _audited(ana)[-1] == "files.expire"
    assert "files.expire" not in _audited(bob)
    assert _read(bob, stays) == CSV


def test_bytes_that_could_not_be_removed_are_removed_by_the_night(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _kept(ana)

    def away(*_: str) -> None:
        raise FilesUnreachable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(type(place()), "remove", away)
        files.delete_file(ana, made.id)
    assert _lying_there() == [made.id]
    assert clean_up(datetime.now(UTC) + 2 * PATIENCE).orphans == 1
    assert _lying_there() == []


def test_everything_of_one_organization_can_be_removed(ana: Actor, bob: Actor) -> None:
    _kept(ana)
    _kept(ana)
    theirs = _kept(bob)
    assert remove_all(ana.organization_id) == 2
    assert remove_all(ana.organization_id) == 0
    assert _lying_there() == [theirs.id]
    assert _read(bob, theirs) == CSV


def test_the_operation_that_stores_takes_no_word_for_what_was_received(ana: Actor) -> None:
    told = {"content_type": "text/csv", "bytes": 1, "sha256": "0" * 64}
    with pytest.raises(ValueError, match="instance of Content"):
        files.StoreFile(id=uuid7(), kind=FileKind.UPLOAD, name="x", content=told)  # type: ignore[arg-type]
    assert incoming.Content(**told)  # type: ignore[arg-type]


def test_the_whole_way_goes_over_a_bucket_too(
    ana: Actor, bob: Actor, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONGHOUSE_FILES_URL", bucket)
    settings.cache_clear()
    made, theirs = _kept(ana, CSV * 600_000), _kept(bob)
    assert _read(ana, made) == CSV * 600_000
    with pytest.raises(NotTaken):
        _kept(ana, b"MZ\x90")
    assert sorted(_lying_there()) == sorted([made.id, theirs.id])
    files.delete_file(ana, made.id)
    remove_all(ana.organization_id)
    assert _lying_there() == [theirs.id]
    with writing() as session:
        assert session.get_one(File, theirs.id).deleted_at is None
