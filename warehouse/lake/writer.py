"""One writer at a time: two lose each other's commits on a SQLite catalog."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LakeLocked(Exception):
    """Another process is writing to the lake."""


@contextmanager
def writer_lock(path: Path, wait_seconds: float = 30) -> Iterator[None]:
    """Hold the lake's only pen, or raise LakeLocked naming the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with path.open("a+") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    held.seek(0)
                    holder = held.read().strip() or "unknown"
                    raise LakeLocked(
                        f"Process {holder} has been writing to the lake for over {wait_seconds:.0f} seconds. "
                        "Nothing was changed; wait for its refresh to end and run this again."
                    ) from None
                time.sleep(0.1)
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds this lock now."""
    if not path.exists():
        return False
    with path.open("a+") as asked:
        try:
            fcntl.flock(asked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
