"""Where Dagster writes down what happens in a run: as it does by itself, but over connections that stay open."""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

KEPT_OPEN = 4
"""Runs write one after another; the index of all of them is written beside each."""


class _Unhurried(sqlite3.Connection):
    """Waits for no disk: a machine that loses its power may lose the last lines of the log, never the file."""

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self.execute("pragma synchronous = normal")


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's own storage opens and closes a file for every event, and waits for the disk each time.

    A build tells of some thousand events: that was a third of what the clock's process did. Closing the last
    connection to a file also folds its write-ahead log back into it, each time anew.
    """

    def __init__(self, *arguments: Any, **named: Any):
        self._engines: OrderedDict[str, Any] = OrderedDict()
        super().__init__(*arguments, **named)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "OpenEventLog":
        """In the folder under Dagster's home where its own storage keeps it."""
        return cls(str(Path(config_value["base_dir"]) / "history" / "runs"), inst_data=inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Any]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Any:
        engine = self._engines.get(shard)
        if engine is None:
            options = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "factory": _Unhurried}
            engine = create_engine(self.conn_string_for_shard(shard), pool_size=1, connect_args=options)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > KEPT_OPEN:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def _close(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    def wipe(self) -> None:
        """Forget every event."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close what is open; whoever asks again opens it again."""
        self._close()
        super().dispose()
