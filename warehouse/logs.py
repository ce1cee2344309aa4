"""One way to write logs, for people in a terminal and for programs: every line redacted, with who and which request."""

import logging
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from warehouse.redaction import redacted
from warehouse.settings import settings

OURS = "longhouse"
FIRST = ("time", "level", "event", "organization", "user", "request_id", "run_id", "duration_ms")
"""The fields that begin a line, in this order; the others follow by name."""
LOUD = (
    "alembic",
    "sqlalchemy",
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "asyncio",
    "watchdog",
    "urllib3",
    "multipart",
)
"""Libraries of which only warnings are of interest."""
Event = MutableMapping[str, Any]

_BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.format_exc_info,
]

structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_BEFORE, ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)
# A program that was not told where its log goes keeps quiet.
logging.getLogger(OURS).addHandler(logging.NullHandler())


def log(room: str) -> structlog.stdlib.BoundLogger:
    """The logger of one room: `log("jobs").info("job", …)`, ids only and never a name."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"{OURS}.{room}")
    return found


def to_stream(stream: TextIO | None = None) -> None:
    """Everything to one stream, standard output where none is named; for people where a person reads it, else JSON."""
    target = stream or sys.stdout
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(for_people=_is_for_people(target)))
    _replace(logging.getLogger(), handler)
    _replace(logging.getLogger(OURS))
    logging.getLogger(OURS).propagate = True
    logging.getLogger().setLevel(logging.INFO)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


def to_file(name: str) -> None:
    """What this process notes itself as JSON to `<home>/logs/<name>.log`; other libraries go on as before."""
    ours = logging.getLogger(OURS)
    handler = _Later(settings().logs_path / f"{name}.log")
    handler.setFormatter(_formatter(for_people=False))
    _replace(ours, handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False


def adopt(prefix: str) -> None:
    """Take a library's loggers, which print by themselves, into the common stream."""
    for name in list(logging.root.manager.loggerDict):
        if name == prefix or name.startswith(f"{prefix}."):
            one = logging.getLogger(name)
            _replace(one)
            one.propagate = True


@contextmanager
def span(room: str, event: str, **facts: object) -> Iterator[dict[str, object]]:
    """One line when this ends: how long it took and how it ended; facts put into what is yielded are told too."""
    started = time.perf_counter()
    found: dict[str, object] = dict(facts)
    try:
        yield found
    except BaseException as failure:
        found["outcome"] = type(failure).__name__
        raise
    else:
        found.setdefault("outcome", "ok")
    finally:
        log(room).info(event, duration_ms=milliseconds(started), **found)


def begin(**ids: str | None) -> None:
    """From here on every line of this task or thread carries these ids, and none of those before."""
    structlog.contextvars.clear_contextvars()
    add(**ids)


def add(**ids: str | None) -> None:
    """From here on every line of this task or thread carries these ids too: organization, user, run_id …"""
    structlog.contextvars.bind_contextvars(**{name: value for name, value in ids.items() if value})


def bound(name: str) -> str | None:
    """The id that lines carry now under this name."""
    found = structlog.contextvars.get_contextvars().get(name)
    return None if found is None else str(found)


def milliseconds(started: float) -> float:
    """Since a moment of time.perf_counter."""
    return round((time.perf_counter() - started) * 1000, 1)


class _Later(WatchedFileHandler):
    """A file that is made, folder included, with its first line; a log that cannot be written stops nobody."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, delay=True, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)


def _replace(logger: logging.Logger, *handlers: logging.Handler) -> None:
    for former in list(logger.handlers):
        logger.removeHandler(former)
    for handler in handlers:
        logger.addHandler(handler)


def _is_for_people(stream: TextIO) -> bool:
    wanted = settings().log_format
    return wanted == "console" or (wanted == "auto" and stream.isatty())


def _formatter(*, for_people: bool) -> ProcessorFormatter:
    shown: Processor = (
        structlog.dev.ConsoleRenderer(sort_keys=False, exception_formatter=structlog.dev.plain_traceback)
        if for_people
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    return ProcessorFormatter(
        processors=[_timed, ProcessorFormatter.remove_processors_meta, _hidden, _ordered, shown],
        foreign_pre_chain=[*_BEFORE, structlog.stdlib.add_logger_name],
    )


def _timed(_logger: Any, _method: str, event: Event) -> Event:
    event["time"] = datetime.fromtimestamp(event["_record"].created, UTC).isoformat(timespec="milliseconds")
    return event


def _hidden(_logger: Any, _method: str, event: Event) -> Event:
    return {name: redacted(value, name) for name, value in event.items()}


def _ordered(_logger: Any, _method: str, event: Event) -> Event:
    begin = {name: event[name] for name in FIRST if name in event}
    return begin | {name: event[name] for name in sorted(event) if name not in begin}
