"""One refresh at a time on an installation, whoever started it."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from warehouse.lake.writer import writer_lock
from warehouse.settings import settings

WAIT_SECONDS = 120


class Turn(dg.ConfigurableResource):
    """Held from a run's first step to its last; the in-process executor keeps it for the whole run."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Turn"]:
        """Wait for the refresh before this one to end."""
        with writer_lock(settings().home / "lake" / "refresh.lock", WAIT_SECONDS):
            yield self
