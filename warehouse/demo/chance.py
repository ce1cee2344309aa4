"""Chance that repeats itself: every draw is a function of the seed, a tag, a key and the draw's number."""

from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Keys = NDArray[np.uint64]
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ELEVEN, _TWENTY_SEVEN, _THIRTY, _THIRTY_ONE = (np.uint64(shift) for shift in (11, 27, 30, 31))
_UNIT = 1.0 / (1 << 53)
_MOST_OF_POISSON = 400
"""Nothing here arrives more often than this in one period."""


@cache
def stable(text: str) -> int:
    """A 64-bit number of a text, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _mixed(values: Keys) -> Keys:
    """The finish of splitmix64: every bit of the answer depends on every bit of the value."""
    # In place after the first step: a fresh array for each of the others costs more than the step.
    mixed: Keys = values >> _THIRTY
    mixed ^= values
    mixed *= _FIRST
    moved = mixed >> _TWENTY_SEVEN
    mixed ^= moved
    mixed *= _SECOND
    np.right_shift(mixed, _THIRTY_ONE, out=moved)
    mixed ^= moved
    return mixed


def keys_of(*parts: int | str | NDArray[Any]) -> Keys:
    """One key per row, mixed from numbers, texts and arrays of whole numbers, which are broadcast."""
    made: Keys = np.zeros(1, np.uint64)
    for part in parts:
        if isinstance(part, str):
            number = np.array([stable(part)], np.uint64)
        elif isinstance(part, int):
            number = np.array([part & (1 << 64) - 1], np.uint64)
        else:
            number = np.asarray(part).astype(np.uint64)
        # Arrays wrap around at 64 bits, which is what is wanted.
        made = _mixed(made * _FIRST + (number + _GOLDEN))
    return made


def bits(seed: int, tag: str, keys: Keys, draw: int = 0) -> Keys:
    """64 random bits per key."""
    return bits_from(start_of(seed, tag, draw), keys)


@lru_cache(maxsize=4096)
def start_of(seed: int, tag: str, draw: int = 0) -> np.uint64:
    """Where the bits of a draw begin, whatever the keys."""
    start = stable(tag) + seed * 0x9E3779B97F4A7C15 + draw * 0xD1B54A32D192ED03
    return np.uint64(start & (1 << 64) - 1)


def bits_from(start: np.uint64 | Keys, keys: Keys) -> Keys:
    """The bits of the keys in a draw that begins there; several draws at once where `start` is a column of them."""
    mixed = _mixed(keys + start)
    mixed += _GOLDEN
    return _mixed(mixed)


def uniform(seed: int, tag: str, keys: Keys, draw: int = 0) -> Numbers:
    """Between 0 and 1, both excluded."""
    found = bits(seed, tag, keys, draw)
    found >>= _ELEVEN
    made = found.astype(np.float64)
    made += 0.5
    made *= _UNIT
    return made


def normal(seed: int, tag: str, keys: Keys, draw: int = 0) -> Numbers:
    """Standard normal."""
    made: Numbers = ndtri(uniform(seed, tag, keys, draw))
    return made


def lognormal(seed: int, tag: str, keys: Keys, median: Any, spread: float, draw: int = 0) -> Numbers:
    """Log-normal around a median (a number or one per key); `spread` is the standard deviation of the logarithm."""
    return np.asarray(median * np.exp(spread * normal(seed, tag, keys, draw)), np.float64)


def happens(seed: int, tag: str, keys: Keys, chance: Any, draw: int = 0) -> NDArray[np.bool_]:
    """Whether something of this chance (a number or one per key) happens."""
    return np.asarray(uniform(seed, tag, keys, draw) < chance)


def integers(seed: int, tag: str, keys: Keys, low: Any, high: Any, draw: int = 0) -> Places:
    """Whole numbers from `low` up to and without `high`; both may be given per key."""
    span = np.asarray(high) - np.asarray(low)
    return np.asarray(low + np.floor(uniform(seed, tag, keys, draw) * span), np.int64)


def choose(seed: int, tag: str, keys: Keys, weights: Sequence[float] | Numbers, draw: int = 0) -> Places:
    """A place in a list, by its weight."""
    edges = np.cumsum(np.asarray(weights, np.float64))
    found = np.searchsorted(edges, uniform(seed, tag, keys, draw) * edges[-1], side="right")
    return np.asarray(np.minimum(found, len(edges) - 1), np.int64)


def poisson(seed: int, tag: str, keys: Keys, rate: Any, draw: int = 0) -> Places:
    """How many arrive when `rate` (a number or one per key) arrive on average."""
    rates = np.broadcast_to(np.asarray(rate, np.float64), keys.shape)
    left = uniform(seed, tag, keys, draw)
    term = np.exp(-rates)
    count = np.zeros(keys.shape, np.int64)
    for number in range(1, _MOST_OF_POISSON):
        left = left - term
        more = left > 0
        if not more.any():
            break
        count += more
        term = term * rates / number
    return count


def sigmoid(logit: Any) -> Numbers:
    """The chance that log-odds stand for."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logit, np.float64))))


_HEX = np.frombuffer(b"".join(b"%04x" % pair for pair in range(1 << 16)), np.uint32)
"""The four digits of two bytes, as they lie in memory."""
_GROUPS = ((0, 8), (9, 13), (14, 18), (19, 23), (24, 36))
"""Where the digits of an id stand, between its hyphens."""


def identifiers(seed: int, tag: str, keys: Keys, milliseconds: NDArray[Any]) -> NDArray[np.bytes_]:
    """UUIDs of version 7 as lower-case text, one per key; `milliseconds` since 1970, or moments of that unit.

    The same tag and key give the same random part: a tag belongs to one table.
    """
    moments = milliseconds.astype("datetime64[ms]").astype(np.int64) if milliseconds.dtype.kind == "M" else milliseconds
    first, second = bits(seed, tag, keys, 0), bits(seed, tag, keys, 1)
    high = (moments.astype(np.uint64) << np.uint64(16)) | np.uint64(0x7000) | (first >> np.uint64(52))
    low = np.uint64(1 << 63) | (second >> np.uint64(2))
    raw = np.empty((len(keys), 2), ">u8")
    raw[:, 0], raw[:, 1] = high, low
    digits = _HEX[raw.view(">u2")].view(np.uint8).reshape(len(keys), 32)
    text = np.full((len(keys), 36), ord("-"), np.uint8)
    done = 0
    for start, end in _GROUPS:
        text[:, start:end] = digits[:, done : done + end - start]
        done += end - start
    return text.view("S36").reshape(len(keys))
