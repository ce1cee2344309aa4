"""Sends what goes out by itself besides mails, beside the serving process: calls to addresses, and reports at their hours."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apps.outward.calls import call_due
from warehouse.oltp.engine import StoreBusy, StoreMissing, reading, store_exists
from warehouse.operations.inbox import calls_wait
from warehouse.operations.reports import reports_wait

LOOK_SECONDS = 5.0
log = logging.getLogger(__name__)


@contextmanager
def going_out() -> Iterator[None]:
    """Send while this lasts."""
    stop = threading.Event()
    thread = threading.Thread(target=_send_until, args=(stop,), name="going out", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LOOK_SECONDS)


def _send_until(stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        try:
            send_due()
        except (StoreBusy, StoreMissing) as failure:
            log.warning("Calls and reports wait: %s", failure)
        except Exception as failure:
            log.error("Calls and reports wait: %s", failure)


def send_due() -> None:
    """Send what is due. It is looked for without the writer's lock, which everybody else wants too."""
    if not store_exists():
        return
    now = datetime.now(UTC)
    with reading() as session:
        calls, reports = calls_wait(session, now), reports_wait(session, now)
    if calls:
        call_due()
    if reports:
        # Drawing brings charts and a writer of PDF along, which a server without reports need not wait for.
        from apps.outward.reports import send_reports

        send_reports()
