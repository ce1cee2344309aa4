"""Reads an amount that a person typed, exactly, or says in one sentence why it cannot be one."""

import re
from decimal import Decimal

WHOLE_DIGITS, PLACES = 14, 4
PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
GROUPED = re.compile(r"[0-9]{1,3}(?:([,'’ \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?")
SEPARATORS = re.compile(r"[,'’\s\u00a0\u202f]")
SIGNS = "$€£¥₹"


class NotAnAmount(ValueError):
    """What was typed is not an amount; the message says what to type."""


def read_amount(typed: str | None) -> Decimal | None:
    """`12,500.50` → Decimal("12500.50"); nothing typed is unknown, not zero."""
    text = (typed or "").strip().lstrip(SIGNS).strip()
    if not text:
        return None
    if text[0] in "-−":
        raise NotAnAmount("An amount cannot be negative.")
    if not (PLAIN.fullmatch(text) or GROUPED.fullmatch(text)):
        raise NotAnAmount(f"“{(typed or '').strip()[:40]}” is not an amount. Write it like 12500 or 12,500.50.")
    whole, _, places = SEPARATORS.sub("", text).partition(".")
    if len(places.rstrip("0")) > PLACES:
        raise NotAnAmount(f"An amount has at most {PLACES} decimals.")
    if len(whole.lstrip("0")) > WHOLE_DIGITS:
        raise NotAnAmount(f"An amount has at most {WHOLE_DIGITS} digits before the point.")
    return Decimal(f"{whole or '0'}.{places.rstrip('0') or '0'}")


def read_number(typed: str | None, places: int) -> Decimal | None:
    """`-1,234.5` or `12.5%` → Decimal; nothing typed is unknown. Raises NotAnAmount."""
    text = (typed or "").strip().removesuffix("%").strip()
    sign, text = (-1, text[1:].strip()) if text[:1] in {"-", "−"} else (1, text)
    if not text and sign == 1:
        return None
    if not (PLAIN.fullmatch(text) or GROUPED.fullmatch(text)):
        raise NotAnAmount(f"“{(typed or '').strip()[:40]}” is not a number. Write it like 12500 or 12,500.5.")
    whole, _, after = SEPARATORS.sub("", text).partition(".")
    if len(after.rstrip("0")) > places:
        raise NotAnAmount(f"A number has at most {places} decimals here.")
    if len(whole.lstrip("0")) > WHOLE_DIGITS:
        raise NotAnAmount(f"A number has at most {WHOLE_DIGITS} digits before the point.")
    return sign * Decimal(f"{whole or '0'}.{after.rstrip('0') or '0'}")


def write_number(value: Decimal | None) -> str:
    """As it stands in the field: separators, no needless zeros."""
    return "" if value is None else f"{value.normalize():,f}"


def write_amount(value: Decimal | None) -> str:
    """As it stands in the field: separators, no needless zeros."""
    if value is None:
        return ""
    exact = value.normalize()
    places = -int(exact.as_tuple().exponent)
    return f"{exact:,.{max(2, places) if places > 0 else 0}f}"
