"""Files over HTTP: a link that was handed out opens one file, or takes one in; every other address is not found."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple
from urllib.parse import quote, unquote

from anyio import CapacityLimiter, fail_after, from_thread
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from warehouse.files.content import NotTaken
from warehouse.files.incoming import TooLarge, check_size
from warehouse.files.links import Link, LinkRefused
from warehouse.files.places import FileGone, FilesUnreachable
from warehouse.logs import log
from warehouse.oltp.engine import StoreBusy, StoreMissing
from warehouse.oltp.files import File
from warehouse.oltp.veil import COVER
from warehouse.operations import files
from warehouse.operations.declare import NotAllowedNow, NotFound

UPLOADS_AT_ONCE = 16
SECONDS_OF_SILENCE = 60
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The address is the key: it must not travel on.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
EXTENDED_NAME = re.compile(r"filename\*=utf-8'[^']*'([^;\s]+)", re.IGNORECASE)
PLAIN_NAME = re.compile(r'filename="?([^";]+)', re.IGNORECASE)
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
ABSENT = (LinkRefused, NotFound, FileGone)
STATUS: dict[type[Exception], int] = {
    TooLarge: 413,
    NotTaken: 415,
    NotAllowedNow: 404,
    FilesUnreachable: 503,
    StoreBusy: 503,
    StoreMissing: 503,
}
NOT_FOUND = "Not found.\n"


class Span(NamedTuple):
    """Which bytes of a file are wanted."""

    start: int
    length: int


def files_app() -> Starlette:
    """The application to mount under /files."""
    return Starlette(
        routes=[
            Route("/{token:path}", _download, methods=["GET"]),
            Route("/{token:path}", _upload, methods=["PUT", "POST"]),
        ],
        exception_handlers={405: lambda request, _: _absent()},
    )


def _download(request: Request) -> Response:
    try:
        file, link = files.opened(request.path_params["token"])
        if request.method == "HEAD":
            return Response(headers=_headers(file) | {"Content-Length": str(file.bytes)})
        return _sent(file, link, _span(request.headers.get("range"), file.bytes))
    except ABSENT:
        return _absent()
    except (FilesUnreachable, StoreBusy, StoreMissing) as failure:
        return _refused(failure)


def _sent(file: File, link: Link, span: Span | None) -> Response:
    headers = _headers(file)
    if span is None:
        headers["Content-Length"] = str(file.bytes)
        return StreamingResponse(files.read_bytes(file, link), headers=headers)
    if span.length <= 0:
        return Response(status_code=416, headers=HEADERS | {"Content-Range": f"bytes */{file.bytes}"})
    headers["Content-Length"] = str(span.length)
    headers["Content-Range"] = f"bytes {span.start}-{span.start + span.length - 1}/{file.bytes}"
    portions = files.read_bytes(file, link, span.start, span.length)
    return StreamingResponse(portions, status_code=206, headers=headers)


def _headers(file: File) -> dict[str, str]:
    """Saved, never shown: whatever a file holds, it cannot act here."""
    # Whoever does not see what is personal does not see what a file is called.
    name = file.id if file.name == COVER else file.name
    offered = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return HEADERS | {"Content-Type": file.content_type, "Content-Disposition": offered, "Accept-Ranges": "bytes"}


def _span(asked: str | None, size: int) -> Span | None:
    """The one range a client wants; None for the whole, and for what we need not understand."""
    found = RANGE.fullmatch(asked or "")
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return Span(size - length, length)
    start, end = int(first), min(int(last or size), size - 1)
    if last and int(last) < start:
        return None
    return Span(start, end - start + 1)


async def _upload(request: Request) -> Response:
    try:
        link = await run_sync(files.awaited, request.path_params["token"])
        check_size(_told_size(request))
        taking = partial(files.take_in, link, _told_name(request), _portions(request))
        made = await run_sync(taking, limiter=_uploads(request))
    except ABSENT:
        return _absent()
    except ClientDisconnect:
        return Response(status_code=400)
    except TimeoutError:
        return PlainTextResponse("Nothing came for a minute. Nothing was kept; try again.\n", 408, HEADERS)
    except tuple(STATUS) as refused:
        return _refused(refused)
    told = {"id": made.id, "content_type": made.content_type, "bytes": made.bytes, "sha256": made.sha256}
    return JSONResponse(told, 201, HEADERS)


def _portions(request: Request) -> Iterator[bytes]:
    """The body as it arrives, for a thread that may wait for it."""
    stream = request.stream()
    while (portion := from_thread.run(_next, stream)) is not None:
        yield portion


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    with fail_after(SECONDS_OF_SILENCE):
        return await anext(stream, None)


def _uploads(request: Request) -> CapacityLimiter:
    """Threads of their own: who sends slowly keeps nobody else waiting but who sends too."""
    state = request.app.state
    if not hasattr(state, "uploads"):
        state.uploads = CapacityLimiter(UPLOADS_AT_ONCE)
    limiter: CapacityLimiter = state.uploads
    return limiter


def _told_size(request: Request) -> int:
    with suppress(ValueError):
        return int(request.headers.get("content-length", "0"))
    return 0


def _told_name(request: Request) -> str:
    """The name in Content-Disposition, the extended one first (RFC 6266); empty where there is none."""
    header = request.headers.get("content-disposition", "")
    extended, plain = EXTENDED_NAME.search(header), PLAIN_NAME.search(header)
    if extended:
        return unquote(extended[1])
    return plain[1] if plain else ""


def _absent() -> Response:
    return PlainTextResponse(NOT_FOUND, 404, HEADERS)


def _refused(failure: Exception) -> Response:
    status = next(status for kind, status in STATUS.items() if isinstance(failure, kind))
    if status == 404:
        return _absent()
    if status == 503:
        log("files").warning("files cannot be reached", why=str(failure))
        # Where files lie is the installation's affair.
        return PlainTextResponse("Files cannot be reached now. Nothing was lost; try again soon.\n", 503, HEADERS)
    return PlainTextResponse(f"{failure}\n", status, HEADERS)
