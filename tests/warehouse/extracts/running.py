"""Running SQL that no guard has seen, and what that costs the process that asks."""

from pathlib import Path

from warehouse.extracts.process import Limits, Reader, Rows


def unguarded(reader: Reader, sql: str, seconds: float = 5.0, views: dict[str, str] | None = None) -> Rows:
    """What the child does with SQL that no guard has seen."""
    return reader._ask(sql, views or {}, Limits(seconds=seconds))


class Memory:
    """How far this process's memory rises from here on, in MB, even if it falls again."""

    def __init__(self) -> None:
        # Otherwise an earlier, higher peak of the same test run would hide this one.
        Path("/proc/self/clear_refs").write_text("5")
        self._before = _peak()

    def grown(self) -> int:
        return (_peak() - self._before) // 1024


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
