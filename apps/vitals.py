"""The parts of an installation that its health is made of, and how each is looked at."""

import os
import smtplib
from urllib.parse import urlsplit
from uuid import uuid4

from apps.health import FREE_BYTES, FULL_BYTES, Check, Seen, State, free_bytes, freshness, look_at
from apps.identity.keys import Keys
from apps.identity.post import PORTS
from apps.identity.provider import provider_facts
from warehouse.cache import PREFIX, Shelf, memory, shared
from warehouse.lake.connection import lake_exists, open_lake
from warehouse.oltp.engine import StoreBusy
from warehouse.oltp.probe import try_reading, try_writing
from warehouse.settings import settings

MAIL_SECONDS = 1.5
PROBE, PROBE_SECONDS = f"{PREFIX}:-:health", 30
MODEL_KEY = "OPENAI_API_KEY"
"""Where the library of the model provider looks for its key."""


def look_at_everything() -> None:
    """Register every part; again, with nothing remembered."""
    for check in (
        Check("operational_store", _store, without=State.DOWN, needed=True),
        Check("operational_store_writes", _writes, needed=True),
        Check("lake", _lake, holds_seconds=10),
        Check("cache", _cache),
        Check("sign_in", _sign_in, holds_seconds=5),
        Check("mail", _mail, holds_seconds=10),
        Check("model_provider", _model_provider, holds_seconds=10),
        Check("disk", _disk, needed=True),
        Check("refresh", _refresh, holds_seconds=5),
    ):
        look_at(check)


def _store() -> Seen:
    try_reading()
    return Seen(State.OK, "It answers.")


def _writes() -> Seen:
    """Degraded while somebody writes for long: that ends by itself."""
    try:
        try_writing()
    except StoreBusy:
        return Seen(State.DEGRADED, "Another writer has had the store for seconds; writes wait.")
    except Exception as failure:
        return Seen(State.DOWN, str(failure).splitlines()[0])
    return Seen(State.OK, "It takes writes.")


def _lake() -> Seen:
    if not lake_exists():
        return Seen(State.OK, "There is none yet; the first refresh makes it.")
    with open_lake() as lake:
        return Seen(State.OK, f"It opens, at snapshot {lake.snapshot_id()}.")


def _cache() -> Seen:
    """Whether what is put there is found again; without it everything is computed anew, slower and right."""
    url = settings().redis_url
    shelf: Shelf = shared(url) if url else memory()
    token = uuid4().bytes
    shelf.put(PROBE, token, PROBE_SECONDS)
    if shelf.get(PROBE) != token:
        return Seen(State.DEGRADED, "Redis does not answer; results are computed anew.")
    return Seen(State.OK, "Redis answers." if url else "In this process's memory.")


def _sign_in() -> Seen:
    """The provider's own documents: without them nobody can sign in, and those who are in stay in."""
    keys = Keys(settings().secrets_path, "", "").published.as_dict(private=False)["keys"]
    return Seen(State.OK, f"{len(keys)} keys are published for {len(provider_facts())} facts of discovery.")


def _mail() -> Seen:
    if not settings().smtp_url:
        return Seen(State.OK, "Not configured: mails stay in the outbox.")
    address = urlsplit(settings().smtp_url)
    speaks = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    port = address.port or PORTS.get(address.scheme, PORTS["smtp"])
    with speaks(address.hostname or "localhost", port, timeout=MAIL_SECONDS):
        return Seen(State.OK, "The server greets.")


def _model_provider() -> Seen:
    configured = bool(os.environ.get(MODEL_KEY))
    return Seen(State.OK, "Configured." if configured else "Not configured: the built-in interpreter answers.")


def _disk() -> Seen:
    free = free_bytes()
    state = State.DOWN if free < FULL_BYTES else State.DEGRADED if free < FREE_BYTES else State.OK
    return Seen(state, f"{free / (1 << 30):.1f} GiB are free.")


def _refresh() -> Seen:
    found = freshness()
    if found is None:
        return Seen(State.OK, "Nothing was built yet.")
    minutes = int(found.age.total_seconds() // 60)
    sentence = f"The last good refresh was {minutes} minutes ago; {found.waiting} changes wait."
    return Seen(State.DEGRADED if found.is_late else State.OK, sentence)
