"""Turns a cell's text into the value a column keeps."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Enum, Integer, String

from warehouse.cards import REFUSED, CardNumber, refuse_card
from warehouse.imports.field_rule import FieldRule
from warehouse.imports.findings import RowRefused
from warehouse.imports.kept import bounds
from warehouse.imports.sheets import Row
from warehouse.imports.styles import CODE, ISO, day, moment, number
from warehouse.oltp.types import Exact, Moment, ledger_amount
from warehouse.oltp.veil import bare
from warehouse.operations.fields import NUMBERS

N = TypeVar("N", int, Decimal)
LARGEST = 2**31 - 1
"""What an integer column holds on every engine."""
TRUE, FALSE = {"true", "yes", "y", "1"}, {"false", "no", "n", "0"}


def found_in(rule: FieldRule, row: Row) -> tuple[FieldRule, str | None]:
    """The rule that reads the row, one of those inside `first` where there are several, and the text it finds."""
    for leaf in rule.leaves:
        text = _text(leaf, row)
        if text is not None:
            return leaf, text
    return rule.leaves[0], None


def text_of(rule: FieldRule, row: Row) -> str | None:
    """The text a rule finds in a row, value map applied; None where the source says nothing."""
    return found_in(rule, row)[1]


def _text(rule: FieldRule, row: Row) -> str | None:
    if rule.value is not None:
        return str(rule.value)
    if rule.join:
        found = rule.between.join(part for part in (row[c] for c in rule.join) if part) or None
    else:
        found = row[rule.column] if rule.column else None
    return rule.word(found) if found is not None else None


def typed(column: Column[Any], rule: FieldRule, text: str | None, style: str | None, name: str | None = None) -> Any:
    """The text as the column's type, read in the style of its file's column. Raises RowRefused."""
    name = name or column.name
    if text is None:
        if not column.nullable and column.default is None:
            raise RowRefused(name, f"{name} is blank", of_a_field=True)
        return None
    try:
        return _reader(column, rule, style)(text)
    except (ValueError, ArithmeticError) as failure:
        if isinstance(failure, CardNumber):
            told = f"{name} {REFUSED}"
            raise RowRefused(name, told, told, of_a_field=True) from None
        wanted = _wanted(column, style)
        shown = text if len(text) <= 80 else f"{text[:80]}…"
        raise RowRefused(
            name, f"{name}: {shown!r} is not {wanted}", f"{name} is not {wanted}", of_a_field=True
        ) from None


def is_number(column: Column[Any]) -> bool:
    """Whether the column keeps amounts or counts."""
    return isinstance(bare(column), Exact | Integer) and not isinstance(bare(column), Boolean)


def _reader(column: Column[Any], rule: FieldRule, style: str | None) -> Callable[[str], Any]:
    kind = bare(column)
    if isinstance(kind, Exact):
        return lambda text: _in_range(column, ledger_amount(number(text, style or ".") * (rule.multiply or 1)))
    if isinstance(kind, Enum):
        return lambda text: _member(kind, text)
    if isinstance(kind, Date):
        return lambda text: day(text, style or ISO)
    if isinstance(kind, Moment):
        return moment
    if isinstance(kind, Boolean):
        return _truth
    if isinstance(kind, Integer):
        return lambda text: _in_range(column, _whole(number(text, style or ".")))
    if column.name == "currency":
        return _currency
    if isinstance(kind, String):
        return lambda text: _short_enough(_without_card(column, text), kind.length)
    return lambda text: _without_card(column, text)


def _member(kind: Enum, text: str) -> Any:
    """`Closed Won` is closed_won; any other word needs the mapping's `values`."""
    told = text if text in kind.enums else text.lower().replace(" ", "_").replace("-", "_")
    if told not in kind.enums:
        raise ValueError(text)
    return kind.enum_class(told) if kind.enum_class else told


def _whole(found: Decimal) -> int:
    if found != int(found) or abs(found) > LARGEST:
        raise ValueError(found)
    return int(found)


def _short_enough(text: str, most: int | None) -> str:
    if most is not None and len(text) > most:
        raise ValueError(text)
    return text


def _without_card(column: Column[Any], text: str) -> str:
    """Free text only: a key or a telephone number may be a long number."""
    return text if column.name in NUMBERS or column.info["privacy"] == "business" else refuse_card(text)


def _currency(text: str) -> str:
    if not CODE.fullmatch(text.upper()):
        raise ValueError(text)
    return text.upper()


def _in_range(column: Column[Any], found: N) -> N:
    demanded, (least, most) = _demanded(column), bounds(column)
    if (found < 0 and demanded in ZERO) or (found == 0 and demanded == "more than zero"):
        raise ValueError(found)
    if (least is not None and found < least) or (most is not None and found > most):
        raise ValueError(found)
    return found


ZERO = {"more than zero", "zero or more"}


def _demanded(column: Column[Any]) -> str | None:
    """What the column's table demands of its numbers, in words."""
    least, most = bounds(column)
    if least is not None and (least or most is not None):
        return f"{least} to {most}" if most is not None else f"{least} or more"
    checks = {str(one.sqltext) for one in column.table.constraints if isinstance(one, CheckConstraint)}
    if f"{column.name} > 0" in checks:
        return "more than zero"
    return "zero or more" if f"{column.name} >= 0" in checks else None


def _truth(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise ValueError(text)
    return text.lower() in TRUE


def _wanted(column: Column[Any], style: str | None) -> str:
    kind = bare(column)
    if isinstance(kind, Enum):
        return f"one of {', '.join(kind.enums)}"
    if isinstance(kind, Date):
        return "a date like 2026-01-31" if style in {None, ISO} else f"a date like {style}"
    if isinstance(kind, Moment):
        return "a moment like 2026-01-31T14:30:00Z"
    if column.name == "currency":
        return "a currency code like EUR"
    if isinstance(kind, String):
        return f"a text of at most {kind.length} characters"
    names = {Exact: "an amount", Boolean: "yes or no", Integer: "a whole number"}
    wanted = next((name for type_, name in names.items() if isinstance(kind, type_)), "text")
    demanded = _demanded(column)
    return f"{wanted} of {demanded}" if demanded else wanted
