"""Files as people export them: every encoding and separator is read, what is no table gets a sentence."""

import gzip
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from warehouse.imports.decoding import separator_of
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.sheets import Sheet, read_sheet
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Organization
from warehouse.oltp.sales import OpportunityStageChange

TABLE = "name,town\nPebble & Söns,Gävle\nQuarry Lane,Ås\n"
MAPPING = """source: shop
entities:
  - {into: customers, file: customers.csv, key: id, fields: {name: name, address: address, annual_revenue: revenue,
     employees: staff, became_customer_on: since}}
"""


def _sheet(tmp_path: Path, content: bytes) -> Sheet:
    (tmp_path / "a.csv").write_bytes(content)
    return read_sheet(tmp_path, "a.csv")


def _refusal(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(ImportProblem) as refused:
        _sheet(tmp_path, content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252"), ("latin-1", "Windows-1252")],
)
def test_an_encoding_is_recognised_and_said(tmp_path: Path, encoding: str, note: str) -> None:
    sheet = _sheet(tmp_path, TABLE.encode(encoding))
    assert (sheet.columns, sheet.rows[0]) == (["name", "town"], {"name": "Pebble & Söns", "town": "Gävle"})
    assert note in " ".join(sheet.notes)
    assert bool(sheet.notes) is bool(note)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_separator_is_recognised(tmp_path: Path, sign: str) -> None:
    sheet = _sheet(tmp_path, TABLE.replace(",", sign).encode())
    assert [row["town"] for row in sheet.rows] == ["Gävle", "Ås"]
    assert ("separated by" in " ".join(sheet.notes)) is (sign != ",")


def test_decimal_commas_do_not_pass_for_separators(tmp_path: Path) -> None:
    assert _sheet(tmp_path, b"name;price\nA, B;1,5\nC, D;2,25\n").columns == ["name", "price"]


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@given(st.sampled_from(",;\t|"), st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20))
def test_quoted_cells_are_cut_where_they_were_written(sign: str, rows: list[tuple[str, ...]]) -> None:
    quoted = [sign.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [("a", "b", "c"), *rows]]
    assert separator_of("\n".join(quoted)) == sign


def test_a_line_break_inside_quotes_belongs_to_its_cell(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, b'name,town\r\n"Pebble\r\n& Sons",Oslo\r\nQuarry,Bergen\r\n')
    assert [row["name"] for row in sheet.rows] == ["Pebble\r\n& Sons", "Quarry"]
    assert sheet.numbers == [2, 3]


def test_rows_of_another_width_are_kept_apart_with_their_numbers(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, b"a,b\n1,2\n3\n\n4,5,6\n7,8,\n,\n9,10\n")
    assert [(unfit.number, unfit.cells) for unfit in sheet.unfit] == [(3, ["3"]), (5, ["4", "5", "6"])]
    assert sheet.numbers == [2, 6, 8]


def test_a_quotation_mark_that_never_closes_is_named_with_its_row(tmp_path: Path) -> None:
    assert "row 3 opens a quotation mark that is never closed" in _refusal(tmp_path, b'a,b\n1,2\n"3,4\n5,6\n7,8\n')


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "a.csv is empty"),
        (b"\xef\xbb\xbf", "a.csv is empty"),
        (b" \n\n ", "a.csv is empty"),
        (b"PK\x03\x04rest", "a spreadsheet or a ZIP archive"),
        (gzip.compress(b"a,b\n"), "compressed with gzip"),
        (bytes(range(256)) * 4 + bytes(400), "not a text file"),
        (TABLE.encode("utf-16-le"), "UTF-16 without its mark"),
        (b"\xff\xfeabc", "cut or damaged"),
        (b'a,b\n"' + b"x" * (65 * 2**20) + b'",1\n', "row 2 cannot be read"),
    ],
    ids=["nothing", "only a mark", "blanks", "xlsx", "gzip", "bytes", "utf-16 without a mark", "half", "65 MB"],
)
def test_what_is_no_table_gets_a_sentence(tmp_path: Path, content: bytes, told: str) -> None:
    assert told in _refusal(tmp_path, content)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(ImportProblem, match="is a folder"):
        read_sheet(tmp_path, "a.csv")


def test_two_columns_of_one_name_stay_two(tmp_path: Path) -> None:
    assert len(set(_sheet(tmp_path, b"a,a,a,\n1,2,3,4\n").columns)) == 4


@pytest.fixture
def customers(acme: Organization, tmp_path: Path) -> Callable[..., ImportReport]:
    """Import one file of customers; `(old, new)` changes the mapping."""

    def run(text: str, old: str = "shop", new: str = "shop") -> ImportReport:
        (tmp_path / "customers.csv").write_text(f"id;name;address;revenue;staff;since\n{text}", encoding="utf-8")
        (tmp_path / "shop.yml").write_text(MAPPING.replace(old, new))
        mapping, sheets = read_export(tmp_path, tmp_path / "shop.yml")
        with writing() as session:
            return import_export(session, mapping, sheets, "acme")

    return run


def _customers() -> list[Customer]:
    with reading() as session:
        return list(session.scalars(select(Customer).order_by(Customer.name)))


def test_a_column_with_decimal_commas_and_german_days_is_read_as_such(customers: Callable[..., ImportReport]) -> None:
    report = customers("1;Ada;;1.234,50 $;1.400;31.12.2026\n2;Bo;;7,5;12;01.02.2026\n")
    assert [(c.annual_revenue, c.employees, c.became_customer_on) for c in _customers()] == [
        (Decimal("1234.5"), 1400, date(2026, 12, 31)),
        (Decimal("7.5"), 12, date(2026, 2, 1)),
    ]
    assert "read with a decimal comma" in " ".join(report.notes)
    assert "read as DD.MM.YYYY" in " ".join(report.notes)


def test_one_value_decides_for_the_others_of_its_column(customers: Callable[..., ImportReport]) -> None:
    customers("1;Ada;;1,234;5;03/04/2026\n2;Bo;;0.5;5;03/31/2026\n")
    assert [(c.annual_revenue, c.became_customer_on) for c in _customers()] == [
        (Decimal(1234), date(2026, 3, 4)),
        (Decimal("0.5"), date(2026, 3, 31)),
    ]


def test_an_open_column_asks_the_mapping_and_imports_nothing(customers: Callable[..., ImportReport]) -> None:
    with pytest.raises(ImportProblem) as refused:
        customers("1;Ada;;1,234;5;03/04/2026\n")
    told = str(refused.value)
    assert "`became_customer_on: {column: since, date_format: DD/MM/YYYY}` or `date_format: MM/DD/YYYY`" in told
    assert "`annual_revenue: {column: revenue, decimal: '.'}` or `decimal: ','`" in told
    assert _customers() == []


def test_what_the_mapping_says_decides_an_open_column(customers: Callable[..., ImportReport]) -> None:
    said = "{column: since, date_format: DD/MM/YYYY}, customer_type: {value: enterprise}"
    customers("1;Ada;;550;5;03/04/2026\n", "became_customer_on: since", f"became_customer_on: {said}")
    assert _customers()[0].became_customer_on == date(2026, 4, 3)


def test_a_cell_of_ten_megabytes_loads_where_the_field_has_room(customers: Callable[..., ImportReport]) -> None:
    report = customers(f"1;Ada;{'x' * 10_000_000};1.5;5;\n2;{'y' * 10_000_000};;1.5;5;\n")
    (ada,) = _customers()
    assert len(ada.address or "") == 10_000_000
    assert [rows for _, rows, _ in report.rejects] == [1]


def test_stage_days_follow_the_format_of_their_column(bring: Callable[..., ImportReport]) -> None:
    days = {
        "2017-01-10": "20/01/2017",
        "2017-02-09": "09/02/2017",
        "2017-02-10": "10/02/2017",
        "2017-03-12": "22/03/2017",
        "2017-03-01": "01/03/2017",
    }
    report = bring(*(("sales_pipeline.csv", iso, written) for iso, written in days.items()))
    assert report.rejects == []
    with reading() as session:
        steps = session.scalars(select(OpportunityStageChange.changed_on))
        assert {on for on in steps if on} == {date(2017, 1, 20), *(date(2017, 2, d) for d in (9, 10)), *MARCH}


MARCH = (date(2017, 3, 22), date(2017, 3, 1))
