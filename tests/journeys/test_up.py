"""`longhouse up` on a house that is built: it opens without building, and takes every child with it when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.houses import ROOT, House

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def started(house: House, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """`longhouse up`, its port and its clock's port."""
    port, clock_port = free_port(), free_port()
    environment = {
        "LONGHOUSE_HOME": str(house.home),
        "LONGHOUSE_PORT": str(port),
        "LONGHOUSE_CLOCK_PORT": str(clock_port),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "apps.cli", "up"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield process, port, clock_port
    finally:
        process.kill()
        process.wait()


def answers(address: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2) as answered:  # noqa: S310 - our own address
                return bool(answered.status == 200)
        except OSError:
            time.sleep(0.3)
    return False


def living(house: House) -> list[str]:
    """Processes that work on this house: their environment names it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
                if f"LONGHOUSE_HOME={house.home}\0".encode() in environment:
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
    return found


def test_a_built_house_opens_without_building_and_ends_with_every_child(house: House, tmp_path: Path) -> None:
    log = tmp_path / "up.log"
    extracts = sorted((house.home / "extracts").rglob("*.duckdb"))
    with started(house, log) as (process, port, clock_port):
        assert answers(f"http://127.0.0.1:{port}/api/health", 60), log.read_text()
        assert answers(f"http://127.0.0.1:{clock_port}/server_info", 90), log.read_text()
        assert len(living(house)) >= 4
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    said = log.read_text()
    assert "nothing has changed" in said
    assert f"http://localhost:{port}" in said
    assert "Traceback" not in said
    assert sorted((house.home / "extracts").rglob("*.duckdb")) == extracts
    deadline = time.monotonic() + 30
    while living(house) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert living(house) == []


def test_a_port_in_use_is_a_sentence_before_anything_starts(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = house.run("up", check=False, LONGHOUSE_PORT=port)
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "LONGHOUSE_PORT" in done.stderr
