"""The trusted side of an extract: guarded SQL goes to a locked child process, exact rows come back."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse.extracts import guard

WORKER = Path(__file__).with_name("worker.py")
START_SECONDS = 30.0
GRACE_SECONDS = 0.5
LARGEST_FRAME = 256 * 1024 * 1024
# The child runs other people's SQL: whatever its bytes turn out to be, they are data or an error, never code.
_NONSENSE = (OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
_UNTAG: dict[str, Callable[[str], object]] = {
    "int": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time_of_day.fromisoformat,
    "microseconds": lambda text: timedelta(microseconds=int(text)),
    "bytes": bytes.fromhex,
}


@dataclass(frozen=True)
class Limits:
    """What a question may cost. Memory, address space and threads belong to the process, not to one call."""

    seconds: float = 10.0
    rows: int = 50_000
    memory: str = "1GB"
    address_space_bytes: int = 3 * 1024**3
    threads: int = 2


DEFAULT = Limits()


@dataclass(frozen=True)
class Rows:
    """An answer with exact values; `truncated` when there was more than the limit on rows."""

    columns: list[str]
    types: list[str]
    rows: list[tuple[object, ...]]
    truncated: bool
    milliseconds: float

    def records(self) -> list[dict[str, object]]:
        """One dict per row, by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class ExtractUnreadable(Exception):
    """The extract is missing, half-written or no DuckDB database."""


class QueryFailed(Exception):
    """The engine understood the question and could not answer it."""


class TooSlow(Exception):
    """The question used up its time and was stopped."""


class WorkerLost(Exception):
    """The process that reads the extract ended in the middle of a question."""


class Reader:
    """One child process on one extract, shared by any number of threads; a child that ended is replaced."""

    def __init__(self, path: Path, limits: Limits = DEFAULT) -> None:
        self.path = path.resolve()
        self.limits = limits
        self.used = time.monotonic()
        self._child: _Child | None = None
        self._turn = threading.Lock()
        self._retired = False

    @property
    def busy(self) -> bool:
        """Is a question running?"""
        return self._turn.locked()

    def query(
        self,
        sql: str,
        *,
        tables: Collection[str],
        views: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        compiled: bool = False,
    ) -> Rows:
        """Answer one SELECT over `tables`; what cannot be answered is Refused or an exception of this module.

        `views` restates tables for this question: name to trusted SQL that reads `extract.main.<table>`.
        `compiled` marks SQL of our metric compiler, which may be longer than what a person may send.
        """
        characters = guard.COMPILED_CHARACTERS if compiled else guard.CHARACTERS
        nodes = guard.COMPILED_NODES if compiled else guard.NODES
        statement = guard.check(sql, tables, max_characters=characters, max_nodes=nodes)
        return self._ask(statement, views or {}, limits or self.limits)

    def close(self) -> None:
        """End the child, or let it end after its question. A query after this starts and ends its own."""
        self._retired = True
        self._end_unless_busy()

    def _ask(self, sql: str, views: Mapping[str, str], limits: Limits) -> Rows:
        if not self._turn.acquire(timeout=limits.seconds):
            raise TooSlow(
                f"Other questions kept {self.path.name} busy for {limits.seconds:g} s. Ask again in a moment."
            )
        try:
            request = {"op": "query", "sql": sql, "views": dict(views), "rows": limits.rows}
            return self._answer({**request, "seconds": limits.seconds}, limits.seconds + GRACE_SECONDS)
        finally:
            self.used = time.monotonic()
            self._turn.release()
            if self._retired:
                self._end_unless_busy()

    def _answer(self, request: dict[str, Any], seconds: float) -> Rows:
        try:
            self._child = self._child or self._start()
            answer = self._child.exchange(request, seconds)
            if "error" in answer:
                raise self._failure(answer["error"], answer["message"])
            return _rows(answer)
        except TimeoutError:
            self._end()
            raise self._failure("slow", "") from None
        except _NONSENSE as error:
            raise self._failure("broken", f"{error} ({self._end()})") from None

    def _start(self) -> "_Child":
        child = _Child(self.path, self.limits)
        try:
            ready = child.exchange(None, START_SECONDS)
        except BaseException:
            self._child = child
            raise
        if "error" in ready:
            child.end()
            raise self._failure("unreadable", ready["message"])
        return child

    def _failure(self, kind: str, message: str) -> Exception:
        if kind in ("broken", "unreadable"):
            self._end()
        narrow = "Narrow the period, or group by fewer things."
        if kind == "unreadable":
            return ExtractUnreadable(f"The extract {self.path} cannot be read: {message} Build it again.")
        if kind == "broken":
            return WorkerLost(f"The reader of {self.path.name} was lost: {message}. Ask again, or ask for less.")
        if kind == "slow":
            return TooSlow(f"The question on {self.path.name} ran out of time and was stopped. {narrow}")
        if kind in ("memory", "large"):
            return QueryFailed(f"The question needs more than {self.limits.memory} of memory. {narrow}")
        return QueryFailed(message)

    def _end_unless_busy(self) -> None:
        if self._turn.acquire(blocking=False):
            self._end()
            self._turn.release()

    def _end(self) -> str:
        child, self._child = self._child, None
        return child.end() if child else "not running"


class _Child:
    """The worker process and its two pipes."""

    def __init__(self, path: Path, limits: Limits) -> None:
        sizes = (str(limits.threads), limits.memory, str(limits.address_space_bytes))
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER), str(path), *sizes],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={},
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)

    def exchange(self, request: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
        """Send the request, if any, and return the next frame; TimeoutError when it takes longer."""
        deadline = time.monotonic() + seconds
        if request is not None:
            self._send(json.dumps(request).encode(), deadline)
        size = int.from_bytes(self._receive(4, deadline), "big")
        if size > LARGEST_FRAME:
            raise ValueError(f"it announced an answer of {size:,} bytes")
        return dict(json.loads(self._receive(size, deadline)))

    def end(self) -> str:
        """Kill the process and say how it ended."""
        ...

    def _send(self, body: bytes, deadline: float) -> None:
        rest = memoryview(len(body).to_bytes(4, "big") + body)
        while rest:
            _wait(self._in, select.POLLOUT, deadline)
            rest = rest[os.write(self._in, rest) :]

    def _receive(self, size: int, deadline: float) -> bytes:
        ...
