"""A mapping may fill any table of the business, and what that table promises holds for what comes in."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.imports.looking import counted, reasons, rows_of, written
from warehouse.imports.kept import importable
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.undo import undo
from warehouse.oltp.customers import Customer, CustomerStatus, CustomerStatusChange
from warehouse.oltp.engine import writing
from warehouse.oltp.marketing import Campaign, CampaignDailyCost
from warehouse.oltp.organization import Organization
from warehouse.tenancy import Actor

Bring = Callable[..., ImportReport]
COSTS = """source: ads
entities:
  - into: campaigns
    file: costs.csv
    key: campaign
    mentioned: true
    fields: {name: campaign, campaign_type: {value: paid_ads}}
  - into: campaign_daily_costs
    file: costs.csv
    key: {join: [campaign, day, place]}
    fields:
      campaign_id: {column: campaign, ref: campaigns}
      channel: place
      spent_on: day
      amount: cost
      clicks: clicks
    """
COST_FILE = """campaign,place,day,cost,clicks
Roofs,search,2024-03-01,12.50,7
Roofs,search,2024-03-02,1.25,
Roofs,social,2024-03-01,3,-1
"""
PEOPLE = """source: list
entities:
  - into: customers
    file: people.csv
    key: id
    fields: {name: name, status: {column: status, lower: true}, became_customer_on: {column: since, when: [customer]}}
    metadata: {shoe_size: size}
    stage_history:
      - {stage: lead, day: met}
      - {stage: customer, day: {column: since, not_after: became_customer_on}}
"""


@pytest.fixture
def bring(acme: Organization, tmp_path: Path) -> Bring:
    """Import files by a mapping of their own into acme."""

    def run(mapping: str, files: dict[str, str], **options: Any) -> ImportReport:
        (tmp_path / "mine.yml").write_text(mapping)
        read, sheets = read_export(written(tmp_path / "export", files), tmp_path / "mine.yml")
        with writing() as session:
            return import_export(session, read, sheets, "acme", **options)

    return run


def test_costs_of_campaigns_come_with_the_campaigns_they_name(bring: Bring) -> None:
    report = bring(COSTS, {"costs.csv": COST_FILE})
    (roofs,) = rows_of(Campaign)
    assert sorted((row.campaign_id, row.amount, row.clicks) for row in rows_of(CampaignDailyCost)) == [
        (roofs.id, Decimal("1.25"), None),
        (roofs.id, Decimal("12.50"), 7),
    ]
    assert reasons(report)["costs.csv"][0].startswith("4,clicks: '-1' is not a whole number of zero or more")


def test_what_only_one_may_have_is_refused_in_a_second(bring: Bring) -> None:
    mapping = COSTS.replace("key: {join: [campaign, day, place]}", "key: {join: [campaign, day, place, cost]}")
    more = COST_FILE + "Roofs,search,2024-03-01,99,7\n"
    report = bring(mapping, {"costs.csv": more})
    assert "another of the campaign daily costs has this" in reasons(report)["costs.csv"][-1]
    assert len(rows_of(CampaignDailyCost)) == 2
    assert bring(mapping, {"costs.csv": more}).written == {}


def test_a_customer_climbs_by_the_days_in_its_row_and_keeps_what_has_no_field(bring: Bring, ana: Actor) -> None:
    files = {"people.csv": "id,name,status,met,since,size\n1,Sol,Lead,2024-01-01,,42\n"}
    bring(PEOPLE, files)
    (sol,) = rows_of(Customer)
    assert (sol.status, sol.metadata_) == (CustomerStatus.LEAD, {"shoe_size": "42"})
    later = {"people.csv": files["people.csv"].replace("Lead,2024-01-01,,", "Customer,2024-01-01,2024-02-01,")}
    report = bring(PEOPLE, later)
    assert report.written == {"customers": 1, "customer_status_changes": 1}
    steps = sorted(rows_of(CustomerStatusChange), key=lambda step: step.recorded_at)
    assert [(step.from_status, step.to_status) for step in steps] == [
        (None, CustomerStatus.LEAD),
        (CustomerStatus.LEAD, CustomerStatus.CUSTOMER),
    ]
    assert [step.recorded_at_assumed for step in steps] == [True, False]
    with writing() as session:
        undo(session, ana, report.id)
    assert (rows_of(Customer)[0].status, len(rows_of(CustomerStatusChange))) == (CustomerStatus.LEAD, 3)


def test_a_card_number_is_refused_in_what_has_no_field_too(bring: Bring) -> None:
    report = bring(PEOPLE, {"people.csv": "id,name,status,met,since,size\n1,Sol,lead,,,4111 1111 1111 1111\n"})
    assert reasons(report)["people.csv"][0].startswith("2,shoe_size looks like a payment card number")
    assert rows_of(Customer) == []


def test_a_word_without_one_of_ours_becomes_what_others_become_and_is_counted(bring: Bring) -> None:
    mapping = PEOPLE.replace(
        "{column: status, lower: true}", "{column: status, values: {Friend: customer}, others: lead}"
    )
    report = bring(mapping, {"people.csv": "id,name,status,met,since,size\n1,Sol,Friend,,,\n2,Tom,Foe,,,\n"})
    assert {one.name: one.status for one in rows_of(Customer)} == {
        "Sol": CustomerStatus.CUSTOMER,
        "Tom": CustomerStatus.LEAD,
    }
    assert counted(report, "customers_status_taken_for_lead") == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("into: customers", "into: role_grants", "there is no entity 'role_grants' to import"),
        ("into: customers", "into: api_clients", "there is no entity 'api_clients' to import"),
        ("name: name,", "name: name, change_seq: id,", "customers has no field 'change_seq'"),
        ("name: name,", "name: name, health_score: id,", "customers has no field 'health_score'"),
        ("name: name,", "name: name, parent_customer_id: id,", "say ref: customers"),
        ("name: name,", "name: {column: name, part: '(a)(b)'},", "a pattern with one group"),
        ("name: name,", "name: {column: name, ref: customers},", "name names no other record"),
        ("name: name,", "name: {column: name, minutes_after: phone},", "are not both moments"),
        ("name: name,", "name: {named: {phone: x}},", "phone name no other record"),
        ("when: [customer]", "when: open", "belongs to no deal"),
        ("into: customers", "into: contacts", "contacts has no field 'status'"),
    ],
)
def test_what_a_table_does_not_have_is_said_before_anything_is_read(
    bring: Bring, old: str, new: str, told: str
) -> None:
    with pytest.raises(ImportProblem) as refused:
        bring(PEOPLE.replace(old, new), {"people.csv": "id,name,status,met,since,size\n"})
    assert told in str(refused.value)


def test_who_may_do_what_and_what_is_found_out_is_never_imported() -> None:
    kept_back = {
        "users",
        "sessions",
        "role_grants",
        "api_clients",
        "teams",
        "team_members",
        "custom_fields",
        "audit_events",
    }
    assert importable().isdisjoint(kept_back)
    assert {"tickets", "interactions", "invoices", "products", "memberships", "usage_events"} <= importable()
