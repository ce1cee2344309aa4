"""The trusted side of an extract: guarded SQL goes to a locked child process, exact rows come back."""

import atexit
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.extracts import guard
from warehouse.extracts.child import BROKEN, START_SECONDS, Child, untagged

GRACE_SECONDS = 0.5


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
    """An answer with exact values; `truncated` when there were more rows, or more than a million cells."""

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
    """The engine read the question and could not answer it."""


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
        self._child: Child | None = None
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
        """Answer one SELECT over `tables`, or raise guard.Refused or an exception of this module.

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
            name = self.path.name
            raise TooSlow(f"Other questions kept {name} busy for {limits.seconds:g} s. Ask again in a moment.")
        try:
            request = {"op": "query", "sql": sql, "views": dict(views)}
            return self._answer({**request, "rows": limits.rows, "seconds": limits.seconds})
        finally:
            self.used = time.monotonic()
            self._turn.release()
            if self._retired:
                self._end_unless_busy()

    def _answer(self, request: dict[str, Any]) -> Rows:
        if self._child and self._child.ended():
            self._end()
        try:
            child = self._child or self._start()
            answer = child.exchange(request, request["seconds"] + GRACE_SECONDS)
            rows = None if "error" in answer else _rows(answer)
        except TimeoutError:
            self._end()
            raise self._failure("slow", "") from None
        except BROKEN as error:
            raise self._failure("broken", f"{error or type(error).__name__} ({self._end()})") from None
        except BaseException:
            # An answer still under way must not be taken for the answer to the next question.
            self._end()
            raise
        if rows is None:
            raise self._failure(str(answer["error"]), str(answer.get("message")))
        return rows

    def _start(self) -> Child:
        limits = self.limits
        self._child = child = Child(
            self.path,
            threads=limits.threads,
            memory=limits.memory,
            address_space_bytes=limits.address_space_bytes,
        )
        try:
            ready = child.receive(START_SECONDS)
        except TimeoutError:
            raise EOFError(f"it did not start within {START_SECONDS:g} s") from None
        if "error" in ready:
            raise self._failure("unreadable", str(ready.get("message")))
        return child

    def _failure(self, kind: str, message: str) -> Exception:
        name, less = self.path.name, "Narrow the period, or group by fewer things."
        # "locked": the settings stopped what the guard should have; such a connection may be poisoned for good.
        if kind in ("broken", "unreadable", "locked"):
            self._end()
        match kind:
            case "broken":
                return WorkerLost(f"The reader of {name} was lost: {message}. Ask again; if it is lost again: {less}")
            case "unreadable":
                return ExtractUnreadable(f"The extract {self.path} cannot be read; build it again. {message}")
            case "slow":
                return TooSlow(f"The question on {name} ran out of time and was stopped. {less}")
            case "large":
                return QueryFailed(f"The answer from {name} is too large to hand over. {less}")
            case "memory":
                return QueryFailed(f"The question on {name} needs more than {self.limits.memory} of memory. {less}")
        return QueryFailed(message)

    def _end_unless_busy(self) -> None:
        if self._turn.acquire(blocking=False):
            self._end()
            self._turn.release()

    def _end(self) -> str:
        child, self._child = self._child, None
        return child.end() if child else "not running"


def _rows(answer: dict[str, Any]) -> Rows:
    return Rows(
        columns=[str(name) for name in answer["columns"]],
        types=[str(name) for name in answer["types"]],
        rows=[tuple(untagged(value) for value in row) for row in answer["rows"]],
        truncated=bool(answer["truncated"]),
        milliseconds=float(answer["ms"]),
    )


@dataclass(frozen=True)
class Count:
    """How many readers there are, and how many of them are at work."""

    open: int
    busy: int


class Readers:
    """At most `most` readers, one per extract: the longest unused ends first, idle ones end by themselves.

    Call `get` for every question: a reader that was kept aside may have been retired meanwhile.
    """

    def __init__(self, *, most: int = 8, idle_seconds: float = 300.0, limits: Limits = DEFAULT) -> None:
        self._most, self._idle_seconds, self._limits = most, idle_seconds, limits
        self._readers: dict[Path, Reader] = {}
        self._changing = threading.Lock()
        self._sweeping = False
        atexit.register(self.close_all)

    def get(self, path: Path) -> Reader:
        """The reader of this extract; its child starts with its first question."""
        path = path.resolve()
        with self._changing:
            if path not in self._readers:
                self._retire(self._by_use()[: max(0, len(self._readers) + 1 - self._most)])
                self._readers[path] = Reader(path, self._limits)
            self._readers[path].used = time.monotonic()
            self._sweep_later()
            return self._readers[path]

    def count(self) -> Count:
        """How many extracts are held open, and how many of them answer a question right now."""
        with self._changing:
            return Count(len(self._readers), sum(reader.busy for reader in self._readers.values()))

    def close_all(self) -> None:
        """End every child; one that is answering ends after its answer."""
        with self._changing:
            self._retire(self._by_use())

    def _by_use(self) -> list[Reader]:
        return sorted(self._readers.values(), key=lambda reader: (reader.busy, reader.used))

    def _retire(self, readers: list[Reader]) -> None:
        for reader in readers:
            del self._readers[reader.path]
            reader.close()

    def _sweep_later(self) -> None:
        if not self._sweeping:
            self._sweeping = True
            timer = threading.Timer(self._idle_seconds / 2, self._sweep)
            timer.daemon = True
            timer.start()

    def _sweep(self) -> None:
        with self._changing:
            oldest = time.monotonic() - self._idle_seconds
            self._retire([reader for reader in self._by_use() if not reader.busy and reader.used < oldest])
            self._sweeping = False
            if self._readers:
                self._sweep_later()
