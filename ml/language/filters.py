"""Which rows a question means: values of its dimensions, what it leaves out, and names said in part."""

import re
from collections.abc import Iterable, Sequence

from ml.language.english import STOPWORDS, english, meanings
from ml.language.groups import Named
from ml.language.operators import EXCLUDE, UNASSIGNED, UNKNOWN
from ml.language.plan import clarify, unanswerable
from ml.language.reading import Found, Reading
from ml.language.values import Value, Values
from ml.language.vocabulary import Vocabulary
from warehouse.metrics.catalogue import Catalogue, Metric

LIST = re.compile(r"^[\s,]*(?:and|or|nor|&|,|,\s*and|,\s*or|/)?\s*(?:the |in |for |from )?$")
BY_IT = re.compile(r"\b(?:by|per|for each|for every|into|across) (?:the |our )?$")
DOERS = {"age", "customer", "sales_rep", "agent", "campaign", "channel", "source", "acquisition_source"}
"""What something may be done by, or come by."""
MOST_OPTIONS = 6
Chosen = dict[str, tuple[str | None, ...]]


def mark_excluded(reading: Reading, found: Sequence[Found]) -> None:
    """Which values stand behind `excluding`, `not in`, `except`; the words that say so are claimed."""
    markers = list(EXCLUDE.finditer(reading.small))
    before: Found | None = None
    for one in sorted(found, key=lambda one: one.start):
        start = reading.tokens[one.start].start
        for match in markers:
            between = reading.small[match.end() : start]
            if match.end() <= start and _is_idle(between):
                one.excluded = True
                for place in reading.within(match.start(), start):
                    reading.claims.setdefault(place, "excluding")
        if before and before.excluded and LIST.match(reading.gap(before.end - 1, one.start)):
            one.excluded = True
        before = one


def _is_idle(between: str) -> bool:
    """Nothing but articles and names of dimensions between a marker and its value."""
    words = re.findall(r"\w+", between)
    return len(words) <= 3 and all(
        word in STOPWORDS | {"any", "all", "customers", "sector", "tickets", "deals"} for word in words
    )


def partial_names(reading: Reading, values: Values, known: Iterable[str], words: frozenset[str]) -> list[Found]:
    """Free words that are a part of a name: people and accounts are called by one of their words.

    `words` name numbers and dimensions: they are names only where they are written as such.
    """
    found: list[Found] = []
    reachable = set(known)
    place = 0
    while place < len(reading.tokens):
        word = reading.spelled[place]
        hits = [one for one in values.parts.get(word, ()) if one.dimension in reachable]
        if not hits or place in reading.claims or not _is_a_name(reading, place, words):
            place += 1
            continue
        end = place + 1
        while end < len(reading.tokens) and end not in reading.claims:
            narrower = set(hits) & set(values.parts.get(reading.spelled[end], ()))
            if not narrower:
                break
            hits, end = sorted(narrower), end + 1
        found.append(Found(place, end, tuple(hits)))
        place = end
    return found


def _is_a_name(reading: Reading, place: int, words: frozenset[str]) -> bool:
    """Whether a word is more likely a name than a word of the language."""
    token = reading.tokens[place]
    everyday = token.stem in english().fillers | words or token.plain in STOPWORDS or len(token.plain) < 3
    return not token.is_number and (not everyday or (token.text[0].isupper() and place > 0 and len(token.plain) > 2))


class Filters:
    """Settles which dimension each value belongs to, for the metrics that were chosen."""

    def __init__(self, reading: Reading, vocabulary: Vocabulary, values: Values, metrics: Sequence[Metric]) -> None:
        self.reading, self.vocabulary, self.values, self.metrics = reading, vocabulary, values, metrics
        self.reachable = {name for name in metrics[0].dimensions if all(name in one.dimensions for one in metrics)}
        self.where: Chosen = {}
        self.excluding: Chosen = {}
        self.ended = [one for one in metrics if one.default_time == "closed_on" and "stage" in one.dimensions]

    def settle(self, found: Sequence[Found], names: Sequence[Named]) -> None:
        """Put every value under a dimension, its own words and those of the dimension claimed. Raises NoPlan."""
        for said in found:
            one = self._in_part(said)
            dimension = self._dimension(one, names)
            values = [value for value in one.values if value.dimension == dimension]
            self._unique(one, values)
            self._no_group(one, dimension, values[0].shown)
            self._no_stage(one, dimension, values)
            into = self.excluding if one.excluded else self.where
            into[dimension] = tuple(dict.fromkeys((*into.get(dimension, ()), *(value.value for value in values))))
            self.reading.claim(one.start, one.end, "value")
            self._claim_beside(one, dimension)

    def _in_part(self, one: Found) -> Found:
        """A word that is no value of what these metrics know, but a part of one: the portal, of the customer portal."""
        if any(value.dimension in self.reachable for value in one.values) or one.end - one.start > 1:
            return one
        hits = self.values.parts.get(self.reading.spelled[one.start], ())
        known = tuple(value for value in hits if value.dimension in self.reachable)
        return Found(one.start, one.end, known, one.excluded) if known else one

    def _unique(self, one: Found, values: Sequence[Value]) -> None:
        if len({value.value for value in values}) > 1:
            said = self.reading.said(one.start, one.end)
            if len({value.shown for value in values}) == 1:
                self._same_name(one, said, values)
                return
            shown = tuple(sorted({value.shown for value in values}))
            more = f" and {len(shown) - MOST_OPTIONS:,} more" if len(shown) > MOST_OPTIONS else ""
            listed = ", ".join(shown[:MOST_OPTIONS])
            raise clarify(self.reading.text, f"Which {said} is meant: {listed}{more}?", shown[:MOST_OPTIONS], said)

    def _no_stage(self, one: Found, dimension: str, values: Sequence[Value]) -> None:
        """`lost in negotiation`: what has closed stands on no stage of the open ones any more. Raises NoPlan."""
        is_open = {value.value for value in values} & set(self.values.stages.get("is_open", ()))
        if dimension == "stage" and is_open and self.ended and not one.excluded:
            said = self.reading.said(one.start, one.end)
            told = f"{self.ended[0].label} is of deals that have closed: none of them stands on “{said}” any more."
            raise unanswerable(self.reading.text, told, "not modelled")

    def _no_group(self, one: Found, dimension: str, shown: str) -> None:
        """`revenue by retail`: groups are divided by a dimension, and a value is one of them. Raises NoPlan."""
        begin = self.reading.tokens[one.start].start
        if dimension not in DOERS and BY_IT.search(self.reading.small[:begin]):
            label = self.vocabulary.catalogue.dimensions[dimension].label.lower()
            options = (f"by {label}", f"only {shown}")
            asked = f"{shown} is one {label}: shall I tell all of them, or only this one?"
            lead = BY_IT.search(self.reading.small[:begin])
            assert lead is not None
            end = self.reading.tokens[one.end - 1].end
            raise clarify(self.reading.text, asked, options, self.reading.text[lead.start() : end])

    def _same_name(self, one: Found, said: str, values: Sequence[Value]) -> None:
        """Several records of one name: asked back, unless all of that name are meant. Raises NoPlan."""
        if one.start and self.reading.tokens[one.start - 1].plain == "named":
            return
        label = self.vocabulary.catalogue.dimensions[values[0].dimension].label.lower()
        asked = f"{len(values)} {label}s are called {values[0].shown}. Is the number of all of them meant?"
        raise clarify(self.reading.text, asked, (f"all {label}s named {said}",), said)

    def _dimension(self, one: Found, names: Sequence[Named]) -> str:
        told = list(dict.fromkeys(value.dimension for value in one.values))
        known = [name for name in told if name in self.reachable]
        said = self.reading.said(one.start, one.end)
        if not known:
            labels = " or ".join(self.vocabulary.catalogue.dimensions[name].label.lower() for name in told)
            metric = self.metrics[0].label
            raise unanswerable(
                self.reading.text, f"{metric} is not known by {labels}, which “{said}” is.", "not modelled"
            )
        spoken = [name for name in known if name == "language"]
        if spoken and one.start and self.reading.tokens[one.start - 1].plain == "in" and one.values[0].shown != said:
            return spoken[0]  # `in German` is a language; of people and places, `German` is a country
        beside = [name for name in known if self._stands_beside(one, name)]
        known = beside or known
        named = [name for name in known if any(name in other.dimensions for other in names)]
        known = named or known
        if len(known) > 1:
            labels_of = tuple(self.vocabulary.catalogue.dimensions[name].label for name in known)
            raise clarify(self.reading.text, f"Is “{said}” meant as {' or as '.join(labels_of)}?", labels_of)
        return known[0]

    def _around(self, one: Found) -> list[int]:
        """Tokens next to a value, articles and prepositions passed over."""
        places = []
        for step, start in ((-1, one.start - 1), (1, one.end)):
            place = start
            while 0 <= place < len(self.reading.tokens) and self._is_small(place):
                place += step
            if 0 <= place < len(self.reading.tokens):
                places.append(place)
        return places

    def _is_small(self, place: int) -> bool:
        """An article, a preposition, or a word that says that what follows is left out."""
        small = self.reading.tokens[place].plain in STOPWORDS | {"is", "are", "was", "were"}
        return small or self.reading.claims.get(place) == "excluding"

    def _said_of(self, dimension: str) -> set[str]:
        pack, told = english(), self.vocabulary.catalogue.dimensions[dimension]
        phrases = [told.label, dimension, *pack.dimensions.get(dimension, ())]
        return {stem for phrase in phrases for stem in meanings(phrase)}

    def _stands_beside(self, one: Found, dimension: str) -> bool:
        said = self._said_of(dimension)
        around = self._around(one)
        return any(term.stem in said for term in self.reading.terms if term.start in around or term.end - 1 in around)

    def _claim_beside(self, one: Found, dimension: str) -> None:
        """`in the retail sector`, `sector: retail`: the dimension's name is accounted for by its value."""
        said, around = self._said_of(dimension), self._around(one)
        for term in self.reading.free_terms():
            if term.stem in said and (term.start in around or term.end - 1 in around):
                self.reading.claim(term.start, term.end, "value")

    def unknowns(self, names: Sequence[Named]) -> None:
        """`unassigned`, `with no sector`, `unknown country`: rows where it is not known."""
        for match in self.reading.find(UNASSIGNED):
            for name in ("agent", "sales_rep"):
                if name in self.reachable:
                    self.where[name] = (None,)
                    self.reading.claim_characters(match.start(), match.end(), "value")
                    break
        for match in self.reading.find(UNKNOWN):
            for named in names:
                begin = self.reading.tokens[named.start].start
                known = [name for name in named.dimensions if name in self.reachable]
                if known and 0 <= begin - match.end() <= 2 and self.reading.is_free(named.start, named.end):
                    self.where[known[0]] = (None,)
                    self.reading.claim_characters(match.start(), match.end(), "value")
                    self.reading.claim(named.start, named.end, "value")
                    break


def reachable_by(catalogue: Catalogue, metrics: Sequence[Metric], named: Named) -> str | None:
    """The dimension that a name means for these metrics; None where they know none of them."""
    for name in named.dimensions:
        if all(name in metric.dimensions for metric in metrics) and catalogue.dimensions[name].kind != "date":
            return name
    return None
