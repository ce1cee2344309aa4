"""A foreign export becomes our records: exactly, and once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.warehouse.imports.looking import count_of, everything, rows_of
from warehouse.imports.load import ImportReport
from warehouse.oltp.customers import Customer, CustomerStatus
from warehouse.oltp.organization import AuditEvent, ChangeEvent, Membership
from warehouse.oltp.sales import Opportunity, OpportunityLineItem, OpportunityStageChange, Stage
from warehouse.oltp.sales_catalogue import Product

Import = Callable[..., ImportReport]


def _customer(name: str) -> Customer:
    (found,) = rows_of(Customer, Customer.name == name)
    return found


def _deal(name: str) -> Opportunity:
    (found,) = rows_of(Opportunity, Opportunity.name == name)
    return found


def _steps(deal: Opportunity) -> list[OpportunityStageChange]:
    mine = rows_of(OpportunityStageChange, OpportunityStageChange.opportunity_id == deal.id)
    return sorted(mine, key=lambda step: (step.recorded_at, step.id))


WON, LOST, ENGAGING, PROSPECT = (
    "Pebble & Sons · GTXPro",
    "Quarry Lane · Kite One",
    "Kite One",
    "Tin Whistle Ltd · Kite One",
)


def test_every_row_of_the_export_becomes_a_record(bring: Import) -> None:
    report = bring()
    assert report.read == {"memberships": 3, "products": 2, "customers": 3, "opportunities": 4}
    assert (count_of(Customer), count_of(Product), count_of(Opportunity), count_of(OpportunityLineItem)) == (3, 2, 4, 4)


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
    (robin,) = rows_of(Membership, Membership.name == "Robin Reed")
    (marlo,) = rows_of(Membership, Membership.name == "Marlo Marsh")
    assert (robin.manager_id, robin.user_id) == (marlo.id, None)
    assert _deal(WON).sales_rep_id == robin.id


def test_a_manager_who_also_sells_is_one_member(bring: Import) -> None:
    both = ("sales_teams.csv", "Sage Stone,Marlo Marsh,East", "Marlo Marsh,Marlo Marsh,West")
    bring(both, ("sales_pipeline.csv", "Sage Stone", "Marlo Marsh"))
    (marlo,) = rows_of(Membership, Membership.name == "Marlo Marsh")
    assert (marlo.business_role, _deal(PROSPECT).sales_rep_id) == ("Sales Manager", marlo.id)
    assert bring(both, ("sales_pipeline.csv", "Sage Stone", "Marlo Marsh")).written == {}


def test_blank_stays_unknown_and_zero_stays_zero(bring: Import) -> None:
    bring()
    tin = _customer("Tin Whistle Ltd")
    assert (tin.sector, tin.annual_revenue, tin.employees) == (None, None, None)
    assert (_deal(ENGAGING).amount, _deal(ENGAGING).customer_id, _deal(PROSPECT).opened_on) == (None, None, None)
    assert _deal(LOST).amount == 0


def test_an_import_is_one_audit_row_and_one_change_event(bring: Import) -> None:
    before = count_of(AuditEvent), count_of(ChangeEvent)
    bring()
    assert (count_of(AuditEvent), count_of(ChangeEvent)) == (before[0] + 1, before[1] + 1)


def test_the_same_export_again_changes_nothing(bring: Import) -> None:
    bring()
    before = everything()
    again = bring()
    assert again.written == {}
    assert everything() == before


def test_a_changed_row_updates_exactly_that_record(bring: Import) -> None:
    bring()
    seq = _deal(WON).change_seq
    report = bring(("accounts.csv", "12.5,140", "12.5,141"))
    assert report.written == {"customers": 1}
    changed, same = _customer("Pebble & Sons"), _customer("Quarry Lane")
    assert (changed.employees, changed.version, same.version) == (141, 2, 1)
    assert (changed.change_seq > seq, same.change_seq, count_of(Customer)) == (True, seq, 3)


def test_a_new_row_is_added_beside_the_old_ones(bring: Import) -> None:
    bring()
    ids = {customer.id for customer in rows_of(Customer)}
    report = bring(("accounts.csv", "Tin Whistle Ltd,,", "Kettle Bay,retail,2001,1,1,Peru,\nTin Whistle Ltd,,"))
    assert report.written == {"customers": 1}
    assert ids < {customer.id for customer in rows_of(Customer)}


def test_a_row_that_is_gone_from_the_file_keeps_its_record(bring: Import) -> None:
    bring()
    before = everything()
    assert bring(("products.csv", "GTX Pro,GTX,4821\n", "")).written == {}
    assert everything() == before


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
    (line,) = rows_of(OpportunityLineItem, OpportunityLineItem.opportunity_id == deal.id)
    (product,) = rows_of(Product, Product.name == "GTX Pro")
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
