"""Starts our own programs as child processes, follows what they say, and ends every one of them."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.lake.writer import is_held
from warehouse.operations.errors import write_down
from warehouse.redaction import redact
from warehouse.settings import CHECKOUT, settings

GRACE_SECONDS = 8
LOG_BYTES, LOGS_KEPT = 10_000_000, 3


class JobFailed(Exception):
    """A job ended badly; the sentence is what it said."""


def run_job(job: str, heard: Callable[[str, str], None], *more: str) -> None:
    """Run `python -m pipelines.run JOB …`, passing each line of progress on. Raises JobFailed with the job's own words."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.run", job, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        for line in process.stdout:
            step, _, text = line.rstrip("\n").partition("\t")
            heard(step, text)
        said = process.stderr.read()
        code = process.wait()
    except BaseException:
        process.terminate()
        raise
    if code:
        reason = said.strip() or f"The job {job} ended with code {code}."
        raise JobFailed(_without_trace(reason))


def _without_trace(said: str) -> str:
    """A traceback belongs in a log; a person gets its last line."""
    if "Traceback (most recent call last)" not in said:
        return said
    log = write_down(said, "a job's last words")
    return f"{redact(said.splitlines()[-1])} (more in {log})"


@dataclass
class Child:
    """A program that runs until we end it, in a process group of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def start_again(self) -> None:
        """The same program once more, in the place of one that ended."""
        self.process = _launch(self.arguments, self.log, self.environment)

    def end(self) -> None:
        """Ask its whole group to stop, then make it."""
        deadline = time.monotonic() + GRACE_SECONDS
        self._signal(signal.SIGTERM)
        while time.monotonic() < deadline and self._group_lives():
            self.process.poll()
            time.sleep(0.05)
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _group_lives(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _signal(self, what: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, what)
        except ProcessLookupError:
            return


def start(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Child:
    """Start a program beside this one; what it prints goes to `logs/<name>.log`."""
    log = settings().logs_path / f"{name}.log"
    told = environment or {}
    return Child(name, _launch(arguments, log, told), log, arguments, told)


def _launch(arguments: tuple[str, ...], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as target:
        return subprocess.Popen(
            arguments,
            stdout=target,
            stderr=target,
            stdin=subprocess.DEVNULL,
            cwd=CHECKOUT,
            start_new_session=True,
            env=os.environ | environment,
        )


def rotate_logs(most: int = LOG_BYTES) -> None:
    """Put aside every log that has grown past `most` bytes; of each, the last three stay."""
    for log in settings().logs_path.glob("*.log"):
        if log.stat().st_size > most:
            _rotate(log)


def _rotate(log: Path) -> None:
    places = [log.with_name(f"{log.name}.{number}") for number in range(1, LOGS_KEPT + 1)]
    for older, newer in zip(places[:0:-1], places[-2::-1], strict=True):
        if newer.exists():
            newer.replace(older)
    shutil.copyfile(log, places[0])
    # Emptied, not renamed: its writer has it open for appending and would take a renamed one along.
    os.truncate(log, 0)


@contextmanager
def ended_together(children: list[Child]) -> Iterator[None]:
    """Whatever happens inside, every child ends with it; SIGTERM counts as Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        for child in reversed(children):
            child.end()


CLOCK_LOCK = "clock.lock"


@contextmanager
def clock_lock() -> Iterator[None]:
    """Held while this installation's clock runs, so that others can tell."""
    path = settings().home / CLOCK_LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


def clock_runs() -> bool:
    """Whether a clock is running for this data folder."""
    return is_held(settings().home / CLOCK_LOCK)
