"""Everything an organization has numbers from and of: store, model, metrics and dashboards, and what is made from what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from warehouse.dashboards import Dashboard
from warehouse.extracts.described import read_description
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.serving import Serving
from warehouse.oltp.described import Column, described_store


class Kind(StrEnum):
    """On which floor a thing stands; the order is the way of a row."""

    STORE = "store"
    MODEL = "model"
    METRIC = "metric"
    DASHBOARD = "dashboard"


@dataclass(frozen=True)
class Entry:
    """One thing of the inventory."""

    key: str
    """`raw.invoices`, `fct_invoices`, `metric.mrr`, `dashboard.revenue`."""
    kind: Kind
    label: str
    description: str
    owner: str
    """The room or the function that answers for it."""
    made_from: tuple[str, ...] = ()
    """Keys of what it is made from directly."""
    columns: tuple[Column, ...] = ()
    synonyms: tuple[str, ...] = ()

    def speaks_of(self, words: str) -> bool:
        """Whether every one of these words stands somewhere in it."""
        told = " ".join((self.key, self.label, self.description, self.owner, *self.synonyms))
        told = " ".join((told, *(f"{one.name} {one.description} {one.privacy}" for one in self.columns))).casefold()
        return all(word in told or word.replace(" ", "_") in told for word in words.casefold().split())


@dataclass(frozen=True)
class Inventory:
    """What there is, by key, in the order of the floors and then of the alphabet."""

    entries: Mapping[str, Entry]

    @cached_property
    def _made_of_it(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {key: [] for key in self.entries}
        for entry in self.entries.values():
            for key in entry.made_from:
                found[key].append(entry.key)
        return {key: tuple(keys) for key, keys in found.items()}

    def above(self, key: str) -> list[str]:
        """Everything a thing is made from, directly or not, nearest first."""
        return self._walk(key, {one.key: one.made_from for one in self.entries.values()})

    def below(self, key: str) -> list[str]:
        """Everything that stands on a thing, directly or not, nearest first."""
        return self._walk(key, self._made_of_it)

    def directly_below(self, key: str) -> tuple[str, ...]:
        """What is made from it with nothing between."""
        return self._made_of_it[key]

    @staticmethod
    def _walk(key: str, steps: Mapping[str, tuple[str, ...]]) -> list[str]:
        found: list[str] = []
        waiting = list(steps[key])
        while waiting:
            nearest = waiting.pop(0)
            if nearest not in found:
                found.append(nearest)
                waiting += steps[nearest]
        return found


def metric_key(name: str) -> str:
    """The key of a metric."""
    return f"metric.{name}"


def inventory(opened: Serving, boards: Mapping[str, Dashboard]) -> Inventory:
    """What an actor may know of their organization's data. `boards` are the dashboards they may open, by their ids."""
    store = [
        Entry(f"raw.{one.name}", Kind.STORE, one.name, one.description, one.room, columns=one.columns)
        for one in described_store()
    ]
    found = {one.key: one for one in (*store, *_model(opened), *_metrics(opened.catalogue))}
    for board_id, board in boards.items():
        asked = tuple(metric_key(name) for name in board.asked_of if metric_key(name) in found)
        found[f"dashboard.{board_id}"] = Entry(
            f"dashboard.{board_id}", Kind.DASHBOARD, board.title, "", "", made_from=asked
        )
    # What the model reads and people keep nothing of, such as the copy's own marks, is left out.
    return Inventory({key: _within(one, found) for key, one in found.items()})


def _within(entry: Entry, known: Mapping[str, Entry]) -> Entry:
    made_from = tuple(key for key in entry.made_from if key in known)
    parts = (entry.key, entry.kind, entry.label, entry.description, entry.owner)
    return Entry(*parts, made_from, entry.columns, entry.synonyms)


def _model(opened: Serving) -> Iterable[Entry]:
    own: dict[str, list[Column]] = {}
    for one in opened.own:
        if one.field.privacy not in opened.hidden:
            told = f"{one.field.label}, a field of your own."
            own.setdefault(one.model, []).append(Column(one.field.name, one.field.kind, told, one.field.privacy))
    for table in sorted(read_description(opened.provenance.definitions).tables.values(), key=lambda one: one.name):
        if table.name != "build_watermark":
            columns = (*table.columns, *own.get(table.name, ()))
            yield Entry(table.name, Kind.MODEL, table.name, table.description, table.room, table.made_from, columns)


def _metrics(catalogue: Catalogue) -> Iterable[Entry]:
    for one in sorted(catalogue.metrics.values(), key=lambda metric: metric.label):
        yield _metric(one)


def _metric(one: Metric) -> Entry:
    key = metric_key(one.name)
    return Entry(key, Kind.METRIC, one.label, one.description, one.owner, one.models, synonyms=one.synonyms)
