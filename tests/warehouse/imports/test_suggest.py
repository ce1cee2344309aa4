"""A suggested mapping can be followed as it is, and says what it is unsure of."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.houses import MAPPING
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem, Mapping, read_mapping
from warehouse.imports.sheets import read_sheet
from warehouse.imports.suggest import suggest
from warehouse.imports.synonyms import FIELDS, FILES, FLAGS, KINDS, MENTIONS, REFERENCES, STAGES, STATUSES
from warehouse.oltp.base import Base
from warehouse.oltp.customers import Customer, CustomerStatus
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Organization
from warehouse.oltp.sales import ActivityKind, Opportunity, Stage


def _mapping(tmp_path: Path, folder: Path) -> Mapping:
    path = tmp_path / "suggested.yml"
    path.write_text(suggest(folder).text, encoding="utf-8")
    return read_mapping(path)


def _fields(mapping: Mapping, into: str) -> dict[str, str | None]:
    (entity,) = [entity for entity in mapping.entities if entity.into == into]
    return {name: rule.column for name, rule in entity.fields.items()}


def _import(tmp_path: Path, folder: Path, mapping: Path) -> ImportReport:
    read, sheets = read_export(folder, mapping)
    with writing() as session:
        return import_export(session, read, sheets, "acme")


def test_every_synonym_stands_for_a_field_and_a_word_we_have() -> None:
    assert set(FIELDS) == set(FILES)
    for into, fields in FIELDS.items():
        assert set(fields) - {"lines"} <= set(Base.metadata.tables[into].c.keys())
        assert {name for name in fields if name.endswith("_id")} <= set(REFERENCES)
    assert set(STAGES) == set(Stage)
    assert set(KINDS) == set(ActivityKind)
    assert set(STATUSES) == set(CustomerStatus)
    assert {word for words in FLAGS.values() for word in words} <= set(CustomerStatus)
    assert {into: REFERENCES[field] for into, (_, _, field) in MENTIONS.items()} == {into: into for into in MENTIONS}


def test_an_export_we_know_is_suggested_as_it_was_mapped_by_hand(small_export: Path, tmp_path: Path) -> None:
    suggested, ours = _mapping(tmp_path, small_export), read_mapping(MAPPING)
    assert [(e.into, e.file, e.key.column) for e in suggested.entities] == [
        (e.into, e.file, e.key.column) for e in ours.entities
    ]
    assert suggested.entities[-1].stage_history == ours.entities[-1].stage_history
    assert suggested.entities[-1].lines == ours.entities[-1].lines
    for name, rule in ours.entities[-1].fields.items():
        if name != "stage":
            assert suggested.entities[-1].fields[name] == rule


def test_a_suggestion_imports_what_the_mapping_by_hand_imports(
    acme: Organization, small_export: Path, tmp_path: Path
) -> None:
    _mapping(tmp_path, small_export)
    report = _import(tmp_path, small_export, tmp_path / "suggested.yml")
    assert report.read == {"memberships": 3, "products": 2, "customers": 3, "opportunities": 6}
    assert report.rejects == []


def test_the_public_export_is_mapped_without_a_correction(acme: Organization, crm_maven: Path, tmp_path: Path) -> None:
    _mapping(tmp_path, crm_maven)
    report = _import(tmp_path, crm_maven, tmp_path / "suggested.yml")
    assert report.read == {"memberships": 41, "products": 7, "customers": 85, "opportunities": 8800}
    assert report.rejects == []


def _write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_records_are_known_by_what_other_files_call_them(tmp_path: Path) -> None:
    folder = tmp_path / "crm"
    _write(folder, "companies.csv", "Company ID,Company Name,Industry\n7,Pebble,retail\n8,Quarry,steel\n")
    _write(folder, "deals.csv", "Deal ID,Deal Name,Company,Stage,Amount\n1,Roof,Pebble,Won,5\n2,Wall,quarry,New,6\n")
    mapping = _mapping(tmp_path, folder)
    assert [(entity.into, entity.key.column) for entity in mapping.entities] == [
        ("customers", "Company Name"),
        ("opportunities", "Deal ID"),
    ]
    assert mapping.entities[1].fields["customer_id"].values == {"quarry": "Quarry"}


def test_a_column_with_the_right_name_and_the_wrong_contents_is_left_out_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "crm"
    _write(folder, "deals.csv", "id,name,stage,amount,closed\n1,Roof,Won,dear,soon\n2,Wall,Lost,cheap,late\n")
    assert set(_fields(_mapping(tmp_path, folder), "opportunities")) == {"name", "stage"}
    told = " ".join(suggest(folder).open_points)
    assert "'amount' is named like amount, but its contents are not" in told
    assert "'closed' is named like closed_on, but its contents are not" in told


def test_what_the_contents_leave_open_is_a_line_to_look_at(tmp_path: Path) -> None:
    folder = tmp_path / "crm"
    _write(folder, "deals.csv", "id,name,stage,close_date,shoe size\n1,Roof,Won,03/04/2017,9\n2,Wall,Parked,,8\n")
    found = suggest(folder)
    assert "date_format: DD/MM/YYYY" in found.text
    told = " ".join(found.open_points)
    assert "no field for shoe size" in told
    assert "no word of ours for Parked" in told
    assert "closed_on from 'close_date' is uncertain" in told


def test_a_single_file_is_enough(tmp_path: Path) -> None:
    _write(tmp_path / "crm", "contacts.csv", "Full Name;E-Mail\nAda;ada@x.test\nBo;bo@x.test\n")
    assert _fields(_mapping(tmp_path, tmp_path / "crm" / "contacts.csv"), "contacts") == {
        "name": "Full Name",
        "email": "E-Mail",
    }


def test_rows_that_hold_several_entities_are_taken_apart(acme: Organization, tmp_path: Path) -> None:
    _write(
        tmp_path / "shop",
        "report.csv",
        "Row ID,Order ID,Order Date,Customer ID,Customer Name,Country,Product ID,Product Name,Category,Sales\n"
        "1,A1,11/8/2018,C1,Ada Vale,Norway,P1,Chair,Furniture,261.96\n"
        "2,A1,11/8/2018,C1,Ada Vale,Norway,P2,Lamp,Light,14.5\n"
        "3,A2,6/30/2018,C2,Bo Frost,Kenya,P1,Chair,Furniture,130.98\n",
    )
    mapping = _mapping(tmp_path, tmp_path / "shop")
    assert [(entity.into, entity.key.column, entity.mentioned) for entity in mapping.entities] == [
        ("products", "Product ID", True),
        ("customers", "Customer ID", True),
        ("opportunities", "Row ID", False),
    ]
    assert _fields(mapping, "customers") == {"name": "Customer Name", "country": "Country"}
    assert mapping.entities[2].fields["stage"].value == "closed_won"
    assert "each row is taken for a deal that was won" in " ".join(suggest(tmp_path / "shop").open_points)
    report = _import(tmp_path, tmp_path / "shop", tmp_path / "suggested.yml")
    assert (report.read, report.rejects) == ({"products": 2, "customers": 2, "opportunities": 3}, [])
    with reading() as session:
        deals = {deal.name: deal for deal in session.scalars(select(Opportunity))}
        customers = {customer.id: customer.name for customer in session.scalars(select(Customer))}
    chair = deals["Bo Frost · Chair"]
    assert (chair.amount, chair.closed_on, customers[chair.customer_id or ""]) == (
        Decimal("130.98"),
        date(2018, 6, 30),
        "Bo Frost",
    )


def test_people_whom_only_deals_name_become_members(tmp_path: Path) -> None:
    _write(
        tmp_path / "crm",
        "deals.csv",
        "Deal ID,Deal Name,Deal Owner,Stage,Amount\n1,Roof,Robin Reed,Won,5\n2,Wall,,New,6\n",
    )
    mapping = _mapping(tmp_path, tmp_path / "crm")
    assert [(entity.into, entity.key.column) for entity in mapping.entities] == [
        ("memberships", "Deal Owner"),
        ("opportunities", "Deal ID"),
    ]


@pytest.mark.parametrize(
    ("file", "text", "key", "status"),
    [
        ("Leads.csv", "Prospect ID,Lead Source,Converted\np1,Web,0\np2,Fair,1\n", "Prospect ID", ["lead", "customer"]),
        ("churn.csv", "customerID,country,Churn\nc1,Peru,No\nc2,Peru,Yes\n", "customerID", ["customer", "churned"]),
        ("clients.csv", "id,name,status\n1,Ada,Active\n2,Bo,Inactive\n", "id", ["customer", "churned"]),
    ],
)
def test_a_column_that_says_where_a_customer_stands_is_understood(
    tmp_path: Path, file: str, text: str, key: str, status: list[str]
) -> None:
    _write(tmp_path / "crm", file, text)
    (entity,) = _mapping(tmp_path, tmp_path / "crm").entities
    column = entity.fields["status"].column or ""
    words = [row[column] or "" for row in read_sheet(tmp_path / "crm", file).rows]
    assert (entity.into, entity.key.column, [entity.fields["status"].word(word) for word in words]) == (
        "customers",
        key,
        status,
    )


def test_the_key_of_an_invoice_is_not_taken_for_its_customers(tmp_path: Path) -> None:
    _write(
        tmp_path / "books",
        "accounts receivable.csv",
        "countryCode,customerID,invoiceNumber,Amount due\n391,c1,i1,5\n391,c1,i2,6\n406,c2,i3,7\n",
    )
    (entity,) = _mapping(tmp_path, tmp_path / "books").entities
    assert (entity.into, entity.key.column, entity.mentioned) == ("customers", "customerID", True)
    assert "no field for invoiceNumber, Amount due" in " ".join(suggest(tmp_path / "books").open_points)


def test_what_cannot_be_mapped_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="It holds no files"):
        suggest(tmp_path)
    _write(tmp_path, "weather.csv", "wind,rain\n1,2\n")
    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04")
    with pytest.raises(ImportProblem) as refused:
        suggest(tmp_path)
    assert "weather.csv: none of our entities; columns wind, rain" in str(refused.value)
    assert "book.csv is a spreadsheet" in str(refused.value)
    with pytest.raises(ImportProblem, match="There is no file or folder"):
        suggest(tmp_path / "nowhere")


NAMES = st.sampled_from(
    sorted({name for fields in FIELDS.values() for told in fields.values() for name in told.split()})
)
CELLS = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12),
    st.sampled_from(["1,234", "31/12/2026", "03/04/2026", "Won", "a@b.c", "$5", "yes", "# no", "'", "a: b", "\u2028"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from([told.split()[0] for told in FILES.values()]),
    st.lists(NAMES, min_size=1, max_size=8, unique=True),
    st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=12),
)
def test_whatever_is_suggested_can_be_followed(
    tmp_path: Path, file: str, columns: list[str], rows: list[list[str]]
) -> None:
    path = tmp_path / f"{file}.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows(row[: len(columns)] for row in rows)
    try:
        found = suggest(path)
    except ImportProblem:
        return
    (tmp_path / "suggested.yml").write_text(found.text, encoding="utf-8")
    read_export(tmp_path, tmp_path / "suggested.yml")
