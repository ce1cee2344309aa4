"""What is Stripe's alone: its events, its deletions, its own client."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.fakes.stripe import KEY, PLURALS, FakeStripe
from tests.fakes.vendor import Fault
from tests.pipelines.connectors.conftest import Pretending, connect, in_the_lake
from tests.pipelines.connectors.pretences import agrees, bring
from warehouse.oltp.connectors import Connection, ExternalIdentity, UndeclaredField
from warehouse.oltp.engine import reading
from warehouse.settings import settings
from warehouse.tenancy import Actor


@pytest.fixture
def stripe(acme: Actor, pretending: Pretending) -> FakeStripe:
    """An account with a little of everything, on several pages."""
    made = FakeStripe()
    made.most = 4
    made.fill(6)
    pretending("stripe", made)
    return made


@pytest.fixture
def ours(acme: Actor, stripe: FakeStripe) -> Connection:
    return connect(acme, "stripe", {"token": KEY})


def test_what_changed_is_read_from_its_events(ours: Connection, stripe: FakeStripe) -> None:
    bring(ours, stripe)
    there, _ = in_the_lake("stripe_charges", ours.id)
    assert {one["amount"] for one in there.values()} == {one["amount"] for one in stripe.there["charge"].values()}
    [customer, deleted, *_] = stripe.there["customer"]
    stripe.change("customer", customer, balance=77, email="late@shop.test")
    stripe.delete("customer", deleted)
    cancelled = next(iter(stripe.there["subscription"]))
    stripe.delete("subscription", cancelled)
    second = bring(ours, stripe)
    assert second.counts["customers"] == {"read": 2, "changed": 1, "deleted": 1, "refused": 0}
    assert {one.path for one in stripe.asked[-8:]} == {"/v1/events"}
    agrees(ours, stripe)
    assert in_the_lake("stripe_customers", ours.id)[1] == {deleted}
    assert in_the_lake("stripe_subscriptions", ours.id)[0][cancelled]["status"] == "canceled"


def test_what_disappeared_without_a_word_is_found_when_everything_is_read_again(
    ours: Connection, stripe: FakeStripe
) -> None:
    bring(ours, stripe)
    [gone, *_] = stripe.there["customer"]
    stripe.gone["customer"][gone] = stripe.there["customer"].pop(gone)
    bring(ours, stripe)
    assert gone in in_the_lake("stripe_customers", ours.id)[0]
    stripe.now += timedelta(days=7)
    assert bring(ours, stripe).is_whole
    agrees(ours, stripe)


def test_after_more_days_than_events_are_kept_everything_is_read_again(ours: Connection, stripe: FakeStripe) -> None:
    bring(ours, stripe)
    stripe.stir()
    stripe.now += timedelta(days=40)
    assert bring(ours, stripe).is_whole
    agrees(ours, stripe)


def test_what_was_made_before_the_chosen_day_does_not_come_not_even_when_it_changes(
    acme: Actor, stripe: FakeStripe
) -> None:
    stripe.now += timedelta(days=10)
    later = stripe.make("customer")
    chosen: dict[str, Any] = {"things": ["customers"], "made_since": stripe.now.date()}
    one = connect(acme, "stripe", {"token": KEY}, **chosen)
    bring(one, stripe)
    assert set(in_the_lake("stripe_customers", one.id)[0]) == {later["id"]}
    [early, *_] = stripe.there["customer"]
    stripe.change("customer", early, balance=5)
    stripe.change("customer", later["id"], balance=6)
    bring(one, stripe)
    there, _ = in_the_lake("stripe_customers", one.id)
    assert {id_: customer["balance"] for id_, customer in there.items()} == {later["id"]: 6}


def test_a_new_field_enters_neither_the_lake_nor_the_identities_and_is_told(
    ours: Connection, stripe: FakeStripe
) -> None:
    [customer, *_] = stripe.there["customer"]
    stripe.change("customer", customer, loyalty={"level": "gold", "called": "Ana Canary"})
    bring(ours, stripe)
    assert "Canary" not in str(in_the_lake("stripe_customers", ours.id))
    with reading() as session:
        assert "Canary" not in str([one.details for one in session.scalars(select(ExternalIdentity))])
        [drifted] = session.scalars(select(UndeclaredField)).all()
    assert (drifted.thing, drifted.place, drifted.records) == ("customers", "loyalty", 1)
    assert "Ana Canary" in drifted.samples[0]


def test_stripes_own_client_reads_from_the_fake_what_our_connector_reads(ours: Connection, stripe: FakeStripe) -> None:
    sdk = pytest.importorskip("stripe")
    there = {"api": settings().connector_addresses["stripe"]}
    theirs = sdk.StripeClient(KEY, base_addresses=there, max_network_retries=2)
    stripe.faults.extend([Fault.NONE, Fault.BROKEN])
    read = {}
    for plural in PLURALS:
        asked = {"limit": 100} | ({"status": "all"} if plural == "subscriptions" else {})
        read[plural] = [one.id for one in getattr(theirs.v1, plural).list(asked).auto_paging_iter()]
    told = [one.type for one in theirs.v1.events.list({"types": ["price.updated"], "limit": 3}).auto_paging_iter()]
    assert told == ["price.updated"] * 6
    bring(ours, stripe)
    for plural, ids in read.items():
        assert len(ids) == len(set(ids))
        assert set(ids) == set(in_the_lake(f"stripe_{plural}", ours.id)[0]), plural
    with pytest.raises(sdk.AuthenticationError):
        sdk.StripeClient("wrong", base_addresses=there).v1.customers.list()
