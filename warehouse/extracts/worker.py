"""The locked room: a child process that answers SQL from one extract and can reach nothing else.

It runs as a script in isolated mode, `python -I worker.py <extract> <threads> <memory> <address space>`, so
it imports nothing of ours. Without an extract ("") it only parses. A frame is four bytes of length and JSON.
"""

import json
import os
import resource
import select
import sys
import threading
import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID

import duckdb

LARGEST_FRAME = 64 * 1024 * 1024
LARGEST_TREE = 32 * 1024 * 1024
# The parent unpacks every cell into objects: it, too, must not need gigabytes for an answer.
MOST_CELLS = 1_000_000
EXACT_IN_JSON = 2**53


def main() -> None:
    """Open what the command line names and answer until the parent goes away."""
    requests, answers = sys.stdin.buffer, _private_stdout()
    threading.Thread(target=end_with_the_parent, args=(os.getppid(),), daemon=True).start()
    try:
        path, threads, memory, address_space = sys.argv[1:]
        room = Room(path, threads, memory) if path else Parser(threads, memory)
        _confine(int(address_space))
    except Exception as error:
        write(answers, {"error": "unreadable", "message": _text(error)})
        return
    write(answers, {"names": sorted(room.names)})
    while (request := read(requests)) is not None:
        answer = room.answer(request)
        write(answers, answer)
        if answer.get("error") == "broken":
            return


class Room:
    """One extract, opened for reading, with every table of it as a view in `main`."""

    def __init__(self, path: str, threads: str, memory: str) -> None:
        self._connection = _connection(threads, memory)
        quoted = path.replace("'", "''")
        self._connection.execute(f"attach '{quoted}' as extract (read_only, type duckdb)")
        self.names = {name for (name,) in self._connection.execute(_TABLES).fetchall()}
        self._restated: dict[str, str] = {}
        for name in self.names:
            self._connection.execute(_view(name, _plain(name)))
        self._connection.execute(_LOCK)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one request; whatever goes wrong comes back as an error with its kind."""
        started = time.perf_counter()
        timer = threading.Timer(request["seconds"], self._connection.interrupt)
        timer.start()
        try:
            self._restate(request["views"])
            answer = self._run(request["sql"], request["rows"])
        except Exception as error:
            return {"error": _kind(error), "message": _text(error)}
        finally:
            # Joined, so that a late timer cannot stop the next query instead of this one.
            timer.cancel()
            timer.join()
        return {**answer, "ms": round((time.perf_counter() - started) * 1000, 3)}

    def _run(self, sql: str, most: int) -> dict[str, Any]:
        result = self._connection.execute(sql)
        description = result.description or []
        most = min(most, max(1, MOST_CELLS // max(1, len(description))))
        rows = result.fetchmany(most + 1)
        return {
            "columns": [column[0] for column in description],
            "types": [str(column[1]) for column in description],
            "rows": [[_tagged(value) for value in row] for row in rows[:most]],
            "truncated": len(rows) > most,
        }

    def _restate(self, wanted: dict[str, str]) -> None:
        """Make `wanted` the set of replaced views; every other table is the plain view again."""
        spelled = {name.lower(): name for name in self.names}
        wanted = {spelled.get(name.lower(), name): body for name, body in wanted.items()}
        names = wanted.keys() | self._restated.keys()
        changed = [name for name in names if wanted.get(name) != self._restated.get(name)]
        if not changed:
            return
        self._connection.execute("begin")
        try:
            for name in sorted(changed):
                plain = _plain(name) if name in self.names else None
                body = wanted.get(name, plain)
                self._connection.execute(_view(name, body) if body else f"drop view main.{_quoted(name)}")
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._restated = wanted


class Parser:
    """The engine's parser, for SQL nobody has looked at: 700 characters can make it need gigabytes."""

    def __init__(self, threads: str, memory: str) -> None:
        self._connection = _connection(threads, memory)
        self.names = {name for (name,) in self._connection.execute(_INTERNAL).fetchall()}
        self._connection.execute(_LOCK)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The parse tree as JSON text, and the kinds of the statements when all of them are SELECTs."""
        sql, kinds = request["sql"], []
        try:
            # As a parameter, the text would make the client import pandas.
            quoted = sql.replace("'", "''")
            row = self._connection.execute(f"select json_serialize_sql('{quoted}')").fetchone()
            tree = str(row[0]) if row else ""
            # Not for anything else: reading a PRAGMA into statements may already act on it.
            if tree.startswith('{"error":false'):
                kinds = [found.type.name for found in self._connection.extract_statements(sql)]
        except Exception as error:
            return {"error": _kind(error), "message": _text(error)}
        if len(tree) > LARGEST_TREE:
            return {"error": "large", "message": f"{len(tree):,} characters of parse tree"}
        return {"tree": tree, "kinds": kinds}


_TABLES = """
    select table_name from information_schema.tables where table_catalog = 'extract' and table_schema = 'main'
"""
_INTERNAL = "select view_name from duckdb_views() where internal"
_LOCK = "set TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true"


def _connection(threads: str, memory: str) -> duckdb.DuckDBPyConnection:
    off = ("autoinstall_known_extensions", "autoload_known_extensions", "python_enable_replacements")
    config: dict[str, Any] = {"threads": threads, "memory_limit": memory, **dict.fromkeys(off, "false")}
    # Without a place to spill, a query that needs more memory fails at once instead of looking for disk.
    nowhere = {"temp_directory": "", "max_temp_directory_size": "0KB"}
    return duckdb.connect(":memory:", config={**config, **nowhere})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plain(name: str) -> str:
    return f"from extract.main.{_quoted(name)}"


def _view(name: str, body: str) -> str:
    return f"create or replace view main.{_quoted(name)} as {body}"


def _tagged(value: object) -> object:
    """A JSON value; what JSON would bend is a pair of its kind and its exact text."""
    if value is None or isinstance(value, (str, bool, float)):
        return value
    if isinstance(value, int):
        return value if -EXACT_IN_JSON <= value <= EXACT_IN_JSON else ["int", str(value)]
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    if isinstance(value, (datetime, date, time_of_day)):
        return [type(value).__name__, value.isoformat()]
    if isinstance(value, timedelta):
        return ["microseconds", str(value // timedelta(microseconds=1))]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    return str(value).lower() if isinstance(value, UUID) else str(value)


def _kind(error: Exception) -> str:
    kinds: list[tuple[type[Exception] | tuple[type[Exception], ...], str]] = [
        (duckdb.InterruptException, "slow"),
        ((duckdb.OutOfMemoryException, MemoryError), "memory"),
        ((duckdb.FatalException, duckdb.InternalException), "broken"),
        (duckdb.PermissionException, "locked"),
        ((duckdb.IOException, duckdb.SerializationException), "unreadable"),
    ]
    return next((kind for types, kind in kinds if isinstance(error, types)), "failed")


def _text(error: Exception) -> str:
    return str(error).strip()[:2000] or type(error).__name__


def _confine(address_space: int) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def end_with_the_parent(parent: int) -> None:
    """Wait until whoever started this process is gone, and end it; for a thread of its own."""
    # A death signal (PR_SET_PDEATHSIG) follows the thread that started this process, and web servers end
    # threads all the time. A closed pipe and a changed parent are true signs, even in the middle of a query.
    hang_up = select.poll()
    hang_up.register(sys.stdin.fileno(), 0)
    while not hang_up.poll(1000) and os.getppid() == parent:
        pass
    os._exit(0)


def _private_stdout() -> BinaryIO:
    # The engine can be told to log to standard output; that must not end up between the frames.
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return private


def read(stream: BinaryIO) -> dict[str, Any] | None:
    """The next frame, or None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(int.from_bytes(head, "big"))
    return dict(json.loads(body))


def write(stream: BinaryIO, frame: dict[str, Any]) -> None:
    """Send one frame; one that is too large for the parent becomes an error."""
    try:
        body = json.dumps(frame, separators=(",", ":")).encode()
    except MemoryError:
        body = b'{"error":"memory","message":"The rows do not fit."}'
    if len(body) > LARGEST_FRAME:
        body = b'{"error":"large","message":"The rows do not fit."}'
    stream.write(len(body).to_bytes(4, "big") + body)
    stream.flush()


if __name__ == "__main__":
    main()
