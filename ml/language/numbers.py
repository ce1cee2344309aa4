"""Numbers as people write them: 10k, $1.5 million, 5 %, ten."""

import re
from decimal import Decimal

SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
NAMED = {word: number for number, word in enumerate(SMALL)} | {
    "dozen": 12,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
}
SCALES = {"": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9}
WRITTEN = re.compile(r"[$€£]?(\d[\d,]*(?:\.\d+)?)\s?(k|m|mn|bn|thousand|million)?(%)?", re.IGNORECASE)


def number(word: str) -> Decimal | None:
    """The value of one word; of `5%` it is 0.05. None where it is no number."""
    told = word.strip().casefold()
    if told in NAMED:
        return Decimal(NAMED[told])
    found = WRITTEN.fullmatch(told.replace(" ", ""))
    if not found:
        return None
    digits, scale, percent = found.groups()
    value = Decimal(digits.replace(",", "")) * SCALES[(scale or "").casefold()]
    return value / 100 if percent else value
