"""The worker seen from outside: one process, two pipes, frames of four bytes of length and JSON."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
LARGEST_FRAME = 256 * 1024 * 1024
_UNTAG: dict[str, Callable[[str], object]] = {
    "int": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time_of_day.fromisoformat,
    "microseconds": lambda text: timedelta(microseconds=int(text)),
    "bytes": bytes.fromhex,
}
# The child runs other people's SQL: whatever it sends is data or one of these, never code.
BROKEN = (OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError)


class Child:
    """A worker process on one extract. Not for two threads at once."""

    def __init__(self, path: Path, *, threads: int, memory: str, address_space_bytes: int) -> None:
        sizes = (str(threads), memory, str(address_space_bytes))
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER), str(path), *sizes],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # No keys, no settings: isolated Python finds its packages by itself.
            env={},
            cwd="/",
            # Ctrl-C in a terminal is for the parent; the child ends with its pipe.
            start_new_session=True,
        )
        self._pipes = [pipe for pipe in (self._process.stdin, self._process.stdout) if pipe]
        self._in, self._out = (pipe.fileno() for pipe in self._pipes)
        os.set_blocking(self._in, False)

    def ended(self) -> bool:
        """Has it ended by itself?"""
        return self._process.poll() is not None

    def exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send the request and return its answer; TimeoutError when both take longer than `seconds`."""
        deadline = time.monotonic() + seconds
        body = json.dumps(request).encode()
        rest = memoryview(len(body).to_bytes(4, "big") + body)
        while rest:
            _wait(self._in, select.POLLOUT, deadline)
            rest = rest[os.write(self._in, rest) :]
        return self.receive(deadline - time.monotonic())

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next frame; TimeoutError when it is not there in time, another of BROKEN when it never will be."""
        deadline = time.monotonic() + seconds
        size = int.from_bytes(self._read(4, deadline), "big")
        if size > LARGEST_FRAME:
            raise ValueError(f"an answer of {size:,} bytes was announced")
        return dict(json.loads(self._read(size, deadline)))

    def end(self) -> str:
        """Kill the process and say how it ended."""
        self._process.kill()
        code = self._process.wait()
        for pipe in self._pipes:
            pipe.close()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _read(self, size: int, deadline: float) -> bytes:
        body = bytearray()
        while len(body) < size:
            _wait(self._out, select.POLLIN, deadline)
            piece = os.read(self._out, min(size - len(body), 1024 * 1024))
            if not piece:
                raise EOFError("the process ended")
            body += piece
        return bytes(body)


def untagged(value: Any) -> object:
    """The Python value of one JSON cell; a pair is a kind and its exact text."""
    if not isinstance(value, list):
        return value
    kind, text = value
    return _UNTAG[kind](text)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    ready = select.poll()
    ready.register(descriptor, event)
    if not ready.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
