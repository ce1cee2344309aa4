"""Reads the sheets of an XLSX workbook as the text a CSV file of them would hold; refuses what is no plain workbook."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import fastexcel

from warehouse.imports.mapping import ImportProblem

SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
OLD, LOCKED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
LARGEST = 512 * 1024 * 1024
"""Bytes a workbook may unpack to: about two million rows of ten cells."""
AT_ONCE = 1024 * 1024
MIDNIGHT = re.compile(r"\d{4}-\d{2}-\d{2} 00:00:00")
NAME_SIZES = 26
"""Where the header of a part says how long its name and its extra are."""
AS_CSV = "Save it as XLSX or CSV and import that."


def parted(name: str) -> tuple[str, str | None]:
    """`crm.xlsx/Deals` is the workbook and its sheet; a name without a sheet comes back with None."""
    parts = name.split("/")
    for place, part in enumerate(parts[:-1], start=1):
        if Path(part).suffix.lower() in SUFFIXES:
            return "/".join(parts[:place]), "/".join(parts[place:])
    return name, None


def is_workbook(name: str) -> bool:
    """Whether the name is a workbook's or a sheet's in one."""
    return Path(parted(name)[0]).suffix.lower() in SUFFIXES


def tables_of(path: Path, name: str) -> list[str]:
    """The names of the sheets people see: the file's own where there is one, `FILE/SHEET` where there are several."""
    shown, _ = _sheets(_opened(path, name), name)
    return [name] if len(shown) == 1 else [f"{name}/{sheet}" for sheet in shown]


def records_of(path: Path, name: str) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """The rows of a sheet, each with its number in it, and notes. ImportProblem where the workbook cannot be read.

    Days come as ISO text, numbers with the 15 digits that Excel shows, formulas as the value last saved.
    """
    file, wanted = parted(name)
    reader = _opened(path, file)
    shown, notes = _sheets(reader, file)
    if wanted is None and len(shown) != 1:
        raise ImportProblem(f"{file} has several sheets. Name one of them: {_named(file, shown)}.")
    if wanted is not None and wanted not in shown:
        raise ImportProblem(f"{file} shows no sheet {wanted!r}. It has: {_named(file, shown)}.")
    try:
        sheet = reader.load_sheet(wanted or shown[0], header_row=None, skip_rows=0, dtypes="string")
        batch, failed = sheet.to_arrow_with_errors() if sheet.height else (None, None)
    except fastexcel.FastExcelError as broken:
        raise _damaged(name) from broken
    if batch is None:
        raise ImportProblem(f"{name} is empty.")
    if failed is not None and failed.errors:
        count, row = len(failed.errors), failed.errors[0].position[0] + 1
        notes.append(
            f"{name}: cells with an error such as #DIV/0! are read as blank: {count:,}, the first in row {row}."
        )
    rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
    return list(enumerate(_trimmed([_text(cell) for cell in row] for row in rows), start=1)), notes


def _text(cell: str | None) -> str:
    """A cell as it would stand in a CSV file; a day without a time is a day."""
    if cell is None:
        return ""
    return cell[:10] if MIDNIGHT.fullmatch(cell) else cell


def _trimmed(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Rows as wide as the heading: cells that only carry a format lie beyond it in every row."""
    width = 0
    for cells in rows:
        used = max((place for place, cell in enumerate(cells, start=1) if cell.strip()), default=0)
        width = width or used
        yield cells[: max(width, used)]


def _sheets(reader: fastexcel.ExcelReader, name: str) -> tuple[list[str], list[str]]:
    """The sheets that people see, and a note about those they do not."""
    try:
        seen = {sheet: reader.load_sheet(sheet, n_rows=0).visible == "visible" for sheet in reader.sheet_names}
    except fastexcel.FastExcelError as broken:
        raise _damaged(name) from broken
    shown, hidden = [s for s, seen_ in seen.items() if seen_], [s for s, seen_ in seen.items() if not seen_]
    if not shown:
        raise ImportProblem(f"{name} shows no sheet. Unhide the one to import and save the workbook again.")
    return shown, [f"{name}: the hidden sheet {sheet!r} is not read." for sheet in hidden]


def _named(file: str, sheets: list[str]) -> str:
    return ", ".join(f"{file}/{sheet}" for sheet in sheets) if len(sheets) > 1 else file


def _damaged(name: str) -> ImportProblem:
    return ImportProblem(f"{name} is damaged or is no workbook. Open it, save it again as XLSX and import that.")


def _opened(path: Path, name: str) -> fastexcel.ExcelReader:
    _refuse(path, name)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as broken:
        raise _damaged(name) from broken


def _refuse(path: Path, name: str) -> None:
    """ImportProblem for whatever is not a plain workbook of a bearable size."""
    with path.open("rb") as opened:
        start = opened.read(4)
    if start == OLD:
        if LOCKED in path.read_bytes():
            raise ImportProblem(f"{name} is locked with a password. Save it without one and import that.")
        raise ImportProblem(f"{name} is an old Excel workbook (.xls). {AS_CSV}")
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
            _refuse_kind(names, name)
            _refuse_size(path, packed, name)
    except (zipfile.BadZipFile, zlib.error, OSError) as broken:
        raise _damaged(name) from broken


def _refuse_kind(names: set[str], name: str) -> None:
    if any(part.endswith("vbaProject.bin") for part in names):
        raise ImportProblem(f"{name} holds macros, which are never opened. {AS_CSV}")
    if "xl/workbook.bin" in names or "content.xml" in names:
        kind = "a binary Excel workbook" if "xl/workbook.bin" in names else "an OpenDocument spreadsheet"
        raise ImportProblem(f"{name} is {kind}. {AS_CSV}")
    if "xl/workbook.xml" not in names:
        raise ImportProblem(f"{name} is a ZIP archive, not a workbook. Unpack it and import what is inside.")


def _refuse_size(path: Path, packed: zipfile.ZipFile, name: str) -> None:
    """Unpack every part into nothing: what an archive says about its own size need not be true."""
    left = LARGEST
    with path.open("rb") as opened:
        for part in packed.infolist():
            if part.flag_bits & 1 or part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise _damaged(name)
            for size in _unpacked(opened, part):
                left -= size
                if left < 0:
                    raise ImportProblem(
                        f"{name} unpacks to more than {LARGEST // 2**20} MB. Save its sheets as CSV and import those."
                    )


def _unpacked(opened: BinaryIO, part: zipfile.ZipInfo) -> Iterator[int]:
    """The sizes of the pieces that a part of the archive unpacks to."""
    opened.seek(part.header_offset + NAME_SIZES)
    sizes = opened.read(4)
    opened.seek(int.from_bytes(sizes[:2], "little") + int.from_bytes(sizes[2:], "little"), 1)
    packer, unread = zlib.decompressobj(-zlib.MAX_WBITS), part.compress_size
    while unread > 0 and (piece := opened.read(min(AT_ONCE, unread))):
        unread -= len(piece)
        if part.compress_type == zipfile.ZIP_STORED:
            yield len(piece)
            continue
        while piece:
            yield len(packer.decompress(piece, AT_ONCE))
            piece = packer.unconsumed_tail
