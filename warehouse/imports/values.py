"""Turns a cell's text into the value a column keeps."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Boolean, Column, Date, Enum, Integer

from warehouse.imports.mapping import FieldRule, ImportProblem
from warehouse.imports.sheets import Row
from warehouse.oltp.types import Money

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
    except (ValueError, InvalidOperation):
        raise ImportProblem(f"{where}: {text!r} is not {_wanted(column)}. Nothing was imported.") from None


def _reader(column: Column[Any], rule: FieldRule) -> Callable[[str], Any]:
    kind = column.type
    if isinstance(kind, Money):
        return lambda text: Decimal(text.replace(",", "")) * (rule.multiply or 1)
    if isinstance(kind, Enum):
        return lambda text: kind.enum_class(text) if kind.enum_class else text
    if isinstance(kind, Date):
        return _day
    if isinstance(kind, Boolean):
        return _truth
    if isinstance(kind, Integer):
        return lambda text: int(Decimal(text.replace(",", "")))
    return str


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
    return next((name for type_, name in names.items() if isinstance(kind, type_)), "text")
