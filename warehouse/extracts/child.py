"""The worker seen from outside: one process, two pipes, frames of four bytes of length and JSON."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
LARGEST_FRAME = 64 * 1024 * 1024
START_SECONDS = 30.0
PARSE_SECONDS = 3.0
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
    """A worker process on one extract, or without one for parsing. Not for two threads at once."""

    def __init__(self, path: Path | None, *, threads: int, memory: str, address_space_bytes: int) -> None:
        self._owner = os.getpid()
        sizes = (str(threads), memory, str(address_space_bytes))
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER), str(path or ""), *sizes],
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
        """Is it gone, or another process's? After a fork, two would read each other's answers."""
        return self._owner != os.getpid() or self._process.poll() is not None

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
        """Kill the process, unless it belongs to the process this one was forked from, and say how it ended."""
        for pipe in self._pipes:
            pipe.close()
        if self._owner != os.getpid():
            return "not ours"
        self._process.kill()
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _read(self, size: int, deadline: float) -> bytearray:
        body = bytearray()
        while len(body) < size:
            _wait(self._out, select.POLLIN, deadline)
            piece = os.read(self._out, min(size - len(body), 1024 * 1024))
            if not piece:
                raise EOFError("the process ended")
            body += piece
        return body


class Unparsable(Exception):
    """This text is not one SELECT, or it costs too much to find out."""


class Parser:
    """DuckDB's parser in a child of its own: nested CASE makes it need memory without end."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._internal: frozenset[str] = frozenset()

    def read(self, sql: str) -> tuple[dict[str, Any], frozenset[str]]:
        """The one SELECT in `sql` as a tree, and the names of the engine's own views."""
        if "\0" in sql:
            raise Unparsable("The SQL holds a NUL character.")
        with self._turn:
            try:
                answer = self._running().exchange({"sql": sql}, PARSE_SECONDS)
                tree = {} if "error" in answer else json.loads(answer["tree"])
            except BaseException as error:
                self._end()
                if isinstance(error, BROKEN):
                    raise Unparsable("The SQL nests too deeply, or takes too much time or memory to read.") from None
                raise
            if tree.get("error_type") not in (None, "parser", "not implemented"):
                answer = {"error": "failed", "message": tree["error_message"]}
            if "error" in answer:
                # It ran out of memory or worse; what is left of it is not reliable.
                self._end()
                raise Unparsable(f"The SQL cannot be read: {answer['message']}")
        if tree.get("error_type") == "parser":
            raise Unparsable(f"The SQL cannot be read: {tree['error_message']}")
        if tree["error"] or len(tree["statements"]) != 1 or answer["kinds"] != ["SELECT"]:
            raise Unparsable("Exactly one SELECT runs at a time, and nothing else does.")
        return tree["statements"][0], self._internal

    def _running(self) -> Child:
        if self._child and self._child.ended():
            self._end()
        if self._child is None:
            self._child = Child(None, threads=1, memory="256MB", address_space_bytes=1024**3)
            self._internal = frozenset(self._child.receive(START_SECONDS)["names"])
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.end()


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
