"""A text as words: where each stands, how it was written, and the form in which it is looked up."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(
    r"""
      \d{4}-\d{2}-\d{2}                                   # a day
    | [$€£]?\d[\d,]*(?:\.\d+)?\s?(?:%|k\b|m\b|mn\b|bn\b|million\b|thousand\b)?   # a number, as people abbreviate it
    | [^\W\d_][\w&]*(?:['’.][\w&]+)*                       # a word, with what holds it together
    | >=|<=|!=|[><=%&+]
    """,
    re.VERBOSE | re.IGNORECASE,
)
VOWELS = frozenset("aeiouy")
IRREGULAR = {
    "won": "win",
    "lost": "lose",
    "loss": "lose",
    "losses": "lose",
    "sold": "sell",
    "paid": "pay",
    "payment": "pay",
    "payments": "pay",
    "payer": "pay",
    "payers": "pay",
    "spent": "spend",
    "spending": "spend",
    "bought": "buy",
    "sent": "send",
    "left": "leave",
    "came": "come",
    "got": "get",
    "made": "make",
    "had": "have",
    "has": "have",
    "met": "meet",
    "people": "person",
    "days": "day",
    "months": "month",
    "used": "use",
    "using": "use",
    "churned": "churn",
    "news": "news",
    "note": "memo",
    "notes": "memo",
    "series": "series",
    "rating": "rating",
    "ratings": "rating",
    "sales": "sales",
    "status": "status",
    "statuses": "status",
    "does": "do",
    "did": "do",
    "done": "do",
    "took": "take",
    "taken": "take",
    "brought": "bring",
    "opened": "create",
    "opening": "create",
    "gave": "give",
    "given": "give",
    "grew": "grow",
    "grown": "grow",
    "fell": "fall",
    "fallen": "fall",
    "rose": "rise",
    "owed": "owe",
    "owing": "owe",
    "held": "hold",
    "signing": "sign",
    "billing": "billing",
    "meeting": "meeting",
    "meetings": "meeting",
    "spring": "spring",
    "during": "during",
    "pending": "pending",
    "outstanding": "outstanding",
    "recurring": "recurring",
    "marketing": "marketing",
    "manufacturing": "manufacturing",
    "excluding": "exclude",
    "including": "include",
    "recognised": "recognise",
    "recognized": "recognise",
    "analysis": "analysis",
    "business": "business",
    "businesses": "business",
    "address": "address",
    "access": "access",
    "less": "less",
    "across": "across",
    "his": "his",
    "this": "this",
    "is": "be",
    "are": "be",
    "was": "be",
    "were": "be",
    "been": "be",
}
"""Words whose form the rules below would not find, or would spoil."""


@dataclass(frozen=True)
class Token:
    """One word of a text: characters `start` to `end`, as written, and as it is looked up."""

    text: str
    start: int
    end: int

    @property
    def plain(self) -> str:
        """In small letters, without accents and the possessive."""
        return plain(self.text)

    @property
    def stem(self) -> str:
        """What all forms of the word share."""
        return stem(self.plain)

    @property
    def is_number(self) -> bool:
        """Whether it begins as a number does."""
        return self.text.lstrip("$€£")[:1].isdigit()


def tokens(text: str) -> list[Token]:
    """The words of a text, in order; punctuation is none."""
    return [
        Token(found[0].rstrip(), found.start(), found.start() + len(found[0].rstrip())) for found in WORD.finditer(text)
    ]


@lru_cache(maxsize=50_000)
def plain(word: str) -> str:
    """In small letters, without accents and without a possessive `'s`."""
    folded = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    bare = "".join(one for one in folded if not unicodedata.combining(one))
    return re.sub(r"'s?$", "", bare)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What the forms of an English word share: `closing`, `closed` and `closes` are `clos`, both as a word and as asked.

    It need not be a word: it is only ever compared with other stems.
    """
    if word in IRREGULAR:
        return _irregular(word)
    if len(word) <= 3 or not word.isalpha():
        return singular(word)
    word = singular(word)
    if word in IRREGULAR:
        return _irregular(word)
    if word.endswith("ied"):
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and VOWELS.intersection(root):
            return _bare(root)
    return _bare(word)


def singular(word: str) -> str:
    """Without the ending of a plural or of a verb's third person."""
    if IRREGULAR.get(word) == word or len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word.removesuffix("s")


def _irregular(word: str) -> str:
    """What stands for itself stays as it is; what stands for another word has that word's stem."""
    other = IRREGULAR[word]
    return other if other == word else _bare(other)


def _bare(root: str) -> str:
    """Without a silent e, or the doubled letter before an ending."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouslz":
        return root[:-1]
    return root.removesuffix("e") if len(root) > 3 else root


def stems(text: str) -> tuple[str, ...]:
    """The stems of a phrase, in order."""
    return tuple(token.stem for token in tokens(text.replace("_", " ")))
