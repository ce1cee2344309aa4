"""How a column writes its days and numbers, decided by all its values together; never guessed from one."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal

ISO, DOTTED, DAY_FIRST, MONTH_FIRST = "YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?")
NAMED = re.compile(r"([A-Za-z]{3})[a-z]* (\d{1,2}), (\d{4})(?: (\d{1,2}):(\d{2}) ?([ap]m))?", re.IGNORECASE)
"""`Jun 09, 2026 09:30 pm`: a month by its English name is never mistaken for a day."""
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
BETWEEN = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
"""The thousands signs of other countries: spaces and apostrophes."""
GROUPED = {
    mark: re.compile(
        rf"\d{{1,3}}(?:{re.escape(group)}\d{{2,3}})*{re.escape(group)}\d{{3}}"
        rf"(?:{re.escape(mark)}\d*)?"
    )
    for mark, group in ((".", ","), (",", "."))
}
PLAIN = {mark: re.compile(rf"\d*{re.escape(mark)}?\d*(?:[eE][+-]?\d+)?") for mark in ".,"}
CODE = re.compile(r"[A-Z]{3}")


class Undecided(Exception):
    """The values of a column allow two readings; the sentence shows one of them."""


def day_style(texts: Iterable[str]) -> str:
    """Which of the four formats a column's days are written in. Raises Undecided."""
    kinds: dict[str, list[tuple[int, int, str]]] = {ISO: [], ".": [], "/": []}
    for text in texts:
        if found := YEAR_LAST.fullmatch(text):
            kind = "." if found[2] == "." else "/"
            kinds[kind].append((int(found[1]), int(found[3]), text))
        elif YEAR_FIRST.match(text):
            kinds[ISO].append((0, 0, text))
    most = max(kinds, key=lambda kind: len(kinds[kind]))
    if most != "/":
        return ISO if most == ISO else DOTTED
    return _order(kinds["/"])


def _order(days: list[tuple[int, int, str]]) -> str:
    day_first = next((text for one, two, text in days if one > 12 >= two), None)
    month_first = next((text for one, two, text in days if two > 12 >= one), None)
    if day_first and month_first:
        raise Undecided(f"writes {day_first} as well as {month_first}")
    if not day_first and not month_first:
        open_ones = [text for one, two, text in days if one != two and max(one, two) <= 12]
        if open_ones:
            raise Undecided(f"writes {open_ones[0]}, and no other value says which part is the day")
    return MONTH_FIRST if month_first else DAY_FIRST


def day(text: str, style: str) -> date:
    """The day a text names in a style; a day that begins with its year is one in every style. Raises ValueError."""
    if found := YEAR_LAST.fullmatch(text):
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        if style == ISO or (style == MONTH_FIRST and found[2] == "."):
            raise ValueError(text)
        return date(year, one, two) if style == MONTH_FIRST else date(year, two, one)
    if found := YEAR_FIRST.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := NAMED.fullmatch(text):
        return _named(found).date()
    return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text).date()


def moment(text: str) -> datetime:
    """The moment an ISO text names, or one with a month's name, in UTC where it does not say its offset.

    Raises ValueError.
    """
    named = NAMED.fullmatch(text)
    found = _named(named) if named else datetime.fromisoformat(text.removesuffix(" UTC"))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _named(found: re.Match[str]) -> datetime:
    name, day_, year, hour, minute, half = found.groups()
    on = date(int(year), MONTHS.index(name.lower()) + 1, int(day_))
    if hour is None:
        return datetime.combine(on, time())
    return datetime.combine(on, time(int(hour) % 12 + 12 * (half.lower() == "pm"), int(minute)))


def decimal_style(texts: Iterable[str], *, whole: bool = False) -> str:
    """Whether a column's decimals follow a point or a comma; `whole` numbers have none. Raises Undecided."""
    proofs: dict[str, int] = {".": 0, ",": 0}
    open_one, other = None, {".": ",", ",": "."}
    for text in texts:
        number = _bare(text)[0]
        marks = [sign for sign in number if sign in ".,"]
        if not marks:
            continue
        last, digits = marks[-1], len(number) - number.rindex(marks[-1]) - 1
        lead = number.lstrip("-+").split(last)[0]
        if len(set(marks)) == 2:
            proofs[last] += 1
        elif len(marks) > 1:
            proofs[other[last]] += 1
        elif digits != 3 or lead in {"", "0"} or len(lead) > 3:
            proofs[last] += 1
        elif whole:
            proofs[other[last]] += 1
        else:
            open_one = text
    if proofs["."] == proofs[","] and (open_one or proofs["."]):
        raise Undecided(
            f"writes {open_one}, and no other value says whether that is a thousand"
            if open_one
            else "writes as many numbers with a decimal comma as with a decimal point"
        )
    return "," if proofs[","] > proofs["."] else "."


def number(text: str, style: str) -> Decimal:
    """The number a text names, thousands signs and currency left out. Raises ValueError or ArithmeticError."""
    bare = _bare(text)[0]
    sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare.removeprefix("+"))
    if GROUPED[style].fullmatch(digits):
        digits = digits.replace("." if style == "," else ",", "")
    elif not PLAIN[style].fullmatch(digits):
        raise ValueError(text)
    return Decimal(sign + digits.replace(",", "."))


def currency_in(text: str) -> str | None:
    """The currency sign or code beside a number; None where there is none."""
    return _bare(text)[1]


def _bare(text: str) -> tuple[str, str | None]:
    """The number without spaces and currency, and the currency. Parentheses mean less than zero."""
    kept = BETWEEN.sub("", text).replace("\u2212", "-").strip()
    sign = next((c for c in kept if unicodedata.category(c) == "Sc"), None)
    if sign:
        kept = kept.replace(sign, "")
    elif CODE.fullmatch(kept[:3]) or CODE.fullmatch(kept[-3:]):
        sign, kept = (kept[:3], kept[3:]) if CODE.fullmatch(kept[:3]) else (kept[-3:], kept[:-3])
    kept = kept.strip()
    if kept.startswith("(") and kept.endswith(")"):
        kept = f"-{kept[1:-1]}"
    return kept.replace("- ", "-"), sign
