"""What is done after the answer went out, so that its time tells nothing."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from warehouse.oltp.engine import StoreBusy

TRIES = 3
"""Each waits for the store as long as it ever waits."""
log = logging.getLogger(__name__)
_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-in")


def later(work: Callable[..., None], *arguments: Any) -> None:
    """Do this soon, one after the other; a failure is logged and concerns nobody who waits."""
    _worker.submit(_guarded, work, *arguments)


def _guarded(work: Callable[..., None], *arguments: Any) -> None:
    for _ in range(TRIES):
        try:
            return work(*arguments)
        except StoreBusy as busy:
            failure: Exception = busy
        except Exception as other:
            failure = other
            break
    log.error("After a sign-in, %s was not done: %s", work.__name__, failure)
