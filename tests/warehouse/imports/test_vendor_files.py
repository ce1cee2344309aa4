"""Vendors' files are found by their columns, whatever they are called and wherever they are."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouse.imports.looking import by_name, climb, deal_of, written
from tests.warehouse.imports.mailchimp_exports import MAILCHIMP, SUBSCRIBED
from tests.warehouse.imports.vendor_exports import HUBSPOT, PIPEDRIVE, SALES, SALESFORCE, VENDORS
from tests.warehouse.imports.workbooks import Tab, write_workbook
from tests.warehouse.imports.zendesk_exports import ZENDESK_CSV, ZENDESK_JSON
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.suggest import suggest
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import Organization
from warehouse.oltp.sales import Opportunity, Stage

Import = Callable[..., ImportReport]


def test_files_and_columns_that_were_not_exported_are_said_and_the_others_come(bring_vendor: Import) -> None:
    report = bring_vendor(
        "salesforce",
        ("Account.csv", ",AnnualRevenue,", ",Revenue__c,"),
        without=("Task.csv", "User.csv", "OpportunityHistory.csv"),
    )
    told = " ".join(report.notes)
    assert "There is no file of User: its memberships are not imported." in told
    assert "Account.csv has no column 'AnnualRevenue': annual_revenue of its customers stays unknown." in told
    assert by_name(Customer)["Pebble & Sons"].annual_revenue is None
    assert climb(by_name(Opportunity)["Harbour roof"]) == [
        (Stage.LEAD, date(2024, 1, 10)),
        (Stage.CLOSED_WON, date(2024, 3, 5)),
    ]


def test_a_file_of_the_right_name_needs_no_more_than_its_key_and_what_each_record_must_have(
    acme: Organization, tmp_path: Path
) -> None:
    folder = written(tmp_path / "few", {"account.csv": "ID,NAME\n001A,Pebble\n"})
    mapping, sheets = read_export(folder, Path("salesforce"))
    with writing() as session:
        report = import_export(session, mapping, sheets, "acme")
    assert (report.read, [*by_name(Customer)]) == ({"customers": 1}, ["Pebble"])
    with pytest.raises(ImportProblem, match=r"account\.csv has no column 'Id'"):
        read_export(written(tmp_path / "few", {"account.csv": "NAME\nPebble\n"}), Path("salesforce"))
    with pytest.raises(ImportProblem, match=r"account\.csv has no column 'Name'"):
        read_export(written(tmp_path / "few", {"account.csv": "Id,Phone\n001A,1\n"}), Path("salesforce"))


def test_two_files_of_one_kind_are_not_guessed_between(tmp_path: Path) -> None:
    deals = HUBSPOT["My pipeline.csv"]
    folder = written(tmp_path / "two", {"first deals.csv": deals, "second deals.csv": deals})
    with pytest.raises(ImportProblem, match=r"first deals\.csv and second deals\.csv both look like deals"):
        read_export(folder, Path("hubspot"))


def test_a_folder_without_any_of_the_files_says_what_is_looked_for(tmp_path: Path) -> None:
    folder = written(tmp_path / "none", {"weather.csv": "wind,rain\n1,2\n"})
    with pytest.raises(
        ImportProblem, match=r"holds no Pipedrive export: none of organizations \(with Organization - ID"
    ):
        read_export(folder, Path("pipedrive"))


@pytest.mark.parametrize("vendor", SALES)
def test_a_suggestion_recognises_the_vendor_and_lists_the_stages_nobody_mapped(vendor: str, tmp_path: Path) -> None:
    folder = written(tmp_path / vendor, SALES[vendor])
    found = suggest(folder)
    told = " ".join(found.open_points)
    assert f"export: use --mapping {vendor}, or correct a copy of it" in found.open_points[0]
    assert f"looks like a {vendor}" in found.open_points[0].lower()
    assert "stage has no word of ours for Piloting; say them under values" in told
    (folder / "mine.yml").write_text(found.text.replace("Closed Won: closed_won", "Piloting: proposal", 1))
    assert read_export(folder, folder / "mine.yml")[0].source == vendor


@pytest.mark.parametrize(
    ("vendor", "text"),
    [
        ("Pipedrive", PIPEDRIVE["deals-11111-3.csv"]),
        ("Zendesk", ZENDESK_CSV["tickets-2024.csv"]),
        ("Zendesk", ZENDESK_CSV["team-members.csv"]),
        ("Mailchimp", MAILCHIMP[SUBSCRIBED]),
        ("Mailchimp", MAILCHIMP["campaigns.csv"]),
    ],
)
def test_one_file_of_a_vendor_is_recognised_too(vendor: str, text: str, tmp_path: Path) -> None:
    folder = written(tmp_path / "one", {"Book1.csv": text})
    assert f"looks like a {vendor} export" in suggest(folder / "Book1.csv").open_points[0]


def test_tickets_in_json_alone_are_recognised_with_what_was_said_on_them(tmp_path: Path) -> None:
    folder = written(tmp_path / "one", {"export.json": ZENDESK_JSON["tickets.json"]})
    assert "looks like a Zendesk export" in suggest(folder).open_points[0]
    _, sheets = read_export(folder, Path("zendesk"))
    assert set(sheets) == {"export.json", "export.json/comments"}


def test_a_workbook_with_a_sheet_for_each_object_is_an_export_too(acme: Organization, tmp_path: Path) -> None:
    tabs = []
    for name in ("User", "Account", "Opportunity"):
        rows = list(csv.reader(io.StringIO(SALESFORCE[f"{name}.csv"])))
        tabs.append(Tab(name, rows))
    write_workbook(tmp_path / "all.xlsx", *tabs)
    mapping, sheets = read_export(tmp_path, Path("salesforce"))
    assert set(sheets) == {"all.xlsx/User", "all.xlsx/Account", "all.xlsx/Opportunity"}
    with writing() as session:
        report = import_export(session, mapping, sheets, "acme")
    assert report.read == {"memberships": 3, "customers": 3, "opportunities": 5}
    assert deal_of("Harbour roof")[3] == Decimal("12500.5")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_suggestion_for_a_vendors_folder_is_the_shipped_mapping_and_can_be_followed(
    vendor: str, tmp_path: Path
) -> None:
    folder, mapping = written(tmp_path / "export", VENDORS[vendor]), vendor.split()[0]
    found = suggest(folder)
    assert f"looks like a {mapping}" in found.open_points[0].lower()
    (tmp_path / "mine.yml").write_text(found.text)
    assert read_export(folder, tmp_path / "mine.yml")[0].source == mapping


def test_a_word_that_stands_for_no_status_of_ours_is_told_with_the_suggestion(tmp_path: Path) -> None:
    told = " ".join(suggest(written(tmp_path / "export", VENDORS["zendesk"])).open_points)
    assert "status has no word of ours for Escalating; say them under values" in told
    assert "has no word of ours for Deleted" not in told


def test_contacts_of_whom_nothing_says_what_they_allowed_are_no_subscribers(tmp_path: Path) -> None:
    files = {"transactional.csv": "Email Address,LEID,EUID\nbuyer@shop.test,1,a\n"}
    with pytest.raises(ImportProblem, match="holds no Mailchimp export"):
        read_export(written(tmp_path / "export", files), Path("mailchimp"))
