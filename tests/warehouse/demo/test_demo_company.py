"""The generated company is the same every time, consistent and believable."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from warehouse.demo.company import Company, generate
from warehouse.oltp.sales import Stage

UNTIL = date(2026, 5, 20)
DEAL_TABLES = ("opportunity_line_items", "opportunity_stage_changes", "activities")
MAY_LIE_AHEAD = {"expected_close_on", "due_on"}


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(UNTIL)


def _rows_by_deal(company: Company, table: str) -> dict[str, list[Mapping[str, Any]]]:
    found = defaultdict(list)
    for row in company.tables[table]:
        found[row["opportunity_id"]].append(row)
    return found


def test_the_same_day_and_seed_give_the_same_company(company: Company) -> None:
    assert generate(UNTIL) == company


def test_another_seed_gives_another_company(company: Company) -> None:
    other = generate(UNTIL, seed=8)
    assert other.won_value != company.won_value
    ids = {row["id"] for row in company.tables["opportunities"]}
    assert ids.isdisjoint(row["id"] for row in other.tables["opportunities"])


def test_every_identifier_is_unique(company: Company) -> None:
    ids = Counter(row["id"] for rows in company.tables.values() for row in rows)
    assert max(ids.values()) == 1


def test_a_row_cannot_be_changed(company: Company) -> None:
    with pytest.raises(TypeError):
        company.tables["opportunities"][0]["amount"] = Decimal(1)  # type: ignore[index]


@pytest.mark.parametrize("days", [1, 30])
def test_later_days_leave_closed_deals_as_they_were(company: Company, days: int) -> None:
    later = generate(UNTIL + timedelta(days=days))
    deals = {row["id"]: row for row in later.tables["opportunities"]}
    closed = [row for row in company.tables["opportunities"] if not row["stage"].is_open]
    assert closed
    assert all(deals[row["id"]] == row for row in closed)
    for table in DEAL_TABLES:
        before, after = _rows_by_deal(company, table), _rows_by_deal(later, table)
        assert all(after[row["id"]] == before[row["id"]] for row in closed)


def test_later_days_only_add_deals_and_stage_changes(company: Company) -> None:
    later = generate(UNTIL + timedelta(days=1))
    for table in ("opportunities", "opportunity_stage_changes", "customers", "contacts", "activities"):
        assert {row["id"] for row in company.tables[table]} <= {row["id"] for row in later.tables[table]}
    known = [row for row in later.tables["opportunity_stage_changes"] if row["changed_on"] <= UNTIL]
    assert known == list(company.tables["opportunity_stage_changes"])


def test_the_truth_is_what_the_rows_say(company: Company) -> None:
    deals = company.tables["opportunities"]
    stages = Counter(row["stage"] for row in deals)
    assert company.won_deal_count == stages[Stage.CLOSED_WON]
    assert company.lost_deal_count == stages[Stage.CLOSED_LOST]
    assert company.open_deal_count == sum(row["closed_on"] is None for row in deals)
    assert company.deal_count == len(deals)
    assert company.won_value == sum(row["amount"] for row in deals if row["stage"] is Stage.CLOSED_WON)


def test_an_amount_is_the_sum_of_its_lines_to_the_cent(company: Company) -> None:
    lines = _rows_by_deal(company, "opportunity_line_items")
    for deal in company.tables["opportunities"]:
        own = lines[deal["id"]]
        assert [row["position"] for row in own] == list(range(1, len(own) + 1))
        assert 1 <= len(own) <= 3
        if deal["amount"] is None:
            assert all(row["unit_price"] is None for row in own)
        else:
            assert deal["amount"] == sum(row["quantity"] * row["unit_price"] for row in own)


def test_nothing_happens_after_the_last_day(company: Company) -> None:
    for table, rows in company.tables.items():
        for row in rows:
            for name, value in row.items():
                if isinstance(value, date) and name not in MAY_LIE_AHEAD:
                    day = value.date() if isinstance(value, datetime) else value
                    assert day <= UNTIL, (table, name, value)


def test_a_deal_climbs_from_its_opening_to_where_it_stands(company: Company) -> None:
    history = _rows_by_deal(company, "opportunity_stage_changes")
    for deal in company.tables["opportunities"]:
        steps = history[deal["id"]]
        assert steps[0]["from_stage"] is None
        assert steps[0]["changed_on"] == deal["opened_on"]
        assert [step["from_stage"] for step in steps[1:]] == [step["to_stage"] for step in steps[:-1]]
        assert steps[-1]["to_stage"] is deal["stage"]
        assert [s["recorded_at"] for s in steps] == sorted({s["recorded_at"] for s in steps})
        assert all(s["recorded_at"].date() == s["changed_on"] for s in steps)
        if deal["closed_on"]:
            assert steps[-1]["changed_on"] == deal["closed_on"]


def test_work_happens_on_working_days_in_business_hours(company: Company) -> None:
    moments = [row["recorded_at"] for row in company.tables["opportunity_stage_changes"]]
    moments += [row["created_at"] for row in company.tables["activities"]]
    assert all(moment.weekday() < 5 and 8 <= moment.hour < 17 for moment in moments)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments)


def test_nobody_acts_before_they_joined_or_were_met(company: Company) -> None:
    since = {
        row["id"]: row["created_at"]
        for table in ("memberships", "customers", "products")
        for row in company.tables[table]
    }
    opened = {row["id"]: row["created_at"] for row in company.tables["opportunities"]}
    for deal in company.tables["opportunities"]:
        assert max(since[deal["customer_id"]], since[deal["sales_rep_id"]]) < deal["created_at"]
    for line in company.tables["opportunity_line_items"]:
        assert since[line["product_id"]] <= opened[line["opportunity_id"]]
    for activity in company.tables["activities"]:
        begin = opened.get(activity["opportunity_id"], since[activity["customer_id"]])
        assert begin < activity["created_at"] <= (activity["done_at"] or activity["created_at"])


def test_a_customer_stands_where_its_deals_say(company: Company) -> None:
    first_won: dict[str, date] = {}
    for deal in company.tables["opportunities"]:
        if deal["stage"].is_won:
            known = first_won.get(deal["customer_id"], deal["closed_on"])
            first_won[deal["customer_id"]] = min(known, deal["closed_on"])
    for customer in company.tables["customers"]:
        assert customer["became_customer_on"] == first_won.get(customer["id"])
        assert (customer["status"].value in {"customer", "churned"}) == (customer["id"] in first_won)


@pytest.mark.parametrize("until", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31), date(2031, 8, 16)])
def test_the_company_is_believable_on_any_day(until: date) -> None:
    company = generate(until)
    deals = company.tables["opportunities"]
    still_open = [deal for deal in deals if deal["closed_on"] is None]
    cycles = [(deal["closed_on"] - deal["opened_on"]).days for deal in deals if deal["closed_on"]]
    assert 1_200 <= company.deal_count <= 1_600
    assert 0.45 <= company.won_deal_count / len(cycles) <= 0.60
    assert 90 <= len(still_open) <= 190
    assert 20 <= min(cycles) < max(cycles) <= 90
    assert set(Stage) == {deal["stage"] for deal in deals}
    slipped = [deal for deal in still_open if deal["expected_close_on"] and deal["expected_close_on"] < until]
    assert 1 <= len(slipped) <= 20
    assert 1 <= sum(deal["amount"] is None for deal in still_open) <= 25
    assert 3_500 <= len(company.tables["activities"]) <= 4_800
    assert len({customer["name"] for customer in company.tables["customers"]}) == len(company.tables["customers"])


def test_addresses_are_plainly_invented(company: Company) -> None:
    for table in ("users", "memberships", "customers", "contacts"):
        for row in company.tables[table]:
            assert (row["email"] or "@example.com").endswith(("@example.com", "@demo.example"))
            assert (row.get("phone") or "+00").startswith("+00")
