"""What generated records say agrees with their histories, and nothing happens after the last day."""

from datetime import date, timedelta

import polars as pl
import pytest

from tests.warehouse.demo.frames import UNTIL, Told, told
from warehouse.demo.choices import Preset
from warehouse.oltp.billing import INVOICE_FLOW, SUBSCRIPTION_FLOW
from warehouse.oltp.customers import CUSTOMER_FLOW

HOUSES = [("demo", Preset.TINY), ("tidepool", Preset.DEMO), ("small-00003", Preset.WIDE)]
HISTORIES = [
    ("customer_status_changes", "customers", "customer_id", "to_status", "status"),
    ("opportunity_stage_changes", "opportunities", "opportunity_id", "to_stage", "stage"),
    ("subscription_changes", "subscriptions", "subscription_id", "to_status", "status"),
]
LATER = UNTIL + timedelta(days=21)
SAID_AFTERWARDS = {("interactions", "opportunity_id")}
"""A touch is credited with the deal that opened after it: the one thing about a past row that is learnt later."""


@pytest.fixture(scope="module", params=HOUSES, ids=[slug for slug, _ in HOUSES])
def house(request: pytest.FixtureRequest) -> Told:
    slug, preset = request.param
    return told(slug, preset)


def test_every_identifier_is_unique(house: Told) -> None:
    ids = pl.concat([rows["id"] for rows in house.tables.values() if rows.height])
    assert ids.n_unique() == ids.len()
    assert ids.str.contains("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").all()


@pytest.mark.parametrize(("changes", "records", "key", "to", "state"), HISTORIES)
def test_the_last_change_is_where_a_record_stands(
    house: Told, changes: str, records: str, key: str, to: str, state: str
) -> None:
    last = house.tables[changes].sort("recorded_at").group_by(key).last()
    now = house.tables[records].join(last, left_on="id", right_on=key, suffix="_last_change")
    assert now.height == house.tables[records].height
    assert (now[state] == now[to]).all()


@pytest.mark.parametrize(("changes", "records", "key", "to", "state"), HISTORIES)
def test_a_change_begins_where_the_one_before_ended(
    house: Told, changes: str, records: str, key: str, to: str, state: str
) -> None:
    before = to.replace("to_", "from_")
    ordered = house.tables[changes].sort(key, "recorded_at").with_columns(was=pl.col(to).shift(1).over(key))
    assert (ordered[before].fill_null("") == ordered["was"].fill_null("")).all()


def test_a_deal_is_expected_to_close_when_its_last_change_says(house: Told) -> None:
    changes = house.tables["opportunity_close_date_changes"].sort("recorded_at")
    assert changes.height > 0
    last = changes.group_by("opportunity_id", maintain_order=True).last()
    now = house.tables["opportunities"].join(last, left_on="id", right_on="opportunity_id")
    assert now.height == last.height
    assert (now["expected_close_on"] == now["expected_after"]).all()
    assert (now["changed_on"] >= now["opened_on"]).all()
    ordered = changes.sort("opportunity_id", "recorded_at")
    followed = ordered.with_columns(was=pl.col("expected_after").shift(1).over("opportunity_id"))
    assert (followed["was"].is_null() | (followed["was"] == followed["expected_before"])).all()
    assert (ordered["expected_after"] > ordered["expected_before"]).all()


@pytest.mark.parametrize(
    ("table", "flow"), [("customer_status_changes", CUSTOMER_FLOW), ("subscription_changes", SUBSCRIPTION_FLOW)]
)
def test_changes_keep_to_what_the_product_allows(house: Told, table: str, flow: dict[str, set[str]]) -> None:
    moved = house.tables[table].filter(pl.col("from_status") != pl.col("to_status"))
    pairs = set(moved.select("from_status", "to_status").unique().iter_rows())
    assert pairs
    assert all(then in {one.value for one in flow[was]} for was, then in pairs)  # type: ignore[attr-defined]


def test_nothing_happened_after_the_last_day(house: Told) -> None:
    for table, rows in house.tables.items():
        for column in ("created_at", "updated_at", "recorded_at", "deleted_at"):
            if column in rows.columns and rows.height:
                latest = rows[column].drop_nulls().max()
                assert latest is None or latest.date() <= UNTIL, f"{table}.{column}"  # type: ignore[union-attr]


def test_no_deal_is_closed_on_a_day_to_come() -> None:
    """Deals that are taken for lost now and won in the end are rare, so this looks at one of the largest houses."""
    for day in (UNTIL, LATER):
        deals = told("millrace", Preset.DEMO, day).tables["opportunities"]
        closed = deals.filter(pl.col("stage").is_in(["closed_won", "closed_lost"]))
        assert (closed["closed_on"] <= day).all()
        assert deals.filter(pl.col("closed_on").is_not_null()).height == closed.height


def test_a_customer_follows_from_its_changes(house: Told) -> None:
    changes = house.tables["customer_status_changes"]
    won = changes.filter(pl.col("to_status") == "customer").group_by("customer_id").agg(pl.col("changed_on").min())
    joined = house.tables["customers"].join(won, left_on="id", right_on="customer_id", how="left")
    assert joined["became_customer_on"].is_not_null().any()
    assert joined["became_customer_on"].eq_missing(joined["changed_on"]).all()


def test_a_customer_has_won_deals_and_a_lead_has_none(house: Told) -> None:
    won = house.tables["opportunities"].filter(pl.col("stage") == "closed_won")["customer_id"]
    customers = house.tables["customers"]
    # Both are written down late now and then, so the one may be known before the other.
    knows = customers.filter(pl.col("became_customer_on").is_not_null())["id"].is_in(won.implode())
    assert knows.mean() > 0.98  # type: ignore[operator]
    assert not customers.filter(pl.col("status") == "lead")["id"].is_in(won.implode()).any()


def test_an_invoice_keeps_to_the_states_there_are(house: Told) -> None:
    bills = house.tables["invoices"]
    assert set(bills["status"].unique()) <= {one.value for one in INVOICE_FLOW}
    assert (bills["issued_on"].is_null() == (bills["status"] == "draft")).all()
    late = bills.filter((pl.col("status") == "open") & (pl.col("due_on") < UNTIL - timedelta(days=60)))
    assert (late["dunning_level"] == 3).all()


def test_merged_customers_are_deleted_and_their_survivors_known() -> None:
    house = told("tidepool", Preset.DEMO)
    merges = house.truth["merges"]
    customers = house.tables["customers"]
    assert merges.height > 5
    assert merges["survivor_id"].is_in(customers["id"].implode()).all()
    assert not merges["survivor_id"].is_in(merges["merged_id"].implode()).any()
    gone = customers.filter(pl.col("deleted_at").is_not_null())["id"]
    assert set(gone) == set(merges.filter(pl.col("merged_at").is_not_null())["merged_id"])


@pytest.mark.parametrize(("slug", "preset"), [("demo", Preset.TINY), ("tidepool", Preset.TINY)])
def test_a_later_day_adds_to_history_and_rewrites_none_of_it(slug: str, preset: Preset) -> None:
    before, after = told(slug, preset), told(slug, preset, LATER)
    for table, rows in before.tables.items():
        if "recorded_at" not in rows.columns:
            continue
        then = after.tables[table].filter(pl.col("recorded_at").dt.date() <= UNTIL)
        then, rows = then.sort("id"), rows.sort("id")
        differing = [name for name in rows.columns if not then[name].equals(rows[name])]
        differing = [name for name in differing if (table, name) not in SAID_AFTERWARDS]
        assert not differing, f"{table}: {differing}"


@pytest.mark.parametrize("table", ["customers", "contacts", "opportunities", "quotes", "contracts", "invoices"])
def test_a_later_day_keeps_what_was_there(table: str) -> None:
    before, after = told("demo", Preset.TINY), told("demo", Preset.TINY, LATER)
    rows, then = before.tables[table], after.tables[table]
    made = then.filter(pl.col("created_at").dt.date() <= UNTIL)
    assert set(rows["id"]) == set(made["id"])
    lasting = [name for name in ("id", "name", "number", "customer_id", "created_at") if name in rows.columns]
    assert made.select(lasting).sort("id").equals(rows.select(lasting).sort("id"))


def test_closed_deals_stay_as_they_were() -> None:
    before, after = told("demo", Preset.TINY), told("demo", Preset.TINY, LATER)
    closed = before.tables["opportunities"].filter(pl.col("stage").is_in(["closed_won", "closed_lost"]))
    same = after.tables["opportunities"].join(closed.select("id"), on="id", how="semi")
    assert closed.height > 50
    assert same.sort("id").equals(closed.sort("id"))


def test_history_begins_with_a_quarter_and_is_long_enough() -> None:
    origin = told("demo", Preset.TINY).company.origin.astype(date)
    assert (origin.day, origin.month % 3) == (1, 1)
    assert timedelta(days=33 * 30) < UNTIL - origin < timedelta(days=36 * 31)
