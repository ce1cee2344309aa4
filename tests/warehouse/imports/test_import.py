"""A foreign export becomes our records: exactly, once, and whole or not at all."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.tampering import tamper
from warehouse.imports.load import ImportReport, import_export, read_export
from warehouse.imports.mapping import ImportProblem
from warehouse.oltp.base import Base
from warehouse.oltp.customers import Customer, CustomerStatus
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent, CheckResult, Membership, Organization, User
from warehouse.oltp.sales import Opportunity, OpportunityLineItem, OpportunityStageChange, Product, Stage
from warehouse.operations.identity import check_sign_in
from warehouse.operations.organization import UnknownOrganization
from warehouse.settings import CHECKOUT
from warehouse.tenancy import AccessRole

MAPPING = CHECKOUT / "warehouse" / "imports" / "crm_maven.yml"
Import = Callable[..., ImportReport]


def _all(kind: type[Any], *where: Any) -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(kind).where(*where).order_by(kind.id)))


def _count(kind: type[Any]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def _customer(name: str) -> Customer:
    (found,) = _all(Customer, Customer.name == name)
    return found


def _deal(name: str) -> Opportunity:
    (found,) = _all(Opportunity, Opportunity.name == name)
    return found


def _steps(deal: Opportunity) -> list[OpportunityStageChange]:
    mine = _all(OpportunityStageChange, OpportunityStageChange.opportunity_id == deal.id)
    return sorted(mine, key=lambda step: (step.recorded_at, step.id))


WON, LOST, ENGAGING, PROSPECT = (
    "Pebble & Sons · GTXPro",
    "Quarry Lane · Kite One",
    "Kite One",
    "Tin Whistle Ltd · Kite One",
)


def _everything() -> list[Any]:
    kinds = (Customer, Product, Membership, Opportunity, OpportunityLineItem, OpportunityStageChange)
    with reading() as session:
        rows = [[tuple(row) for row in session.execute(select(kind.__table__).order_by(kind.id))] for kind in kinds]
        return [*rows, session.scalar(select(func.max(ChangeEvent.seq)))]


def test_every_row_of_the_export_becomes_a_record(bring: Import) -> None:
    report = bring()
    assert report.read == {"memberships": 3, "products": 2, "customers": 3, "opportunities": 4}
    assert (_count(Customer), _count(Product), _count(Opportunity), _count(OpportunityLineItem)) == (3, 2, 4, 4)


def test_values_arrive_as_what_they_are(bring: Import) -> None:
    bring()
    pebble, won = _customer("Pebble & Sons"), _deal(WON)
    assert (pebble.annual_revenue, pebble.employees, pebble.founded_year) == (Decimal(12_500_000), 140, 1999)
    assert (pebble.status, pebble.country, pebble.currency) == (CustomerStatus.CUSTOMER, "Norway", "USD")
    assert (won.amount, won.opened_on, won.closed_on) == (Decimal(5000), date(2017, 1, 10), date(2017, 2, 9))
    assert [_deal(name).stage for name in (WON, LOST, ENGAGING, PROSPECT)] == [
        Stage.CLOSED_WON,
        Stage.CLOSED_LOST,
        Stage.QUALIFIED,
        Stage.LEAD,
    ]


def test_names_of_other_records_become_keys_even_when_they_come_later(bring: Import) -> None:
    bring()
    assert _customer("Pebble & Sons").parent_customer_id == _customer("Quarry Lane").id
    (robin,) = _all(Membership, Membership.name == "Robin Reed")
    (marlo,) = _all(Membership, Membership.name == "Marlo Marsh")
    assert (robin.manager_id, robin.user_id) == (marlo.id, None)
    assert _deal(WON).sales_rep_id == robin.id


def test_a_manager_who_also_sells_is_one_member(bring: Import) -> None:
    both = ("sales_teams.csv", "Sage Stone,Marlo Marsh,East", "Marlo Marsh,Marlo Marsh,West")
    bring(both, ("sales_pipeline.csv", "Sage Stone", "Marlo Marsh"))
    (marlo,) = _all(Membership, Membership.name == "Marlo Marsh")
    assert (marlo.business_role, _deal(PROSPECT).sales_rep_id) == ("Sales Manager", marlo.id)
    assert bring(both, ("sales_pipeline.csv", "Sage Stone", "Marlo Marsh")).written == {}


def test_blank_stays_unknown_and_zero_stays_zero(bring: Import) -> None:
    bring()
    tin = _customer("Tin Whistle Ltd")
    assert (tin.sector, tin.annual_revenue, tin.employees) == (None, None, None)
    assert (_deal(ENGAGING).amount, _deal(ENGAGING).customer_id, _deal(PROSPECT).opened_on) == (None, None, None)
    assert _deal(LOST).amount == 0


def test_an_import_is_one_audit_row_and_one_change_event(bring: Import) -> None:
    before = _count(AuditEvent), _count(ChangeEvent)
    bring()
    assert (_count(AuditEvent), _count(ChangeEvent)) == (before[0] + 1, before[1] + 1)


def test_the_same_export_again_changes_nothing(bring: Import) -> None:
    bring()
    before = _everything()
    again = bring()
    assert again.written == {}
    assert _everything() == before


def test_a_changed_row_updates_exactly_that_record(bring: Import) -> None:
    bring()
    seq = _deal(WON).change_seq
    report = bring(("accounts.csv", "12.5,140", "12.5,141"))
    assert report.written == {"customers": 1}
    changed, same = _customer("Pebble & Sons"), _customer("Quarry Lane")
    assert (changed.employees, changed.version, same.version) == (141, 2, 1)
    assert (changed.change_seq > seq, same.change_seq, _count(Customer)) == (True, seq, 3)


def test_a_new_row_is_added_beside_the_old_ones(bring: Import) -> None:
    bring()
    ids = {customer.id for customer in _all(Customer)}
    report = bring(("accounts.csv", "Tin Whistle Ltd,,", "Kettle Bay,retail,2001,1,1,Peru,\nTin Whistle Ltd,,"))
    assert report.written == {"customers": 1}
    assert ids < {customer.id for customer in _all(Customer)}


def test_a_row_that_is_gone_from_the_file_keeps_its_record(bring: Import) -> None:
    bring()
    before = _everything()
    assert bring(("products.csv", "GTX Pro,GTX,4821\n", "")).written == {}
    assert _everything() == before


def test_a_deal_that_was_won_since_the_last_import_has_climbed_its_last_rung(bring: Import) -> None:
    bring()
    won = ("sales_pipeline.csv", "Engaging,2017-03-01,,", "Won,2017-03-01,2017-04-01,70")
    report = bring(won)
    deal = _deal(ENGAGING)
    assert (deal.stage, deal.closed_on, deal.amount, deal.version) == (
        Stage.CLOSED_WON,
        date(2017, 4, 1),
        Decimal(70),
        2,
    )
    assert [(step.from_stage, step.to_stage, step.changed_on) for step in _steps(deal)] == [
        (None, Stage.QUALIFIED, date(2017, 3, 1)),
        (Stage.QUALIFIED, Stage.CLOSED_WON, date(2017, 4, 1)),
    ]
    assert report.written == {"opportunities": 1, "opportunity_stage_changes": 1}
    assert bring(won).written == {}


def test_a_deal_whose_closing_was_taken_back_stands_where_its_history_ends(bring: Import) -> None:
    bring()
    bring(("sales_pipeline.csv", "Lost,2017-02-10,2017-03-12,0", "Engaging,2017-02-10,,"))
    deal = _deal(LOST)
    assert (deal.stage, deal.closed_on, _steps(deal)[-1].to_stage) == (Stage.QUALIFIED, None, Stage.QUALIFIED)


def test_a_deal_that_changed_its_product_has_one_line_with_the_new_one(bring: Import) -> None:
    bring()
    bring(("sales_pipeline.csv", "A2,Robin Reed,Kite One,Quarry Lane", "A2,Robin Reed,GTX Pro,Quarry Lane"))
    deal = _deal("Quarry Lane · GTX Pro")
    (line,) = _all(OpportunityLineItem, OpportunityLineItem.opportunity_id == deal.id)
    (product,) = _all(Product, Product.name == "GTX Pro")
    assert line.product_id == product.id


def test_history_is_known_from_the_events_own_time_and_says_so(bring: Import) -> None:
    bring()
    steps = _steps(_deal(WON))
    assert [(s.to_stage, s.changed_on, s.recorded_at, s.recorded_at_assumed) for s in steps] == [
        (Stage.QUALIFIED, date(2017, 1, 10), datetime(2017, 1, 10, tzinfo=UTC), True),
        (Stage.CLOSED_WON, date(2017, 2, 9), datetime(2017, 2, 9, tzinfo=UTC), True),
    ]


def test_a_deal_without_any_day_has_taken_one_step_on_a_day_nobody_knows(bring: Import) -> None:
    bring()
    (step,) = _steps(_deal(PROSPECT))
    assert (step.from_stage, step.to_stage, step.changed_on) == (None, Stage.LEAD, None)


@pytest.mark.parametrize("attempt", range(5))
def test_a_deal_won_on_the_day_it_opened_still_ends_won(bring: Import, attempt: int) -> None:
    bring(("sales_pipeline.csv", "2017-02-09", "2017-01-10"))
    assert [step.to_stage for step in _steps(_deal(WON))] == [Stage.QUALIFIED, Stage.CLOSED_WON]


@pytest.mark.parametrize(
    ("old", "new", "name", "stage"),
    [
        ("Won,2017-01-10,2017-02-09", "Won,2017-01-10,", WON, Stage.CLOSED_WON),
        ("Prospecting,,", "Prospecting,2017-03-01,", PROSPECT, Stage.LEAD),
        ("Won,2017-01-10,2017-02-09", "Won,2017-02-10,2017-01-09", WON, Stage.CLOSED_WON),
    ],
    ids=["won on a day nobody knows", "a lead with a later day", "won before it began"],
)
def test_history_ends_where_the_deal_stands_whatever_days_are_missing(
    bring: Import, old: str, new: str, name: str, stage: Stage
) -> None:
    bring(("sales_pipeline.csv", old, new))
    assert (_deal(name).stage, _steps(_deal(name))[-1].to_stage) == (stage, stage)


def _finding(report: ImportReport, name: str) -> Any:
    return next(finding for finding in report.findings if finding.name == name)


def test_a_word_the_mapping_repairs_is_counted(bring: Import) -> None:
    report = bring()
    finding = _finding(report, "opportunities_repaired_product_GTXPro")
    assert (finding.rows, finding.sample) == (1, [_deal(WON).id])
    (line,) = _all(OpportunityLineItem, OpportunityLineItem.opportunity_id == _deal(WON).id)
    (product,) = _all(Product, Product.name == "GTX Pro")
    assert line.product_id == product.id


def test_a_record_that_no_file_describes_becomes_a_finding_and_stays_unknown(bring: Import) -> None:
    report = bring(("sales_pipeline.csv", "Quarry Lane,Lost", "Nobody Inc,Lost"))
    finding = _finding(report, "opportunities_unknown_customers")
    assert (finding.rows, "'Nobody Inc'" in finding.message) == (1, True)
    assert _deal("Nobody Inc · Kite One").customer_id is None


def test_blanks_are_counted_and_kept_as_checks_of_the_organization(bring: Import, acme: Organization) -> None:
    report = bring()
    assert _finding(report, "opportunities_without_customer_id").rows == 1
    assert _finding(report, "opportunities_without_amount").rows == 2
    with reading() as session:
        kept = {check.check_name: check for check in session.scalars(select(CheckResult))}
    assert set(kept) == {finding.name for finding in report.findings}
    assert {check.organization_id for check in kept.values()} == {acme.id}
    assert (kept["opportunities_without_amount"].rows_failing, kept["opportunities_without_amount"].source) == (
        2,
        "import",
    )


def test_findings_never_hold_a_closing_day_against_an_open_deal(bring: Import) -> None:
    assert not [finding for finding in bring().findings if "closed_on" in finding.name]


BAD = {
    "a day that does not exist": (
        "sales_pipeline.csv",
        "2017-02-09",
        "2017-02-30",
        "sales_pipeline.csv row 2, closed_on",
    ),
    "a day in another order": ("sales_pipeline.csv", "2017-02-09", "09/02/2017", "a date like 2026-01-31"),
    "an amount in words": ("sales_pipeline.csv", "5000", "five", "sales_pipeline.csv row 2, amount: 'five'"),
    "an amount that is no number": ("sales_pipeline.csv", "5000", "NaN", "row 2, amount: 'NaN' is not an amount"),
    "an amount without end": ("sales_pipeline.csv", "5000", "Infinity", "row 2, amount: 'Infinity' is not an amount"),
    "an amount with dust": ("sales_pipeline.csv", "5000", "0.123456", "row 2, amount: '0.123456' is not an amount"),
    "an amount too large": ("sales_pipeline.csv", "5000", "1e15", "row 2, amount: '1e15' is not an amount"),
    "an amount below zero": (
        "sales_pipeline.csv",
        "5000",
        "-5",
        "row 2, amount: '-5' is not an amount of zero or more",
    ),
    "a stage nobody knows": (
        "sales_pipeline.csv",
        "Lost",
        "Lots",
        "row 3, stage: 'Lots' is not one of lead, qualified",
    ),
    "half a person": ("accounts.csv", "140", "140.5", "accounts.csv row 2, employees: '140.5' is not a whole number"),
    "people without end": ("accounts.csv", "140", "Infinity", "row 2, employees: 'Infinity' is not a whole number"),
    "fewer people than none": (
        "accounts.csv",
        "140",
        "-1",
        "row 2, employees: '-1' is not a whole number of zero or more",
    ),
    "a blank key": ("products.csv", "Kite One,Kite", ",Kite", "products.csv row 3: the key column 'product' is blank"),
}


@pytest.mark.parametrize(("file", "old", "new", "told"), BAD.values(), ids=BAD.keys())
def test_strict_refuses_a_bad_value_with_its_place_and_nothing_is_written(
    bring: Import, file: str, old: str, new: str, told: str
) -> None:
    before = _everything()
    with pytest.raises(ImportProblem) as refused:
        bring((file, old, new), strict=True)
    assert told in str(refused.value)
    assert _everything() == before


@pytest.mark.parametrize(
    ("file", "row", "other"),
    [
        ("products.csv", "Kite One,Kite,120\n", "Kite One,Kite,121\n"),
        (
            "sales_pipeline.csv",
            "A4,Sage Stone,Kite One,Tin Whistle Ltd,Prospecting,,,\n",
            "A4,Sage Stone,Kite One,Tin Whistle Ltd,Prospecting,,2017-04-04,\n",
        ),
    ],
)
def test_strict_refuses_two_rows_with_one_key_that_differ(bring: Import, file: str, row: str, other: str) -> None:
    before = _everything()
    with pytest.raises(ImportProblem, match="share the key"):
        bring((file, row, row + other), strict=True)
    assert _everything() == before


def test_two_rows_that_are_the_same_are_one_record(bring: Import) -> None:
    bring(("products.csv", "Kite One,Kite,120\n", "Kite One,Kite,120\n" * 2))
    assert _count(Product) == 2


def test_rows_that_differ_only_in_the_product_of_a_line_are_not_dropped_in_silence(
    bring: Import, tmp_path: Path
) -> None:
    text = MAPPING.read_text(encoding="utf-8").replace("{join: [account, product]}", "opportunity_id")
    (tmp_path / "mapping.yml").write_text(text, encoding="utf-8")
    bring()
    row = "A2,Robin Reed,Kite One,Quarry Lane,Lost,2017-02-10,2017-03-12,0\n"
    path = tmp_path / "export" / "sales_pipeline.csv"
    path.write_text(path.read_text().replace(row, row + row.replace("Kite One", "GTX Pro")))
    mapping, sheets = read_export(tmp_path / "export", tmp_path / "mapping.yml")
    with pytest.raises(ImportProblem, match="share the key 'A2'"), writing() as session:
        import_export(session, mapping, sheets, "globex", strict=True)


def test_a_refused_import_creates_no_organization_and_no_owner(bring: Import) -> None:
    with pytest.raises(ImportProblem):
        bring(("sales_pipeline.csv", "5000", "five"), slug="initech", owner_email="eve@initech.test", strict=True)
    assert (_count(Organization), _count(User)) == (1, 1)


def test_a_new_organization_gets_an_owner_who_can_sign_in(bring: Import) -> None:
    report = bring(slug="initech", owner_email="Eve@initech.test")
    assert (report.created, report.owner_email) == (True, "Eve@initech.test")
    assert report.owner_password is not None
    with reading() as session:
        eve = check_sign_in(session, "eve@initech.test", report.owner_password)
        assert eve is not None
        member = session.scalars(select(Membership).where(Membership.user_id == eve.id)).one()
    assert (member.access_role, eve.is_operator) == (AccessRole.OWNER, False)


def test_the_first_person_on_an_installation_operates_it(bring: Import) -> None:
    tamper(*(f"delete from {table.name}" for table in reversed(Base.metadata.sorted_tables)))
    report = bring(slug="initech")
    (first,) = _all(User)
    assert (first.email, first.is_operator, report.owner_email) == ("owner@longhouse.example", True, first.email)


def test_a_person_who_is_known_owns_the_next_organization_with_the_password_they_have(bring: Import) -> None:
    report = bring(slug="initech", owner_email="ANA@ACME.TEST")
    assert (report.created, report.owner_password) == (True, None)
    assert (_count(User), _count(Organization)) == (1, 2)


def test_importing_into_an_organization_that_is_there_makes_no_owner(bring: Import) -> None:
    report = bring(owner_email="eve@acme.test")
    assert (report.created, report.owner_email, _count(User)) == (False, None, 1)


def test_two_organizations_may_import_the_same_export(bring: Import, acme: Organization, globex: Organization) -> None:
    bring()
    assert bring(slug="globex").written["opportunities"] == 4
    ids = {deal.organization_id for deal in _all(Opportunity)}
    assert (ids, _count(Opportunity)) == ({acme.id, globex.id}, 8)


def test_a_mistyped_organization_is_not_created_when_it_must_be_there(bring: Import, acme: Organization) -> None:
    with pytest.raises(UnknownOrganization, match="Did you mean acme"):
        bring(slug="acmee", create=False)
    assert (_count(Organization), _count(Customer)) == (1, 0)


def test_personal_values_never_reach_the_audit(bring: Import) -> None:
    bring()
    with reading() as session:
        told = " ".join(str(details) for details in session.scalars(select(AuditEvent.details)))
    assert "opportunities" in told
    assert not [name for name in ("Pebble", "Robin", "Marlo", "Quarry") if name in told]
