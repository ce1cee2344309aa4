"""By what a question divides its numbers, and which words are the name of a dimension."""

import re
from dataclasses import dataclass

from ml.language.english import STOPWORDS
from ml.language.numbers import number
from ml.language.operators import GRAINS
from ml.language.reading import Reading
from ml.language.vocabulary import Vocabulary
from ml.language.words import stem
from warehouse.metrics.calendar import Grain

BY = re.compile(
    r"\b(?:(?:broken|split|grouped|segmented|sliced|divided|categori[sz]ed|cut|breakdown|split up|itemi[sz]ed|distributed|distribution)"
    r"(?: down| out| up)? (?:by|per|into|across|over|between)|by|per|for each|for every|in each|within each|of each|from each|each|every"
    r"|across|for all|according to|for the (?:different|various)|between)\b"
)
JOINED = re.compile(r"^\s*(?:,|and|&|/|then|,\s*and|x|and then)?\s*(?:by |per |each )?$")
SKIPPED = {
    "the",
    "our",
    "different",
    "various",
    "all",
    "each",
    "every",
    "their",
    "its",
    "a",
    "an",
    "individual",
    "single",
}
WHICH = {"which", "what", "whose"}
WHO = {"who", "whom"}
RAISED = frozenset(map(stem, ["created", "raised", "submitted", "reported", "filed", "sent", "made", "logged", "paid"]))
CUSTOMERS_DO = frozenset(
    map(stem, ["owes", "pays", "bought", "buys", "ordered", "churned", "left", "cancelled", "canceled", "spent"])
)
"""Of whom it is said is a customer, not somebody who works here."""
CUSTOMER = stem("customer")
ALIKE = {"series"}
"""One and many of them are called the same."""
PEOPLE = ("sales_rep", "agent")


@dataclass(frozen=True)
class Named:
    """Tokens that are the name of a dimension, and the dimensions they may mean, the likeliest first."""

    start: int
    end: int
    dimensions: tuple[str, ...]
    grain: Grain | None = None
    is_plural: bool = False


def named_at(reading: Reading, vocabulary: Vocabulary, place: int, *, dates: bool = False) -> Named | None:
    """The longest name of a dimension or of a period that begins at a free token; of dates only where they are wanted."""
    ahead = [term for term in reading.terms if term.start >= place]
    if not ahead or ahead[0].start != place or ahead[0].stem in STOPWORDS:
        return None
    for length in range(min(vocabulary.longest_dimension + 2, len(ahead)), 0, -1):
        chosen = ahead[:length]
        stems = tuple(term.stem for term in chosen if term.stem not in STOPWORDS)
        end = chosen[-1].end
        names = [one for one in vocabulary.dimensions.get(stems, ()) if dates or not vocabulary.is_date(one)]
        if names and chosen[-1].stem not in STOPWORDS and reading.is_free(place, end):
            last = reading.tokens[end - 1].plain
            return Named(
                place,
                end,
                tuple(names),
                is_plural=(last.endswith("s") and last not in ALIKE) or last in {"people", "staff"},
            )
    for words, grain in GRAINS:
        for length in (2, 1):
            said = " ".join(reading.spelled[place : place + length])
            if (
                place + length <= len(reading.tokens)
                and re.fullmatch(words, said)
                and reading.is_free(place, place + length)
            ):
                return Named(place, place + length, (), grain, reading.tokens[place + length - 1].plain.endswith("s"))
    return None


def skip(reading: Reading, place: int) -> int:
    """The first token from here on that is no article."""
    while place < len(reading.tokens) and reading.tokens[place].plain in SKIPPED:
        place += 1
    return place


def every_name(reading: Reading, vocabulary: Vocabulary, *, dates: bool = False) -> list[Named]:
    """All free names of dimensions, in order."""
    found, place = [], 0
    while place < len(reading.tokens):
        one = named_at(reading, vocabulary, place, dates=dates) if reading.is_free(place, place + 1) else None
        if one and one.grain is None:
            found.append(one)
            place = one.end
        else:
            place += 1
    return found


def by_lists(reading: Reading, vocabulary: Vocabulary) -> list[Named]:
    """`by country and month`, `per rep`, `for each product`: claimed."""
    found: list[Named] = []
    for match in reading.find(BY):
        inside = reading.within(match.start(), match.end())
        place = skip(reading, inside[-1] + 1)
        before = reading.tokens[inside[0] - 1].stem if inside[0] else ""
        if (
            match[0] == "by"
            and before in RAISED
            and place < len(reading.tokens)
            and reading.tokens[place].stem == CUSTOMER
        ):
            reading.claim(place, place + 1, "filler")  # `created by customers`: all are
            continue
        run: list[Named] = []
        while place < len(reading.tokens):
            one = named_at(reading, vocabulary, place)
            if one is None:
                break
            run.append(one)
            following = skip(reading, _after_joint(reading, one.end))
            if following >= len(reading.tokens) or not JOINED.match(reading.gap(one.end - 1, following)):
                break
            place = following
        for one in run:
            reading.claim(one.start, one.end, "by")
        if run:
            reading.claim(inside[0], run[-1].end, "by")
        found += run
    return found


def _after_joint(reading: Reading, place: int) -> int:
    while place < len(reading.tokens) and reading.tokens[place].plain in {"and", "then", "by", "per", "x", "&", "each"}:
        place += 1
    return place


def asked_for(reading: Reading, vocabulary: Vocabulary) -> list[Named]:
    """`which country`, `what product`, `who`: claimed; who stands for people who work here."""
    found: list[Named] = []
    for place, token in enumerate(reading.tokens):
        if token.plain in WHO and reading.is_free(place, place + 1):
            following_stem = reading.tokens[place + 1].stem if place + 1 < len(reading.tokens) else ""
            named = ("customer",) if following_stem in CUSTOMERS_DO else PEOPLE
            people = tuple(name for name in named if name in vocabulary.catalogue.dimensions)
            following = (
                named_at(reading, vocabulary, skip(reading, place + 1)) if place + 1 < len(reading.tokens) else None
            )
            if place and any(one.end == place for one in every_name(reading, vocabulary)):
                reading.claim(place, place + 1, "filler")  # `reps who …`: the people are said already
                continue
            if following is None and not found and place < 3:
                found.append(Named(place, place + 1, people))
                reading.claim(place, place + 1, "which")
        if token.plain in WHICH:
            start = skip(reading, place + 1)
            if start < len(reading.tokens) and reading.tokens[start].plain in {"of", "kind", "type"}:
                start = skip(reading, start + 1)
            if start < len(reading.tokens) and number(reading.tokens[start].plain) is not None:
                start = skip(reading, start + 1)  # `which five customers`
            one = named_at(reading, vocabulary, start)
            if one and not _heads_another(reading, vocabulary, one):
                found.append(one)
                reading.claim(place, one.end, "which")
    return found


def _heads_another(reading: Reading, vocabulary: Vocabulary, one: Named) -> bool:
    """`what campaign spend`: the dimension's name is the beginning of a metric's."""
    following = [term for term in reading.terms if term.start == one.end]
    if not following or one.grain:
        return False
    stems = {term.stem for term in reading.terms if one.start <= term.start < one.end} | {following[0].stem}
    return any(stems <= phrase.meanings and phrase.rank < 2 for phrase in vocabulary.phrases)
