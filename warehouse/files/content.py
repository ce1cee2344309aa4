"""What a file is, told by its bytes: names and headers are only believed about kinds of plain text."""

import re
from pathlib import PurePosixPath

from warehouse.oltp.files import FileKind

BEGINNING, END = 4_096, 65_536
"""How many bytes at either end are looked at."""

UNKNOWN, TEXT, HTML, ZIP, OLD_OFFICE = (
    "application/octet-stream",
    "text/plain",
    "text/html",
    "application/zip",
    "application/x-ole-storage",
)
OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX, DOCX, PPTX = (
    f"{OFFICE}{part}" for part in ("spreadsheetml.sheet", "wordprocessingml.document", "presentationml.presentation")
)
STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"MZ", UNKNOWN),
    (b"#!", UNKNOWN),
)
INSIDE_ZIP = ((b"xl/workbook", XLSX), (b"word/document", DOCX), (b"ppt/presentation", PPTX))
BY_ENDING = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".xml": "application/xml",
}
"""Plain text of which the ending tells the kind; none of it is run by anything that opens it."""
MARKUP = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|img|style|meta|a|div|p|table)[\s/>]", re.IGNORECASE)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

ROWS = {TEXT, "text/csv", "text/tab-separated-values", "application/json", "application/xml", XLSX}
PAPER = {"application/pdf", TEXT, HTML, "image/png", "image/jpeg", DOCX, XLSX}
TAKEN: dict[FileKind, frozenset[str]] = {
    FileKind.UPLOAD: frozenset(ROWS | {OLD_OFFICE, ZIP, "application/gzip", "application/vnd.apache.parquet"}),
    FileKind.EXPORT: frozenset(ROWS | {ZIP, "application/vnd.apache.parquet", "application/pdf", "image/png"}),
    FileKind.ATTACHMENT: frozenset(ROWS | PAPER | {PPTX, OLD_OFFICE, ZIP, "image/gif", "image/webp"}),
    FileKind.DOCUMENT: frozenset(PAPER),
}
"""Kind → what is taken in. No program, nothing unknown."""


class NotTaken(Exception):
    """A file of this kind may not be of this type, or is empty."""


def content_type(beginning: bytes, end: bytes, name: str) -> str:
    """The media type of a file from its first BEGINNING and last END bytes; UNKNOWN where nothing tells."""
    for start, found in STARTS:
        if beginning.startswith(start):
            return found
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    if beginning.startswith(b"PK\x03\x04"):
        # The list of what a ZIP holds stands at its end.
        return next((found for inside, found in INSIDE_ZIP if inside in end), ZIP)
    if _is_text(beginning):
        if MARKUP.search(beginning) and not name.lower().endswith(tuple(BY_ENDING)):
            return HTML
        return BY_ENDING.get(PurePosixPath(name.lower()).suffix, TEXT)
    return UNKNOWN


def check_taken(kind: FileKind, found: str) -> None:
    """Raise NotTaken unless a file of this kind may be of this type."""
    if found not in TAKEN[kind]:
        what = "a program or of a type that is not known" if found == UNKNOWN else f"of the type {found}"
        raise NotTaken(
            f"This file is {what}, which is not taken in as {_A[kind]}. Nothing was kept; "
            f"save it as one of these and try again: {', '.join(sorted(TAKEN[kind]))}."
        )


_A = {
    FileKind.UPLOAD: "an upload",
    FileKind.EXPORT: "an export",
    FileKind.ATTACHMENT: "an attachment",
    FileKind.DOCUMENT: "a document",
}


def _is_text(beginning: bytes) -> bool:
    """No control characters but those that lay text out; older encodings than UTF-8 are text too."""
    return beginning.startswith(UTF_16) or not CONTROLS.search(beginning)
