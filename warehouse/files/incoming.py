"""A file on its way in: counted, hashed and judged as it streams, kept whole or not at all."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from warehouse.files.content import BEGINNING, END, NotTaken, check_taken, content_type
from warehouse.files.places import Draft, place
from warehouse.oltp.files import FileKind
from warehouse.settings import settings

MEBIBYTE = 1024 * 1024


class TooLarge(Exception):
    """The file is larger than the installation takes in."""


@dataclass(frozen=True)
class Content:
    """What was received."""

    content_type: str
    bytes: int
    sha256: str


class Incoming:
    """Takes portions of any size; never holds more of them than the place needs at once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._most = settings().files_limit_mb * MEBIBYTE
        self._digest = hashlib.sha256()
        self._beginning, self._end, self._bytes = b"", b"", 0

    def write(self, portion: bytes) -> None:
        """Add bytes. Raises TooLarge, FilesUnreachable."""
        self._bytes += len(portion)
        check_size(self._bytes, self._most)
        self._digest.update(portion)
        if len(self._beginning) < BEGINNING:
            self._beginning = (self._beginning + portion)[:BEGINNING]
        self._end = portion[-END:] if len(portion) >= END else (self._end + portion)[-END:]
        self._draft.write(portion)

    def judged(self, kind: FileKind, name: str) -> Content:
        """What it turned out to be. Raises NotTaken."""
        if not self._bytes:
            raise NotTaken("This file is empty. Nothing was kept; choose the file again.")
        found = content_type(self._beginning, self._end, name)
        check_taken(kind, found)
        return Content(found, self._bytes, self._digest.hexdigest())

    def keep(self) -> None:
        """Let it appear under its id. Raises FilesUnreachable."""
        self._draft.keep()


def check_size(told: int, most: int | None = None) -> None:
    """Raise TooLarge for more bytes than the installation takes in."""
    limit = most or settings().files_limit_mb * MEBIBYTE
    if told > limit:
        raise TooLarge(
            f"This file is larger than {limit // MEBIBYTE} MB, the most that is taken in here. Nothing was kept; split "
            "it, or ask whoever runs Longhouse to raise LONGHOUSE_FILES_LIMIT_MB."
        )


@contextmanager
def incoming(organization_id: str, file_id: str) -> Iterator[Incoming]:
    """Receive a file; unless it was kept inside, nothing of it is left. Raises FilesUnreachable."""
    draft = place().begin(organization_id, file_id)
    try:
        yield Incoming(draft)
    finally:
        draft.drop()
