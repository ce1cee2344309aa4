"""A vendor's export that comes again changes nothing, brings what is new, and can be taken back."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.warehouse.imports.looking import by_name, climb, deal_of, rows_of
from tests.warehouse.imports.vendor_exports import VENDORS
from warehouse.imports.load import ImportReport
from warehouse.imports.undo import undo
from warehouse.oltp.customers import Contact, Customer
from warehouse.oltp.engine import writing
from warehouse.oltp.marketing import Campaign
from warehouse.oltp.marketing_interactions import Consent, Interaction, Suppression
from warehouse.oltp.organization import Membership, Organization
from warehouse.oltp.sales import (
    Activity,
    Opportunity,
    OpportunityCloseDateChange,
    OpportunityLineItem,
    OpportunityStageChange,
    Stage,
)
from warehouse.oltp.sales_catalogue import Product
from warehouse.oltp.support import SatisfactionResponse, Ticket, TicketMessage, TicketStatusChange
from warehouse.tenancy import Actor

Import = Callable[..., ImportReport]
KINDS = (
    *(Membership, Product, Customer, Contact, Opportunity, OpportunityLineItem, Activity),
    *(Ticket, TicketMessage, Campaign, Suppression),
)
HISTORIES = (OpportunityStageChange, TicketStatusChange, SatisfactionResponse, Consent, Interaction)


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_same_export_again_changes_nothing_and_undoing_removes_everything(
    bring_vendor: Import, vendor: str, ana: Actor
) -> None:
    before = {kind: len(rows_of(kind)) for kind in KINDS}
    report = bring_vendor(vendor)
    kept = {kind: [(row.id, row.change_seq) for row in rows_of(kind)] for kind in KINDS + HISTORIES}
    assert bring_vendor(vendor).written == {}
    assert {kind: [(row.id, row.change_seq) for row in rows_of(kind)] for kind in KINDS + HISTORIES} == kept
    with writing() as session:
        undo(session, ana, report.id)
    assert {kind: len(rows_of(kind)) for kind in KINDS} == before
    assert bring_vendor(vendor).written == report.written


@pytest.mark.parametrize(
    ("vendor", "file", "old", "new", "name"),
    [
        ("salesforce", "Opportunity.csv", "Negotiation/Review,,90,2031-01-31,,false,false", "Closed Won,7,100,2024-05-06,,true,true", "Fence"),
        ("hubspot", "My pipeline.csv", "Contract sent,1234.5,USD,2031-06-30 22:00", "Closed Won,7,USD,2024-05-06 08:00", "Slots"),
        ("pipedrive", "deals-11111-3.csv", "Lead In,Open,2024-02-01 00:00:00,", "Lead In,Won,2024-02-01 00:00:00,2024-05-06 08:00:00", "Fence"),
    ],
)  # fmt: skip
def test_a_deal_won_since_the_last_export_has_climbed(
    bring_vendor: Import, vendor: str, file: str, old: str, new: str, name: str
) -> None:
    bring_vendor(vendor)
    report = bring_vendor(vendor, (file, old, new))
    deal = by_name(Opportunity)[name]
    assert (deal.stage, deal.closed_on, deal.expected_close_on in {None, date(2031, 1, 31)}) == (
        Stage.CLOSED_WON,
        date(2024, 5, 6),
        True,
    )
    assert climb(deal)[-1] == (Stage.CLOSED_WON, date(2024, 5, 6))
    assert report.written == {"opportunities": 1, "opportunity_stage_changes": 1}


def test_an_expected_close_that_moved_is_a_row_and_taking_it_back_is_another(bring_vendor: Import, ana: Actor) -> None:
    def moves() -> list[tuple[date | None, date | None]]:
        rows = sorted(rows_of(OpportunityCloseDateChange), key=lambda row: row.change_seq)
        return [(row.expected_before, row.expected_after) for row in rows]

    bring_vendor("salesforce")
    assert moves() == []
    report = bring_vendor("salesforce", ("Opportunity.csv", "90,2031-01-31", "90,2031-03-31"))
    there, back = date(2031, 1, 31), date(2031, 3, 31)
    assert moves() == [(there, back)]
    with writing() as session:
        undo(session, ana, report.id)
    assert moves() == [(there, back), (back, there)]
    assert by_name(Opportunity)["Fence"].expected_close_on == there


def test_a_dry_run_tells_the_same_and_writes_nothing(bring_vendor: Import) -> None:
    dry = bring_vendor("salesforce", dry_run=True)
    assert rows_of(Customer) == []
    assert (dry.read, dry.written) == ((wet := bring_vendor("salesforce")).read, wet.written)


def test_files_that_come_one_after_the_other_find_each_other(bring_vendor: Import) -> None:
    bring_vendor("hubspot", without=("My pipeline.csv",))
    bring_vendor("hubspot", without=("hubspot-crm-exports-all-companies-2024-04-01.csv",))
    assert deal_of("Portal")[0] == "Bluebay Ltd"


def test_amounts_that_name_no_currency_are_in_the_organizations(bring_vendor: Import, acme: Organization) -> None:
    with writing() as session:
        session.get_one(Organization, acme.id).currency = "NOK"
    bring_vendor("hubspot")
    assert (deal_of("Cards")[4], by_name(Customer)["Bluebay Ltd"].currency) == ("NOK", "NOK")
    assert deal_of("Portal")[4] == "EUR"
