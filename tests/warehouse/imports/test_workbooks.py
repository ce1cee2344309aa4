"""Workbooks reach the same rules as CSV files: exact amounts, ISO days; what is no plain workbook gets a sentence."""

import resource
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.warehouse.imports.workbooks import Failed, Formula, Tab, write_workbook
from warehouse.imports import spreadsheets
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.sheets import read_sheet, tables_in
from warehouse.imports.suggest import suggest
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Organization

HEADING = ["id", "name", "revenue", "staff", "since"]
MAPPING = """source: shop
entities:
  - {into: customers, file: FILE, key: id, fields: {name: name, annual_revenue: revenue, employees: staff,
     became_customer_on: since}}
"""


@pytest.mark.parametrize("shared", [False, True])
def test_every_kind_of_cell_reads_as_a_csv_file_would_say_it(tmp_path: Path, shared: bool) -> None:
    cells = {
        "text": " Pebble\n& Söns ",
        "leading zeros": "00123",
        "whole": 140,
        "dusty": 0.1 + 0.2,
        "long dusty": 4514.2999999999993,
        "large": 100_000_000,
        "exact": Decimal("12345678.91"),
        "day": date(2024, 3, 5),
        "moment": datetime(2024, 3, 5, 14, 33, 7),  # noqa: DTZ001 - a workbook's moments have no zone
        "yes": True,
        "no": False,
        "formula": Formula("A1*2", "0.60000000000000009"),
        "failed": Failed("#DIV/0!"),
        "blank": None,
    }
    write_workbook(tmp_path / "a.xlsx", Tab("One", [list(cells), list(cells.values())]), shared=shared)
    sheet = read_sheet(tmp_path, "a.xlsx")
    assert sheet.rows == [
        {
            "text": "Pebble\n& Söns",
            "leading zeros": "00123",
            "whole": "140",
            "dusty": "0.3",
            "long dusty": "4514.3",
            "large": "100000000",
            "exact": "12345678.91",
            "day": "2024-03-05",
            "moment": "2024-03-05 14:33:07",
            "yes": "true",
            "no": "false",
            "formula": "0.6",
            "failed": None,
            "blank": None,
        }
    ]
    assert sheet.notes == ["a.xlsx: cells with an error such as #DIV/0! are read as blank: 1, the first in row 2."]


def test_row_numbers_are_those_of_the_sheet_and_short_rows_are_whole(tmp_path: Path) -> None:
    rows = [[], ["id", "name", None, None], ["1"], [], ["2", "Quarry"], ["3", "Tin", "x"]]
    write_workbook(tmp_path / "a.xlsx", Tab("One", rows))
    sheet = read_sheet(tmp_path, "a.xlsx")
    assert (sheet.columns, sheet.numbers) == (["id", "name"], [3, 5])
    assert [(unfit.number, unfit.reason) for unfit in sheet.unfit] == [(6, "it has 3 cells where the heading has 2")]


def test_a_workbook_of_one_sheet_is_named_after_its_file_and_others_after_file_and_sheet(tmp_path: Path) -> None:
    write_workbook(tmp_path / "one.xlsx", Tab("Deals", [["id"], ["1"]]), Tab("Notes", [["x"]], "hidden"))
    write_workbook(tmp_path / "two.xlsx", Tab("Deals", [["id"], ["2"]]), Tab("Old deals", [["id"], ["3"]]))
    (tmp_path / "~$two.xlsx").write_bytes(b"lock")
    assert tables_in(tmp_path) == (["one.xlsx", "two.xlsx/Deals", "two.xlsx/Old deals"], [])
    one = read_sheet(tmp_path, "one.xlsx")
    assert (one.rows, one.notes) == ([{"id": "1"}], ["one.xlsx: the hidden sheet 'Notes' is not read."])
    assert read_sheet(tmp_path, "one.xlsx/Deals").rows == [{"id": "1"}]
    assert read_sheet(tmp_path, "two.xlsx/Old deals").rows == [{"id": "3"}]
    with pytest.raises(ImportProblem, match=r"Name one of them: two\.xlsx/Deals, two\.xlsx/Old deals\."):
        read_sheet(tmp_path, "two.xlsx")
    with pytest.raises(ImportProblem, match=r"two\.xlsx shows no sheet 'Dials'"):
        read_sheet(tmp_path, "two.xlsx/Dials")
    with pytest.raises(ImportProblem, match=r"one\.xlsx shows no sheet 'Notes'"):
        read_sheet(tmp_path, "one.xlsx/Notes")


def _parts(*names: str) -> dict[str, bytes]:
    return dict.fromkeys(names, b"x")


def _zip(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "cut": ("a.xlsx", lambda path: path.write_bytes(b"PK\x03\x04rest"), "a.xlsx is damaged or is no workbook"),
    "text": ("a.xlsx", lambda path: path.write_text("id,name\n1,x\n"), "a.xlsx is damaged or is no workbook"),
    "nothing": ("a.xlsx", lambda path: path.write_bytes(b""), "a.xlsx is damaged or is no workbook"),
    "old": (
        "a.xls",
        lambda path: path.write_bytes(OLD),
        "a.xls is an old Excel workbook (.xls). Save it as XLSX or CSV",
    ),
    "locked": (
        "a.xlsx",
        lambda path: path.write_bytes(OLD + "EncryptedPackage".encode("utf-16-le")),
        "a.xlsx is locked with a password",
    ),
    "macros": (
        "a.xlsm",
        lambda path: write_workbook(path, Tab("One", [["id"]]), extra=_parts("xl/vbaProject.bin")),
        "a.xlsm holds macros, which are never opened",
    ),
    "binary": ("a.xlsb", lambda path: _zip(path, _parts("xl/workbook.bin")), "a.xlsb is a binary Excel workbook"),
    "ods": ("a.ods", lambda path: _zip(path, _parts("content.xml")), "a.ods is an OpenDocument spreadsheet"),
    "zip": ("a.xlsx", lambda path: _zip(path, _parts("Account.csv")), "is a ZIP archive, not a workbook. Unpack it"),
    "broken sheet": (
        "a.xlsx",
        lambda path: _zip(path, _parts("xl/workbook.xml", "xl/worksheets/sheet1.xml")),
        "a.xlsx is damaged or is no workbook",
    ),
    "empty": ("a.xlsx", lambda path: write_workbook(path, Tab("One", [])), "a.xlsx is empty"),
    "blank": ("a.xlsx", lambda path: write_workbook(path, Tab("One", [[" "], [None]])), "a.xlsx is empty"),
    "hidden": (
        "a.xlsx",
        lambda path: write_workbook(path, Tab("One", [["id"]], "veryHidden")),
        "a.xlsx shows no sheet. Unhide the one to import",
    ),
}


@pytest.mark.parametrize(("name", "write", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_plain_workbook_gets_a_sentence(
    tmp_path: Path, name: str, write: Callable[[Path], object], told: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(ImportProblem) as refused:
        read_sheet(tmp_path, name)
    assert told in str(refused.value)
    with pytest.raises(ImportProblem) as refused:
        suggest(tmp_path)
    assert told in str(refused.value)


def test_a_workbook_that_unpacks_to_more_than_it_may_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "LARGEST", 8 * 2**20)
    path = write_workbook(tmp_path / "a.xlsx", Tab("One", [["id"]]), extra={"xl/media/x.bin": bytes(9 * 2**20)})
    assert path.stat().st_size < 100_000
    with pytest.raises(ImportProblem, match="unpacks to more than 8 MB"):
        read_sheet(tmp_path, "a.xlsx")


def test_a_workbook_that_lies_about_its_size_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "LARGEST", 8 * 2**20)
    size = 9 * 2**20
    path = write_workbook(tmp_path / "a.xlsx", Tab("One", [["id"]]), extra={"xl/media/x.bin": bytes(size)})
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(ImportProblem, match="unpacks to more than 8 MB"):
        read_sheet(tmp_path, "a.xlsx")


def _import(folder: Path, file: str, slug: str = "acme") -> ImportReport:
    (folder / "shop.yml").write_text(MAPPING.replace("FILE", file))
    mapping, sheets = read_export(folder, folder / "shop.yml")
    with writing() as session:
        return import_export(session, mapping, sheets, slug)


def test_a_workbook_imports_to_the_cent_and_its_bad_rows_are_listed(acme: Organization, tmp_path: Path) -> None:
    rows = [
        HEADING,
        ["1", "Ada", 1234.1 + 0.2, 140, date(2024, 12, 31)],
        [2, "Bo", Formula("C2", "4514.2999999999993"), None, datetime(2024, 3, 5, 14, 33)],  # noqa: DTZ001 - no zone
        ["3", "Cy", "dear", 1, None],
        ["4", "Di", 0.123456, 1, None],
    ]
    write_workbook(tmp_path / "shop.xlsx", Tab("Customers", rows), Tab("Prices", [["a"], ["b"]]))
    report = _import(tmp_path, "shop.xlsx/Customers")
    with reading() as session:
        found = session.scalars(select(Customer).order_by(Customer.name))
        assert [(c.name, c.annual_revenue, c.employees, c.became_customer_on) for c in found] == [
            ("Ada", Decimal("1234.3"), 140, date(2024, 12, 31)),
            ("Bo", Decimal("4514.3"), None, date(2024, 3, 5)),
        ]
    ((file, count, place),) = report.rejects
    assert (file, count, place.name) == ("shop.xlsx/Customers", 2, "shop.xlsx-Customers-rejects.csv")
    assert place.read_text().splitlines()[1].startswith("4,annual_revenue: 'dear' is not an amount")
    assert _import(tmp_path, "shop.xlsx/Customers").written == {}


def test_the_same_table_as_csv_changes_nothing(acme: Organization, tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", Tab("One", [HEADING, ["1", "Ada", 1234.5, 140, date(2024, 12, 31)]]))
    (tmp_path / "a.csv").write_text("id,name,revenue,staff,since\n1,Ada,1234.5,140,2024-12-31\n")
    assert _import(tmp_path, "a.xlsx").written == {"customers": 1}
    assert _import(tmp_path, "a.csv").written == {}


def test_a_suggestion_names_the_sheets_of_a_workbook(acme: Organization, tmp_path: Path) -> None:
    companies = [["Company ID", "Company Name", "Industry"], [7, "Pebble", "retail"], [8, "Quarry", "steel"]]
    deals = [["Deal ID", "Deal Name", "Company", "Stage", "Amount"], [1, "Roof", "Pebble", "Won", 5.5]]
    write_workbook(tmp_path / "crm.xlsx", Tab("Companies", companies), Tab("Deals", deals))
    (tmp_path / "mine.yml").write_text(suggest(tmp_path / "crm.xlsx").text)
    mapping, sheets = read_export(tmp_path, tmp_path / "mine.yml")
    assert [(entity.into, entity.file) for entity in mapping.entities] == [
        ("customers", "crm.xlsx/Companies"),
        ("opportunities", "crm.xlsx/Deals"),
    ]
    with writing() as session:
        assert import_export(session, mapping, sheets, "acme").read == {"customers": 2, "opportunities": 1}


@pytest.mark.slow
def test_a_sheet_of_a_hundred_thousand_rows_is_read_in_bearable_memory(tmp_path: Path) -> None:
    rows = [HEADING, *([f"{n:06}", f"Customer {n}", n + 0.25, n, date(2024, 3, 5)] for n in range(100_000))]
    write_workbook(tmp_path / "a.xlsx", Tab("One", rows))
    del rows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sheet = read_sheet(tmp_path, "a.xlsx")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (len(sheet.rows), sheet.rows[-1]["revenue"]) == (100_000, "99999.25")
    assert grown < 400 * 1024
