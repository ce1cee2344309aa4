"""A vendor's system that only pretends: real HTTP on the loopback, a clock of its own, and faults on demand."""

import json
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipelines.connectors.client import Clock

BEGIN = datetime(2026, 6, 1, 8, tzinfo=UTC)


class Fault(StrEnum):
    """What may go wrong with one request."""

    NONE = "none"
    BUSY = "429, and how many seconds to wait"
    BUSY_UNTIL = "429, and until when to wait"
    BROKEN = "500"
    DOWN = "503"
    SILENT = "no answer until the client gives up"
    CUT = "half of the body"
    AGAIN = "the page before once more"


@dataclass
class Asked:
    """A request as it came, and its answer."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass
class Refused(Exception):
    """An answer that is no success."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class FakeVendor(ABC):
    """What every pretending vendor has: subclasses answer."""

    per_second = 100
    """Requests it takes; more are answered 429."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.faults: deque[Fault] = deque()
        self.asked: list[Asked] = []
        self.between: Callable[[int], None] = lambda number: None
        """Called before each answer with how many there were: where the world changes while somebody reads it."""
        self.slept: list[float] = []
        self.silence = threading.Event()
        self._times: deque[datetime] = deque()
        self._before: Any = None
        self._lock = threading.Lock()

    def clock(self) -> Clock:
        """The same time for whoever asks: waiting takes none."""
        return Clock(now=lambda: self.now, sleep=self._sleep, dice=lambda: 0.5)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    @abstractmethod
    def answer(self, asked: Asked) -> Any:
        """The body for a request. Raises Refused."""

    def respond(self, asked: Asked, fault: Fault) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers."""
        with self._lock:
            self.between(len(self.asked))
            self.asked.append(asked)
            self.now += timedelta(milliseconds=20)
            try:
                self._keep_pace()
                if fault is Fault.BUSY:
                    raise Refused(429, self.failure("rate_limit"), {"Retry-After": "2"})
                if fault is Fault.BUSY_UNTIL:
                    raise Refused(
                        429,
                        self.failure("rate_limit"),
                        {"Retry-After": format_datetime(self.now + timedelta(seconds=7))},
                    )
                if fault in {Fault.BROKEN, Fault.DOWN}:
                    raise Refused(500 if fault is Fault.BROKEN else 503, self.failure("api_error"))
                before, self._before = self._before, (asked.path, self.answer(asked))
                # Of the same list: no vendor mixes them up.
                twice = fault is Fault.AGAIN and before is not None and before[0] == asked.path
                return 200, before[1] if twice else self._before[1], {}
            except Refused as refused:
                return refused.status, refused.body, refused.headers

    def failure(self, word: str) -> Any:
        """The body of an error, as this vendor writes it."""
        return {"error": {"type": word, "message": "Ana Canary <ana.canary@acme.test> asked too much"}}

    def _keep_pace(self) -> None:
        while self._times and self._times[0] <= self.now - timedelta(seconds=1):
            self._times.popleft()
        self._times.append(self.now)
        if len(self._times) > self.per_second:
            raise Refused(429, self.failure("rate_limit"), {"Retry-After": "1"})

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address, while it answers."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            self.silence.set()
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(vendor: FakeVendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Two small writes and a client that waits for both cost forty milliseconds.
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            self._do("GET")

        def do_POST(self) -> None:
            self._do("POST")

        def _do(self, method: str) -> None:
            address = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = self.headers.get("Content-Type", "")
            body = json.loads(raw) if raw and "json" in kind else dict(parse_qsl(raw.decode()))
            fault = vendor.faults.popleft() if vendor.faults else Fault.NONE
            if fault is Fault.SILENT:
                vendor.silence.wait(5)
                self.close_connection = True
                return
            asked = Asked(method, address.path, dict(parse_qsl(address.query)), body, dict(self.headers))
            status, answer, headers = vendor.respond(asked, fault)
            told = json.dumps(answer).encode()
            self.send_response_only(status)
            for name, value in {"Content-Type": "application/json", "Date": format_datetime(vendor.now)}.items():
                self.send_header(name, value)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told[: len(told) // 2] if fault is Fault.CUT else told)
            self.close_connection = self.close_connection or fault is Fault.CUT

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    return Handler
