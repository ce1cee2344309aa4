"""Where a run writes what it throws away: in memory where there is plenty, or in the usual place.

`python -m tests.scratch` prints the folder for a whole run. Tests kill processes, not machines: nothing is lost with
the power. On a disk every commit of every store waits for the other half of the run, and takes longer than its work.
"""

import os
import sys
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - whoever writes there makes a folder of their own
A_SERVER, A_RUN = 4 * 2**30, 12 * 2**30
"""Bytes of memory that must be free for a database server's files, and for those of everything."""


def in_memory(room: int) -> bool:
    """Whether so many bytes of memory are free for files, and a file there may be loaded: DuckDB's extensions are."""
    if not os.access(MEMORY, os.W_OK):
        return False
    there = os.statvfs(MEMORY)
    return not there.f_flag & os.ST_NOEXEC and min(there.f_bavail * there.f_frsize, _available()) > room


def _available() -> int:
    """Bytes of memory that could be had, what Linux keeps of files it has read included."""
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    return int(told["MemAvailable"].split()[0]) * 1024


def folder(room: int) -> str:
    """The folder for files that need so much room."""
    return str(MEMORY) if in_memory(room) else tempfile.gettempdir()


if __name__ == "__main__":
    sys.stdout.write(f"{folder(A_RUN)}\n")
