"""Every vendor there is a connector for, as the tests drive it: what all of them must stand is written once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from pipelines.connectors.sync import Synced, sync
from tests.fakes.hubspot import TOKEN, FakeHubSpot
from tests.fakes.stripe import KEY, FakeStripe
from tests.pipelines.connectors.conftest import all_in_the_lake, for_the_lake
from warehouse.connectors.catalogue import VENDORS
from warehouse.connectors.fields import Parting
from warehouse.connectors.spec import Vendor
from warehouse.oltp.connectors import Connection, ExternalIdentity
from warehouse.oltp.engine import reading


@dataclass(frozen=True)
class Pretence:
    """A vendor that only pretends, and what lets us in."""

    vendor: Vendor
    fake: Callable[[], Any]
    secret: dict[str, str]


PRETENCES = {
    "stripe": Pretence(VENDORS["stripe"], FakeStripe, {"token": KEY}),
    "hubspot": Pretence(VENDORS["hubspot"], FakeHubSpot, {"token": TOKEN}),
}


def bring(one: Connection, fake: Any, **more: Any) -> Synced:
    """A sync, an hour after the last."""
    fake.now += timedelta(minutes=61)
    return sync(one.organization_id, one.id, fake.clock(), **more)


def agrees(one: Connection, fake: Any) -> None:
    """The lake has exactly what the vendor has, and the store who is behind it."""
    vendor = VENDORS[one.vendor]
    with reading() as session:
        rows = session.scalars(select(ExternalIdentity).where(ExternalIdentity.connection_id == one.id)).all()
    assert [row for row in rows if row.deleted_at is not None and row.details] == []
    kept = all_in_the_lake(one)
    for thing in map(vendor.thing, one.things):
        there, gone = kept[thing.name]
        expected = fake.records(thing.name)
        assert there == for_the_lake(thing, expected), thing.name
        assert not gone & set(expected)
        known = {row.record_id: row.details for row in rows if row.thing == thing.name and row.deleted_at is None}
        people = {id_: Parting(thing).part(record).who for id_, record in expected.items()}
        assert known == {id_: details for id_, details in people.items() if details}, thing.name
