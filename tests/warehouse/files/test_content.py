"""What a file is, its bytes tell; its name is only believed about plain text."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.files.content import (
    BEGINNING,
    DOCX,
    END,
    HTML,
    TAKEN,
    TEXT,
    UNKNOWN,
    XLSX,
    ZIP,
    NotTaken,
    check_taken,
    content_type,
)
from warehouse.files.names import plain_name
from warehouse.oltp.files import NAME_LENGTH, FileKind


def _seen(content: bytes, name: str = "file") -> str:
    return content_type(content[:BEGINNING], content[-END:], name)


def _zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 5_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "invoice.csv", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture", "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "x.webp", "image/webp"),
        (b"name,amount\nPebble & Sons,12.5\n", "deals.csv", "text/csv"),
        (b"name,amount\nPebble & Sons,12.5\n", "deals.exe", TEXT),
        ("Größe;Stück\n1;2\n".encode("cp1252"), "deals.csv", "text/csv"),
        ("name\tamount\n".encode("utf-16"), "deals.tsv", "text/tab-separated-values"),
        (b"\n <!DOCTYPE html><p>hello", "page.txt", HTML),
        (b"hello <script>alert(1)</script>", "note", HTML),
        (b"name\n<b>bold</b> <script>x</script>\n", "notes.csv", "text/csv"),
        (b"MZ\x90\x00\x03", "report.pdf", UNKNOWN),
        (b"#!/bin/sh\nrm -rf /\n", "report.csv", UNKNOWN),
        (b"\x7fELF\x02\x01\x01\x00", "report.csv", UNKNOWN),
        (b"a,b\n\x00\x01\n", "deals.csv", UNKNOWN),
    ],
)
def test_a_type_is_told_by_the_bytes(content: bytes, name: str, found: str) -> None:
    assert _seen(content, name) == found


def test_a_workbook_is_told_from_an_archive_wherever_its_parts_stand() -> None:
    assert _seen(_zipped("docProps/app.xml", "xl/workbook.xml", "[Content_Types].xml")) == XLSX
    assert _seen(_zipped("[Content_Types].xml", "word/document.xml")) == DOCX
    assert _seen(_zipped("deals.csv"), "deals.xlsx") == ZIP


@pytest.mark.parametrize("kind", FileKind)
def test_a_program_is_taken_in_by_nothing(kind: FileKind) -> None:
    with pytest.raises(NotTaken, match="Nothing was kept"):
        check_taken(kind, UNKNOWN)


def test_a_page_is_no_upload_and_a_refusal_names_what_would_do() -> None:
    with pytest.raises(NotTaken, match=r"text/html.*text/csv"):
        check_taken(FileKind.UPLOAD, HTML)
    assert all(TAKEN[kind] for kind in FileKind)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\deals.csv", "deals.csv"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x=1.csv", "aSet-Cookie: x=1.csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("Größe – 報告.csv", "Größe – 報告.csv"),
    ],
)
def test_a_name_is_the_last_part_of_a_path_on_one_line(told: str, shown: str) -> None:
    assert plain_name(told) == shown


@given(st.text(max_size=600))
def test_a_name_is_never_empty_never_too_long_and_never_a_path(told: str) -> None:
    shown = plain_name(told)
    assert 0 < len(shown) <= NAME_LENGTH
    assert not set(shown) & set("/\\\r\n\0")
    shown.encode()


def test_a_long_name_keeps_its_ending() -> None:
    assert plain_name("x" * 400 + ".xlsx").endswith("x.xlsx")
