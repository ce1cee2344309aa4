"""What every vendor's connector stands: whatever happens on the way, the lake ends as the vendor is, and nobody is in it."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.connectors import client
from pipelines.connectors.spool import spool_folder
from pipelines.connectors.sync import sync, try_out
from tests.fakes.vendor import Fault
from tests.pipelines.connectors.conftest import Pretending, all_in_the_lake, connect, snapshots
from tests.pipelines.connectors.pretences import PRETENCES, Pretence, agrees, bring
from warehouse.connectors.catalogue import VENDORS
from warehouse.oltp.connectors import Connection, ConnectionSync, ExternalIdentity
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent
from warehouse.operations.connections import OneConnection, remove_connection
from warehouse.operations.declare import NotFound
from warehouse.operations.taking_in import opened
from warehouse.tenancy import Actor

STOPS = 30
"""About as many steps and requests as one sync makes here."""


class PowerCut(BaseException):
    """The process ends here."""


@pytest.fixture(params=sorted(VENDORS))
def pretence(request: pytest.FixtureRequest) -> Pretence:
    return PRETENCES[request.param]


@pytest.fixture
def fake(pretence: Pretence, acme: Actor, pretending: Pretending) -> Any:
    """An account with a little of everything, on several pages."""
    made = pretence.fake()
    made.most = 4
    made.fill(6)
    pretending(pretence.vendor.name, made)
    return made


@pytest.fixture
def everything(acme: Actor, fake: Any, pretence: Pretence) -> Connection:
    """A connection that brings all there is."""
    return connect(acme, pretence.vendor.name, pretence.secret)


@pytest.fixture
def ours(acme: Actor, fake: Any, pretence: Pretence) -> Connection:
    """One that brings the first three kinds of records: enough for what does not depend on the kind."""
    chosen = [thing.name for thing in pretence.vendor.things[:3]]
    return connect(acme, pretence.vendor.name, pretence.secret, things=chosen)


def test_everything_comes_at_first_and_only_what_changed_after_that(everything: Connection, fake: Any) -> None:
    first = bring(everything, fake)
    assert (first.problem, first.is_whole) == ("", True)
    assert sum(one["changed"] for one in first.counts.values()) >= 30
    agrees(everything, fake)
    for _ in range(15):
        fake.stir()
    second = bring(everything, fake)
    assert (second.problem, second.is_whole) == ("", False)
    assert 0 < sum(one["changed"] + one["deleted"] for one in second.counts.values()) <= 15
    agrees(everything, fake)


def test_nothing_new_makes_no_snapshot_and_gives_the_next_build_nothing_to_do(ours: Connection, fake: Any) -> None:
    bring(ours, fake)
    with reading() as session:
        changes = len(session.scalars(select(ChangeEvent)).all())
    before = snapshots()
    assert bring(ours, fake).sentence.endswith(": nothing new")
    assert snapshots() == before
    with reading() as session:
        assert len(session.scalars(select(ChangeEvent)).all()) == changes
        assert len(session.scalars(select(ConnectionSync)).all()) == 2
    for _ in range(12):
        fake.stir()
    bring(ours, fake)
    assert snapshots() == before + 1, "one sync is one snapshot, for all of its tables"


def test_records_that_change_while_their_list_is_read_are_right_after_the_next_sync(
    ours: Connection, fake: Any
) -> None:
    fake.between = lambda number: fake.stir()
    bring(ours, fake)
    bring(ours, fake)
    fake.between = lambda number: None
    bring(ours, fake)
    agrees(ours, fake)


def test_a_request_that_goes_wrong_is_made_again(ours: Connection, fake: Any) -> None:
    faults = [one for one in Fault if one not in {Fault.NONE, Fault.SILENT}]
    fake.faults.extend([Fault.NONE, *faults, Fault.NONE, *reversed(faults[:-1]), Fault.NONE, Fault.AGAIN])
    assert bring(ours, fake).problem == ""
    assert not fake.faults
    agrees(ours, fake)
    told, until, *_ = [pause for pause in fake.slept if pause > 1.9]
    # A date has no fractions of seconds.
    assert told == 2
    assert 6 <= until <= 7


def test_a_vendor_that_does_not_answer_is_asked_again(
    ours: Connection, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.2)
    fake.faults.extend([Fault.NONE, Fault.SILENT])
    assert bring(ours, fake).problem == ""
    agrees(ours, fake)


def test_a_vendor_that_stays_down_is_told_and_the_next_sync_goes_on_where_this_one_stopped(
    ours: Connection, fake: Any, pretence: Pretence
) -> None:
    fake.faults.extend([Fault.NONE, *[Fault.DOWN] * client.TRIES])
    told = bring(ours, fake)
    assert told.problem.startswith(f"{pretence.vendor.title} could not be read after 6 tries: it answered 503 to GET ")
    assert "canary" not in told.problem.lower()
    pages = spool_folder(ours.organization_id, ours.id)
    assert b"Person" not in b"".join(path.read_bytes() for path in pages.glob("*.pages")), "what waits is sealed"
    asked = len(fake.asked)
    assert bring(ours, fake).problem == ""
    assert {"starting_after", "after"} & set(fake.asked[asked].query), "it began again"
    agrees(ours, fake)
    with reading() as session:
        outcomes = session.scalars(select(ConnectionSync).order_by(ConnectionSync.started_at)).all()
    assert [one.outcome.value for one in outcomes] == ["failed", "ok"]


def test_a_secret_that_is_not_known_is_told_without_the_secret_or_the_answer(
    acme: Actor, fake: Any, pretence: Pretence
) -> None:
    one = connect(acme, pretence.vendor.name, {"token": "a-wrong-canary-secret"})
    told = bring(one, fake)
    assert " answered 401 (" in told.problem
    assert told.problem.endswith("it does not know the secret. Give the connection a new one.")
    assert "canary" not in told.problem.lower()
    assert len(fake.asked) == 1
    with reading() as session, pytest.raises(client.VendorRefused):
        try_out(opened(session, one.organization_id, one.id), fake.clock())


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_anywhere_with_faults_on_the_way_the_lake_ends_as_the_vendor_is(
    everything: Connection, fake: Any, seed: int
) -> None:
    dice, cuts = Random(seed), 0
    for _ in range(4):
        for _ in range(dice.randrange(8)):
            fake.stir()
        fake.faults.extend(dice.choices([Fault.NONE, Fault.CUT, Fault.BROKEN, Fault.AGAIN], [12, 1, 1, 1], k=20))
        cuts += _cut_after(everything, fake, dice.randrange(1, STOPS), dice)
    fake.between = lambda number: None
    fake.faults.clear()
    assert cuts
    # What changed while it was read is in the sync after.
    for _ in range(2):
        assert bring(everything, fake).problem == ""
    agrees(everything, fake)
    assert not spool_folder(everything.organization_id, everything.id).exists()


def _cut_after(one: Connection, fake: Any, stops: int, dice: Random) -> int:
    """A sync that ends without a word after so many steps and waits; whether it did."""
    left = stops

    def stop(_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise PowerCut

    fake.between = lambda number: fake.stir() if dice.random() < 0.1 else None
    clock = fake.clock()
    now = clock.now

    def told() -> Any:
        stop(None)
        return now()

    clock.now = told
    fake.now = fake.now.replace(microsecond=0)
    try:
        sync(one.organization_id, one.id, clock, stop)
    except PowerCut:
        return 1
    return 0


def test_a_load_whose_process_ended_before_it_was_noted_is_noted_by_the_next(ours: Connection, fake: Any) -> None:
    def stop(step: str) -> None:
        if step == "committed":
            raise PowerCut

    with pytest.raises(PowerCut):
        bring(ours, fake, steps=stop)
    noted = select(ChangeEvent).where(ChangeEvent.operation == "organization.record_sync")
    with reading() as session:
        assert session.scalars(noted).all() == []
    for _ in range(2):
        bring(ours, fake)
    with reading() as session:
        # Told once, so that the next build takes it in.
        assert len(session.scalars(noted).all()) == 1
    agrees(ours, fake)


def test_what_no_longer_is_wanted_does_not_come_in_any_more(ours: Connection, fake: Any, acme: Actor) -> None:
    bring(ours, fake)
    there = all_in_the_lake(ours)
    for _ in range(9):
        fake.stir()

    def remove(step: str) -> None:
        if step == "identities":
            with writing() as session:
                remove_connection(session, acme, OneConnection(id=ours.id, version=1))

    with pytest.raises(NotFound):
        bring(ours, fake, steps=remove)
    assert all_in_the_lake(ours) == there
    with reading() as session:
        assert session.scalars(select(ExternalIdentity)).all() == []


def test_the_audit_names_what_came_by_number_alone(ours: Connection, fake: Any) -> None:
    bring(ours, fake)
    with reading() as session:
        rows = session.scalars(select(AuditEvent)).all()
    told = [row.operation for row in rows]
    assert told.count("organization.record_sync") == 1
    assert "organization.take_in_identities" in told
    assert [row for row in rows if "Person" in str(row.details) or ".test" in str(row.details)] == []
