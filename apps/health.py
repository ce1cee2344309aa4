"""How the installation is: every part it leans on is looked at within a moment, and none can hold up the answer."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from warehouse.extracts.builds import latest_build
from warehouse.logs import log, milliseconds
from warehouse.oltp.engine import reading, store_exists
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.organization import last_change
from warehouse.redaction import redact
from warehouse.settings import settings

ALL_SECONDS = 1.8
"""After this the answer goes out, whoever has not answered yet."""
FREE_BYTES = 1 << 30
"""Less free room than this wants somebody's attention."""
FULL_BYTES = 1 << 27
"""With less than this nothing more is taken in."""
LATE_AFTER = 3
"""Refreshes that may be missed before changes count as waiting too long."""


class State(StrEnum):
    """How a part, or the whole, is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


WORST_FIRST = (State.DOWN, State.DEGRADED, State.OK)


@dataclass(frozen=True)
class Seen:
    """What a look found."""

    state: State
    sentence: str
    milliseconds: float = 0.0


@dataclass
class Check:
    """One part, how to look at it, and what its failure means for the whole."""

    name: str
    look: Callable[[], Seen]
    without: State = State.DEGRADED
    """How the whole is when the look fails or takes too long."""
    holds_seconds: float = 1.5
    """How long what was seen is told again without another look."""
    needed: bool = False
    """Whether the installation is ready only with it."""
    _seen: Seen | None = None
    _at: float = -1e9
    _began: float = 0.0
    _running: threading.Event | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> threading.Event:
        """Look, unless that was done a moment ago or is still being done; set when there is something to tell."""
        with self._turn:
            # A part that hangs is looked at once, not once more with every question.
            if self._running is not None and not self._running.is_set():
                return self._running
            self._running, self._began = threading.Event(), time.monotonic()
            if time.monotonic() - self._at < self.holds_seconds:
                self._running.set()
            else:
                threading.Thread(target=self._run, args=(self._running,), name=f"look-{self.name}", daemon=True).start()
            return self._running

    def found(self, done: threading.Event, deadline: float) -> Seen:
        """What was seen; a part that did not answer until then, or has been silent for long already, is told so."""
        latest = min(deadline, self._began + ALL_SECONDS)
        if done.wait(max(latest - time.monotonic(), 0)) and self._seen is not None:
            return self._seen
        return Seen(self.without, f"It did not answer within {ALL_SECONDS:g} seconds.", ALL_SECONDS * 1000)

    def _run(self, done: threading.Event) -> None:
        started = time.perf_counter()
        try:
            seen = self.look()
        except Exception as failure:
            seen = Seen(self.without, redact(str(failure).splitlines()[0] if str(failure) else type(failure).__name__))
        before = self._seen.state if self._seen else State.OK
        self._seen, self._at = Seen(seen.state, seen.sentence, milliseconds(started)), time.monotonic()
        if seen.state is not before:
            log("health").warning("health changed", part=self.name, state=seen.state.value, sentence=seen.sentence)
        done.set()

    def forget(self) -> None:
        """Look anew with the next question."""
        with self._turn:
            self._seen, self._at, self._running = None, -1e9, None


CHECKS: list[Check] = []
"""What is looked at; a part that comes later adds itself with `look_at`."""


def look_at(check: Check) -> None:
    """Have this part looked at too; one with the same name is replaced."""
    CHECKS[:] = [*(one for one in CHECKS if one.name != check.name), check]


@dataclass(frozen=True)
class Health:
    """The whole, and each part."""

    parts: dict[str, Seen]
    is_ready: bool

    @property
    def state(self) -> State:
        """As bad as the worst part."""
        return next(state for state in WORST_FIRST if state in {State.OK, *(one.state for one in self.parts.values())})


def examine(checks: list[Check] | None = None) -> Health:
    """Look at every part at once; answers within two seconds whatever they do."""
    looked = list(CHECKS if checks is None else checks)
    deadline = time.monotonic() + ALL_SECONDS
    begun = [(check, check.begin()) for check in looked]
    parts = {check.name: check.found(done, deadline) for check, done in begun}
    return Health(parts, all(parts[check.name].state is not State.DOWN for check in looked if check.needed))


@dataclass(frozen=True)
class Freshness:
    """How long ago the last refresh ended well, and what has changed since."""

    age: timedelta
    waiting: int
    """Changes the last build has not seen."""

    @property
    def is_late(self) -> bool:
        """Whether changes wait for longer than a few refreshes."""
        return self.waiting > 0 and self.age > LATE_AFTER * timedelta(minutes=settings().refresh_minutes)


def freshness() -> Freshness | None:
    """None where nothing was built yet, or there is no store."""
    build = latest_build()
    if build is None or not store_exists():
        return None
    good = JobRequest.job == "refresh", JobRequest.status == JobStatus.SUCCEEDED, JobRequest.finished_at.is_not(None)
    with reading() as session:
        ended = session.query(JobRequest.finished_at).filter(*good).order_by(JobRequest.finished_at.desc()).first()
        waiting = last_change(session) - build.watermark
    times = [datetime.fromisoformat(build.built_at), *(ended or ())]
    return Freshness(datetime.now(UTC) - max(times), waiting)


def free_bytes() -> int:
    """Room on the disk of the data folder."""
    home = settings().home
    return shutil.disk_usage(home if home.exists() else home.parent).free
