"""A question as it is being read: its words, and what each has been taken for so far."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from ml.language.english import STOPWORDS, Term, english, spelled, terms
from ml.language.values import Value, Values
from ml.language.words import Token, tokens

NEEDS_COMPANY = english().fillers | {"first", "last", "lead", "new"}
"""Words that are a value only beside the name of their dimension: most of the time they are something else."""


@dataclass
class Found:
    """Values that a stretch of words names, by dimension; `start` and `end` are tokens."""

    start: int
    end: int
    values: tuple[Value, ...]
    excluded: bool = False


@dataclass
class Reading:
    """A text under examination. A claimed word has been accounted for."""

    text: str
    claims: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @cached_property
    def small(self) -> str:
        """The text in small letters, of the same length."""
        return self.text.lower() if len(self.text.lower()) == len(self.text) else self.text

    @cached_property
    def tokens(self) -> list[Token]:
        """Its words."""
        return tokens(self.text)

    @cached_property
    def terms(self) -> list[Term]:
        """Its meanings, in order."""
        return terms(self.tokens)

    @cached_property
    def spelled(self) -> list[str]:
        """Each word as names are compared."""
        return [(spelled(token.text) or (token.plain,))[0] for token in self.tokens]

    def claim(self, start: int, end: int, what: str) -> None:
        """Tokens `start` to `end` (not included) are accounted for."""
        for place in range(start, end):
            self.claims[place] = what

    def claim_characters(self, start: int, end: int, what: str) -> None:
        """The same by characters of the text."""
        for place in self.within(start, end):
            self.claims[place] = what

    def within(self, start: int, end: int) -> list[int]:
        """Tokens that begin within these characters."""
        return [place for place, token in enumerate(self.tokens) if start <= token.start < end]

    def is_free(self, start: int, end: int) -> bool:
        """Whether none of these tokens has been taken for anything."""
        return not any(place in self.claims for place in range(start, end))

    def free_terms(self) -> list[Term]:
        """Meanings that nothing accounts for yet, fillers among them."""
        return [term for term in self.terms if self.is_free(term.start, term.end)]

    def loose(self) -> list[Term]:
        """What must still be accounted for: free, and no filler."""
        return [term for term in self.free_terms() if term.stem not in english().fillers]

    def said(self, start: int, end: int) -> str:
        """The words as written."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def gap(self, start: int, end: int) -> str:
        """The characters between token `start` (its end) and token `end` (its beginning)."""
        return self.small[self.tokens[start].end : self.tokens[end].start]

    def find(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Where a pattern is in the text, on words that are free."""
        return [
            found
            for found in pattern.finditer(self.small)
            if not any(place in self.claims for place in self.within(found.start(), found.end()))
        ]


def find_values(reading: Reading, values: Values, *, single: bool) -> list[Found]:
    """Stretches of free words that are a value: those of several words, or with `single` those of one."""
    found, place = [], 0
    while place < len(reading.tokens):
        longest = 1 if single else min(values.longest, len(reading.tokens) - place)
        for length in range(longest, 0 if single else 1, -1):
            words = tuple(reading.spelled[place : place + length])
            if (
                words in values.whole
                and reading.is_free(place, place + length)
                and _is_meant(reading, place, length, words)
            ):
                found.append(Found(place, place + length, values.whole[words]))
                place += length - 1
                break
        place += 1
    return found


def _is_meant(reading: Reading, place: int, length: int, words: tuple[str, ...]) -> bool:
    """Whether a word that is also an everyday one is written as a name: US, not us."""
    if length > 1 or words[0] not in STOPWORDS | NEEDS_COMPANY:
        return True
    told = reading.tokens[place].text
    return len(told) >= 2 and told.isupper() and not reading.text.isupper()
