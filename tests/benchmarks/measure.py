"""What was measured: a line a person reads, and an entry a program reads."""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

TIMES = 5
"""A machine that others use too is told by the middle of some runs, not by one."""


@dataclass(frozen=True)
class Line:
    """One measured value. `bar` is what it must reach, `against` what it was measured beside in the same run."""

    name: str
    value: float
    unit: str
    bar: str = ""
    met: bool | None = None
    """None where there is no bar."""
    against: str = ""


class Sheet:
    """The lines of one preset, printed as they come."""

    def __init__(self, preset: str) -> None:
        self._preset = preset
        self.lines: list[Line] = []

    def at_most(self, name: str, value: float, unit: str, most: float, against: str = "") -> None:
        """A value that must not be larger."""
        self._add(Line(name, value, unit, f"≤ {most:g} {unit}", value <= most, against))

    def at_least(self, name: str, value: float, unit: str, least: float, against: str = "") -> None:
        """A value that must not be smaller."""
        self._add(Line(name, value, unit, f"≥ {least:g} {unit}", value >= least, against))

    def noted(self, name: str, value: float, unit: str, against: str = "") -> None:
        """A value that nothing was promised about."""
        self._add(Line(name, value, unit, against=against))

    def told(self) -> list[dict[str, Any]]:
        """The lines as `build/bench.json` holds them."""
        return [asdict(line) | {"name": f"{self._preset}: {line.name}"} for line in self.lines]

    def _add(self, line: Line) -> None:
        self.lines.append(line)
        verdict = {None: " ", True: "✓", False: "✗"}[line.met]
        shown = f"{line.value:,.3g}" if line.value < 1000 else f"{line.value:,.0f}"
        sys.stdout.write(
            f"{verdict} {self._preset:<6} {line.name:<46} {shown:>10} {line.unit:<12} {line.bar:<22} {line.against}\n"
        )
        sys.stdout.flush()


def seconds(work: Callable[[], object], times: int = TIMES, before: Callable[[], object] = lambda: None) -> float:
    """The median wall time of some runs; what `before` does each time is not counted."""
    taken = []
    for _ in range(times):
        before()
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def percentile(taken: list[float], share: float) -> float:
    """The value that this share of the runs did not exceed."""
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share))]


def peak_mebibytes() -> float:
    """The most memory that this process, or any process it waited for, has held."""
    kibibytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kibibytes / 1024
