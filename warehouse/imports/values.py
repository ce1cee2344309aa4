"""Turns a cell's text into the value a column keeps."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Enum, Integer

from warehouse.imports.mapping import FieldRule, ImportProblem
from warehouse.imports.sheets import Row
from warehouse.oltp.types import Money, ledger_amount

N = TypeVar("N", int, Decimal)
LARGEST = 2**31 - 1
"""What an integer column holds on every engine."""
TRUE, FALSE = {"true", "yes", "y", "1"}, {"false", "no", "n", "0"}


def text_of(rule: FieldRule, row: Row) -> str | None:
    """The text a rule finds in a row, value map applied; None where the source says nothing."""
    if rule.value is not None:
        return str(rule.value)
    if rule.join:
        return " · ".join(part for part in (row[c] for c in rule.join) if part) or None
    found = row[rule.column] if rule.column else None
    return rule.values.get(found, found) if found is not None else None


def typed(column: Column[Any], rule: FieldRule, text: str | None, where: str) -> Any:
    """The text as the column's type. ImportProblem names the place where it does not fit."""
    if text is None:
        return None
    try:
        return _reader(column, rule)(text)
    except (ValueError, ArithmeticError):
        raise ImportProblem(f"{where}: {text!r} is not {_wanted(column)}. Nothing was imported.") from None


def _reader(column: Column[Any], rule: FieldRule) -> Callable[[str], Any]:
    kind = column.type
    if isinstance(kind, Money):
        return lambda text: _in_range(column, ledger_amount(_number(text) * (rule.multiply or 1)))
    if isinstance(kind, Enum):
        return lambda text: kind.enum_class(text) if kind.enum_class else text
    if isinstance(kind, Date):
        return _day
    if isinstance(kind, Boolean):
        return _truth
    if isinstance(kind, Integer):
        return lambda text: _in_range(column, _whole(text))
    return str


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _whole(text: str) -> int:
    number = _number(text)
    if number != int(number) or abs(number) > LARGEST:
        raise ValueError(text)
    return int(number)


def _in_range(column: Column[Any], number: N) -> N:
    if number < 0 and _not_negative(column):
        raise ValueError(number)
    return number


def _not_negative(column: Column[Any]) -> bool:
    checks = (one for one in column.table.constraints if isinstance(one, CheckConstraint))
    return any(str(check.sqltext) == f"{column.name} >= 0" for check in checks)


def _day(text: str) -> date:
    return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text).date()


def _truth(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise ValueError(text)
    return text.lower() in TRUE


def _wanted(column: Column[Any]) -> str:
    kind = column.type
    if isinstance(kind, Enum):
        return f"one of {', '.join(kind.enums)}"
    names = {Money: "an amount", Date: "a date like 2026-01-31", Boolean: "yes or no", Integer: "a whole number"}
    wanted = next((name for type_, name in names.items() if isinstance(kind, type_)), "text")
    return f"{wanted} of zero or more" if _not_negative(column) else wanted
