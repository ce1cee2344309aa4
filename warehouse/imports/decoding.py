"""Turns a foreign file's bytes into text and finds what separates its cells; what is no table is refused."""

import codecs
import csv
import io
from pathlib import Path

from warehouse.imports.mapping import ImportProblem

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SAMPLE = 65_536
SIGNATURES = {
    b"PK\x03\x04": "a spreadsheet or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "compressed with gzip",
    b"PAR1": "a Parquet file",
    b"SQLite format 3\x00": "a SQLite database",
}
WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decoded(path: Path, name: str, *, beginning: bool = False) -> tuple[str, list[str]]:
    """The text of a file, or its first lines only, and notes about its encoding; ImportProblem where it is no text."""
    content = _beginning(path) if beginning else path.read_bytes()
    if not content.strip():
        raise ImportProblem(f"{name} is empty.")
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise ImportProblem(f"{name} is {kind}, not a text file. Save it as CSV in UTF-8 and import that.")
    text, notes = _as_text(content, name)
    if not text.strip():
        raise ImportProblem(f"{name} is empty.")
    if text[:SAMPLE].count("\x00") > len(text[:SAMPLE]) // 100:
        raise ImportProblem(
            f"{name} is not a text file, or it is UTF-16 without its mark. Save it as CSV in UTF-8 and import that."
        )
    return text, notes


def _beginning(path: Path) -> bytes:
    """Whole lines of at most a sample; everything where the file's first line is longer, or its signs have two bytes."""
    with path.open("rb") as opened:
        content = opened.read(SAMPLE)
    if len(content) < SAMPLE:
        return content
    whole = content.rfind(b"\n") + 1
    return content[:whole] if whole and content[:2] not in WIDE else path.read_bytes()


def _as_text(content: bytes, name: str) -> tuple[str, list[str]]:
    if encoding := WIDE.get(content[:2]):
        try:
            return content.decode(encoding), [f"{name} is read as UTF-16."]
        except UnicodeDecodeError:
            raise ImportProblem(f"{name} begins like UTF-16 but is cut or damaged. Export it again.") from None
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), [f"{name} is not UTF-8; it is read as Windows-1252 (Western European)."]
    except UnicodeDecodeError:
        return content.decode("latin-1"), [f"{name} is not UTF-8; it is read as Latin-1 (Western European)."]


def separator_of(text: str) -> str:
    """What separates the cells: the sign that cuts the first rows into as many cells as the heading, and most of them.

    A file of one column has none, and reads the same with any.
    """
    scores = {sign: _score(text, sign) for sign in SEPARATORS}
    return max(scores, key=lambda sign: scores[sign])


def _score(text: str, sign: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=sign)
    try:
        widths = [len(cells) for cells, _ in zip(reader, range(200), strict=False) if cells]
    except csv.Error:
        return (0.0, 0)
    if len(text) > SAMPLE and len(widths) > 1:
        widths.pop()  # the sample may end inside its last row
    if not widths or widths[0] < 2:
        return (0.0, 0)
    # Rows of another width come before the number of cells: a comma inside names makes wide rows, but uneven ones.
    return (round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0])
