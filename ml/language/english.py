"""What English calls the things of a business, beside the words of the semantic layer."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ml.language.words import Token, plain, singular, stem, stems, tokens

STOPWORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "per",
        "and",
        "or",
        "with",
        "we",
        "our",
        "us",
        "i",
        "me",
        "my",
        "you",
        "your",
        "they",
        "them",
        "their",
        "it",
        "its",
        "that",
        "these",
        "those",
        "there",
        "as",
        "so",
        "is",
        "be",
        "do",
        "have",
        "which",
        "who",
        "whom",
        "what",
        "when",
        "where",
        "how",
    ]
)
"""Words that no phrase is recognised by."""

Values = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class English:
    """The language pack, read once."""

    fillers: frozenset[str]
    same: dict[tuple[str, ...], str]
    """Stems of a word or of several → the stem under which they are looked up."""
    metrics: dict[str, list[str]]
    dimensions: dict[str, list[str]]
    values: Values
    stages: dict[str, list[str]]
    unmodelled: dict[str, frozenset[str]]
    ambiguous: dict[str, list[str]]
    vague: frozenset[str]
    instead: dict[str, list[str]]
    """Metric → others that are divided by more."""
    there: dict[str, str]
    """Dimension → the share that is one of its values that are still there."""
    bare: dict[str, list[str]]
    """Spelled words that several numbers share as long as nothing else is said."""
    things: frozenset[str]
    """What the records of a business are called."""

    @property
    def longest(self) -> int:
        """Words of the longest expression of one meaning."""
        return max(map(len, self.same))


@dataclass(frozen=True)
class Term:
    """One meaning in a text: tokens `start` to `end` (not included) and the stem they are looked up by."""

    stem: str
    start: int
    end: int


@lru_cache(maxsize=1)
def english() -> English:
    """The words of `english.yml`."""
    told: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "english.yml").read_text(encoding="utf-8"))
    same = {}
    for canonical, others in told["same"].items():
        for other in (canonical, *others):
            same[stems(str(other))] = stem(str(canonical))
    return English(
        fillers=frozenset(stem(plain(word)) for word in told["fillers"].split()) | STOPWORDS,
        same=same,
        metrics=told["metrics"],
        dimensions=told["dimensions"],
        values=told["values"],
        stages=told["stages"],
        ambiguous={stem(word): metrics for word, metrics in told["ambiguous"].items()},
        things=frozenset(one for word in told["things"] for one in meanings_of(word, same)),
        there=told["there"],
        instead=told["instead"],
        bare={spelled(word)[0]: metrics for word, metrics in told["bare"].items()},
        vague=frozenset(stem(word) for word in told["vague"]),
        unmodelled={topic: frozenset(stem(word) for word in words) for topic, words in told["unmodelled"].items()},
    )


def meanings_of(word: str, same: dict[tuple[str, ...], str]) -> set[str]:
    """The stem a word has, and the one it is looked up by."""
    return {stem(word), same.get((stem(word),), stem(word))}


def terms(found: list[Token]) -> list[Term]:
    """The meanings of a text's words, the longest expression first at each place."""
    pack, place = english(), 0
    stemmed = [token.stem for token in found]
    read: list[Term] = []
    while place < len(stemmed):
        for length in range(min(pack.longest, len(stemmed) - place), 0, -1):
            canonical = pack.same.get(tuple(stemmed[place : place + length]))
            if canonical or length == 1:
                read.append(Term(canonical or stemmed[place], place, place + length))
                place += length
                break
    return read


@lru_cache(maxsize=10_000)
def meanings(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase's meanings in order, without the words that none is recognised by."""
    every = [term.stem for term in terms(tokens(phrase.replace("_", " ")))]
    return tuple(one for one in every if one not in STOPWORDS) or tuple(every)


@lru_cache(maxsize=100_000)
def spelled(phrase: str) -> tuple[str, ...]:
    """A name's words as they are compared: in small letters, in the singular."""
    return tuple(singular(token.plain) for token in tokens(phrase.replace("_", " ")))
