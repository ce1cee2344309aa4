"""Where bytes lie: whole or not at all, under their ids, apart for each organization."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.files.bucket import PART, Bucket
from warehouse.files.places import FileGone, FilesUnreachable, Folder, Place
from warehouse.oltp.identifiers import uuid7

ACME, GLOBEX = uuid7(), uuid7()


@pytest.fixture(params=["folder", "bucket"])
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "bucket":
        return Bucket(request.getfixturevalue("bucket"))
    return Folder(tmp_path / "files")


def _written(place: Place, organization: str, content: bytes) -> str:
    made = uuid7()
    draft = place.begin(organization, made)
    draft.write(content)
    draft.keep()
    draft.drop()
    return made


def _content(place: Place, organization: str, file: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(place.open(organization, file, start, length))


def test_what_was_kept_is_read_whole_and_in_part(somewhere: Place) -> None:
    content = os.urandom(2 * PART + 17)
    made = _written(somewhere, ACME, content)
    assert _content(somewhere, ACME, made) == content
    assert _content(somewhere, ACME, made, 5) == content[5:]
    assert _content(somewhere, ACME, made, PART - 3, 10) == content[PART - 3 : PART + 7]


def test_nobody_sees_a_file_before_it_is_kept(somewhere: Place) -> None:
    made = uuid7()
    draft = somewhere.begin(ACME, made)
    draft.write(b"x" * (PART + 1))
    with pytest.raises(FileGone):
        somewhere.open(ACME, made)
    assert list(somewhere.kept()) == []
    draft.drop()
    assert somewhere.drop_halves(datetime.now(UTC) + timedelta(days=1)) == 0


def test_what_a_crash_left_half_written_is_removed_later_and_not_before(somewhere: Place) -> None:
    somewhere.begin(ACME, uuid7()).write(b"x" * (PART + 1))
    # The bucket of the tests begins every upload in 2010.
    assert somewhere.drop_halves(datetime(2009, 1, 1, tzinfo=UTC)) == 0
    assert somewhere.drop_halves(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert somewhere.drop_halves(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_file_is_found_in_its_organization_alone(somewhere: Place) -> None:
    made = _written(somewhere, ACME, b"acme's")
    with pytest.raises(FileGone):
        somewhere.open(GLOBEX, made)
    somewhere.remove(GLOBEX, made)
    assert _content(somewhere, ACME, made) == b"acme's"


def test_everything_of_an_organization_goes_and_nothing_of_another(somewhere: Place) -> None:
    _written(somewhere, ACME, b"one")
    _written(somewhere, ACME, b"two")
    somewhere.begin(ACME, uuid7()).write(b"half")
    theirs = _written(somewhere, GLOBEX, b"bob's")
    somewhere.remove_all(ACME)
    somewhere.remove_all(ACME)
    assert [(one.organization_id, one.file_id) for one in somewhere.kept()] == [(GLOBEX, theirs)]
    assert somewhere.drop_halves(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_removed_file_is_gone_and_removing_it_again_is_no_error(somewhere: Place) -> None:
    made = _written(somewhere, ACME, b"content")
    somewhere.remove(ACME, made)
    somewhere.remove(ACME, made)
    with pytest.raises(FileGone):
        somewhere.open(ACME, made)


@pytest.mark.parametrize("name", ["..", "../../operational.db", "/etc/passwd", "a\0b", "", "COM1", uuid7().upper()])
def test_nothing_but_an_id_becomes_part_of_a_path(somewhere: Place, name: str) -> None:
    uses: list[Callable[[], object]] = [
        lambda: somewhere.begin(ACME, name),
        lambda: somewhere.begin(name, ACME),
        lambda: somewhere.open(name, ACME),
        lambda: somewhere.remove(ACME, name),
        lambda: somewhere.remove_all(name),
    ]
    for use in uses:
        with pytest.raises(FileGone):
            use()


def test_a_file_is_readable_by_its_owner_alone_and_lies_under_its_id(tmp_path: Path) -> None:
    made = _written(Folder(tmp_path / "files"), ACME, b"content")
    path = tmp_path / "files" / ACME / made
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [found for found in (tmp_path / "files").rglob("*") if found.is_file()] == [path]


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(FilesUnreachable, match=r"cannot be used .* Nothing was kept"):
        Folder(tmp_path / "files").begin(ACME, uuid7())


@pytest.mark.parametrize("url", ["s3://", "https://bucket", "s3://bucket?region=x&secret=y", "s3://b?endpoint=nowhere"])
def test_a_setting_that_names_no_bucket_is_told_in_a_sentence(url: str, bucket: str) -> None:
    with pytest.raises(FilesUnreachable, match="LONGHOUSE_FILES_URL"):
        Bucket(url)


def test_a_bucket_that_is_not_there_or_does_not_answer_is_told_without_secrets(bucket: str, s3: str) -> None:
    with pytest.raises(FilesUnreachable, match="NoSuchBucket") as told:
        Bucket(f"s3://nobodys?endpoint={s3}").begin(ACME, uuid7())
    began = time.monotonic()
    with pytest.raises(FilesUnreachable, match="did not answer"):
        Bucket("s3://nobodys?endpoint=http://127.0.0.1:9").begin(ACME, uuid7())
    assert time.monotonic() - began < 10
    assert "test" not in str(told.value)
