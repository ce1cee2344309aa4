"""A store with acme in it, no lake yet, and vendors that only pretend."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.vendor import FakeVendor
from tests.houses import living_in
from warehouse.connectors.catalogue import VENDORS
from warehouse.connectors.fields import Parting
from warehouse.connectors.spec import Thing
from warehouse.lake.connection import Lake, open_lake
from warehouse.lake.extensions import bootstrap
from warehouse.oltp.connectors import Connection
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import User
from warehouse.operations.connections import AddConnection, add_connection
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import Actor, operator_actor

Pretending = Callable[[str, FakeVendor], None]
"""Lets a vendor be asked at a server that pretends to be it."""


@pytest.fixture(scope="session")
def engine_extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake's extensions, installed once."""
    folder = tmp_path_factory.mktemp("extensions")
    bootstrap(folder)
    return folder


@pytest.fixture
def acme(empty_store: Path, engine_extensions: Path, tmp_path: Path) -> Iterator[Actor]:
    """The operator at work in acme, in a data folder of its own."""
    home = tmp_path / "data"
    home.mkdir()
    (home / "extensions").symlink_to(engine_extensions)
    shutil.copy(empty_store, home / empty_store.name)
    with living_in(home):
        yield operator_actor(found("acme"))


def found(slug: str) -> str:
    """Another organization; its id."""
    with writing() as session:
        owner = User(email=f"owner@{slug}.test", profile={}, created_at=datetime.now(UTC))
        session.add(owner)
        session.flush()
        asked = CreateOrganization(slug=slug, name=slug.title(), owner_user_id=owner.id, owner_name="Owner")
        return create_organization(session, asked).id


@pytest.fixture
def pretending(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pretending]:
    """Let a vendor be asked at a server that pretends to be it."""
    left: list[Any] = []

    def begin(vendor: str, fake: FakeVendor) -> None:
        serving = fake.serving()
        address = serving.__enter__()
        left.append(serving)
        monkeypatch.setenv("LONGHOUSE_CONNECTOR_ADDRESSES", json.dumps({vendor: address}))
        settings.cache_clear()

    yield begin
    for serving in left:
        serving.__exit__(None, None, None)


def connect(actor: Actor, vendor: str, secret: dict[str, str], **more: Any) -> Connection:
    """A connection of the actor's organization."""
    with writing() as session:
        asked = AddConnection(vendor=vendor, secret=secret, **{"name": f"our {vendor}"} | more)  # type: ignore[arg-type]
        return add_connection(session, actor, asked)


Kept = tuple[dict[str, Any], set[str]]
"""Id → payload of the records that are there, and the ids of those that were deleted."""


def all_in_the_lake(connection: Connection) -> dict[str, Kept]:
    """Kind of record → what the lake has of a connection."""
    vendor = VENDORS[connection.vendor]
    # Opened once: that takes longer than reading.
    with open_lake() as lake:
        return {one.name: _kept(lake, vendor.table(one), connection.id) for one in vendor.things}


def in_the_lake(table: str, connection_id: str) -> Kept:
    """The same of one table."""
    with open_lake() as lake:
        return _kept(lake, table, connection_id)


def _kept(lake: Lake, table: str, connection_id: str) -> Kept:
    rows = lake.run(
        f"select record_id, payload, deleted from lake.raw.{table} where connection_id = ?", [connection_id]
    )
    assert len({row[0] for row in rows}) == len(rows), "a record is there twice"
    there = {id_: json.loads(payload) for id_, payload, deleted in rows if not deleted}
    return there, {id_ for id_, _, deleted in rows if deleted}


def for_the_lake(thing: Thing, records: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the lake should have of the vendor's records."""
    return {id_: Parting(thing).part(record).business for id_, record in records.items()}


def snapshots() -> int:
    """How many snapshots the lake has made."""
    with open_lake() as lake:
        return lake.snapshot_id()
