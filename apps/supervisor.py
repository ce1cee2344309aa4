"""Runs the whole house: prepares it, starts the app and the clock, starts again what crashes, and ends all together."""

import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from apps.availability import Watchman
from apps.children import CLOCK_LOCK, Child, clock_lock, clock_runs, ended_together, rotate_logs, start
from apps.terminal import aside, follow_job, screen
from warehouse.settings import CHECKOUT, settings

START_SECONDS = 90
MOST_CRASHES, WITHIN_SECONDS = 5, 120
LONGEST_PAUSE = 30


class CannotStay(Exception):
    """The house cannot be opened, or a part of it ends as often as it is started."""


def up(port: int, *, with_clock: bool, prepare: Callable[[], None]) -> None:
    """Prepare, refresh, serve on `port`, and stay until Ctrl-C or until a part of it cannot be kept alive."""
    must_be_free(port)
    if with_clock:
        must_be_free(settings().clock_port)
        if clock_runs():
            raise CannotStay(f"A clock already runs for {settings().home} ({CLOCK_LOCK} is held).")
    prepare()
    rotate_logs()
    follow_job("refresh")
    children: list[Child] = []
    with ended_together(children):
        app = start("app", sys.executable, "-m", "apps.asgi", environment={"LONGHOUSE_PORT": str(port)})
        children.append(app)
        with aside.status("Opening the doors …"):
            _wait_for(f"http://127.0.0.1:{port}/api/health", app)
        _tell(port, with_clock)
        if with_clock:
            with clock_lock():
                children += start_clock()
                _stay(children, Watchman(port))
        else:
            _stay(children, Watchman(port))


def clock() -> None:
    """The clock alone, until Ctrl-C."""
    must_be_free(settings().clock_port)
    if clock_runs():
        raise CannotStay(f"A clock already runs for {settings().home}.")
    rotate_logs()
    children: list[Child] = []
    with ended_together(children), clock_lock():
        children += start_clock()
        screen.print(
            f"The clock is running; Dagster's pages are at http://localhost:{settings().clock_port} (Ctrl-C ends it)"
        )
        _stay(children)


def start_clock() -> list[Child]:
    """Dagster's daemon and its pages, as two programs: `dagster dev` does not end when asked."""
    home = settings().dagster_home
    home.mkdir(parents=True, exist_ok=True)
    instance = home / "dagster.yaml"
    if not instance.exists():
        instance.write_text((CHECKOUT / "pipelines" / "dagster.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    environment = {"DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    programs = Path(sys.executable).parent
    workspace = ("--log-format", "json", "-w", str(CHECKOUT / "workspace.yaml"))
    port = str(settings().clock_port)
    return [
        start("clock", str(programs / "dagster-daemon"), "run", *workspace, environment=environment),
        start(
            "clock-pages",
            str(programs / "dagster-webserver"),
            *("-h", "127.0.0.1", "-p", port, *workspace),
            environment=environment,
        ),
    ]


def must_be_free(port: int) -> None:
    """Say which port is taken and how to choose another, before anything is started."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            name = "LONGHOUSE_CLOCK_PORT" if port == settings().clock_port else "LONGHOUSE_PORT"
            raise CannotStay(f"Port {port} is in use. End what uses it, or set {name} to another.") from None


def _wait_for(address: str, child: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.process.poll() is not None:
            raise CannotStay(f"The app ended while starting; its last words are in {child.log}.")
        try:
            with urllib.request.urlopen(address, timeout=2) as answered:  # noqa: S310 - our own address
                if answered.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise CannotStay(f"The app did not answer within {START_SECONDS} seconds; see {child.log}.")


def _tell(port: int, with_clock: bool) -> None:
    from warehouse.demo.install import FIRST
    from warehouse.demo.sign_ins import DEMO_PASSWORD
    from warehouse.oltp.engine import reading
    from warehouse.operations.organization import list_slugs

    screen.print(f"\n[bold]Longhouse is open at http://localhost:{port}[/bold]")
    with reading() as session:
        if FIRST in list_slugs(session):
            screen.print(f"  Demo sign-in: olive@demo.example, password {DEMO_PASSWORD}")
    if with_clock:
        screen.print(f"  The clock's pages: http://localhost:{settings().clock_port}")
    screen.print("  Ctrl-C ends everything.")


@dataclass
class Trouble:
    """How one child has been doing."""

    since: float
    """When it was last started."""
    crashes: list[float] = field(default_factory=list)
    """When it crashed, of late."""
    in_a_row: int = 0
    due: float | None = None
    """When it is started again; None while it runs."""


class Watch:
    """Starts again whatever ends by itself, later each time, until it ends too often."""

    def __init__(self, children: list[Child], tell: Callable[[str], None], now: float) -> None:
        self._troubles = [(child, Trouble(now)) for child in children]
        self._tell = tell

    def look(self, now: float) -> None:
        """Notice who ended, start who is due. Raises CannotStay for one that crashed five times in two minutes."""
        for child, trouble in self._troubles:
            if trouble.due is None:
                code = child.process.poll()
                if code is not None:
                    self._crashed(child, trouble, code, now)
            elif now >= trouble.due:
                child.start_again()
                trouble.since, trouble.due = now, None

    def _crashed(self, child: Child, trouble: Trouble, code: int, now: float) -> None:
        child.end()  # what it started itself may still live, and hold its port
        trouble.crashes = [*(crash for crash in trouble.crashes if now - crash < WITHIN_SECONDS), now]
        trouble.in_a_row = 1 if now - trouble.since >= WITHIN_SECONDS else trouble.in_a_row + 1
        how = f"signal {-code}" if code < 0 else f"code {code}"
        if len(trouble.crashes) >= MOST_CRASHES:
            raise CannotStay(
                f"The {child.name} ended by itself {MOST_CRASHES} times within {WITHIN_SECONDS // 60} minutes, "
                f"the last time with {how}; its last words are in {child.log}."
            )
        pause = min(2 ** (trouble.in_a_row - 1), LONGEST_PAUSE)
        trouble.due = now + pause
        self._tell(f"The {child.name} ended by itself ({how}); it starts again in {pause} s. See {child.log}.")


def _stay(children: list[Child], watchman: Watchman | None = None) -> None:
    """Until Ctrl-C; a child that keeps dying ends the house with a sentence. The watchman notes whether the app answers."""
    watch = Watch(children, aside.print, time.monotonic())
    try:
        while True:
            watch.look(time.monotonic())
            if watchman:
                watchman.look(time.monotonic())
            rotate_logs()
            time.sleep(0.5)
    except KeyboardInterrupt:
        aside.print("\nEnding …")
