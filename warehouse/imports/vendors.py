"""Recognises the export of a vendor we ship a mapping for, and says what that mapping does not cover in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Enum

from warehouse.imports.field_rule import FieldRule
from warehouse.imports.findings import RowRefused
from warehouse.imports.fitting import fitted, tables_known
from warehouse.imports.mapping import SHIPPED, ImportProblem, read_mapping, shipped_mappings
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.rules import EntityRule
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.values import found_in, typed
from warehouse.oltp.veil import bare

SHOWN = 10


def recognised(sheets: list[Sheet]) -> str | None:
    """The name of the shipped mapping that knows most of these files by their columns; None where none does."""
    tables = {sheet.name: sheet.columns for sheet in sheets}
    known = {name: _known(read_mapping(Path(name)), tables) for name in shipped_mappings()}
    best = max(known, key=lambda name: known[name])
    return best if known[best] else None


def _known(mapping: ImportMapping, tables: Mapping[str, list[str]]) -> int:
    try:
        return len({table for found in tables_known(mapping, tables).values() for table in found})
    except ImportProblem:
        return len(tables)  # several files of one kind: its export all the same


def shipped_text(name: str) -> str:
    """A shipped mapping as it is written, to be copied and changed."""
    return (SHIPPED / f"{name}.yml").read_text(encoding="utf-8")


def not_covered(name: str, folder: Path) -> Iterator[str]:
    """What people should look at before they follow a shipped mapping on this export."""
    mapping = read_mapping(Path(name))
    yield f"This looks like a {mapping.vendor} export: use --mapping {name}, or correct a copy of it, printed here."
    try:
        mapping, sheets = fitted(mapping, folder)
    except ImportProblem as problem:
        yield str(problem)
        return
    for sheet in sheets.values():
        yield from sheet.notes
        yield from _words(mapping, sheet)
        rest = [column for column in sheet.columns if column not in mapping.columns_of(sheet.name)]
        if rest:
            more = f" and {len(rest) - SHOWN:,} more" if len(rest) > SHOWN else ""
            yield f"{sheet.name}: no field for {', '.join(rest[:SHOWN])}{more}"


def _words(mapping: ImportMapping, sheet: Sheet) -> Iterator[str]:
    """Words of the export that stand for none of ours: rows with them would be left out."""
    for entity in mapping.entities:
        for file, column, rule in entity.rules:
            if file != sheet.name or not isinstance(bare(column), Enum) or rule.named:
                continue
            rows = [row for row in sheet.rows if _is_read(entity, file, row)]
            unknown = dict.fromkeys(word for row in rows if (word := _unknown(column, rule, row)))
            if unknown:
                told = ", ".join([*unknown][:SHOWN])
                yield f"{file}: {column.name} has no word of ours for {told}; say them under values"


def _is_read(entity: EntityRule, file: str, row: Row) -> bool:
    if file == entity.file:
        return not (entity.skip and entity.skip.applies(row)) and (entity.only is None or entity.only.applies(row))
    return entity.stage_file is None or entity.stage_file.only is None or entity.stage_file.only.applies(row)


def _unknown(column: Column[Any], rule: FieldRule, row: Row) -> str | None:
    leaf, text = found_in(rule, row)
    try:
        typed(column, leaf, text, None)
    except RowRefused:
        return text
    return None
