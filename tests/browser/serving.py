"""The real server and the real browser, for journeys and for pictures."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
THIS_MACHINE = {"localhost", "127.0.0.1", ""}
START_SECONDS = 180


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start_server(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """The real application on a data folder, in a process of its own; what it prints goes to `log`."""
    kept = {name: value for name, value in os.environ.items() if name not in {"LONGHOUSE_PUBLIC_URL", "LONGHOUSE_HOST"}}
    environment = kept | {"LONGHOUSE_HOME": str(home), "LONGHOUSE_PORT": str(port)}
    with log.open("w") as output:
        # Any other working directory than the checkout: the settings must be found from everywhere.
        return subprocess.Popen(
            [sys.executable, "-m", "apps.asgi"], env=environment, cwd=log.parent, stdout=output, stderr=output
        )


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the address answers; fails with what the server said when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not start within {START_SECONDS} s:\n{log.read_text()}")


def leaves_machine(address: str) -> bool:
    """Whether a request would go to another machine."""
    return (urlsplit(address).hostname or "") not in THIS_MACHINE
