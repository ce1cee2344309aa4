"""Pages on their way into the lake, sealed on the disk as they come: a sync that broke off goes on at the page it had reached.

They hold what people entered at the vendor, so each line is sealed with the installation's key, and gone once it is in.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from warehouse.connectors.spec import Ask
from warehouse.secrets import KeyMissing, seal, unseal
from warehouse.settings import settings

GOOD_FOR = timedelta(hours=24)
"""A vendor's word for the next page, and the order of its lists, hold for a while only."""


@dataclass(frozen=True)
class Page:
    """One page as it came."""

    ask: int
    """Which of the lists it is of."""
    items: list[Any]
    following: Any
    """What asks for the page after it; None, it was the list's last."""
    at: datetime
    """When, by the vendor's clock."""


def spool_folder(organization_id: str, connection_id: str | None = None) -> Path:
    """Where the pages of an organization, or of one of its connections, wait."""
    of_organization = settings().connectors_path / organization_id
    return of_organization / connection_id if connection_id else of_organization


class Spool:
    """The pages of one kind of record of one sync."""

    def __init__(self, path: Path, asks: Sequence[Ask], now: datetime) -> None:
        """Goes on with what lies there, if it was asked for in the same words not long ago; else begins anew."""
        self._path = path
        self._digest = hashlib.sha256(repr([asdict(one) for one in asks]).encode()).hexdigest()
        self._places: list[tuple[int, int]] = []
        self.last: Page | None = None
        if not self._goes_on(now):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.unlink(missing_ok=True)
            self._places, self.last = [], None
            self._append({"asked": self._digest, "begun": now.isoformat()})

    @property
    def begun(self) -> datetime | None:
        """When its first page came, by the vendor's clock."""
        return next((page.at for page in self.pages()), None)

    def keep(self, page: Page) -> None:
        """Append a page; it is on the disk when this returns."""
        place = self._append(asdict(page) | {"at": page.at.isoformat()})
        self._places.append(place)
        self.last = page

    def pages(self) -> Iterator[Page]:
        """Every page, in the order they came."""
        return (self._page(place) for place in self._places)

    def newest_first(self, asks: Sequence[Ask]) -> Iterator[Any]:
        """Every entry, so that of an id listed several times the one that counts comes first.

        Lists asked for later count before earlier ones; within a list, its own order says.
        """
        by_ask: dict[int, list[tuple[int, int]]] = {}
        for place in self._places:
            by_ask.setdefault(self._page(place).ask, []).append(place)
        for number in sorted(by_ask, reverse=True):
            forward = asks[number].newest_first
            for place in by_ask[number] if forward else reversed(by_ask[number]):
                items = self._page(place).items
                yield from items if forward else reversed(items)

    def _goes_on(self, now: datetime) -> bool:
        if not self._path.exists():
            return False
        raw = self._path.read_bytes()
        lines, start = [], 0
        for line in raw.splitlines(keepends=True):
            # The last line of a process that was killed may be half a line.
            if not line.endswith(b"\n"):
                break
            lines.append((start, len(line)))
            start += len(line)
        try:
            head = self._read(lines[0]) if lines else {}
            if head.get("asked") != self._digest or datetime.fromisoformat(head["begun"]) < now - GOOD_FOR:
                return False
            self._places = lines[1:]
            self.last = self._page(self._places[-1]) if self._places else None
        except (KeyMissing, ValueError, KeyError):
            return False
        with self._path.open("r+b") as file:
            file.truncate(start)
        return True

    def _append(self, told: dict[str, Any]) -> tuple[int, int]:
        line = seal(json.dumps(told)).encode() + b"\n"
        with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            start = file.seek(0, os.SEEK_END)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        return start, len(line)

    def _read(self, place: tuple[int, int]) -> dict[str, Any]:
        start, length = place
        with self._path.open("rb") as file:
            file.seek(start)
            found: dict[str, Any] = json.loads(unseal(file.read(length).decode().strip()))
        return found

    def _page(self, place: tuple[int, int]) -> Page:
        told = self._read(place)
        return Page(told["ask"], told["items"], told["following"], datetime.fromisoformat(told["at"]))


def clear(organization_id: str, connection_id: str) -> None:
    """Remove what waited, once it is in."""
    shutil.rmtree(spool_folder(organization_id, connection_id), ignore_errors=True)
