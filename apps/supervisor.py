"""Runs the whole house: prepares it, starts the app and the clock, and ends both together."""

import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from apps.children import CLOCK_LOCK, Child, clock_lock, clock_runs, ended_together, start
from apps.terminal import aside, follow_job, screen
from warehouse.settings import CHECKOUT, settings

START_SECONDS = 90


class CannotStay(Exception):
    """The house cannot be opened, or a part of it ended by itself."""


def up(port: int, *, with_clock: bool, prepare: Callable[[], None]) -> None:
    """Prepare, refresh, serve on `port`, and stay until Ctrl-C or until the app dies."""
    must_be_free(port)
    if with_clock:
        must_be_free(settings().clock_port)
        if clock_runs():
            raise CannotStay(f"A clock already runs for {settings().home} ({CLOCK_LOCK} is held).")
    prepare()
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
                _stay(children)
        else:
            _stay(children)


def clock() -> None:
    """The clock alone, until Ctrl-C."""
    must_be_free(settings().clock_port)
    if clock_runs():
        raise CannotStay(f"A clock already runs for {settings().home}.")
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
    workspace = ("-w", str(CHECKOUT / "workspace.yaml"))
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
    from warehouse.demo.load import DEMO_PASSWORD
    from warehouse.demo.words import COMPANY_SLUG
    from warehouse.oltp.engine import reading
    from warehouse.operations.organization import list_slugs

    screen.print(f"\n[bold]Longhouse is open at http://localhost:{port}[/bold]")
    with reading() as session:
        if COMPANY_SLUG in list_slugs(session):
            screen.print(f"  Demo sign-in: olive@demo.example, password {DEMO_PASSWORD}")
    if with_clock:
        screen.print(f"  The clock's pages: http://localhost:{settings().clock_port}")
    screen.print("  Ctrl-C ends everything.")


def _stay(children: list[Child]) -> None:
    """Until Ctrl-C; a child that dies ends the house with a sentence."""
    try:
        while True:
            for child in children:
                if child.process.poll() is not None:
                    raise CannotStay(f"The {child.name} ended by itself; its last words are in {child.log}.")
            time.sleep(0.5)
    except KeyboardInterrupt:
        aside.print("\nEnding …")
