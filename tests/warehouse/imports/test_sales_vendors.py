"""The exports of Salesforce, HubSpot and Pipedrive, in the columns their makers document, become our records."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from tests.warehouse.imports.looking import by_name, climb, counted, deal_of, name_of, reasons, rows_of
from warehouse.imports.load import ImportReport
from warehouse.oltp.customers import Contact, Customer, CustomerStatus
from warehouse.oltp.organization import Membership
from warehouse.oltp.sales import Activity, ActivityKind, Opportunity, OpportunityLineItem, Stage
from warehouse.oltp.sales_catalogue import Product

Import = Callable[..., ImportReport]


def test_a_salesforce_export_becomes_records(bring_vendor: Import) -> None:
    report = bring_vendor("salesforce")
    assert report.read == {
        "memberships": 3,
        "products": 2,
        "customers": 3,
        "contacts": 2,
        "opportunities": 5,
        "opportunity_line_items": 2,
        "activities": 2,
    }
    members, customers = by_name(Membership), by_name(Customer)
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
    contacts = by_name(Contact)
    assert (contacts["Sol Vik"].customer_id, contacts["Sol Vik"].phone) == (pebble.id, "+47 555 02")
    assert contacts["Nobody"].customer_id is None


def test_salesforce_deals_have_their_own_amounts_currencies_and_days(bring_vendor: Import) -> None:
    bring_vendor("salesforce")
    won, lost, open_ = Stage.CLOSED_WON, Stage.CLOSED_LOST, Stage.NEGOTIATION
    roof = ("Pebble & Sons", "Robin Reed", won, Decimal("12500.5"), "EUR", date(2024, 1, 10), None, date(2024, 3, 5))
    wall = ("Quarry Lane", "Robin Reed", lost, Decimal(300), "USD", date(2024, 1, 15), None, date(2024, 2, 1))
    assert deal_of("Harbour roof") == roof
    assert deal_of("Wall") == wall
    assert deal_of("Fence") == (None, None, open_, None, "USD", date(2024, 2, 1), date(2031, 1, 31), None)
    assert deal_of("Sand")[:3] == (None, "Gale Moor", Stage.LEAD)


def test_a_salesforce_deal_entered_after_it_closed_opened_on_a_day_nobody_knows(bring_vendor: Import) -> None:
    report = bring_vendor("salesforce")
    assert deal_of("Gate")[5:] == (None, None, date(2023, 12, 31))
    assert climb(by_name(Opportunity)["Gate"]) == [(Stage.CLOSED_WON, date(2023, 12, 31))]
    assert counted(report, "opportunities_opened_on_too_late") == 1


def test_salesforce_tells_when_a_deal_reached_each_stage(bring_vendor: Import) -> None:
    bring_vendor("salesforce")
    deals = by_name(Opportunity)
    assert climb(deals["Harbour roof"]) == [
        (Stage.QUALIFIED, date(2024, 1, 10)),
        (Stage.PROPOSAL, date(2024, 2, 1)),
        (Stage.CLOSED_WON, date(2024, 3, 5)),
    ]
    assert climb(deals["Wall"]) == [(Stage.LEAD, date(2024, 1, 15)), (Stage.CLOSED_LOST, date(2024, 2, 1))]
    assert climb(deals["Fence"]) == [(Stage.LEAD, date(2024, 2, 1)), (Stage.NEGOTIATION, None)]


def test_salesforce_lines_and_tasks_come_with_their_deals(bring_vendor: Import) -> None:
    bring_vendor("salesforce")
    roof, products = by_name(Opportunity)["Harbour roof"], by_name(Product)
    lines = sorted(rows_of(OpportunityLineItem), key=lambda line: line.position)
    assert [(line.opportunity_id, line.product_id, line.quantity, line.unit_price) for line in lines] == [
        (roof.id, products["Kite One"].id, Decimal("2.5"), Decimal(4000)),
        (roof.id, products["Old Kite"].id, Decimal(1), Decimal("2500.5")),
    ]
    assert products["Old Kite"].is_active is False
    done, todo = sorted(rows_of(Activity), key=lambda activity: activity.due_on)
    assert (done.kind, done.subject, done.body) == (ActivityKind.CALL, "Call, then write", 'He "said" yes')
    assert (done.opportunity_id, done.happened_on, done.due_on) == (roof.id, date(2024, 2, 11), date(2024, 2, 10))
    assert done.done_at == datetime(2024, 2, 11, 9, tzinfo=UTC)
    assert (todo.kind, todo.subject, todo.opportunity_id, todo.done_at) == (
        ActivityKind.TASK,
        "(no subject)",
        None,
        None,
    )
    assert name_of(Customer, todo.customer_id) == "Pebble & Sons"


def test_salesforce_rows_that_cannot_come_are_listed_and_deleted_ones_counted(bring_vendor: Import) -> None:
    report = bring_vendor("salesforce")
    told = reasons(report)
    assert set(told) == {"Opportunity.csv", "OpportunityHistory.csv", "OpportunityLineItem.csv"}
    assert [line.startswith("6,stage: 'Piloting' is not one of lead") for line in told["Opportunity.csv"]] == [True]
    assert told["OpportunityHistory.csv"][0].startswith("6,stage: 'Old stage' is not one of")
    assert [line.split(",00k")[0] for line in told["OpportunityLineItem.csv"]] == [
        "4,quantity: '0' is not an amount of more than zero",
        "5,it names no opportunity that was loaded",
    ]
    assert (counted(report, "customers_left_out"), counted(report, "opportunities_left_out")) == (1, 1)
    assert (counted(report, "opportunities_rejected_customers"), counted(report, "contacts_unknown_customers")) == (
        1,
        1,
    )
    assert counted(report, "opportunities_unknown_memberships") == 1


def test_a_hubspot_export_becomes_records(bring_vendor: Import) -> None:
    report = bring_vendor("hubspot")
    assert report.read == {"memberships": 2, "customers": 2, "contacts": 2, "opportunities": 4}
    customers, contacts = by_name(Customer), by_name(Contact)
    bluebay, harbour = customers["Bluebay Ltd"], customers["Harbour\nLotteries"]
    assert (bluebay.status, bluebay.country, bluebay.annual_revenue) == (CustomerStatus.CUSTOMER, "Norway", 1_250_000)
    assert (name_of(Membership, bluebay.assigned_sales_rep_id), harbour.assigned_sales_rep_id) == ("Robin Reed", None)
    assert (contacts["Priya Vale"].customer_id, contacts["tom@harbour.test"].customer_id) == (bluebay.id, harbour.id)


def test_hubspot_deals_take_the_first_company_that_the_files_hold(bring_vendor: Import) -> None:
    report = bring_vendor("hubspot")
    won, lost, open_ = Stage.CLOSED_WON, Stage.CLOSED_LOST, Stage.NEGOTIATION
    portal = ("Bluebay Ltd", "Robin Reed", won, Decimal(12500), "EUR", date(2024, 1, 10), None, date(2024, 3, 5))
    slots = ("Harbour\nLotteries", "Sage Stone", open_, Decimal("1234.5"), "USD")
    assert deal_of("Portal") == portal
    assert deal_of("Slots") == (*slots, date(2024, 2, 1), date(2031, 6, 30), None)
    assert deal_of("Cards") == (None, None, Stage.QUALIFIED, None, "USD", date(2024, 2, 1), None, None)
    assert deal_of("Lost one") == ("Bluebay Ltd", "Robin Reed", lost, Decimal(7), "USD", None, None, date(2024, 1, 31))
    assert climb(by_name(Opportunity)["Slots"]) == [(Stage.LEAD, date(2024, 2, 1)), (Stage.NEGOTIATION, None)]
    assert (
        counted(report, "opportunities_with_several_customers"),
        counted(report, "opportunities_unknown_customers"),
    ) == (
        1,
        1,
    )
    assert reasons(report)["My pipeline.csv"][0].startswith("5,stage: 'Piloting' is not one of")


def test_hubspot_tells_when_a_deal_reached_a_stage_where_those_columns_were_exported(bring_vendor: Import) -> None:
    pipeline, head = "My pipeline.csv", "Associated Company IDs,Associated Company\n"
    days = ',"Date entered ""Qualified To Buy (Sales Pipeline)"""\n'
    bring_vendor(
        "hubspot",
        (pipeline, head, head.replace("\n", days)),
        (pipeline, "9001,Bluebay Ltd\n7002", "9001,Bluebay Ltd,2024-01-20 08:00\n7002"),
        (pipeline, "9999;9002,\n", "9999;9002,,\n"),
        (pipeline, "8888,\n", "8888,,\n"),
        (pipeline, "10:00,,,\n", "10:00,,,,\n"),
        (pipeline, "Robin Reed,,Bluebay Ltd\n", "Robin Reed,,Bluebay Ltd,\n"),
    )
    assert climb(by_name(Opportunity)["Portal"]) == [
        (Stage.LEAD, date(2024, 1, 10)),
        (Stage.QUALIFIED, date(2024, 1, 20)),
        (Stage.CLOSED_WON, date(2024, 3, 5)),
    ]


def test_a_pipedrive_export_becomes_records(bring_vendor: Import) -> None:
    report = bring_vendor("pipedrive")
    assert report.read == {"memberships": 3, "customers": 3, "contacts": 2, "opportunities": 3, "activities": 2}
    pebble, sol = by_name(Customer)["Pebble & Sons"], by_name(Contact)["Sol Vik"]
    assert (pebble.address, pebble.country) == ("1 Quay Street, Bergen", "Norway")
    assert (sol.customer_id, sol.email, sol.phone) == (pebble.id, "sol@home.test", "+47 1")
    lunch, call = sorted(rows_of(Activity), key=lambda activity: activity.due_on)
    assert (lunch.kind, lunch.opportunity_id) == (ActivityKind.MEETING, by_name(Opportunity)["Roof"].id)
    assert (lunch.done_at, lunch.customer_id) == (datetime(2024, 2, 10, 13, 30, tzinfo=UTC), pebble.id)
    assert (call.subject, call.happened_on, name_of(Membership, call.member_id)) == ("(no subject)", None, "Kim Frost")


def test_a_pipedrive_deal_stands_where_its_status_says_and_else_where_its_stage_says(bring_vendor: Import) -> None:
    report = bring_vendor("pipedrive")
    won, lost = Stage.CLOSED_WON, Stage.CLOSED_LOST
    roof = ("Pebble & Sons", "Robin Reed", won, Decimal(12500), "EUR", date(2024, 1, 10), date(2024, 3, 31))
    assert deal_of("Roof") == (*roof, date(2024, 3, 5))
    assert deal_of("Wall") == (None, "Sage Stone", lost, 300, "NOK", date(2024, 1, 15), None, date(2024, 2, 1))
    assert deal_of("Fence") == (None, None, Stage.LEAD, 0, "EUR", date(2024, 2, 1), date(2031, 1, 31), None)
    assert by_name(Opportunity)["Wall"].lost_reason == "Too dear"
    assert counted(report, "opportunities_ambiguous_customers") == 1
    assert counted(report, "opportunities_unknown_customers") == 1
    assert counted(report, "opportunities_left_out") == 1
    assert reasons(report)["deals-11111-3.csv"][0].startswith("5,stage: 'Piloting' is not one of")


def test_a_pipedrive_deal_that_names_its_organization_by_id_finds_it_among_namesakes(bring_vendor: Import) -> None:
    deals = "deals-11111-3.csv"
    bring_vendor(
        "pipedrive",
        (deals, "Deal - Organization,", "Deal - Organization ID,"),
        (deals, ",Pebble & Sons,", ",1,"),
        (deals, ",Quarry Lane,", ",3,"),
        (deals, ",Nowhere Inc,", ",77,"),
    )
    wall = by_name(Opportunity)["Wall"]
    (kenya,) = rows_of(Customer, Customer.country == "Kenya")
    assert wall.customer_id == kenya.id
