"""Work that goes on beside the serving process, looked for every few seconds."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from warehouse.oltp.engine import StoreBusy, StoreMissing

log = logging.getLogger(__name__)


@contextmanager
def beside(work: Callable[[], object], seconds: float, name: str) -> Iterator[None]:
    """Do the work every so many seconds while this lasts, in a thread of that name.

    What fails is logged and tried again the next time: a server goes on when its mails do not.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_until, args=(stop, work, seconds, name), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(seconds)


def _until(stop: threading.Event, work: Callable[[], object], seconds: float, name: str) -> None:
    while not stop.wait(seconds):
        try:
            work()
        except (StoreBusy, StoreMissing) as failure:
            log.warning("What is %s waits: %s", name, failure)
        except Exception as failure:
            log.error("What is %s waits: %s", name, failure)
