"""Renders filters. Values come from people; only typed, quoted literals of known fields reach the SQL."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from warehouse.metrics.catalogue import Dimension

TEMPLATE = "{}%#"


def text(value: str) -> str:
    """A quoted string, some characters spelled: the compiler reads filters as templates before they are SQL.

    Braces make a template, and a template lays out anew whatever ends a line; all that does not print is spelled.
    """
    pieces: list[str] = []
    for spelled, run in groupby(value, key=_is_spelled):
        found = "".join(run)
        pieces += [f"chr({ord(one)})" for one in found] if spelled else ["'" + found.replace("'", "''") + "'"]
    return " || ".join(pieces) or "''"


def _is_spelled(character: str) -> bool:
    return character in TEMPLATE or not character.isprintable()


def day(value: date) -> str:
    """A date literal."""
    return f"date '{value.isoformat()}'"


def condition(dimension: Dimension, values: Sequence[str | None]) -> str:
    """`dimension is one of these`, as the compiler's filter template; None stands for unknown."""
    field = _field(dimension)
    if dimension.kind == "date":
        known = [day(date.fromisoformat(value)) for value in values if value is not None]
    else:
        known = [text(value) for value in values if value is not None]
    parts = [f"{field} in ({', '.join(known)})"] if known else []
    if None in values:
        parts.append(f"{field} is null")
    return f"({' or '.join(parts)})"


def unlike(dimension: Dimension, values: Sequence[str | None]) -> str:
    """`dimension is none of these`, as the compiler's filter; what is unknown is none of them, unless None is one."""
    known = [value for value in values if value is not None]
    parts = [f"not {condition(dimension, known)}"] if known else []
    if None in values:
        return f"({' and '.join([f'{_field(dimension)} is not null', *parts])})"
    return f"({' or '.join([*parts, f'{_field(dimension)} is null'])})"


def between(dimension: Dimension, start: date | None, end: date | None) -> list[str]:
    """Half-open bounds on a date, as the compiler's filters."""
    bounds = [(start, ">="), (end, "<")]
    return [f"{_field(dimension)} {sign} {day(bound)}" for bound, sign in bounds if bound is not None]


def none_of(dimension: Dimension, query: str) -> str:
    """`dimension is known, and none of what a compiled query with the column `value` finds`, as the compiler's filter."""
    return f"({_field(dimension)} not in (select value from ({query}) as found where value is not null))"


def _field(dimension: Dimension) -> str:
    if dimension.kind == "date":
        return f"{{{{ TimeDimension('{dimension.query_name}', 'day') }}}}"
    return f"{{{{ Dimension('{dimension.query_name}') }}}}"


def metric_time() -> str:
    """Each metric's own default time, as the compiler's filter template."""
    return "{{ TimeDimension('metric_time', 'day') }}"


def window(start: date | None, end: date | None) -> list[str]:
    """Half-open bounds on each metric's own default time."""
    bounds = [(start, ">="), (end, "<")]
    return [f"{metric_time()} {sign} {day(bound)}" for bound, sign in bounds if bound is not None]


def upto(last: date) -> str:
    """Nothing later than a day; what has no day counts, since nothing says that it came later."""
    return f"({metric_time()} <= {day(last)} or {metric_time()} is null)"
