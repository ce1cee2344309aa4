"""What Stripe has arrives whole and once, whatever happens on the way; what identifies somebody does not enter the lake."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.connectors import client
from pipelines.connectors.spool import spool_folder
from pipelines.connectors.sync import Synced, sync
from tests.fakes.stripe import KEY, PLURALS, FakeStripe
from tests.fakes.vendor import FakeVendor, Fault
from tests.pipelines.connectors.conftest import connect, for_the_lake, in_the_lake, snapshots
from warehouse.connectors.stripe.spec import VENDOR
from warehouse.oltp.connectors import Connection, ConnectionSync, ExternalIdentity, UndeclaredField
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.tenancy import Actor

Pretending = Callable[[str, FakeVendor], None]


class PowerCut(Exception):
    """The process ends here."""


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


def _sync(one: Connection, fake: FakeStripe, **more: Any) -> Synced:
    fake.now += timedelta(minutes=61)
    return sync(one.organization_id, one.id, fake.clock(), **more)


def _agrees(one: Connection, fake: FakeStripe) -> None:
    """The lake has exactly what the vendor has."""
    for thing in VENDOR.things:
        there, gone = in_the_lake(VENDOR.table(thing), one.id)
        expected = fake.there[thing.vendor_name]
        assert there == for_the_lake(thing, expected), thing.name
        assert not gone & set(expected)
    with reading() as session:
        rows = session.scalars(select(ExternalIdentity).where(ExternalIdentity.thing == "customers")).all()
    known = {row.record_id: row.details for row in rows if row.deleted_at is None}
    assert {id_: details["email"] for id_, details in known.items()} == {
        id_: customer["email"] for id_, customer in fake.there["customer"].items()
    }
    assert [row.details for row in rows if row.deleted_at is not None and row.details] == []


def test_everything_comes_at_first_and_only_what_changed_after_that(ours: Connection, stripe: FakeStripe) -> None:
    first = _sync(ours, stripe)
    assert (first.problem, first.is_whole) == ("", True)
    assert first.counts["customers"]["changed"] == 6
    _agrees(ours, stripe)
    there, _ = in_the_lake("stripe_charges", ours.id)
    assert {charge["amount"] for charge in there.values()} == {one["amount"] for one in stripe.there["charge"].values()}

    [customer, deleted, *_] = stripe.there["customer"]
    stripe.change("customer", customer, balance=77, email="late@shop.test")
    stripe.delete("customer", deleted)
    stripe.make("product")
    second = _sync(ours, stripe)
    assert (second.problem, second.is_whole) == ("", False)
    assert second.counts["customers"] == {"read": 2, "changed": 1, "deleted": 1, "refused": 0}
    assert second.counts["products"]["changed"] == 1
    assert all(one.path == "/v1/events" for one in stripe.asked[-8:])
    _agrees(ours, stripe)
    assert in_the_lake("stripe_customers", ours.id)[1] == {deleted}


def test_nothing_new_makes_no_snapshot_and_gives_the_next_build_nothing_to_do(
    ours: Connection, stripe: FakeStripe
) -> None:
    _sync(ours, stripe)
    with reading() as session:
        changes = len(session.scalars(select(ChangeEvent)).all())
    before = snapshots()
    assert _sync(ours, stripe).sentence == "our stripe: nothing new"
    assert snapshots() == before
    with reading() as session:
        assert len(session.scalars(select(ChangeEvent)).all()) == changes
        assert len(session.scalars(select(ConnectionSync)).all()) == 2


def test_one_sync_is_one_snapshot_for_all_of_its_tables(ours: Connection, stripe: FakeStripe) -> None:
    _sync(ours, stripe)
    before = snapshots()
    for _ in range(12):
        stripe.stir()
    _sync(ours, stripe)
    assert snapshots() == before + 1


def test_what_disappeared_without_a_word_is_found_when_everything_is_read_again(
    ours: Connection, stripe: FakeStripe
) -> None:
    _sync(ours, stripe)
    [gone, *_] = stripe.there["customer"]
    stripe.gone["customer"][gone] = stripe.there["customer"].pop(gone)
    _sync(ours, stripe)
    assert gone in in_the_lake("stripe_customers", ours.id)[0]
    stripe.now += timedelta(days=7)
    assert _sync(ours, stripe).is_whole
    _agrees(ours, stripe)


def test_after_more_days_than_events_are_kept_everything_is_read_again(ours: Connection, stripe: FakeStripe) -> None:
    _sync(ours, stripe)
    stripe.stir()
    stripe.now += timedelta(days=40)
    assert _sync(ours, stripe).is_whole
    _agrees(ours, stripe)


def test_what_was_made_before_the_chosen_day_does_not_come_not_even_when_it_changes(
    acme: Actor, stripe: FakeStripe
) -> None:
    stripe.now += timedelta(days=10)
    day = stripe.now.date()
    later = stripe.make("customer")
    one = connect(acme, "stripe", {"token": KEY}, things=["customers"], made_since=day)
    _sync(one, stripe)
    assert set(in_the_lake("stripe_customers", one.id)[0]) == {later["id"]}
    [early, *_] = stripe.there["customer"]
    stripe.change("customer", early, balance=5)
    stripe.change("customer", later["id"], balance=6)
    _sync(one, stripe)
    assert set(in_the_lake("stripe_customers", one.id)[0]) == {later["id"]}


def test_a_record_that_changes_while_its_list_is_read_is_right_after_the_next_sync(
    ours: Connection, stripe: FakeStripe
) -> None:
    stripe.between = lambda number: stripe.stir()
    _sync(ours, stripe)
    stripe.between = lambda number: None
    _sync(ours, stripe)
    _agrees(ours, stripe)


@pytest.mark.parametrize("fault", [one for one in Fault if one not in {Fault.NONE, Fault.SILENT}])
def test_a_request_that_goes_wrong_is_made_again(ours: Connection, stripe: FakeStripe, fault: Fault) -> None:
    stripe.faults.extend([Fault.NONE, fault, Fault.NONE, Fault.NONE, fault, fault])
    assert _sync(ours, stripe).problem == ""
    assert not stripe.faults
    _agrees(ours, stripe)
    if fault in {Fault.BUSY, Fault.BUSY_UNTIL}:
        waited = [round(pause) for pause in stripe.slept if pause > 1]
        assert waited == ([2, 2, 2] if fault is Fault.BUSY else [7, 7, 7])


def test_a_vendor_that_does_not_answer_is_asked_again(
    ours: Connection, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.2)
    stripe.faults.extend([Fault.NONE, Fault.SILENT])
    assert _sync(ours, stripe).problem == ""
    _agrees(ours, stripe)


def test_a_vendor_that_stays_down_is_told_and_the_next_sync_goes_on_where_this_one_stopped(
    ours: Connection, stripe: FakeStripe
) -> None:
    stripe.faults.extend([Fault.NONE, Fault.NONE, *[Fault.DOWN] * client.TRIES])
    told = _sync(ours, stripe)
    assert told.problem.startswith("Stripe could not be read after 6 tries: it answered 503 to GET /v1/customers.")
    asked = len(stripe.asked)
    assert _sync(ours, stripe).problem == ""
    assert "starting_after" in stripe.asked[asked].query, "it began again"
    _agrees(ours, stripe)
    with reading() as session:
        outcomes = session.scalars(select(ConnectionSync).order_by(ConnectionSync.started_at)).all()
    assert [one.outcome.value for one in outcomes] == ["failed", "ok"]


def test_a_secret_that_is_not_known_is_told_without_the_secret_or_the_answer(acme: Actor, stripe: FakeStripe) -> None:
    one = connect(acme, "stripe", {"token": "rk_test_wrong_key"})  # pragma: allowlist secret
    told = _sync(one, stripe)
    assert told.problem == (
        "Stripe answered 401 (invalid_request_error) to GET /v1/customers: it does not know the secret. Give the "
        "connection a new one."
    )
    assert len(stripe.asked) == 1


@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere_with_faults_on_the_way_the_lake_ends_as_the_vendor_is(
    ours: Connection, stripe: FakeStripe, seed: int
) -> None:
    dice = Random(seed)
    cuts = 0
    for _ in range(5):
        for _ in range(dice.randrange(8)):
            stripe.stir()
        stripe.faults.extend(dice.choices([Fault.NONE, Fault.CUT, Fault.BROKEN, Fault.AGAIN], [12, 1, 1, 1], k=20))
        left = dice.randrange(1, 40)

        def cut(_: object, left: list[int] = [left]) -> None:  # noqa: B006 - counts down
            left[0] -= 1
            if left[0] == 0:
                raise PowerCut

        stripe.between = lambda number: stripe.stir() if dice.random() < 0.1 else None
        try:
            _sync(ours, stripe, steps=cut)
        except PowerCut:
            cuts += 1
    stripe.between, left = lambda number: None, 0
    stripe.faults.clear()
    assert cuts
    _sync(ours, stripe)
    _agrees(ours, stripe)
    assert not spool_folder(ours.organization_id, ours.id).exists()


def test_a_new_field_enters_neither_the_lake_nor_the_identities_and_is_told(
    ours: Connection, stripe: FakeStripe
) -> None:
    [customer, *_] = stripe.there["customer"]
    stripe.change("customer", customer, loyalty={"level": "gold", "called": "Ana Canary"})
    _sync(ours, stripe)
    assert "Canary" not in str(in_the_lake("stripe_customers", ours.id))
    with reading() as session:
        assert "Canary" not in str([one.details for one in session.scalars(select(ExternalIdentity))])
        [drifted] = session.scalars(select(UndeclaredField)).all()
    assert (drifted.thing, drifted.place, drifted.records) == ("customers", "loyalty", 1)
    assert "Ana Canary" in drifted.samples[0]


def test_the_audit_names_what_came_by_number_alone(ours: Connection, stripe: FakeStripe) -> None:
    _sync(ours, stripe)
    with reading() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.operation.like("organization.%"))).all()
    told = [row.operation for row in rows]
    assert told.count("organization.record_sync") == 1
    assert told.count("organization.take_in_identities") == len(
        [one for one in VENDOR.things if one.personal and stripe.there[one.vendor_name]]
    )
    assert not [row for row in rows if "Person" in str(row.details) or "shop.test" in str(row.details)]


def test_stripes_own_client_reads_from_the_fake_what_our_connector_reads(
    ours: Connection, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = pytest.importorskip("stripe")
    from warehouse.settings import settings

    address = settings().connector_addresses["stripe"]
    theirs = sdk.StripeClient(KEY, base_addresses={"api": address}, http_client=sdk.RequestsClient())
    stripe.faults.extend([Fault.NONE, Fault.BROKEN])
    read = {}
    for plural in PLURALS:
        asked = {"limit": 100} | ({"status": "all"} if plural == "subscriptions" else {})
        read[plural] = [one.id for one in getattr(theirs.v1, plural).list(asked).auto_paging_iter()]
    _sync(ours, stripe)
    for plural, ids in read.items():
        assert len(ids) == len(set(ids))
        assert set(ids) == set(in_the_lake(f"stripe_{plural}", ours.id)[0]), plural
    with pytest.raises(sdk.AuthenticationError):
        sdk.StripeClient("wrong", base_addresses={"api": address}).v1.customers.list()
