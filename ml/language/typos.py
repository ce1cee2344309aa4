"""Misspelt words, put right where one known word is near enough."""

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ml.language.english import english
from ml.language.operators import WORDS
from ml.language.reading import Reading
from ml.language.time_forms import MONTHS
from ml.language.values import Values
from ml.language.vocabulary import Vocabulary
from ml.language.words import singular, stem

SHORTEST = 4
GRAMMAR = frozenset(
    [
        *MONTHS,
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "today",
        "yesterday",
        "tomorrow",
        "last",
        "previous",
        "prior",
        "past",
        "this",
        "current",
        "next",
        "coming",
        "following",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "quarter",
        "quarters",
        "year",
        "years",
        "fiscal",
        "financial",
        "monthly",
        "weekly",
        "daily",
        "quarterly",
        "yearly",
        "annual",
        "annually",
        "since",
        "between",
        "until",
        "before",
        "after",
        "during",
        "ago",
        "top",
        "bottom",
        "highest",
        "lowest",
        "largest",
        "smallest",
        "biggest",
        "greatest",
        "most",
        "least",
        "fewest",
        "best",
        "worst",
        "fastest",
        "slowest",
        "longest",
        "shortest",
        "more",
        "less",
        "fewer",
        "than",
        "over",
        "under",
        "above",
        "below",
        "exactly",
        "excluding",
        "except",
        "without",
        "compared",
        "compare",
        "versus",
        "previous",
        "growth",
        "change",
        "trend",
        "average",
        "median",
        "total",
        "share",
        "percentage",
        "percent",
        "rate",
        "number",
        "running",
        "cumulative",
        "unassigned",
        "unknown",
        "latest",
        "first",
        "second",
        "third",
        "fourth",
        "half",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
)
"""Words of time and of arithmetic: they are looked for letter by letter elsewhere."""


def put_right(text: str, vocabulary: Vocabulary, values: Values) -> tuple[str, list[str]]:
    """The text with its misspelt words put right, and what was put right."""
    reading, notes = Reading(text), []
    known = _known(vocabulary)
    candidates = _candidates(vocabulary)
    for place in range(len(reading.tokens) - 1, -1, -1):
        token = reading.tokens[place]
        word = token.plain
        if len(word) < SHORTEST or not word.isalpha() or word in known or token.stem in known:
            continue
        if reading.spelled[place] in values.words:
            continue
        near = (
            _nearest(word, candidates)
            or _nearest(singular(word), candidates)
            or (_nearest(word, values.names) if token.text[0].isupper() else None)
        )
        if near:
            text = text[: token.start] + near + text[token.end :]
            notes.append(f"read “{token.text}” as “{near}”")
    return text, notes[::-1]


@lru_cache(maxsize=64)
def _known(vocabulary: Vocabulary) -> frozenset[str]:
    pack = english()
    same = {stem for words in pack.same for stem in words}
    topics = {stem for stems in pack.unmodelled.values() for stem in stems}
    return frozenset(pack.fillers | vocabulary.words | same | topics | GRAMMAR | WORDS)


@lru_cache(maxsize=64)
def _candidates(vocabulary: Vocabulary) -> list[str]:
    """Whole words, since a typo is nearer to what was meant than to its stem."""
    return sorted(word for word in vocabulary.whole_words | GRAMMAR if len(word) >= SHORTEST and word.isalpha())


def _nearest(word: str, candidates: list[str]) -> str | None:
    """The one word that few letters tell from this one; None where there is none, or several."""
    allowed = 1 if len(word) < 7 else 2
    near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=8)
    # Two letters astray are only believed where the beginning is right: `stopped` is not `slipped`.
    near = [one for one in near if one[0][:2] == word[:2] or (one[1] == 1 and one[0][0] == word[0])]
    if not near:
        return None
    best = min(distance for _, distance, _ in near)
    closest = {stem(found): found for found, distance, _ in near if distance == best}
    return next(iter(closest.values())) if len(closest) == 1 else None
