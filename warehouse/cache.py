"""The one cache of results: no key without an organization, no value but JSON or bytes, never an error."""

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from functools import cache
from threading import Lock
from typing import Any, Protocol, TypeVar, final

from prometheus_client import Counter

from warehouse.logs import log
from warehouse.settings import settings
from warehouse.tenancy import Actor

Json = Mapping[str, Any] | Sequence[Any] | str | int | float | bool
V = TypeVar("V", bound=Json | bytes)
Part = str | int | bool | date | Decimal | None

ENTRIES, BYTES = 20_000, 128 * 1024 * 1024
"""What one process remembers at most."""
A_DAY = 86_400.0
PREFIX = "longhouse"
SECONDS_TO_ANSWER, SECONDS_APART = 0.25, 5.0
"""How long Redis may take, and how long it is left alone when it did not."""

REQUESTS = Counter("longhouse_cache_requests", "Results asked of the cache.", ["name", "outcome"])


class _Maker(Enum):
    """Who may construct a key: `CacheKey.of`."""

    OF = auto()


@final
class CacheKey:
    """What a result is kept under: made from an actor alone, so it always carries the organization."""

    def __init__(self, maker: _Maker, organization_id: str, name: str, digest: str, *, alone: bool) -> None:
        if maker is not _Maker.OF:
            raise TypeError("A key is made by CacheKey.of(actor, …), so that it carries the organization.")
        self.organization_id = organization_id
        self.name = name
        self.alone = alone
        """Held in this process's memory and nowhere else."""
        self.text = f"{PREFIX}:{organization_id}:{name}:{digest}"

    @classmethod
    def of(
        cls, actor: Actor, name: str, *parts: Part, for_everyone: bool = False, personal: bool = False
    ) -> "CacheKey":
        """The key of one result of `name`, a fixed word of the code, told apart by `parts`.

        Unless it is the same `for_everyone` in the organization, people with other rights have another key. What
        names a person (`personal`) never leaves the memory of this process.
        """
        # Reading is never narrower than the organization, so what a person sees hangs on the rights they have at all.
        rights = None if for_everyone else sorted(actor.permissions)
        told = json.dumps([rights, *(_plain(part) for part in parts)])
        digest = hashlib.sha256(told.encode()).hexdigest()
        return cls(_Maker.OF, actor.organization_id, name, digest, alone=personal)


def get(key: CacheKey) -> Any | None:
    """What is kept under the key, as it would come out of JSON, or bytes; None when there is nothing."""
    found = _shelf(key).get(key.text)
    REQUESTS.labels(key.name, "miss" if found is None else "hit").inc()
    return None if found is None else _decoded(found)


def put(key: CacheKey, value: Json | bytes, seconds: float = A_DAY) -> None:
    """Keep a value for some time at most. Raises TypeError for what JSON cannot say."""
    _shelf(key).put(key.text, _encoded(value), seconds)


def get_or_make(key: CacheKey, make: Callable[[], V], seconds: float = A_DAY) -> V:
    """What is kept under the key, else what `make` returns, kept; of several who ask at once, one makes it."""
    found: V | None = get(key)
    if found is not None:
        return found
    with _alone(key.text):
        made_meanwhile = _shelf(key).get(key.text)
        encoded = made_meanwhile or _encoded(make())
        if made_meanwhile is None:
            _shelf(key).put(key.text, encoded, seconds)
    # Out of its encoding even the first time: what a caller gets never depends on who asked before.
    out: V = _decoded(encoded)
    return out


def forget(organization_id: str) -> None:
    """Drop everything kept for an organization: in this process's memory, and in the Redis all share."""
    under = f"{PREFIX}:{organization_id}:"
    memory().forget(under)
    if settings().redis_url:
        shared(settings().redis_url).forget(under)


class Shelf(Protocol):
    """Keeps encoded values under texts. Never raises for what goes wrong outside."""

    def get(self, text: str) -> bytes | None:
        """The value, None when there is none."""

    def put(self, text: str, value: bytes, seconds: float) -> None:
        """Keep it."""

    def forget(self, under: str) -> None:
        """Drop every value whose text begins so."""


class Memory:
    """The memory of this process: what was used longest ago goes first, and everything after its time."""

    def __init__(self, entries: int = ENTRIES, size: int = BYTES) -> None:
        self._most, self._size, self._held = entries, size, 0
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str) -> bytes | None:
        """The value; it counts as used now."""
        with self._lock:
            ends, value = self._kept.get(text, (0.0, b""))
            if ends <= time.monotonic():
                self._drop(text)
                return None
            self._kept.move_to_end(text)
            return value

    def put(self, text: str, value: bytes, seconds: float) -> None:
        """Keep it unless it alone is too much."""
        with self._lock:
            self._drop(text)
            if len(value) > self._size:
                return
            self._kept[text] = (time.monotonic() + seconds, value)
            self._held += len(value)
            while self._held > self._size or len(self._kept) > self._most:
                self._drop(next(iter(self._kept)))

    def forget(self, under: str) -> None:
        """Drop what begins so."""
        with self._lock:
            for text in [text for text in self._kept if text.startswith(under)]:
                self._drop(text)

    def _drop(self, text: str) -> None:
        _, value = self._kept.pop(text, (0.0, b""))
        self._held -= len(value)


class Shared:
    """A Redis. While it does not answer nothing is kept and nothing found, and the log says so once."""

    def __init__(self, url: str) -> None:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._redis = Redis.from_url(
            url,
            socket_timeout=SECONDS_TO_ANSWER,
            socket_connect_timeout=SECONDS_TO_ANSWER,
            retry=Retry(NoBackoff(), 0),
        )
        self._is_down, self._again_at = False, 0.0

    def get(self, text: str) -> bytes | None:
        """The value there."""
        found: bytes | None = self._asked(lambda: self._redis.get(text))
        return found

    def put(self, text: str, value: bytes, seconds: float) -> None:
        """Kept there until its time."""
        self._asked(lambda: self._redis.set(text, value, px=max(1, int(seconds * 1000))))

    def forget(self, under: str) -> None:
        """Dropped there, some at a time."""
        self._asked(lambda: self._unlink(under))

    def _unlink(self, under: str) -> None:
        for text in self._redis.scan_iter(match=f"{under}*", count=1000):
            self._redis.unlink(text)

    def _asked(self, ask: Callable[[], Any]) -> Any:
        from redis.exceptions import RedisError

        if self._is_down and time.monotonic() < self._again_at:
            return None
        try:
            answer = ask()
        except (RedisError, OSError) as failure:
            if not self._is_down:
                log("cache").warning("redis does not answer, results are computed anew", why=type(failure).__name__)
            self._is_down, self._again_at = True, time.monotonic() + SECONDS_APART
            return None
        if self._is_down:
            log("cache").warning("redis answers again")
        self._is_down = False
        return answer


@cache
def memory() -> Memory:
    """What this process remembers."""
    return Memory()


@cache
def shared(url: str) -> Shared:
    """The Redis at an address, one per process."""
    return Shared(url)


def _shelf(key: CacheKey) -> Shelf:
    url = settings().redis_url
    return memory() if key.alone or not url else shared(url)


_WAITING: dict[str, tuple[Lock, int]] = {}
_WAITING_LOCK = Lock()


@contextmanager
def _alone(text: str) -> Iterator[None]:
    """One at a time per key in this process; keys nobody waits for leave no lock behind."""
    with _WAITING_LOCK:
        lock, waiting = _WAITING.get(text, (Lock(), 0))
        _WAITING[text] = (lock, waiting + 1)
    try:
        with lock:
            yield
    finally:
        with _WAITING_LOCK:
            lock, waiting = _WAITING[text]
            if waiting == 1:
                del _WAITING[text]
            else:
                _WAITING[text] = (lock, waiting - 1)


def _plain(part: Part) -> Any:
    """As JSON, with its kind where the same text could be another kind's."""
    if part is None or isinstance(part, str | bool | int):
        return part
    return [type(part).__name__, str(part)]


def _encoded(value: object) -> bytes:
    if isinstance(value, bytes):
        return b"b" + value
    return b"j" + json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _decoded(kept: bytes) -> Any:
    return kept[1:] if kept[:1] == b"b" else json.loads(kept[1:])
