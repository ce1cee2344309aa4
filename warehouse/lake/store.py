"""The operational store beside the lake: attached for reading, whichever engine keeps it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from warehouse.lake.connection import Lake, quoted
from warehouse.oltp.order import SETTLED_ON_POSTGRESQL
from warehouse.settings import settings

ALIAS = "operational"


class Store:
    """The attached store; `dialect` is what its values look like: `sqlite` or `postgres`."""

    def __init__(self, lake: Lake, dialect: str) -> None:
        self._lake = lake
        self.dialect = dialect

    def table(self, name: str) -> str:
        """A table's name in the lake's SQL: one scan of all of it."""
        return f"{ALIAS}.{name}"

    def asked(self, sql: str) -> str:
        """A statement the store itself runs, as a table of the lake's SQL: over its indexes, which a scan leaves unused."""
        return f"{self.dialect}_query('{ALIAS}', '{quoted(sql)}')"

    def value(self, sql: str) -> Any:
        """The first value of a statement the store itself runs."""
        return self._lake.value(f"from {self.asked(sql)}")

    def settled(self) -> int:
        """The highest change sequence below which no change can come to light any more; 0 before the first."""
        if self.dialect == "sqlite":
            return int(self.value("select coalesce(max(seq), 0) from change_events"))
        answers = [self.value(question) for question in SETTLED_ON_POSTGRESQL]
        return min(int(answer) for answer in answers if answer is not None)

    @property
    def reads_one_moment(self) -> bool:
        """Whether everything read inside `Lake.one_moment` is of one moment of the store."""
        return self.dialect == "postgres"


def _for_everybody(address: str) -> str:
    """Row-level security shows the lake every organization's rows when it says that it works for the installation."""
    return f"{address}{'&' if '?' in address else '?'}options=-c%20longhouse.installation%3Don"


@contextmanager
def attached_store(lake: Lake) -> Iterator[Store]:
    """The operational store, read-only, until the block ends. Raises StoreUnattached."""
    current = settings()
    if current.database_url is None:
        lake.attach_database(str(current.operational_path), ALIAS, "sqlite")
        store = Store(lake, "sqlite")
    else:
        lake.attach_database(_for_everybody(current.database_url), ALIAS, "postgres")
        store = Store(lake, "postgres")
    try:
        yield store
    finally:
        lake.detach(ALIAS)
