"""What surrounds every request: an id, a line in the log, a measurement, and a calm answer to what nobody foresaw."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps import monitoring
from apps.identity.door import HEADERS
from apps.identity.pages import told_page
from warehouse import logs
from warehouse.oltp.engine import StoreBusy, StoreMissing
from warehouse.operations.errors import keep_error

HEADER = "X-Request-ID"
PASSAGE = "longhouse.passage"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
GONE = 499
"""Whoever asked did not wait for the answer."""
STREAMLITS = ("static", "media", "component", "_stcore", "auth", "app")
"""First parts of the addresses that belong to Streamlit: each is one route."""
QUIET = {f"/{part}/…" for part in STREAMLITS if part != "auth"} | {
    "/api/health",
    "/api/health/live",
    "/api/health/ready",
    "/health",
    "/metrics",
    "/favicon",
}
"""Routes without a line in the log: probes, and files of the screens."""
UNFORESEEN = (
    "Something went wrong inside Longhouse. Try again in a moment; if it stays, tell the operator the reference "
    "{reference}."
)
UNAVAILABLE = "Longhouse cannot reach its store right now. Nothing was saved; try again in a moment."


@dataclass
class Passage:
    """One request on its way through: what the inner applications tell the log about it."""

    route: str | None = None
    organization: str | None = None
    user: str | None = None


def acting(scope: Scope, organization: str | None, user: str | None) -> None:
    """Let an API say who asks, by id, once it knows."""
    passage = scope.get(PASSAGE)
    if isinstance(passage, Passage):
        passage.organization, passage.user = organization, user


def name_route(scope: Scope, mount: str, inner: Scope) -> None:
    """Note which route of a mounted application answered, by its template."""
    passage = scope.get(PASSAGE)
    if isinstance(passage, Passage):
        included, own = inner.get("fastapi", {}).get("effective_route_context"), inner.get("route")
        # Where none of its routes matched, the mount itself is still the last one that did.
        matched = included or (own if own is not scope.get("route") else None)
        found = getattr(matched, "path_format", None)
        passage.route = f"{mount}{found}" if found else f"{mount}/…"


class Watched:
    """Middleware around everything else: nothing a request leads to goes unnoticed, or shows its inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note what came of it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        logs.begin(request_id=request_id)
        scope = {**scope, PASSAGE: Passage()}
        if scope["type"] == "websocket":
            with monitoring.SCREENS.track_inprogress():
                await self._app(scope, receive, send)
            return
        with monitoring.IN_FLIGHT.track_inprogress():
            answer = _Answer(send, request_id)
            with _noted(scope, answer):
                await self._answered(scope, receive, answer)

    async def _answered(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            answer.status = GONE
        except (StoreBusy, StoreMissing):
            await answer.instead(_told(scope, UNAVAILABLE, 503), scope, receive)
        except Exception as failure:
            monitoring.UNFORESEEN.inc()
            reference = await run_sync(keep_error, failure, "request")
            sentence = UNFORESEEN.format(reference=reference)
            if not await answer.instead(_told(scope, sentence, 500, reference), scope, receive):
                # Half an answer is out: the connection ends, so that nobody takes it for a whole one.
                raise
        else:
            await answer.release()


class _Answer:
    """An answer on its way out; one that reports a failure waits until it is known whether we have a better one."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._held: list[Message] = []
        self._begun = False
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self._request_id
            if self.status == 500:
                self._held.append(message)
                return
        if self._held:
            self._held.append(message)
            return
        self._begun = True
        await self._send(message)

    async def release(self) -> None:
        """Let out what was held back."""
        held, self._held = self._held, []
        for message in held:
            await self._send(message)

    async def instead(self, response: Response, scope: Scope, receive: Receive) -> bool:
        """Answer with this; False when an answer is out already."""
        if self._begun:
            return False
        self._held.clear()
        self.status = response.status_code
        # This answer goes past the door, which would have seen to it.
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers[HEADER] = self._request_id
        await response(scope, receive, self._send)
        return True


@contextmanager
def _noted(scope: Scope, answer: _Answer) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        passage: Passage = scope[PASSAGE]
        route = passage.route or _of_streamlit(scope["path"])
        took = time.perf_counter() - started
        monitoring.observe(route, scope["method"], answer.status, took)
        if route not in QUIET:
            logs.add(organization=passage.organization, user=passage.user)
            level = "error" if answer.status >= 500 else "info"
            facts = {"method": scope["method"], "route": route, "status": answer.status}
            getattr(logs.log("http"), level)("request", **facts, duration_ms=round(took * 1000, 1))


def _of_streamlit(path: str) -> str:
    """The route of what Streamlit answers; a screen's own name is one of a few, and anybody can make up others."""
    first = path.lstrip("/").partition("/")[0]
    if path in {"/health", "/metrics", "/oauth2callback"}:
        return path
    if first in STREAMLITS:
        return f"/{first}/…"
    return "/favicon" if first.startswith("favicon") else "/"


def _request_id(headers: Headers) -> str:
    """The caller's own id where it is one, else a new one."""
    told = headers.get(HEADER, "")
    return told if WELL_FORMED.fullmatch(told) else uuid4().hex


def _told(scope: Scope, sentence: str, status: int, reference: str | None = None) -> Response:
    """The sentence, as a page for people and as JSON for programs."""
    for_people = "text/html" in Headers(scope=scope).get("accept", "") and not scope["path"].startswith("/api")
    if for_people:
        return told_page("Something went wrong" if status == 500 else "Not available right now", sentence, status)
    return JSONResponse({"detail": sentence} | ({"reference": reference} if reference else {}), status)
