"""Campaigns: what they truly add can be measured, nobody is written to who must not be, touches come before deals."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from tests.warehouse.demo.rooms import SEED, Rooms, rooms_of, truth_of
from warehouse.demo.catalogue import catalogue_of
from warehouse.demo.choices import Variant
from warehouse.demo.columns import Chunk
from warehouse.demo.customer_rows import customer_chunks, names_of
from warehouse.demo.customers import currencies_of
from warehouse.demo.deals import deals_of
from warehouse.demo.dirt import values_of
from warehouse.demo.truth import Truth


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    return rooms_of("millrace")


def _frame(rooms: Rooms, table: str) -> pl.DataFrame:
    columns = rooms.tables[table].items()
    return pl.DataFrame(
        {name: values.astype("U36") if values.dtype.kind == "S" else values for name, values in columns}
    )


def _members(rooms: Rooms) -> pl.DataFrame:
    """Each member, whether they converted, and the campaign's type."""
    converted = _frame(rooms, "interactions").filter(pl.col("kind") == "converted").select("campaign_id", "customer_id")
    types = _frame(rooms, "campaigns").select(pl.col("id").alias("campaign_id"), "campaign_type", "scheduled_end_on")
    return (
        _frame(rooms, "campaign_members")
        .join(converted.unique().with_columns(converted=True), on=["campaign_id", "customer_id"], how="left")
        .with_columns(pl.col("converted").fill_null(value=False))
        .join(types, on="campaign_id")
    )


def test_the_true_lift_is_what_comparing_with_those_left_out_finds(rooms: Rooms, tmp_path: Path) -> None:
    lift = truth_of(tmp_path, "millrace")["campaign_lift"].with_columns(pl.col("campaign_id").cast(str))
    over = _members(rooms).filter(pl.col("scheduled_end_on") < rooms.company.until.item() - pl.duration(days=40))
    told = over.join(lift, on="campaign_id").filter(~pl.col("campaign_type").is_in(["email", "webinar", "event"]))
    treated, control = told.filter(~pl.col("is_control")), told.filter(pl.col("is_control"))
    found = treated["converted"].mean() - control["converted"].mean()
    spread = np.sqrt(treated["converted"].mean() / len(treated) + control["converted"].mean() / len(control))
    assert abs(found - treated["lift"].mean()) < 3 * spread
    assert abs(control["converted"].mean() - control["base_rate"].mean()) < 0.01


def test_more_money_adds_less_and_less(tmp_path: Path) -> None:
    lift = truth_of(tmp_path, "millrace")["campaign_lift"]
    assert (lift["lift"].abs() <= lift["lift_at_full_strength"].abs()).all()
    assert lift["saturation"].min() > 0
    assert lift["campaign_type"].n_unique() == 6


def test_those_left_out_get_nothing(rooms: Rooms) -> None:
    left_out = _frame(rooms, "campaign_members").filter(pl.col("is_control"))
    share = len(left_out) / len(_frame(rooms, "campaign_members"))
    got = left_out.join(_frame(rooms, "interactions"), on=["campaign_id", "customer_id"])
    assert set(got["kind"]) == {"converted"}
    assert 0.08 < share < 0.12


def test_nobody_is_written_to_after_a_bounce_a_complaint_or_unsubscribing(rooms: Rooms) -> None:
    touches = _frame(rooms, "interactions")
    ends = touches.filter(pl.col("kind").is_in(["bounced", "complained", "unsubscribed"]))
    first = ends.group_by("customer_id").agg(pl.col("happened_at").min().alias("ended_at"))
    sent = touches.filter(pl.col("kind") == "sent").join(first, on="customer_id")
    assert (sent["happened_at"] <= sent["ended_at"]).all()
    suppressed = _frame(rooms, "suppressions")
    assert set(suppressed["customer_id"]) == set(first["customer_id"])
    assert suppressed["address"].str.to_lowercase().to_list() == suppressed["address"].to_list()
    taken_back = _frame(rooms, "consents").filter(
        pl.col("evidence").is_in(["Link in a mail", "Complaint to the provider"])
    )
    wanted = suppressed.filter(pl.col("reason") != "bounced")
    assert set(taken_back["customer_id"]) == set(wanted["customer_id"])


def test_who_refuses_that_data_is_sold_said_so(rooms: Rooms) -> None:
    customers = {
        name: np.concatenate([values_of(chunk.columns[name], chunk.rows) for chunk in _customer_chunks(rooms)])
        for name in ("id", "is_sale_of_data_refused")
    }
    refused = customers["id"][customers["is_sale_of_data_refused"]].astype("U36")
    said = _frame(rooms, "consents").filter(pl.col("purpose") == "sale_of_data")
    assert set(said["customer_id"]) == set(refused)
    assert not said["is_given"].any()


def _customer_chunks(rooms: Rooms) -> list[Chunk]:
    made = customer_chunks(
        rooms.company, rooms.people, rooms.customers, names_of(rooms.customers, SEED), SEED, Truth(None)
    )
    return [chunk for chunk in made if chunk.table == "customers"]


def test_mails_go_to_those_who_allowed_them(rooms: Rooms) -> None:
    consents = _frame(rooms, "consents").filter((pl.col("purpose") == "marketing") & pl.col("is_given"))
    sent = _frame(rooms, "interactions").filter(pl.col("kind") == "sent")
    assert set(sent["customer_id"]) <= set(consents["customer_id"])


def test_one_step_follows_the_other(rooms: Rooms) -> None:
    touches = _frame(rooms, "interactions").filter(pl.col("campaign_id") != "")
    keys = ["campaign_id", "customer_id"]
    people = touches.filter(~pl.col("is_machine"))
    firsts = people.group_by([*keys, "kind"]).agg(pl.col("happened_at").min())
    for before, then in (
        ("sent", "delivered"),
        ("delivered", "opened"),
        ("clicked", "visited"),
        ("visited", "registered"),
        ("registered", "attended"),
    ):
        later = firsts.filter(pl.col("kind") == then)
        earlier = firsts.filter(pl.col("kind") == before).rename({"happened_at": "earlier"}).drop("kind")
        joined = later.join(earlier, on=keys, how="left")
        assert len(later), then
        assert (joined["earlier"] <= joined["happened_at"]).all(), then
    robots = touches.filter(pl.col("is_machine"))
    assert set(robots["kind"]) == {"opened", "clicked"}


def test_engaged_customers_open_more(rooms: Rooms) -> None:
    opened = set(
        _frame(rooms, "interactions").filter((pl.col("kind") == "opened") & ~pl.col("is_machine"))["customer_id"]
    )
    sent = set(_frame(rooms, "interactions").filter(pl.col("kind") == "sent")["customer_id"])
    ids = rooms.customers.ids.astype("U36").tolist()
    reached = [place for place, key in enumerate(ids) if key in sent]
    does = [ids[place] in opened for place in reached]
    assert roc_auc_score(does, rooms.customers.latent.engagement[reached]) > 0.6


def test_touches_come_before_the_deals_they_belong_to(rooms: Rooms) -> None:
    catalogue = catalogue_of(rooms.company, currencies_of(rooms.company), SEED)
    deals = deals_of(rooms.company, rooms.people, rooms.customers, catalogue, SEED)
    place = {key: number for number, key in enumerate(deals.ids.tolist())}
    touches = rooms.tables["interactions"]
    linked = touches["opportunity_id"] != b""
    deal = np.array([place[key] for key in touches["opportunity_id"][linked].tolist()])
    assert linked.sum() > 200
    assert (touches["happened_at"][linked] < deals.opened_at[deal]).all()
    assert (rooms.customers.ids[deals.customer[deal]] == touches["customer_id"][linked]).all()


def test_a_deal_names_the_campaign_its_customer_last_answered_to(rooms: Rooms) -> None:
    touches = rooms.setting.touches(rooms.company, rooms.customers, SEED)
    visits = _frame(rooms, "interactions").filter((pl.col("kind") == "visited") & (pl.col("campaign_id") != ""))
    last = visits.sort("happened_at").group_by("customer_id", maintain_order=True).last().head(200)
    row = {key: number for number, key in enumerate(rooms.customers.ids.astype("U36").tolist())}
    rows = np.array([row[key] for key in last["customer_id"]])
    after = last["happened_at"].to_numpy().astype("datetime64[D]") + 3
    found = touches.campaign_of(rooms.setting.campaigns, rows, after)
    assert (found.astype("U36") == last["campaign_id"].to_numpy()).mean() > 0.98
    assert (touches.campaign_of(rooms.setting.campaigns, rows, after + 100) == b"").mean() > 0.5


def test_in_the_drift_variant_conversions_are_four_times_as_frequent_in_the_last_fifth(tmp_path: Path) -> None:
    lift = truth_of(tmp_path, "millrace", Variant.DRIFT)["campaign_lift"]
    late = rooms_of("millrace", Variant.DRIFT).company.drift(lift["starts_on"].to_numpy().astype("datetime64[D]")) > 0
    rate = lift["base_rate"].to_numpy()
    assert 3 < rate[late].mean() / rate[~late].mean() < 5


def test_in_the_null_variant_campaigns_add_nothing(tmp_path: Path) -> None:
    lift = truth_of(tmp_path, "millrace", Variant.NULL)["campaign_lift"]
    assert lift["lift"].abs().max() == 0
