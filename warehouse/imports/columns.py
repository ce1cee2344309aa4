"""Decides for a whole export how each column of it writes days and numbers."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Date, Integer

from warehouse.imports.field_rule import FieldRule
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.sheets import Sheet
from warehouse.imports.styles import DAY_FIRST, DOTTED, MONTH_FIRST, Undecided, day_style, decimal_style
from warehouse.imports.values import is_number, text_of
from warehouse.oltp.veil import bare

Styles = dict[tuple[str, str], str]
"""(file, column) → the style its days or numbers are written in."""


def styles_of(mapping: ImportMapping, sheets: Mapping[str, Sheet]) -> tuple[Styles, list[str]]:
    """The style of every column that needs one, and notes; ImportProblem names those that leave it open."""
    styles: Styles = {}
    notes, problems = [], []
    told = {(file, rule.column or ""): said for file, _, rule, _ in _read(mapping) if (said := _told(rule))}
    for file, name, rule, kind in _read(mapping):
        place = (file, rule.column or "")
        if place in styles:
            continue
        texts = dict.fromkeys(text for row in sheets[file].rows if (text := text_of(rule, row)))
        try:
            styles[place] = told.get(place) or (
                day_style(texts) if kind == "day" else decimal_style(texts, whole=kind == "whole")
            )
        except Undecided as undecided:
            styles[place] = ""
            problems.append(_problem(place, name, rule, kind, undecided))
        notes += _note(place, styles[place])
    if problems:
        raise ImportProblem("\n".join(problems) + "\nNothing was imported.")
    return styles, notes


def _read(mapping: ImportMapping) -> Iterator[tuple[str, str, FieldRule, str]]:
    """File, field, rule and kind (day, number, whole) of every rule that reads days or numbers from one column."""
    for entity in mapping.entities:
        for file, kept, rule in entity.rules:
            for leaf in rule.leaves:
                if not leaf.column or rule.ref:
                    continue
                if isinstance(bare(kept), Date):
                    yield file, kept.name, leaf, "day"
                elif is_number(kept):
                    yield file, kept.name, leaf, "whole" if isinstance(bare(kept), Integer) else "number"


def _told(rule: FieldRule) -> str | None:
    return rule.date_format or rule.decimal


def _problem(place: tuple[str, str], name: str, rule: FieldRule, kind: str, undecided: Undecided) -> str:
    say = f"date_format: {DAY_FIRST}" if kind == "day" else "decimal: '.'"
    other = f"date_format: {MONTH_FIRST}" if kind == "day" else "decimal: ','"
    return (
        f"{place[0]}: the column {place[1]!r} {undecided}. Say which in the mapping: "
        f"`{name}: {{column: {place[1]}, {say}}}` or `{other}`."
    )


def _note(place: tuple[str, str], style: str) -> list[str]:
    if style in {DOTTED, DAY_FIRST, MONTH_FIRST}:
        return [f"{place[0]}: the days in {place[1]!r} are read as {style}."]
    return [f"{place[0]}: the numbers in {place[1]!r} are read with a decimal comma."] if style == "," else []
