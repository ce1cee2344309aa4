"""One refresh at a time on an installation, whoever started it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from warehouse.lake.writer import is_held, writer_lock
from warehouse.settings import settings

WAIT_SECONDS = 120


def _lock() -> Path:
    return settings().home / "lake" / "refresh.lock"


def somebody_has_it() -> bool:
    """Whether a run is at work now. Dagster's own word would do, but a killed run stays `started` there for ever."""
    return is_held(_lock())


@contextmanager
def taking_turns() -> Iterator[None]:
    """Wait for the refresh at work to end, and let none begin inside. Raises LakeLocked."""
    with writer_lock(_lock(), WAIT_SECONDS):
        yield


class Turn(dg.ConfigurableResource):
    """Held from a run's first step to its last; the in-process executor keeps it for the whole run."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Turn"]:
        """Wait for the refresh before this one to end, and clear away what a killed one left."""
        with writer_lock(_lock(), WAIT_SECONDS):
            if context.instance is not None and context.run is not None:
                _bury_the_dead(context.instance, context.run.run_id)
            yield self


def _bury_the_dead(instance: dg.DagsterInstance, mine: str) -> None:
    """Whoever holds a slot of the pool while the turn is ours was killed: its slots would keep us waiting for ever."""
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids() - {mine}:
        storage.free_concurrency_slots_for_run(run_id)
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, "The process ended without a word.")
