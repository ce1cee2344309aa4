"""Renders filters. Values come from people; only typed, quoted literals of known fields reach the SQL."""

from collections.abc import Sequence
from datetime import date

from warehouse.metrics.catalogue import Dimension


def text(value: str) -> str:
    """A quoted string, some characters spelled: the compiler reads filters as templates before they are SQL."""
    pieces = [piece.replace("'", "''") for piece in _around_spelled(value)]
    return " || ".join(_SPELLED.get(piece, f"'{piece}'") for piece in pieces) or "''"


_SPELLED = {character: f"chr({ord(character)})" for character in "{}%#\r\n\0"}
"""Braces make a template; a template rewrites ends of lines and layout indents after them; a NUL ends the statement."""


def _around_spelled(value: str) -> list[str]:
    found, current = [], ""
    for character in value:
        if character in _SPELLED:
            found += [current] if current else []
            found.append(character)
            current = ""
        else:
            current += character
    return found + ([current] if current else [])


def day(value: date) -> str:
    """A date literal."""
    return f"date '{value.isoformat()}'"


def condition(dimension: Dimension, values: Sequence[str | None]) -> str:
    """`dimension is one of these`, as the compiler's filter template; None stands for unknown."""
    if dimension.kind == "date":
        field = f"{{{{ TimeDimension('{dimension.query_name}', 'day') }}}}"
        known = [day(date.fromisoformat(value)) for value in values if value is not None]
    else:
        field = f"{{{{ Dimension('{dimension.query_name}') }}}}"
        known = [text(value) for value in values if value is not None]
    parts = [f"{field} in ({', '.join(known)})"] if known else []
    if None in values:
        parts.append(f"{field} is null")
    return f"({' or '.join(parts)})"


def window(start: date | None, end: date | None) -> list[str]:
    """Half-open bounds on each metric's own default time."""
    field = "{{ TimeDimension('metric_time', 'day') }}"
    bounds = [(start, ">="), (end, "<")]
    return [f"{field} {sign} {day(bound)}" for bound, sign in bounds if bound is not None]
