"""The exports of Salesforce, HubSpot and Pipedrive, in the columns their makers document, become our records."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.warehouse.imports.vendor_exports import HUBSPOT, PIPEDRIVE, SALESFORCE
from tests.warehouse.imports.workbooks import Tab, write_workbook
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.suggest import suggest
from warehouse.imports.undo import undo
from warehouse.oltp.customers import Contact, Customer, CustomerStatus
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import Membership, Organization
from warehouse.oltp.sales import (
    Activity,
    ActivityKind,
    Opportunity,
    OpportunityLineItem,
    OpportunityStageChange,
    Product,
    Stage,
)
from warehouse.tenancy import Actor

Files = Mapping[str, str]
Vendor = Callable[..., ImportReport]

ALL = {"salesforce": SALESFORCE, "hubspot": HUBSPOT, "pipedrive": PIPEDRIVE}
KINDS = (Membership, Product, Customer, Contact, Opportunity, OpportunityLineItem, Activity)


@pytest.fixture
def bring(acme: Organization, tmp_path: Path) -> Vendor:
    """Import a vendor's export into acme; files given as None are left out, `changes` are (file, old, new)."""

    def run(vendor: str, *changes: tuple[str, str, str], without: tuple[str, ...] = (), **options: Any) -> ImportReport:
        folder = _written(tmp_path / vendor, {n: t for n, t in ALL[vendor].items() if n not in without}, *changes)
        mapping, sheets = read_export(folder, Path(vendor))
        with writing() as session:
            return import_export(session, mapping, sheets, "acme", **options)

    return run


def _written(folder: Path, files: Files, *changes: tuple[str, str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in files.items():
        for _, old_text, new in (change for change in changes if change[0] == name):
            assert old_text in text
            text = text.replace(old_text, new)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _all(kind: type[Any], *where: Any) -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(kind).where(kind.deleted_at.is_(None), *where)))


def _by_name(kind: type[Any]) -> dict[str, Any]:
    return {row.name: row for row in _all(kind)}


def _name_of(kind: type[Any], record_id: str | None) -> str | None:
    return next((row.name for row in _all(kind) if row.id == record_id), None)


def _steps(deal: Opportunity) -> list[tuple[Stage, date | None]]:
    with reading() as session:
        mine = select(OpportunityStageChange).where(OpportunityStageChange.opportunity_id == deal.id)
        rows = sorted(session.scalars(mine), key=lambda step: (step.recorded_at, step.id))
    return [(step.to_stage, step.changed_on) for step in rows]


def _deal(name: str) -> tuple[Any, ...]:
    """What is known of a deal, names instead of ids."""
    deal = _by_name(Opportunity)[name]
    return (
        _name_of(Customer, deal.customer_id),
        _name_of(Membership, deal.sales_rep_id),
        deal.stage,
        deal.amount,
        deal.currency,
        deal.opened_on,
        deal.expected_close_on,
        deal.closed_on,
    )


def _reasons(report: ImportReport) -> dict[str, list[str]]:
    """File → the line of each row left out, after the row's number."""
    found = {}
    for file, _, place in report.rejects:
        lines = place.read_text(encoding="utf-8").splitlines()[1:]
        found[file] = [line.replace('"', "")[:90] for line in lines]
    return found


def _rows(report: ImportReport, finding: str) -> int:
    return next((found.rows for found in report.findings if found.name == finding), 0)


def test_a_salesforce_export_becomes_records(bring: Vendor) -> None:
    report = bring("salesforce")
    assert report.read == {
        "memberships": 3,
        "products": 2,
        "customers": 3,
        "contacts": 2,
        "opportunities": 5,
        "opportunity_line_items": 2,
        "activities": 2,
    }
    members, customers = _by_name(Membership), _by_name(Customer)
    assert (members["Robin Reed"].manager_id, members["Gale Moor"].is_active) == (members["Marsh"].id, False)
    pebble = customers["Pebble & Sons"]
    assert (pebble.address, pebble.country, pebble.sector) == (
        "1 Quay Street\nFloor 2, Bergen, 5003",
        "Norway",
        "Retail",
    )
    assert (pebble.annual_revenue, pebble.employees, pebble.status) == (12_500_000, 140, CustomerStatus.CUSTOMER)
    assert (pebble.parent_customer_id, pebble.assigned_sales_rep_id) == (
        customers["Quarry Lane"].id,
        members["Robin Reed"].id,
    )
    contacts = _by_name(Contact)
    assert (contacts["Sol Vik"].customer_id, contacts["Sol Vik"].phone) == (pebble.id, "+47 555 02")
    assert contacts["Nobody"].customer_id is None


def test_salesforce_deals_have_their_own_amounts_currencies_and_days(bring: Vendor) -> None:
    bring("salesforce")
    won, lost, open_ = Stage.CLOSED_WON, Stage.CLOSED_LOST, Stage.NEGOTIATION
    roof = ("Pebble & Sons", "Robin Reed", won, Decimal("12500.5"), "EUR", date(2024, 1, 10), None, date(2024, 3, 5))
    wall = ("Quarry Lane", "Robin Reed", lost, Decimal(300), "USD", date(2024, 1, 15), None, date(2024, 2, 1))
    assert _deal("Harbour roof") == roof
    assert _deal("Wall") == wall
    assert _deal("Fence") == (None, None, open_, None, "USD", date(2024, 2, 1), date(2031, 1, 31), None)
    assert _deal("Sand")[:3] == (None, "Gale Moor", Stage.LEAD)


def test_a_salesforce_deal_entered_after_it_closed_opened_on_a_day_nobody_knows(bring: Vendor) -> None:
    report = bring("salesforce")
    assert _deal("Gate")[5:] == (None, None, date(2023, 12, 31))
    assert _steps(_by_name(Opportunity)["Gate"]) == [(Stage.CLOSED_WON, date(2023, 12, 31))]
    assert _rows(report, "opportunities_opened_on_too_late") == 1


def test_salesforce_tells_when_a_deal_reached_each_stage(bring: Vendor) -> None:
    bring("salesforce")
    deals = _by_name(Opportunity)
    assert _steps(deals["Harbour roof"]) == [
        (Stage.QUALIFIED, date(2024, 1, 10)),
        (Stage.PROPOSAL, date(2024, 2, 1)),
        (Stage.CLOSED_WON, date(2024, 3, 5)),
    ]
    assert _steps(deals["Wall"]) == [(Stage.LEAD, date(2024, 1, 15)), (Stage.CLOSED_LOST, date(2024, 2, 1))]
    assert _steps(deals["Fence"]) == [(Stage.LEAD, date(2024, 2, 1)), (Stage.NEGOTIATION, None)]


def test_salesforce_lines_and_tasks_come_with_their_deals(bring: Vendor) -> None:
    bring("salesforce")
    roof, products = _by_name(Opportunity)["Harbour roof"], _by_name(Product)
    lines = sorted(_all(OpportunityLineItem), key=lambda line: line.position)
    assert [(line.opportunity_id, line.product_id, line.quantity, line.unit_price) for line in lines] == [
        (roof.id, products["Kite One"].id, Decimal("2.5"), Decimal(4000)),
        (roof.id, products["Old Kite"].id, Decimal(1), Decimal("2500.5")),
    ]
    assert products["Old Kite"].is_active is False
    done, todo = sorted(_all(Activity), key=lambda activity: activity.due_on)
    assert (done.kind, done.subject, done.body) == (ActivityKind.CALL, "Call, then write", 'He "said" yes')
    assert (done.opportunity_id, done.happened_on, done.due_on) == (roof.id, date(2024, 2, 11), date(2024, 2, 10))
    assert done.done_at == datetime(2024, 2, 11, 9, tzinfo=UTC)
    assert (todo.kind, todo.subject, todo.opportunity_id, todo.done_at) == (
        ActivityKind.TASK,
        "(no subject)",
        None,
        None,
    )
    assert _name_of(Customer, todo.customer_id) == "Pebble & Sons"


def test_salesforce_rows_that_cannot_come_are_listed_and_deleted_ones_counted(bring: Vendor) -> None:
    report = bring("salesforce")
    told = _reasons(report)
    assert set(told) == {"Opportunity.csv", "OpportunityHistory.csv", "OpportunityLineItem.csv"}
    assert [line.startswith("6,stage: 'Piloting' is not one of lead") for line in told["Opportunity.csv"]] == [True]
    assert told["OpportunityHistory.csv"][0].startswith("6,stage: 'Old stage' is not one of")
    assert [line.split(",00k")[0] for line in told["OpportunityLineItem.csv"]] == [
        "4,quantity: '0' is not an amount of more than zero",
        "5,it names no opportunity that was loaded",
    ]
    assert (_rows(report, "customers_left_out"), _rows(report, "opportunities_left_out")) == (1, 1)
    assert (_rows(report, "opportunities_rejected_customers"), _rows(report, "contacts_unknown_customers")) == (1, 1)
    assert _rows(report, "opportunities_unknown_memberships") == 1


def test_a_hubspot_export_becomes_records(bring: Vendor) -> None:
    report = bring("hubspot")
    assert report.read == {"memberships": 2, "customers": 2, "contacts": 2, "opportunities": 4}
    customers, contacts = _by_name(Customer), _by_name(Contact)
    bluebay, harbour = customers["Bluebay Ltd"], customers["Harbour\nLotteries"]
    assert (bluebay.status, bluebay.country, bluebay.annual_revenue) == (CustomerStatus.CUSTOMER, "Norway", 1_250_000)
    assert (_name_of(Membership, bluebay.assigned_sales_rep_id), harbour.assigned_sales_rep_id) == ("Robin Reed", None)
    assert (contacts["Priya Vale"].customer_id, contacts["tom@harbour.test"].customer_id) == (bluebay.id, harbour.id)


def test_hubspot_deals_take_the_first_company_that_the_files_hold(bring: Vendor) -> None:
    report = bring("hubspot")
    won, lost, open_ = Stage.CLOSED_WON, Stage.CLOSED_LOST, Stage.NEGOTIATION
    portal = ("Bluebay Ltd", "Robin Reed", won, Decimal(12500), "EUR", date(2024, 1, 10), None, date(2024, 3, 5))
    slots = ("Harbour\nLotteries", "Sage Stone", open_, Decimal("1234.5"), "USD")
    assert _deal("Portal") == portal
    assert _deal("Slots") == (*slots, date(2024, 2, 1), date(2031, 6, 30), None)
    assert _deal("Cards") == (None, None, Stage.QUALIFIED, None, "USD", date(2024, 2, 1), None, None)
    assert _deal("Lost one") == ("Bluebay Ltd", "Robin Reed", lost, Decimal(7), "USD", None, None, date(2024, 1, 31))
    assert _steps(_by_name(Opportunity)["Slots"]) == [(Stage.LEAD, date(2024, 2, 1)), (Stage.NEGOTIATION, None)]
    assert (
        _rows(report, "opportunities_with_several_customers"),
        _rows(report, "opportunities_unknown_customers"),
    ) == (
        1,
        1,
    )
    assert _reasons(report)["My pipeline.csv"][0].startswith("5,stage: 'Piloting' is not one of")


def test_hubspot_tells_when_a_deal_reached_a_stage_where_those_columns_were_exported(bring: Vendor) -> None:
    pipeline, head = "My pipeline.csv", "Associated Company IDs,Associated Company\n"
    days = ',"Date entered ""Qualified To Buy (Sales Pipeline)"""\n'
    bring(
        "hubspot",
        (pipeline, head, head.replace("\n", days)),
        (pipeline, "9001,Bluebay Ltd\n7002", "9001,Bluebay Ltd,2024-01-20 08:00\n7002"),
        (pipeline, "9999;9002,\n", "9999;9002,,\n"),
        (pipeline, "8888,\n", "8888,,\n"),
        (pipeline, "10:00,,,\n", "10:00,,,,\n"),
        (pipeline, "Robin Reed,,Bluebay Ltd\n", "Robin Reed,,Bluebay Ltd,\n"),
    )
    assert _steps(_by_name(Opportunity)["Portal"]) == [
        (Stage.LEAD, date(2024, 1, 10)),
        (Stage.QUALIFIED, date(2024, 1, 20)),
        (Stage.CLOSED_WON, date(2024, 3, 5)),
    ]


def test_a_pipedrive_export_becomes_records(bring: Vendor) -> None:
    report = bring("pipedrive")
    assert report.read == {"memberships": 3, "customers": 3, "contacts": 2, "opportunities": 3, "activities": 2}
    pebble, sol = _by_name(Customer)["Pebble & Sons"], _by_name(Contact)["Sol Vik"]
    assert (pebble.address, pebble.country) == ("1 Quay Street, Bergen", "Norway")
    assert (sol.customer_id, sol.email, sol.phone) == (pebble.id, "sol@home.test", "+47 1")
    lunch, call = sorted(_all(Activity), key=lambda activity: activity.due_on)
    assert (lunch.kind, lunch.opportunity_id) == (ActivityKind.MEETING, _by_name(Opportunity)["Roof"].id)
    assert (lunch.done_at, lunch.customer_id) == (datetime(2024, 2, 10, 13, 30, tzinfo=UTC), pebble.id)
    assert (call.subject, call.happened_on, _name_of(Membership, call.member_id)) == ("(no subject)", None, "Kim Frost")


def test_a_pipedrive_deal_stands_where_its_status_says_and_else_where_its_stage_says(bring: Vendor) -> None:
    report = bring("pipedrive")
    won, lost = Stage.CLOSED_WON, Stage.CLOSED_LOST
    roof = ("Pebble & Sons", "Robin Reed", won, Decimal(12500), "EUR", date(2024, 1, 10), date(2024, 3, 31))
    assert _deal("Roof") == (*roof, date(2024, 3, 5))
    assert _deal("Wall") == (None, "Sage Stone", lost, 300, "NOK", date(2024, 1, 15), None, date(2024, 2, 1))
    assert _deal("Fence") == (None, None, Stage.LEAD, 0, "EUR", date(2024, 2, 1), date(2031, 1, 31), None)
    assert _by_name(Opportunity)["Wall"].lost_reason == "Too dear"
    assert _rows(report, "opportunities_ambiguous_customers") == 1
    assert _rows(report, "opportunities_unknown_customers") == 1
    assert _rows(report, "opportunities_left_out") == 1
    assert _reasons(report)["deals-11111-3.csv"][0].startswith("5,stage: 'Piloting' is not one of")


def test_a_pipedrive_deal_that_names_its_organization_by_id_finds_it_among_namesakes(bring: Vendor) -> None:
    deals = "deals-11111-3.csv"
    bring(
        "pipedrive",
        (deals, "Deal - Organization,", "Deal - Organization ID,"),
        (deals, ",Pebble & Sons,", ",1,"),
        (deals, ",Quarry Lane,", ",3,"),
        (deals, ",Nowhere Inc,", ",77,"),
    )
    wall = _by_name(Opportunity)["Wall"]
    (kenya,) = _all(Customer, Customer.country == "Kenya")
    assert wall.customer_id == kenya.id


@pytest.mark.parametrize("vendor", ALL)
def test_the_same_export_again_changes_nothing_and_undoing_removes_everything(
    bring: Vendor, vendor: str, ana: Actor
) -> None:
    before = {kind: len(_all(kind)) for kind in KINDS}
    report = bring(vendor)
    kept = {kind: [(row.id, row.version, row.change_seq) for row in _all(kind)] for kind in KINDS}
    assert bring(vendor).written == {}
    assert {kind: [(row.id, row.version, row.change_seq) for row in _all(kind)] for kind in KINDS} == kept
    with writing() as session:
        undo(session, ana, report.id)
    assert {kind: len(_all(kind)) for kind in KINDS} == before
    assert bring(vendor).written == report.written


@pytest.mark.parametrize(
    ("vendor", "file", "old", "new", "name"),
    [
        ("salesforce", "Opportunity.csv", "Negotiation/Review,,90,2031-01-31,,false,false", "Closed Won,7,100,2024-05-06,,true,true", "Fence"),
        ("hubspot", "My pipeline.csv", "Contract sent,1234.5,USD,2031-06-30 22:00", "Closed Won,7,USD,2024-05-06 08:00", "Slots"),
        ("pipedrive", "deals-11111-3.csv", "Lead In,Open,2024-02-01 00:00:00,", "Lead In,Won,2024-02-01 00:00:00,2024-05-06 08:00:00", "Fence"),
    ],
)  # fmt: skip
def test_a_deal_won_since_the_last_export_has_climbed(
    bring: Vendor, vendor: str, file: str, old: str, new: str, name: str
) -> None:
    bring(vendor)
    report = bring(vendor, (file, old, new))
    deal = _by_name(Opportunity)[name]
    assert (deal.stage, deal.closed_on, deal.expected_close_on in {None, date(2031, 1, 31)}) == (
        Stage.CLOSED_WON,
        date(2024, 5, 6),
        True,
    )
    assert _steps(deal)[-1] == (Stage.CLOSED_WON, date(2024, 5, 6))
    assert report.written == {"opportunities": 1, "opportunity_stage_changes": 1}


def test_a_dry_run_tells_the_same_and_writes_nothing(bring: Vendor) -> None:
    dry = bring("salesforce", dry_run=True)
    assert _all(Customer) == []
    assert (dry.read, dry.written) == ((wet := bring("salesforce")).read, wet.written)


def test_files_and_columns_that_were_not_exported_are_said_and_the_others_come(bring: Vendor) -> None:
    report = bring(
        "salesforce",
        ("Account.csv", ",AnnualRevenue,", ",Revenue__c,"),
        without=("Task.csv", "User.csv", "OpportunityHistory.csv"),
    )
    told = " ".join(report.notes)
    assert "There is no file of User: its memberships are not imported." in told
    assert "Account.csv has no column 'AnnualRevenue': annual_revenue of its customers stays unknown." in told
    assert _by_name(Customer)["Pebble & Sons"].annual_revenue is None
    assert _steps(_by_name(Opportunity)["Harbour roof"]) == [
        (Stage.LEAD, date(2024, 1, 10)),
        (Stage.CLOSED_WON, date(2024, 3, 5)),
    ]


def test_files_that_come_one_after_the_other_find_each_other(bring: Vendor) -> None:
    bring("hubspot", without=("My pipeline.csv",))
    bring("hubspot", without=("hubspot-crm-exports-all-companies-2024-04-01.csv",))
    assert _deal("Portal")[0] == "Bluebay Ltd"


def test_amounts_that_name_no_currency_are_in_the_organizations(bring: Vendor, acme: Organization) -> None:
    with writing() as session:
        session.get_one(Organization, acme.id).currency = "NOK"
    bring("hubspot")
    assert (_deal("Cards")[4], _by_name(Customer)["Bluebay Ltd"].currency) == ("NOK", "NOK")
    assert _deal("Portal")[4] == "EUR"


def test_a_file_of_the_right_name_needs_no_more_than_its_key_and_what_each_record_must_have(
    acme: Organization, tmp_path: Path
) -> None:
    folder = _written(tmp_path / "few", {"account.csv": "ID,NAME\n001A,Pebble\n"})
    mapping, sheets = read_export(folder, Path("salesforce"))
    with writing() as session:
        report = import_export(session, mapping, sheets, "acme")
    assert (report.read, [*_by_name(Customer)]) == ({"customers": 1}, ["Pebble"])
    with pytest.raises(ImportProblem, match=r"account\.csv has no column 'Id'"):
        read_export(_written(tmp_path / "few", {"account.csv": "NAME\nPebble\n"}), Path("salesforce"))
    with pytest.raises(ImportProblem, match=r"account\.csv has no column 'Name'"):
        read_export(_written(tmp_path / "few", {"account.csv": "Id,Phone\n001A,1\n"}), Path("salesforce"))


def test_two_files_of_one_kind_are_not_guessed_between(tmp_path: Path) -> None:
    deals = HUBSPOT["My pipeline.csv"]
    folder = _written(tmp_path / "two", {"first deals.csv": deals, "second deals.csv": deals})
    with pytest.raises(ImportProblem, match=r"first deals\.csv and second deals\.csv both look like deals"):
        read_export(folder, Path("hubspot"))


def test_a_folder_without_any_of_the_files_says_what_is_looked_for(tmp_path: Path) -> None:
    folder = _written(tmp_path / "none", {"weather.csv": "wind,rain\n1,2\n"})
    with pytest.raises(
        ImportProblem, match=r"holds no Pipedrive export: none of organizations \(with Organization - ID"
    ):
        read_export(folder, Path("pipedrive"))


@pytest.mark.parametrize("vendor", ALL)
def test_a_suggestion_recognises_the_vendor_and_lists_the_stages_nobody_mapped(vendor: str, tmp_path: Path) -> None:
    folder = _written(tmp_path / vendor, ALL[vendor])
    found = suggest(folder)
    told = " ".join(found.open_points)
    assert f"export: use --mapping {vendor}, or correct a copy of it" in found.open_points[0]
    assert f"looks like a {vendor}" in found.open_points[0].lower()
    assert "stage has no word of ours for Piloting; say them under values" in told
    (folder / "mine.yml").write_text(found.text.replace("Closed Won: closed_won", "Piloting: proposal", 1))
    assert read_export(folder, folder / "mine.yml")[0].source == vendor


def test_one_file_of_a_vendor_is_recognised_too(tmp_path: Path) -> None:
    folder = _written(tmp_path / "one", {"Book1.csv": PIPEDRIVE["deals-11111-3.csv"]})
    assert "looks like a Pipedrive export" in suggest(folder / "Book1.csv").open_points[0]


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
    assert _deal("Harbour roof")[3] == Decimal("12500.5")
