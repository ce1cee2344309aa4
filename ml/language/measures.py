"""Which numbers a question names: the metric whose words account for the most of it, and those that stand beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from ml.language.english import STOPWORDS, Term, english
from ml.language.reading import Reading
from ml.language.vocabulary import Phrase, Vocabulary
from ml.language.words import singular, stem
from warehouse.metrics.catalogue import Catalogue, Metric

HOW_MANY = re.compile(r"\b(?:how many|number of|the number|count of|how often)\b|#")
HOW_LONG = re.compile(r"\bwhat time\b")
HOW_MUCH = re.compile(r"\bhow much\b")
BESIDE = re.compile(
    r"^[\s,]*(?:and|&|\+|,|as well as|plus|along with|together with|vs\.?|versus|or|alongside)[\s,]*(?:the |our |their |its )?(?:number of |total |average |how many |amount of )?$"
)
COUNTED_AVERAGE = re.compile(r"\baverage (?:number of |count of )?(?:\w+ )?\w+[^s\W]s (?:per|each|by|a)\b")
MOST = 6
LIGHT = 0.5
"""What a word adds to a match that is a filler by itself: `time` in `time to win`."""
AMOUNT, RATE, AVERAGE, MEDIAN, TIME, PERCENTILE = map(
    stem, ["amount", "rate", "average", "median", "time", "percentile"]
)
CUES = {AMOUNT, RATE, AVERAGE, MEDIAN, TIME, PERCENTILE}
"""Stems of words that tell what kind of number is asked for."""
TIMES = set(map(stem, ["day", "hour", "minute", "time"]))


@dataclass(frozen=True)
class Choice:
    """A metric and the tokens that named it."""

    metric: Metric
    phrase: Phrase
    places: frozenset[int]
    score: float


def whole_names(reading: Reading, vocabulary: Vocabulary) -> list[Choice]:
    """Names of several words that stand there word for word, such as `tickets per customer`: nothing else is read in them."""
    found = []
    for phrase in vocabulary.phrases:
        words = phrase.spelled
        if not phrase.is_read_whole:
            continue
        for place in range(len(reading.tokens) - len(words) + 1):
            if tuple(reading.spelled[place : place + len(words)]) == words and reading.is_free(
                place, place + len(words)
            ):
                places = frozenset(range(place, place + len(words)))
                found.append(Choice(vocabulary.catalogue.metrics[phrase.metric], phrase, places, float(len(words) + 1)))
    return sorted(found, key=lambda one: (-one.score, one.phrase.rank))[:1]


class Measures:
    """Finds the metrics in what is still free of a reading."""

    def __init__(self, reading: Reading, vocabulary: Vocabulary, counted: bool) -> None:
        self.reading, self.catalogue, self.phrases = reading, vocabulary.catalogue, vocabulary.phrases
        self.dimensions = {stems[0] for stems in vocabulary.dimensions if len(stems) == 1}
        self.counts = counted
        self.takes = bool(HOW_LONG.search(reading.small))
        self.lasting: Term | None = None
        """A word like `slowest`, which speaks of time without naming it."""
        self.much = bool(HOW_MUCH.search(reading.small))

    def ranked(self, fresh: frozenset[int] | None = None, inside: frozenset[int] | None = None) -> list[Choice]:
        """Every metric that free words name, the best first.

        With `fresh`, at least one of these tokens must name it; with `inside`, none but these.
        """
        free = [term for term in self.reading.free_terms() if term.stem not in STOPWORDS]
        free = [term for term in free if inside is None or term.start in inside]
        at: dict[str, list[Term]] = {}
        for term in free:
            at.setdefault(term.stem, []).append(term)
        if self.lasting:
            at.setdefault(TIME, [self.lasting])
        best: dict[str, Choice] = {}
        for phrase in self.phrases:
            if not phrase.meanings <= at.keys() or " per " in phrase.told or " each " in phrase.told:
                continue
            chosen = _nearest([at[stem] for stem in sorted(phrase.meanings)])
            places = frozenset(place for term in chosen for place in range(term.start, term.end))
            if fresh is not None and not places & fresh:
                continue
            choice = Choice(self.catalogue.metrics[phrase.metric], phrase, places, self._score(phrase, chosen, free))
            if phrase.metric not in best or choice.score > best[phrase.metric].score:
                best[phrase.metric] = choice
        return sorted(best.values(), key=lambda one: -one.score)

    def _score(self, phrase: Phrase, chosen: Sequence[Term], free: Sequence[Term]) -> float:
        fillers = english().fillers
        score = sum(LIGHT if term.stem in fillers else 1.0 for term in chosen)
        first, last = min(term.start for term in chosen), max(term.start for term in chosen)
        between = [t for t in free if first < t.start < last and t not in chosen and t.stem not in fillers]
        if " and " not in phrase.told and self._is_parted(sorted(chosen, key=lambda term: term.start)):
            score -= 0.7  # what `and` parts is named apart
        score -= 0.25 * len(between) + 0.04 * phrase.rank
        said = {singular(self.reading.tokens[place].plain) for term in chosen for place in range(term.start, term.end)}
        exactly = phrase.own_words
        if {term.stem for term in chosen} <= self.dimensions:
            score -= 0.3  # customers, campaigns: what another number is about, sooner than the number
        score += 0.1 if said == exactly else 0.0
        return score + self._agreement(self.catalogue.metrics[phrase.metric], {term.stem for term in chosen}, free)

    def _is_parted(self, chosen: Sequence[Term]) -> bool:
        """Whether a free `and` or a comma stands between two of these words."""
        for one, other in pairwise(chosen):
            between = range(one.end, other.start)
            free = [place for place in between if place not in self.reading.claims]
            if any(self.reading.tokens[place].plain in {"and", "vs", "versus", "&", "plus", "or"} for place in free):
                return True
            if len(free) == len(between) and "," in self.reading.gap(one.end - 1, other.start):
                return True
        return False

    def _agreement(self, metric: Metric, named: set[str], free: Sequence[Term]) -> float:
        """What the other words say of the kind of number: `how many`, `amount`, `rate`, `average`."""
        score = 0.0
        if self.counts:
            fits = metric.unit == "count" or (metric.unit in {"days", "minutes"} and bool(TIMES & named))
            fits = fits or (metric.unit == "money" and _record(self.catalogue, metric) in named)
            score += 0.5 if fits else -1.2
        if self.takes or self.lasting:
            score += 0.3 if metric.unit in {"days", "minutes"} else -1.2
        if self.much:
            score += 0.3 if metric.unit == "money" else -0.3
        cues = {term.stem for term in free if term.stem in CUES} - named
        if AVERAGE in named and metric.unit == "money" and COUNTED_AVERAGE.search(self.reading.small):
            score -= 1.5  # `average deals per rep` is how many, `average deal` is how large
        fitting = {
            AMOUNT: metric.unit == "money",
            RATE: metric.unit == "share",
            AVERAGE: is_average(metric) or self.counts or bool(COUNTED_AVERAGE.search(self.reading.small)),
            MEDIAN: False,
            PERCENTILE: False,
            TIME: metric.unit in {"days", "minutes"},
        }
        return score + sum((0.3 if fitting[cue] else -0.9 if cue != TIME else -0.3) for cue in cues)

    def listed(self) -> list[Choice]:
        """The metrics of a list, `won value, win rate and deal size`: where each of its parts names one by itself.

        A part of one word may share the noun of the next: of `won and lost deals`, the first is `won deals`.
        """
        parts = self._parts()
        if len(parts) < 2:
            return []
        found: list[Choice] = []
        for place, part in enumerate(parts):
            content = {term.stem for term in part if term.stem not in english().fillers}
            noun = {parts[place + 1][-1].stem} if place + 1 < len(parts) and len(part) == 1 else set()
            noun &= english().things
            inside = frozenset(at for term in part for at in range(term.start, term.end))
            exact = [one for one in self.phrases if noun and one.meanings == content | noun]
            ranked = [one for one in self.ranked(inside=inside) if self._covers(one, part)]
            if exact:
                metric = self.catalogue.metrics[exact[0].metric]
                found.append(Choice(metric, exact[0], inside, 1.0))
            elif ranked:
                found.append(ranked[0])
            else:
                return []
        names = [one.metric.name for one in found]
        return found if len(set(names)) == len(names) <= MOST else []

    def _parts(self) -> list[list[Term]]:
        """What `and` and commas part, of the words that are free."""
        free = [term for term in self.reading.free_terms() if term.stem not in STOPWORDS]
        parts: list[list[Term]] = []
        for term in free:
            if not parts or self._is_parted([parts[-1][-1], term]):
                parts.append([term])
            else:
                parts[-1].append(term)
        return [part for part in parts if any(term.stem not in english().fillers for term in part)]

    def _covers(self, one: Choice, part: Sequence[Term]) -> bool:
        """Whether a name accounts for every content word of a part."""
        content = [term for term in part if term.stem not in english().fillers and term.stem not in CUES]
        return all(term.start in one.places for term in content)

    def beside(self, first: Choice) -> list[Choice]:
        """The metrics that are named beside the first, joined to it by `and` or a comma."""
        found = [first]
        while len(found) < MOST:
            taken = frozenset().union(*(one.places for one in found))
            loose = frozenset(place for term in self.reading.loose() for place in range(term.start, term.end)) - taken
            known = {one.metric.name for one in found}
            fits = [one for one in self.ranked(loose) if one.metric.name not in known and self._is_joined(one, taken)]
            if not fits:
                return found
            found.append(fits[0])
        return found

    def _is_joined(self, one: Choice, taken: frozenset[int]) -> bool:
        new = sorted(one.places - taken)
        before = [place for place in taken if place < new[0]]
        after = [place for place in taken if place > new[-1]]
        gaps = [self.reading.gap(max(before), new[0])] if before else []
        gaps += [self.reading.gap(new[-1], min(after))] if after else []
        return any(BESIDE.match(gap) for gap in gaps)


def _record(catalogue: Catalogue, metric: Metric) -> str:
    """The stem of what a metric's records are called: overdue amounts are those of invoices."""
    return stem(catalogue.record_of(metric.parts[0].model) or "")


def _nearest(places: Sequence[Sequence[Term]]) -> tuple[Term, ...]:
    """One occurrence of each meaning, those that stand nearest to each other."""
    few = [found[:4] for found in places]
    return min(product(*few), key=lambda chosen: max(t.start for t in chosen) - min(t.start for t in chosen))


def is_average(metric: Metric) -> bool:
    """Whether the metric is an average by itself."""
    return metric.kind == "ratio" and metric.unit != "share"


def claim_fitting_cues(reading: Reading, metrics: Sequence[Metric]) -> None:
    """`average`, `rate`, `value`, `time` are accounted for where one of the metrics is such a number."""
    unfit = {term.stem for term in unfit_cues(reading, metrics)}
    for term in reading.free_terms():
        if term.stem in CUES - {TIME} and term.stem not in unfit:
            reading.claim(term.start, term.end, "metric")


def unfit_cues(reading: Reading, metrics: Sequence[Metric]) -> list[Term]:
    """Free words that ask for another kind of number than these metrics are."""
    fits = {
        AMOUNT: any(metric.unit == "money" for metric in metrics),
        RATE: any(metric.unit == "share" for metric in metrics),
        AVERAGE: any(map(is_average, metrics)),
        MEDIAN: False,
        PERCENTILE: False,
    }
    return [term for term in reading.free_terms() if term.stem in fits and not fits[term.stem]]


def hidden_metric(text: Reading, whole: Catalogue, seen: Catalogue, vocabulary: Vocabulary) -> Metric | None:
    """The metric that these words name and that whoever asks may not see."""
    found = Measures(text, vocabulary, counted=False).ranked()
    if found and found[0].metric.name not in seen.metrics:
        return whole.metrics[found[0].metric.name]
    return None
