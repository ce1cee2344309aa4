"""Keeps failures nobody foresaw: the same ones as one group, with a reference that people can tell support."""

import hashlib
import re
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from warehouse.logs import bound, log
from warehouse.oltp.engine import store_exists, writing
from warehouse.oltp.errors import ErrorGroup
from warehouse.operations.declare import NotFound
from warehouse.redaction import redact
from warehouse.release import release
from warehouse.settings import CHECKOUT, settings

OUR_CODE = tuple(CHECKOUT / floor for floor in ("apps", "ml", "pipelines", "warehouse"))
PLACES = 3
"""How many of our innermost places tell one failure from another."""
REFERENCE_CHARACTERS = 10
MESSAGE_CHARACTERS = 2_000
KEPT = "errors.log"
_FRAME = re.compile(r'File "([^"]+)", line \d+, in (\S+)')
_REFERENCE = "longhouse_reference"
"""The attribute of an exception that was kept already: it may pass several of us on its way out."""


@dataclass(frozen=True)
class Seen:
    """One failure as it is kept: redacted, with what groups it."""

    reference: str
    fingerprint: str
    release: str
    kind: str
    place: str
    source: str
    message: str
    traceback: str
    request_id: str | None


def keep_error(failure: BaseException, source: str) -> str:
    """Note a failure and return its reference; never raises. `source`: request, screen, command or job.

    It goes to the log, and to its group in the store or, where that does not answer, to logs/errors.log.
    """
    known = getattr(failure, _REFERENCE, None)
    if known:
        return str(known)
    kind = f"{type(failure).__module__}.{type(failure).__qualname__}".removeprefix("builtins.")
    frames = [(one.filename, one.name) for one in traceback.extract_tb(failure.__traceback__)]
    trace = "".join(traceback.format_exception(failure))
    reference = _keep(_seen(kind, str(failure), trace, frames, source))
    with suppress(AttributeError):
        setattr(failure, _REFERENCE, reference)
    return reference


def keep_trace(kind: str, message: str, trace: str, source: str) -> str:
    """The same for a failure of which another process left only the words."""
    return _keep(_seen(kind, message, trace, _FRAME.findall(trace), source))


def _keep(seen: Seen) -> str:
    facts = {"reference": seen.reference, "kind": seen.kind, "place": seen.place, "source": seen.source}
    log("errors").error("unforeseen failure", **facts, message=seen.message, exception=seen.traceback)
    try:
        _count(seen, datetime.now(UTC))
    except Exception as why:
        # Whatever keeps the store from answering, what it should have kept is not lost.
        write_down(seen.traceback, f"{seen.reference} {seen.release} ({seen.source}; store: {type(why).__name__})")
    return seen.reference


def write_down(trace: str, headline: str) -> Path:
    """Append a trace, redacted, to logs/errors.log; where that is. A disk that refuses is no second failure."""
    path = settings().logs_path / KEPT
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as kept:
            kept.write(f"--- {datetime.now(UTC).isoformat()} {redact(headline)}\n{redact(trace)}\n")
    return path


def list_errors(session: Session, limit: int = 100) -> Sequence[ErrorGroup]:
    """The groups, the one that happened last first."""
    return session.scalars(select(ErrorGroup).order_by(ErrorGroup.last_at.desc(), ErrorGroup.id).limit(limit)).all()


def find_error(session: Session, reference: str) -> ErrorGroup:
    """The group with this reference, or the one that begins with it; raises NotFound."""
    begins = ErrorGroup.id.startswith(reference.strip().lower(), autoescape=True)
    found = session.scalars(select(ErrorGroup).where(begins).limit(2)).all()
    if len(found) != 1 or not reference.strip():
        raise NotFound(f"There is no error with the reference {reference!r}. `longhouse errors` lists them.")
    return found[0]


def count_errors(session: Session) -> dict[str, int]:
    """Source → how often something unforeseen happened."""
    query = select(ErrorGroup.source, func.sum(ErrorGroup.count)).group_by(ErrorGroup.source)
    return {source: int(count) for source, count in session.execute(query)}


def _seen(kind: str, message: str, trace: str, frames: Sequence[tuple[str, str]], source: str) -> Seen:
    places = _places(frames)[:PLACES]
    fingerprint = hashlib.sha256("\n".join([kind, *places]).encode()).hexdigest()
    current = release()
    return Seen(
        reference=hashlib.sha256(f"{fingerprint} {current}".encode()).hexdigest()[:REFERENCE_CHARACTERS],
        fingerprint=fingerprint,
        release=current[:80],
        kind=kind[:200],
        place=places[0][:300] if places else "",
        source=source,
        message=_storable(redact(message))[:MESSAGE_CHARACTERS],
        traceback=_storable(redact(trace)),
        request_id=bound("request_id"),
    )


def _places(frames: Sequence[tuple[str, str]]) -> list[str]:
    """`file:function` of our own code, innermost first; of whatever code there is where none of it is ours."""
    inward = [(Path(file), function) for file, function in reversed(frames)]
    ours = [frame for frame in inward if any(frame[0].is_relative_to(floor) for floor in OUR_CODE)]
    return [f"{_named(path)}:{function}" for path, function in ours or inward]


def _named(path: Path) -> str:
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else path.name


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL, and no half of a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def _count(seen: Seen, now: datetime) -> None:
    """Once more in its group, or the first of a new one."""
    if not store_exists():
        raise LookupError
    try:
        with writing() as session:
            _write(session, seen, now)
    except IntegrityError:
        # Another process made the group between our look and our insert.
        with writing() as session:
            _write(session, seen, now)


def _write(session: Session, seen: Seen, now: datetime) -> None:
    told = {name: value for name, value in asdict(seen).items() if name not in {"reference", "request_id"}}
    told |= {"last_at": now, "last_request_id": seen.request_id}
    again = update(ErrorGroup).where(ErrorGroup.id == seen.reference).values(**told, count=ErrorGroup.count + 1)
    if session.execute(again).rowcount == 0:  # type: ignore[attr-defined]  # a DML result has it
        session.add(ErrorGroup(id=seen.reference, first_at=now, count=1, **told))
        session.flush()
