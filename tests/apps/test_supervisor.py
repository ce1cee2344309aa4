"""What ends by itself is started again, later each time; what keeps ending ends the house; logs stay short."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.children import Child, ended_together, rotate_logs, start
from apps.supervisor import CannotStay, Watch
from warehouse.settings import settings

SLEEPS = "import time; time.sleep(60)"
COUNTS = "import sys; print('again'); sys.exit(3)"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of one's own."""
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def begin() -> Iterator[Callable[..., Child]]:
    """Start a small Python program as a child; it ends with the test."""
    children: list[Child] = []

    def begun(name: str, program: str) -> Child:
        children.append(start(name, sys.executable, "-c", program))
        return children[-1]

    with ended_together(children):
        yield begun


def ended(child: Child) -> None:
    child.process.wait(20)


def test_a_child_that_runs_is_left_alone(begin: Callable[..., Child]) -> None:
    child, said = begin("app", SLEEPS), list[str]()
    first = child.process.pid
    Watch([child], said.append, 0).look(1)
    assert (child.process.pid, said) == (first, [])


def test_a_killed_child_starts_again_after_a_second_and_says_so(begin: Callable[..., Child]) -> None:
    child, other, said = begin("app", SLEEPS), begin("clock", SLEEPS), list[str]()
    first, watch = child.process.pid, Watch([child, other], said.append, 0)
    os.kill(first, signal.SIGKILL)
    ended(child)
    watch.look(10)
    watch.look(10.9)
    assert child.process.poll() is not None
    watch.look(11)
    assert child.process.poll() is None
    assert child.process.pid != first
    assert said == [f"The app ended by itself (signal 9); it starts again in 1 s. See {child.log}."]
    assert other.process.poll() is None


def test_what_a_crashed_child_had_started_ends_with_it(begin: Callable[..., Child], home: Path) -> None:
    program = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); print(p.pid, flush=True)"
    )
    child = begin("app", program)
    ended(child)
    Watch([child], lambda told: None, 0).look(1)
    grandchild = int(child.log.read_text())
    deadline = time.monotonic() + 5
    while _lives(grandchild) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(grandchild)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _crash(watch: Watch, child: Child, times: list[float]) -> None:
    """The child has ended at each of these times, and was started again in between."""
    for now in times:
        ended(child)
        watch.look(now)
        if now != times[-1]:
            watch.look(now + 30)


def test_each_pause_is_twice_the_last_up_to_half_a_minute(begin: Callable[..., Child]) -> None:
    child, said = begin("app", COUNTS), list[str]()
    _crash(Watch([child], said.append, 0), child, [float(40 * i) for i in range(1, 8)])
    pauses = [sentence.partition("again in ")[2].partition(" s")[0] for sentence in said]
    assert pauses == ["1", "2", "4", "8", "16", "30", "30"]
    assert child.log.read_text().count("again") == 7


def test_one_that_ran_for_long_starts_again_at_once(begin: Callable[..., Child]) -> None:
    child, said = begin("app", COUNTS), list[str]()
    _crash(Watch([child], said.append, 0), child, [10.0, 50.0, 1000.0])
    assert [sentence.partition("again in ")[2][:3] for sentence in said] == ["1 s", "2 s", "1 s"]


def test_five_crashes_within_two_minutes_are_enough(begin: Callable[..., Child]) -> None:
    child, said = begin("clock", COUNTS), list[str]()
    watch = Watch([child], said.append, 0)
    _crash(watch, child, [1.0, 32.0, 63.0, 94.0])
    watch.look(110)
    ended(child)
    with pytest.raises(
        CannotStay, match="The clock ended by itself 5 times within 2 minutes, the last time with code 3"
    ):
        watch.look(115)
    assert len(said) == 4


def test_a_log_past_its_size_is_put_aside_and_three_stay(home: Path) -> None:
    log = home / "logs" / "app.log"
    log.parent.mkdir()
    for words in ("one", "two", "three", "four", "five"):
        log.write_text(words)
        rotate_logs(most=2)
    assert {path.name: path.read_text() for path in log.parent.iterdir()} == {
        "app.log": "",
        "app.log.1": "five",
        "app.log.2": "four",
        "app.log.3": "three",
    }


def test_a_short_log_stays(home: Path) -> None:
    (home / "logs").mkdir()
    (home / "logs" / "app.log").write_text("one")
    rotate_logs()
    assert [path.name for path in (home / "logs").iterdir()] == ["app.log"]


def test_a_child_goes_on_writing_after_its_log_was_put_aside(begin: Callable[..., Child]) -> None:
    child = begin(
        "app",
        "import sys\nprint('before', flush=True)\nsys.stdin.read()\nimport time\ntime.sleep(1)\nprint('after', flush=True)",
    )
    deadline = time.monotonic() + 10
    while not child.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    rotate_logs(most=2)
    ended(child)
    assert child.log.with_name("app.log.1").read_text() == "before\n"
    assert child.log.read_text() == "after\n"
