"""Sends what goes out by itself besides mails, beside the serving process: calls to addresses, and reports at their hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apps.beside import beside
from apps.outward.calls import call_due
from warehouse.oltp.engine import reading, store_exists
from warehouse.operations.inbox import calls_wait
from warehouse.operations.reports import reports_wait

LOOK_SECONDS = 5.0


@contextmanager
def going_out() -> Iterator[None]:
    """Send while this lasts."""
    with beside(send_due, LOOK_SECONDS, "going out"):
        yield


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
