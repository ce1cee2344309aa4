"""`python -m pipelines.transform.child PARSED build …`: dbt, on definitions that were parsed when they were kept.

PARSED is the file with dbt's own memory of the project: reading the project again would take longer than many a build.
"""

import sys
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager

FOR_DEBUGGING = frozenset({EventLevel.DEBUG, EventLevel.TEST})


class Heard(EventManager):
    """Passes over what is only for debugging unless a log of that level is kept.

    dbt's own writes two lines of JSON for each such event, and then asks whether anybody wanted them: a fifth of a build.
    """

    def fire_event(self, e: BaseEvent, level: EventLevel | None = None, *more: Any, **named: Any) -> None:
        """Tell every log of an event it may want."""
        kept = any(logger.level in FOR_DEBUGGING for logger in self.loggers)
        if kept or (level or e.level_tag()) not in FOR_DEBUGGING:
            super().fire_event(e, level, *more, **named)


def main(parsed: str, arguments: list[str]) -> int:
    """Run dbt as its command line does; its exit code."""
    ctx_set_event_manager(Heard())
    manifest = Manifest.from_msgpack(Path(parsed).read_bytes())
    manifest.build_flat_graph()
    outcome = dbtRunner(manifest=manifest).invoke(arguments)
    if outcome.exception is not None:
        sys.stderr.write(f"{outcome.exception}\n")
        return 2
    return 0 if outcome.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
