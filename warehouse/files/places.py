"""Where the bytes of files lie: the data folder, or a bucket. Their ids are the only names they have there."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from warehouse.settings import settings

PORTION = 1024 * 1024
"""Bytes that are in memory at once when a file is read."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HALF = ".half"


class FilesUnreachable(Exception):
    """The place that keeps files cannot be written to or read from now."""


class FileGone(Exception):
    """There are no bytes under this id."""


@dataclass(frozen=True)
class Kept:
    """A file as its place knows it."""

    organization_id: str
    file_id: str
    at: datetime
    """When it was written."""


class Draft(Protocol):
    """A file being written: seen by nobody until it is kept."""

    def write(self, portion: bytes) -> None:
        """Add bytes. Raises FilesUnreachable."""

    def keep(self) -> None:
        """Let the file appear under its id, whole. Raises FilesUnreachable."""

    def drop(self) -> None:
        """Leave nothing of it, unless it was kept; never raises."""


class Place(Protocol):
    """Keeps files, apart for each organization. Every call may raise FilesUnreachable."""

    def begin(self, organization_id: str, file_id: str) -> Draft:
        """A file to be written."""

    def open(self, organization_id: str, file_id: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Its bytes in portions, from `start`; raises FileGone at once where there are none."""

    def remove(self, organization_id: str, file_id: str) -> None:
        """Remove a file; one that is not there is no error."""

    def remove_all(self, organization_id: str) -> None:
        """Remove everything of an organization, whatever is half written too."""

    def kept(self) -> Iterator[Kept]:
        """Every file that is there."""

    def drop_halves(self, before: datetime) -> int:
        """Remove what was begun before then and never kept; how many."""


def as_id(text: str) -> str:
    """The id; raises FileGone for anything else, so that nothing else becomes part of a path."""
    if not ID.fullmatch(text):
        raise FileGone("There is no such file.")
    return text


def place() -> Place:
    """Where this installation keeps files."""
    return _place_at(settings().files_url, settings().files_path)


@cache
def _place_at(url: str, folder: Path) -> Place:
    if not url:
        return Folder(folder)
    from warehouse.files.bucket import Bucket

    return Bucket(url)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as gone:
        raise FileGone("There is no such file.") from gone
    except OSError as failure:
        raise FilesUnreachable(
            f"The folder for files, {folder}, cannot be used ({(failure.strerror or str(failure)).lower()}). "
            "Nothing was kept; make room or give this user the right to write there, then try again."
        ) from failure


class Folder:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, organization_id: str, file_id: str) -> "FolderDraft":
        """A file beside its place."""
        final = self._path(organization_id, file_id)
        with _told(self._root):
            final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return FolderDraft(final, self._root)

    def open(self, organization_id: str, file_id: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Opened at once, read as it is asked for."""
        with _told(self._root):
            file = self._path(organization_id, file_id).open("rb")
            file.seek(start)
        return _portions(file, length)

    def remove(self, organization_id: str, file_id: str) -> None:
        """Unlink it."""
        with _told(self._root):
            self._path(organization_id, file_id).unlink(missing_ok=True)

    def remove_all(self, organization_id: str) -> None:
        """Remove the organization's folder."""
        with _told(self._root), suppress(FileNotFoundError):
            shutil.rmtree(self._root / as_id(organization_id))

    def kept(self) -> Iterator[Kept]:
        """What lies in the organizations' folders."""
        for path in self._root.glob("*/*"):
            if ID.fullmatch(path.name) and ID.fullmatch(path.parent.name):
                with suppress(FileNotFoundError):
                    yield Kept(path.parent.name, path.name, _written_at(path))

    def drop_halves(self, before: datetime) -> int:
        """What a process that died left beside the files."""
        dropped = 0
        for path in self._root.glob(f"*/*{HALF}"):
            with suppress(FileNotFoundError):
                if _written_at(path) < before:
                    path.unlink()
                    dropped += 1
        return dropped

    def _path(self, organization_id: str, file_id: str) -> Path:
        return self._root / as_id(organization_id) / as_id(file_id)


class FolderDraft:
    """Written beside, then renamed."""

    def __init__(self, final: Path, root: Path) -> None:
        self._final, self._root = final, root
        self._path = final.with_name(f".{final.name}.{secrets.token_hex(8)}{HALF}")
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")

    def write(self, portion: bytes) -> None:
        """To the file beside."""
        with _told(self._root):
            self._file.write(portion)

    def keep(self) -> None:
        """On the disk first, then under its name."""
        with _told(self._root):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._path, self._final)

    def drop(self) -> None:
        """Closed and unlinked."""
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


def _portions(file: BinaryIO, length: int | None) -> Iterator[bytes]:
    left = length
    with file:
        while portion := file.read(PORTION if left is None else min(PORTION, left)):
            if left is not None:
                left -= len(portion)
            yield portion


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
