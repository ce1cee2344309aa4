"""What the numbers and dimensions of a catalogue are called: by the semantic layer first, then in English."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ml.language.english import STOPWORDS, english, meanings, spelled
from warehouse.metrics.catalogue import Catalogue, Metric

WHOLE = frozenset({"per", "by", "monthly", "annual", "daily", "yearly", "new", "first", "top"})


@dataclass(frozen=True)
class Phrase:
    """One way to name a metric, by the stems of what it says; `rank` 0 is its label, 1 a synonym, 2 other English."""

    metric: str
    meanings: frozenset[str]
    rank: int
    told: str

    @cached_property
    def spelled(self) -> tuple[str, ...]:
        """Its words as they are compared, in order."""
        return spelled(self.told)

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Those by which it is told from others of the same meaning."""
        return frozenset(self.spelled) - STOPWORDS

    @cached_property
    def is_read_whole(self) -> bool:
        """Whether its words mean it only together: `tickets per customer`, `new MRR`."""
        return len(self.spelled) > 1 and not WHOLE.isdisjoint(self.spelled)


class Vocabulary:
    """The words for what an organization may ask."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @cached_property
    def phrases(self) -> list[Phrase]:
        """Every way to name every metric."""
        return [phrase for metric in self.catalogue.metrics.values() for phrase in _phrases(metric)]

    @cached_property
    def dimensions(self) -> dict[tuple[str, ...], list[str]]:
        """Meanings in order → the dimensions they may name, the likeliest first."""
        found: dict[tuple[str, ...], list[str]] = {}
        for name, dimension in self.catalogue.dimensions.items():
            said = [dimension.label, name, *english().dimensions.get(name, ())]
            for phrase in dict.fromkeys(map(meanings, said)):
                named = found.setdefault(phrase, [])
                if name not in named:
                    named.append(name)
        return found

    def is_date(self, name: str) -> bool:
        """Whether a dimension is a day."""
        return self.catalogue.dimensions[name].kind == "date"

    @cached_property
    def longest_dimension(self) -> int:
        """Words of the longest name of a dimension."""
        return max(map(len, self.dimensions))

    @cached_property
    def whole_words(self) -> frozenset[str]:
        """Every word of every name, as it is written."""
        told = [phrase.told for phrase in self.phrases]
        for name, dimension in self.catalogue.dimensions.items():
            told += [dimension.label, *english().dimensions.get(name, ())]
        return frozenset(word for phrase in told for word in spelled(phrase))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every stem that means something here."""
        named = {stem for phrase in self.phrases for stem in phrase.meanings}
        return frozenset(named | {stem for phrase in self.dimensions for stem in phrase})


def _phrases(metric: Metric) -> Iterator[Phrase]:
    said = [(metric.label, 0), *((one, 1) for one in metric.synonyms)]
    said += [(one, 2) for one in english().metrics.get(metric.name, ())]
    known: set[str] = set()
    for told, rank in said:
        if told.casefold() not in known:
            known.add(told.casefold())
            yield Phrase(metric.name, frozenset(meanings(told)), rank, told)


@lru_cache(maxsize=64)
def vocabulary_of(catalogue: Catalogue) -> Vocabulary:
    """The words of one catalogue, made once."""
    return Vocabulary(catalogue)
