"""Reads foreign files and the sheets of workbooks as text, row by row; every value stays what the file says."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from warehouse.imports.decoding import SEPARATORS, decoded, separator_of
from warehouse.imports.documents import document_of, is_document, tables_of_document
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.spreadsheets import SUFFIXES, is_workbook, parted, records_of, tables_of

Row = dict[str, str | None]
TEXTS = {".csv", ".tsv", ".txt", ".psv"}
LARGEST_CELL = 64 * 1024 * 1024
FILE = "(file)"
"""What a mapping calls the file's own name, where that tells something."""
DEEPEST = 3
"""How many folders inside an export are gone into, one within the other."""


@dataclass(frozen=True)
class Unfit:
    """A row that is no row of its table: its number, why, and its cells."""

    number: int
    kind: str
    reason: str
    told: str
    """The reason without anything of this row."""
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """One file: its name and its rows, blanks as None. Row numbers count the heading as 1."""

    name: str
    columns: list[str]
    rows: list[Row]
    numbers: list[int]
    unfit: list[Unfit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was found out about the file that people should know."""

    def numbered(self) -> Iterator[tuple[int, Row]]:
        """Every row with its number."""
        return zip(self.numbers, self.rows, strict=True)

    def require(self, asked: dict[str, str]) -> None:
        """Raise ImportProblem for columns that are not there, naming the nearest."""
        problems = []
        for column, wanted_by in asked.items():
            if column not in {FILE, *self.columns}:
                near = get_close_matches(column, self.columns, n=3, cutoff=0.5) or self.columns
                problems.append(f"  {column!r} ({wanted_by}); nearest: {', '.join(near)}")
        if problems:
            raise ImportProblem(f"{self.name} has no such column:\n" + "\n".join(problems))


def read_sheet(folder: Path, name: str) -> Sheet:
    """The rows of a file of separated cells, or of a workbook's sheet; ImportProblem with why it cannot be read."""
    if is_document(name):
        return _of_document(folder, name)
    if is_workbook(name):
        records, notes = records_of(_found(folder, parted(name)[0]), name)
    else:
        text, notes = decoded(_found(folder, name), name)
        separator = separator_of(text)
        if separator != ",":
            notes.append(f"{name} is separated by {SEPARATORS[separator]}.")
        records = list(_records(text, separator, name))
    while records and not any(cell.strip() for cell in records[0][1]):
        records.pop(0)
    if not records:
        raise ImportProblem(f"{name} is empty.")
    sheet = Sheet(name, _headings(records[0][1]), [], [], notes=notes)
    for number, cells in records[1:]:
        _take(sheet, number, cells)
    return sheet


def file_of(name: str) -> str:
    """The file that a table is in: `crm.xlsx` for `crm.xlsx/Deals`, `tickets.json` for `tickets.json/comments`."""
    return document_of(name) if is_document(name) else parted(name)[0]


def columns_in(folder: Path, name: str) -> list[str]:
    """The columns of a table, read without its rows where that can be; ImportProblem where it cannot be read."""
    if is_workbook(name) or is_document(name):
        return read_sheet(folder, name).columns
    text, _ = decoded(_found(folder, name), name, beginning=True)
    rows = (cells for _, cells in _records(text, separator_of(text), name))
    return _headings(next((cells for cells in rows if any(cell.strip() for cell in cells)), []))


def tables_in(folder: Path, *, deep: bool = False) -> tuple[list[str], list[str]]:
    """The names of all tables in a folder, those in workbooks too, and why a file there has none.

    `deep` looks into the folders inside it too: a name then begins with its folder's.
    """
    names: list[str] = []
    problems: list[str] = []
    for path in _files(folder, DEEPEST if deep else 0):
        name, kind = path.relative_to(folder).as_posix(), path.suffix.lower()
        try:
            if kind in TEXTS:
                names.append(name)
            elif kind in SUFFIXES:
                names += tables_of(path, name)
            elif is_document(name):
                names += [found.name for found in tables_of_document(path, name)]
        except ImportProblem as problem:
            problems.append(str(problem))
    return names, problems


def _files(folder: Path, deep: int) -> Iterator[Path]:
    there = sorted(path for path in folder.iterdir() if not path.name.startswith(("~$", ".")))
    yield from (path for path in there if path.is_file())
    for path in there if deep else []:
        if path.is_dir():
            yield from _files(path, deep - 1)


def _of_document(folder: Path, name: str) -> Sheet:
    file = document_of(name)
    for table in tables_of_document(_found(folder, file), file):
        if table.name == name:
            rows = [{column: row.get(column) for column in table.columns} for _, row in table.rows]
            return Sheet(name, table.columns, rows, [number for number, _ in table.rows])
    raise ImportProblem(f"{file} holds no {name.removeprefix(f'{file}/')}.")


def _found(folder: Path, name: str) -> Path:
    path = folder / name
    if path.is_dir():
        raise ImportProblem(f"{name} is a folder, not a file. Name the file inside it.")
    if not path.is_file():
        there = sorted(p.name for p in folder.glob("*") if p.is_file()) if folder.is_dir() else []
        near = get_close_matches(name, there, n=3, cutoff=0.4) or there
        found = f"It holds: {', '.join(near)}." if near else "It holds no files."
        raise ImportProblem(f"There is no {name} in {folder}. {found}")
    return path


def _records(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = line = 0
    record: list[str] = []
    try:
        for number, record in enumerate(reader, start=1):
            lines, line = reader.line_num - line, reader.line_num
            yield number, record
    except csv.Error as broken:
        raise ImportProblem(f"{name} row {number + 1} cannot be read: {broken}.") from broken
    # The reader closes an open quotation mark at the end of the file, and with it everything after the mark is one cell.
    if number and lines > 1 and text.count('"') % 2:
        raise ImportProblem(f"{name} row {number} opens a quotation mark that is never closed. Nothing was imported.")


def _headings(cells: list[str]) -> list[str]:
    """The columns' names; a second one of the same name, or one without, gets a name of its own."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column_{place}"
        names.append(name if name not in names else f"{name}_duplicated_{names.count(name) - 1 + place}")
    return names


def _take(sheet: Sheet, number: int, cells: list[str]) -> None:
    width = len(sheet.columns)
    if not any(cell.strip() for cell in cells):
        return
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        reason = f"it has {len(cells)} cells where the heading has {width}"
        sheet.unfit.append(Unfit(number, "number_of_cells", reason, "not as many cells as the heading", cells))
    elif any("\x00" in cell for cell in cells):
        sheet.unfit.append(Unfit(number, "nul_bytes", "it holds a NUL byte", "a NUL byte", cells))
    else:
        sheet.numbers.append(number)
        sheet.rows.append({name: cell.strip() or None for name, cell in zip(sheet.columns, cells[:width], strict=True)})
