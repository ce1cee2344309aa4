"""Payment card numbers: told by their length and check digit, refused where people type and hidden where programs log."""

import re

DIGITS = re.compile(r"(?<![\w.+-])\+?\d(?:[ -]?\d){12,}(?![\w-])")
"""Thirteen digits or more, in groups or not; one that begins with + is a telephone number."""
SHORTEST, LONGEST = 13, 19
REFUSED = "looks like a payment card number, which is never kept here; leave it out"


class CardNumber(ValueError):
    """A text holds what looks like a payment card number."""


def refuse_card(text: str) -> str:
    """The text. Raises CardNumber where some run of its digits has a card number's length and check digit."""
    if any(is_card(found[0]) for found in DIGITS.finditer(text)):
        raise CardNumber(f"something in it {REFUSED}")
    return text


def is_card(digits: str) -> bool:
    """Whether groups of digits hold a card number; other numbers may stand before and after it."""
    if digits.startswith("+"):
        return False
    groups = re.split("[ -]", digits)
    runs = ("".join(groups[i:j]) for i in range(len(groups)) for j in range(i + 1, min(i + 20, len(groups) + 1)))
    return any(SHORTEST <= len(run) <= LONGEST and _checks(run) for run in runs)


def _checks(number: str) -> bool:
    """Luhn's sum, ISO/IEC 7812-1 annex B."""
    digits = [int(one) for one in number]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
