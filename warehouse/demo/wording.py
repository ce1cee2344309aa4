"""What customers and agents write, in five languages: sentences with slots, spelled out once and drawn by number."""

import tomllib
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.chance import Keys, Places
from warehouse.demo.customers import LANGUAGES

CATEGORIES = ("billing", "access", "fault", "performance", "how_to", "delivery", "cancellation", "request")
VAGUE = len(CATEGORIES)
"""The topic of a sentence that could be about anything."""
TOPICS = (*CATEGORIES, "vague")
TYPO_SHARE = 0.06
"""Of the sentences people write; agents write with a spelling checker."""

Texts = NDArray[np.object_]
NOTHING: Texts = np.array([None], object)
"""No text."""
_TEXTS = Path(__file__).parent / "texts"


class Pool(NamedTuple):
    """Sentences of one kind: (language, topic) → where they start in the list and how many there are."""

    sentences: Texts
    start: Places
    size: Places


class Article(NamedTuple):
    """An answer that is written once."""

    language: str
    category: str
    title: str
    body: str


def spelled_out(template: str) -> list[str]:
    """Every wording of a sentence whose slots are written {a|b}."""
    parts: list[list[str]] = []
    for place, piece in enumerate(template.replace("}", "{").split("{")):
        parts.append(piece.split("|") if place % 2 else [piece])
    return ["".join(choice) for choice in product(*parts)]


@cache
def _book(language: str) -> dict[str, Any]:
    return tomllib.loads((_TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def pool(kind: str) -> Pool:
    """All sentences of a kind; one that belongs to no topic stands under each."""
    sentences: list[str] = []
    start = np.zeros((len(LANGUAGES), len(TOPICS)), np.int64)
    size = np.zeros_like(start)
    for row, language in enumerate(LANGUAGES):
        book = _book(language)
        for column, topic in enumerate(TOPICS):
            templates = book[kind] if kind in book else book[topic].get(kind, book["fault"].get(kind))
            made = [text for template in templates for text in spelled_out(template)]
            start[row, column], size[row, column] = len(sentences), len(made)
            sentences += made
    return Pool(np.array(sentences, object), start, size)


def sentences(seed: int, kind: str, keys: Keys, language: Places, topic: Places, draw: int = 0) -> Texts:
    """A sentence of that kind for each key, in its language and about its topic."""
    book = pool(kind)
    size = book.size[language, topic]
    place = chance.integers(seed, f"wording {kind}", keys, np.zeros(len(keys), np.int64), size, draw)
    found: Texts = book.sentences[book.start[language, topic] + place]
    return found


def with_typos(seed: int, tag: str, keys: Keys, texts: Texts) -> Texts:
    """The same texts, some with two letters swapped."""
    slips = np.flatnonzero(chance.happens(seed, f"typo {tag}", keys, TYPO_SHARE))
    where = chance.uniform(seed, f"typo {tag}", keys[slips], 1)
    written = texts.copy()
    for row, share in zip(slips, where, strict=True):
        text = texts[row]
        at = 1 + int(share * (len(text) - 2))
        written[row] = f"{text[: at - 1]}{text[at]}{text[at - 1]}{text[at + 1 :]}"
    return written


def joined(*parts: Texts | str) -> Texts:
    """Texts put one after the other, row by row."""
    made: Any = parts[0]
    for part in parts[1:]:
        made = made + part
    result: Texts = made
    return result


@cache
def articles(language: str) -> tuple[Article, ...]:
    """What the knowledge base says in a language."""
    told = _book(language)["articles"]
    return tuple(Article(language, row["category"], row["title"], row["body"]) for row in told)


@cache
def category_names(language: str) -> tuple[str, ...]:
    """What the categories are called."""
    return tuple(_book(language)[category]["name"] for category in CATEGORIES)
