"""What stands in an organization's own data: values, names and parts of names, and the dimensions they belong to."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from ml.language.english import english, spelled
from warehouse.metrics.catalogue import Dimension
from warehouse.metrics.names import labels_of, shared_names, stages_that, values_of
from warehouse.metrics.serving import Serving

MOST = 20_000
"""Values of a dimension that are known by name; what has more is asked by its exact value."""
PARTS = {"customer", "sales_rep", "agent", "campaign", "product"}
"""Dimensions whose values people call by a part of their name, also where it is one word."""


@dataclass(frozen=True, order=True)
class Value:
    """A dimension's value as a question filters by it, and as people read it."""

    dimension: str
    value: str
    shown: str


@dataclass(frozen=True)
class Values:
    """The index of one extract, for somebody who sees what `serving` shows them."""

    whole: dict[tuple[str, ...], tuple[Value, ...]]
    """Words of a value → what they stand for."""
    parts: dict[str, tuple[Value, ...]]
    """One word of a name → the names that have it."""
    stages: dict[str, tuple[str, ...]]
    """`is_open`, `is_won`, `is_lost` → the stages that are."""

    @cached_property
    def longest(self) -> int:
        """Words of the longest value."""
        return max(map(len, self.whole), default=1)

    @cached_property
    def of_dimension(self) -> dict[str, tuple[Value, ...]]:
        """Dimension → its values."""
        found: dict[str, set[Value]] = defaultdict(set)
        for values in self.whole.values():
            for value in values:
                found[value.dimension].add(value)
        return {name: tuple(sorted(values)) for name, values in found.items()}

    @cached_property
    def shown(self) -> dict[tuple[str, str], str]:
        """Dimension and value → how people read it."""
        return {(value.dimension, value.value): value.shown for values in self.whole.values() for value in values}

    @cached_property
    def names(self) -> list[str]:
        """Its words that may be misspelt, sorted."""
        return sorted(word for word in self.words if len(word) > 3 and word.isalpha())

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every value."""
        return frozenset(word for phrase in self.whole for word in phrase)


def values_in(serving: Serving) -> Values:
    """The index of an extract; read from it the first time. Names only where whoever asks may see them."""
    return _index(serving.path, serving.hidden, _Held(serving))


class _Held:
    """A serving that does not tell two calls apart: the extract and the hidden tags do."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=32)
def _index(path: Path, hidden: frozenset[str], held: _Held) -> Values:
    serving = held.serving
    whole: dict[tuple[str, ...], set[Value]] = defaultdict(set)
    parts: dict[str, set[Value]] = defaultdict(set)
    people = {name for name, one in serving.catalogue.dimensions.items() if one.is_person}
    for value in _every(serving):
        words = spelled(value.shown)
        for said in {words} if value.dimension in people else {words, spelled(value.value)}:
            whole[said].add(value)
        if value.dimension in PARTS or len(words) > 1:
            for word in words:
                parts[word].add(value)
        for other in english().values.get(value.dimension, {}).get(value.value, ()):
            whole[spelled(other)].add(value)
    whole.pop((), None)
    return Values(
        {words: tuple(sorted(found)) for words, found in whole.items()},
        {word: tuple(sorted(found)) for word, found in parts.items()},
        stages_that(serving),
    )


def _every(serving: Serving) -> list[Value]:
    """Every value of every dimension that is known by name."""
    catalogue, found = serving.catalogue, set()
    readable = serving.tables() | {one.names.table for one in catalogue.dimensions.values() if one.names}
    for of_model in catalogue.of_models.values():
        for dimension in of_model.values():
            if dimension.model not in readable:
                continue
            if dimension.kind != "date":
                found |= set(_named(serving, dimension))
    return sorted(found)


@lru_cache(maxsize=1_000)
def _cached_names(path: Path, table: str, dimension: Dimension, held: _Held) -> tuple[str, ...]:
    return tuple(values_of(held.serving, dimension))


@lru_cache(maxsize=1_000)
def _cached_shared(path: Path, table: str, dimension: Dimension, held: _Held) -> dict[str, tuple[str, ...]]:
    return shared_names(held.serving, dimension)


def _named(serving: Serving, dimension: Dimension) -> list[Value]:
    """The values of one dimension; people by their names."""
    if dimension.names and dimension.is_person:
        told = _cached_names(serving.path, dimension.names.table, dimension, _Held(serving))
        shared = _cached_shared(serving.path, dimension.names.table, dimension, _Held(serving))
        return [Value(dimension.name, key, word) for word in told[:MOST] for key in shared.get(word, (word,))]
    return [Value(dimension.name, key, word) for key, word in labels_of(serving, dimension)[:MOST]]
