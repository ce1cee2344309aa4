"""Invented names, addresses and numbers, each from its own key."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import Keys, happens, integers
from warehouse.demo.words import FAMILY_NAMES, GIVEN_NAMES, NAME_ENDS, NAME_STARTS, STREETS, TITLES, TRADES

Texts = NDArray[Any]
"""Of dtype object."""
_NOBODY = np.array([None], object)

_STARTS, _ENDS = np.array(NAME_STARTS, object), np.array(NAME_ENDS, object)
_GIVEN, _FAMILY = np.array(GIVEN_NAMES, object), np.array(FAMILY_NAMES, object)
_TITLES, _STREETS = np.array(TITLES, object), np.array(STREETS, object)
_TRADES = np.array(list(TRADES.values()), object)
_LOWER_ENDS, _LOWER_STARTS = _ENDS, np.array([word.lower() for word in NAME_STARTS], object)
_LOWER_GIVEN, _LOWER_FAMILY = (np.array([word.lower() for word in words], object) for words in (_GIVEN, _FAMILY))
_NUMBERS = np.array([f"{number:04d}" for number in range(10_000)], object)
_LINES = np.array([f"+44 7700 900{number:03d}" for number in range(1000)], object)
_HOUSES = np.array([f"{number} " for number in range(1, 100)], object)
_SUFFIX = np.array(["", "", " Group"], object)
KNOWN_EMAIL, KNOWN_PHONE, KNOWN_ADDRESS = 0.88, 0.65, 0.6
"""Shares of customers and contacts of whom an address or number is known."""


def _some(words: Texts, seed: int, tag: str, keys: Keys) -> tuple[Texts, NDArray[np.int64]]:
    places = integers(seed, tag, keys, 0, len(words))
    return words[places], places


def customer_names(seed: int, keys: Keys, segment: NDArray[np.int64], sector: NDArray[np.int64]) -> Texts:
    """A person's name for individuals, else that of a company of the sector."""
    start, _ = _some(_STARTS, seed, "name start", keys)
    end, _ = _some(_ENDS, seed, "name end", keys)
    given, _ = _some(_GIVEN, seed, "given name", keys)
    trade = _TRADES[sector, integers(seed, "trade", keys, 0, _TRADES.shape[1])]
    stem = start + end
    return np.asarray(np.where(segment == 0, given + " " + stem, stem + " " + trade + _SUFFIX[segment]))


def customer_emails(seed: int, keys: Keys) -> Texts:
    """Where to write to a customer; None where nobody knows."""
    start = _LOWER_STARTS[integers(seed, "name start", keys, 0, len(_STARTS))]
    stem = start + _LOWER_ENDS[integers(seed, "name end", keys, 0, len(_ENDS))]
    number, _ = _some(_NUMBERS, seed, "mailbox", keys)
    known = happens(seed, "known e-mail", keys, KNOWN_EMAIL)
    return np.asarray(np.where(known, "post" + number + "@" + stem + ".test", _NOBODY))


def person_names(seed: int, keys: Keys) -> Texts:
    """A given and a family name."""
    given, _ = _some(_GIVEN, seed, "given name", keys)
    family, _ = _some(_FAMILY, seed, "family name", keys)
    return np.asarray(given + " " + family)


def person_emails(seed: int, keys: Keys) -> Texts:
    """Where to write to a person; None where nobody knows."""
    given = _LOWER_GIVEN[integers(seed, "given name", keys, 0, len(_GIVEN))]
    family = _LOWER_FAMILY[integers(seed, "family name", keys, 0, len(_FAMILY))]
    number, _ = _some(_NUMBERS, seed, "mailbox", keys)
    known = happens(seed, "known e-mail", keys, KNOWN_EMAIL)
    return np.asarray(np.where(known, given + "." + family + number + "@mail.test", _NOBODY))


def phones(seed: int, keys: Keys) -> Texts:
    """A number of a range kept free for stories; None where nobody knows."""
    number, _ = _some(_LINES, seed, "phone", keys)
    return np.asarray(np.where(happens(seed, "known phone", keys, KNOWN_PHONE), number, _NOBODY))


def addresses(seed: int, keys: Keys) -> Texts:
    """A street that is nowhere; None where nobody knows."""
    number, _ = _some(_HOUSES, seed, "house number", keys)
    street, _ = _some(_STREETS, seed, "street", keys)
    return np.asarray(np.where(happens(seed, "known address", keys, KNOWN_ADDRESS), number + street, _NOBODY))


def titles(seed: int, keys: Keys) -> Texts:
    """What a person does at a customer."""
    found, _ = _some(_TITLES, seed, "title", keys)
    return found


def numbered(prefix: str, numbers: NDArray[Any], digits: int) -> Texts:
    """Numbers that people call records by."""
    return np.array([f"{prefix}{number:0{digits}d}" for number in numbers.tolist()], object)
