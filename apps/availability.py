"""Whether the installation could be used: somebody outside of the app asks it every minute, and what was seen is kept."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from warehouse.settings import settings

OBJECTIVE = Decimal("0.999")
"""The part of the minutes in which it is to be usable."""
WINDOW = timedelta(days=30)
EVERY_SECONDS, PATIENCE_SECONDS = 60, 10
KEPT = timedelta(days=400)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Look:
    """What one look saw."""

    at: datetime
    is_up: bool


@dataclass(frozen=True)
class Outage:
    """Looks in a row that found it unusable."""

    began: datetime
    minutes: int


@dataclass(frozen=True)
class Availability:
    """What the looks of a window came to."""

    looks: int
    down: int
    outages: tuple[Outage, ...]
    """Latest first."""
    since: datetime | None
    """The first look of the window; None where nobody has looked."""

    @property
    def share(self) -> Decimal | None:
        """The part of the looks that found it usable; None where nobody has looked."""
        return Decimal(self.looks - self.down) / self.looks if self.looks else None

    @property
    def budget(self) -> Decimal:
        """Minutes of the window that may be lost while the objective holds."""
        return Decimal(WINDOW // MINUTE) * (1 - OBJECTIVE)

    @property
    def left(self) -> Decimal:
        """Minutes of the budget that are left; below zero, the objective is missed."""
        return self.budget - self.down


class Watchman:
    """Looks once a minute, beside whatever else its process does."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/api/health/ready"
        self._due = time.monotonic() + EVERY_SECONDS
        self._looking: threading.Thread | None = None

    def look(self, now: float) -> None:
        """Look if it is time; a look that takes long holds nobody up."""
        if now < self._due or (self._looking and self._looking.is_alive()):
            return
        self._due = now + EVERY_SECONDS
        self._looking = threading.Thread(target=self._look, name="availability", daemon=True)
        self._looking.start()

    def _look(self) -> None:
        note(datetime.now(UTC), answers(self._address))


def answers(address: str) -> bool:
    """Whether the app says there that it is ready for work."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answered:  # noqa: S310 - our own address
            return bool(answered.status == 200)
    except OSError:
        return False


def note(at: datetime, is_up: bool) -> None:
    """Keep what was seen: one line a look, one file a day; files older than 400 days are removed."""
    place = _place(at.date())
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        for old in place.parent.glob("*.log"):
            if old.stem < (at - KEPT).date().isoformat():
                old.unlink(missing_ok=True)
    with place.open("a", encoding="utf-8") as kept:
        kept.write(f"{at:%H:%M:%S} {'up' if is_up else 'down'}\n")


def availability(now: datetime) -> Availability:
    """What was seen within the last thirty days. Minutes in which nobody looked count neither way."""
    looks = list(_looks(now - WINDOW, now))
    return Availability(
        looks=len(looks),
        down=sum(not look.is_up for look in looks),
        outages=tuple(reversed(list(_outages(looks)))),
        since=looks[0].at if looks else None,
    )


def _looks(since: datetime, until: datetime) -> Iterator[Look]:
    day = since.date()
    while day <= until.date():
        place = _place(day)
        for line in place.read_text(encoding="utf-8").splitlines() if place.exists() else ():
            clock, _, state = line.partition(" ")
            # The last line may be half written.
            if state in {"up", "down"} and len(clock) == 8:
                at = datetime.fromisoformat(f"{day}T{clock}+00:00")
                if since <= at <= until:
                    yield Look(at, state == "up")
        day += timedelta(days=1)


def _outages(looks: list[Look]) -> Iterator[Outage]:
    began, minutes = None, 0
    for look in looks:
        if not look.is_up:
            began, minutes = began or look.at, minutes + 1
        elif began:
            yield Outage(began, minutes)
            began, minutes = None, 0
    if began:
        yield Outage(began, minutes)


def _place(day: date) -> Path:
    return settings().home / "availability" / f"{day.isoformat()}.log"
