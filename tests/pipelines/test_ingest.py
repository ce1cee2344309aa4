"""What people do arrives in the lake completely and once, and what identifies a person does not arrive at all."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect
from typing import Any

import duckdb
import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, insert, select

from pipelines.ingest.operational import Ingested, ingest
from warehouse.lake.connection import Lake, open_lake
from warehouse.lake.extensions import bootstrap
from warehouse.oltp import migrate
from warehouse.oltp.base import Base
from warehouse.oltp.days import utc_offsets
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import User
from warehouse.oltp.projection import copied_columns, copied_tables
from warehouse.oltp.sales import Opportunity, Stage
from warehouse.oltp.types import Exact, Id, Moment
from warehouse.oltp.veil import bare
from warehouse.operations.bulk import Batch, BulkLoad, bulk_load
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.organization_settings import EditSettings, edit_settings
from warehouse.operations.rooms import OPERATIONS
from warehouse.operations.sales import (
    CreateOpportunity,
    EditOpportunity,
    OneOpportunity,
    create_opportunity,
    delete_opportunity,
    edit_opportunity,
)
from warehouse.operations.typed import bounds_of
from warehouse.settings import settings
from warehouse.tenancy import Actor, operator_actor


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty store and the engine's extensions, made once."""
    folder = tmp_path_factory.mktemp("fresh")
    bootstrap(folder / "extensions")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("LONGHOUSE_HOME", str(folder))
        settings.cache_clear()
        engine.cache_clear()
        migrate.upgrade()
        engine().dispose()
    return folder


@pytest.fixture(autouse=True)
def home(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh data folder with a store and no lake yet."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "extensions").symlink_to(fresh / "extensions")
    shutil.copy(fresh / "operational.db", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LONGHOUSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "data"))
    settings.cache_clear()
    engine.cache_clear()
    yield settings().home
    engine().dispose()
    settings.cache_clear()
    engine.cache_clear()


def _company(slug: str) -> Actor:
    with writing() as session:
        owner = User(email=f"owner@{slug}.test", created_at=datetime.now(UTC))
        session.add(owner)
        session.flush()
        asked = CreateOrganization(slug=slug, name=slug.title(), owner_user_id=owner.id, owner_name="Owner")
        return operator_actor(create_organization(session, asked).id)


@pytest.fixture
def ana() -> Actor:
    return _company("acme")


@pytest.fixture
def bob() -> Actor:
    return _company("globex")


def _product(**values: Any) -> dict[str, Any]:
    return {"id": uuid7(), "name": "Kite", "currency": "USD", "is_active": True, "metadata": {}} | values


def _load(actor: Actor, products: int) -> None:
    rows = [_product(name=f"Kite {number}", list_price=Decimal(number)) for number in range(products)]
    with writing() as session:
        bulk_load(session, actor, BulkLoad(source="tests", batches=[Batch("products", rows)], identities=[]))


def _deal(actor: Actor, **fields: Any) -> Opportunity:
    with writing() as session:
        return create_opportunity(session, actor, CreateOpportunity(**{"name": "Roof", **fields}))


@dataclass
class Taken:
    """One ingest: what it did, and the snapshot after it."""

    done: Ingested
    snapshot: int


@pytest.fixture
def lake(home: Path) -> Iterator[Lake]:
    """The lake's one writer."""
    with open_lake(write=True) as opened:
        yield opened


def _ingest(lake: Lake) -> Taken:
    return Taken(ingest(lake, "run"), lake.snapshot_id())


def _same_on_both_sides(lake: Lake) -> None:
    """Every copied row is in the lake, at the version and the change it has in the store."""
    with reading() as session:
        for table in copied_tables():
            columns = [table.c[name] for name in ("id", "change_seq", "version") if name in table.c]
            here = sorted(tuple(row) for row in session.execute(select(*columns)))
            listed = ", ".join("id::varchar" if column.name == "id" else column.name for column in columns)
            there = lake.run(f"select {listed} from lake.raw.{table.name} order by 1")
            assert there == here, table.name


def test_the_first_ingest_brings_everything(ana: Actor, lake: Lake) -> None:
    _load(ana, 30)
    _deal(ana, amount=Decimal("12.5"))
    taken = _ingest(lake)
    assert (taken.done.after, taken.done.rows["products"], taken.done.rows["opportunities"]) == (0, 30, 1)
    _same_on_both_sides(lake)


def test_what_was_ingested_is_there_for_those_who_open_the_lake_later(ana: Actor) -> None:
    _load(ana, 3)
    with open_lake(write=True) as writer:
        ingest(writer, "run")
    with open_lake() as reader:
        _same_on_both_sides(reader)
        assert reader.value("select count(*) from lake.raw.products") == 3


def test_the_ingest_is_one_snapshot(ana: Actor, lake: Lake) -> None:
    _load(ana, 3)
    first = _ingest(lake)
    _deal(ana)
    assert _ingest(lake).snapshot == first.snapshot + 1


def test_a_second_bulk_load_arrives_completely(ana: Actor, lake: Lake) -> None:
    """Its rows all carry one number: whoever compared rows with the last number seen would stop after the first."""
    _load(ana, 200)
    _ingest(lake)
    _load(ana, 300)
    taken = _ingest(lake)
    assert taken.done.rows["products"] == 300
    assert lake.run("select count(*) from lake.raw.products") == [(500,)]
    _same_on_both_sides(lake)


def test_an_edit_updates_its_one_row(ana: Actor, lake: Lake) -> None:
    deal, other = _deal(ana, amount=Decimal(1)), _deal(ana, amount=Decimal(2))
    _ingest(lake)
    with writing() as session:
        edit_opportunity(session, ana, EditOpportunity(id=deal.id, version=1, amount=Decimal("3.25")))
    taken = _ingest(lake)
    assert {name: rows for name, rows in taken.done.rows.items() if rows} == {"opportunities": 1}
    found = dict(lake.run("select id::varchar, amount from lake.raw.opportunities"))
    assert found == {deal.id: Decimal("3.2500"), other.id: Decimal("2.0000")}
    _same_on_both_sides(lake)


def test_a_row_edited_twice_between_two_ingests_arrives_as_it_is_last(ana: Actor, lake: Lake) -> None:
    deal = _deal(ana)
    _ingest(lake)
    for version, amount in enumerate((5, 6), start=1):
        with writing() as session:
            edit_opportunity(session, ana, EditOpportunity(id=deal.id, version=version, amount=Decimal(amount)))
    _ingest(lake)
    assert lake.run("select amount, version from lake.raw.opportunities") == [(Decimal(6), 3)]


def test_nothing_new_makes_no_snapshot(ana: Actor, lake: Lake) -> None:
    _load(ana, 3)
    first = _ingest(lake)
    again = _ingest(lake)
    assert (again.done.anything, again.snapshot) == (False, first.snapshot)


def test_a_deed_that_changed_nothing_makes_no_snapshot(ana: Actor, lake: Lake) -> None:
    deal = _deal(ana, amount=Decimal(1))
    first = _ingest(lake)
    with writing() as session:
        edit_opportunity(session, ana, EditOpportunity(id=deal.id, version=1, amount=Decimal(1)))
    assert _ingest(lake).snapshot == first.snapshot


def test_a_deleted_row_stays_and_says_when_it_was_deleted(ana: Actor, lake: Lake) -> None:
    deal = _deal(ana)
    _ingest(lake)
    with writing() as session:
        gone = delete_opportunity(session, ana, OneOpportunity(id=deal.id, version=1))
    _ingest(lake)
    assert gone.deleted_at is not None
    assert lake.run("select id::varchar, deleted_at from lake.raw.opportunities") == [
        (deal.id, gone.deleted_at.replace(tzinfo=None))
    ]


def test_two_organizations_arrive_side_by_side(ana: Actor, bob: Actor, lake: Lake) -> None:
    _load(ana, 3)
    _load(bob, 4)
    _ingest(lake)
    _load(bob, 2)
    _ingest(lake)
    counts = dict(lake.run("select organization_id::varchar, count(*) from lake.raw.products group by 1"))
    assert counts == {ana.organization_id: 3, bob.organization_id: 6}
    _same_on_both_sides(lake)


def test_a_company_that_joins_later_is_in_the_next_ingest(ana: Actor, lake: Lake) -> None:
    _ingest(lake)
    _load(_company("initech"), 2)
    _ingest(lake)
    assert lake.run("select slug from lake.raw.organizations order by 1") == [("acme",), ("initech",)]
    _same_on_both_sides(lake)


class _Interrupted(Lake):
    """Somebody presses Ctrl-C at the worst moment: rows are in, the watermark is not."""

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        if sql.startswith("insert into lake.raw._watermarks"):
            raise KeyboardInterrupt
        return super().run(sql, parameters)


def test_an_ingest_that_fails_leaves_rows_and_watermark_as_they_were(ana: Actor, lake: Lake) -> None:
    _load(ana, 3)
    first = _ingest(lake)
    _load(ana, 2)
    with pytest.raises(KeyboardInterrupt):
        ingest(_Interrupted(lake._connection), "run")
    assert lake.run("select count(*) from lake.raw.products") == [(3,)]
    again = _ingest(lake)
    assert (again.done.after, again.done.rows["products"]) == (first.done.upto, 2)
    _same_on_both_sides(lake)


def test_a_column_that_came_with_an_upgrade_is_filled_for_rows_of_before(ana: Actor, lake: Lake) -> None:
    _load(ana, 3)
    _ingest(lake)
    lake.run("alter table lake.raw.products drop column currency")
    lake.run("alter table lake.raw.customers add column forgotten integer")
    again = _ingest(lake)
    assert (again.done.after, again.done.rows["products"]) == (again.done.upto, 3)
    assert lake.run("select distinct currency from lake.raw.products") == [("USD",)]
    _same_on_both_sides(lake)
    assert _ingest(lake).done.rows == {}


def test_the_snapshot_says_which_changes_it_took(ana: Actor, lake: Lake) -> None:
    _load(ana, 3)
    taken = _ingest(lake)
    (message,) = lake.run("select commit_message from ducklake_snapshots('lake') order by snapshot_id desc limit 1")
    assert message == (f"ingest up to change {taken.done.upto}",)


def test_the_sales_ladder_is_a_table_in_its_order(ana: Actor, lake: Lake) -> None:
    _ingest(lake)
    assert lake.run("select stage, stage_position, is_open from lake.raw.sales_stages order by stage_position") == [
        (stage.value, stage.position, stage.is_open) for stage in Stage
    ]


def test_a_lake_knows_how_far_from_utc_its_organizations_are(ana: Actor, lake: Lake) -> None:
    _ingest(lake)
    zone, first, minutes = lake.run("from lake.raw.utc_offsets order by from_at limit 1")[0]
    assert (zone, first.year, minutes) == ("UTC", 2000, 0)
    with writing() as session:
        edit_settings(session, ana, EditSettings(timezone="Europe/Berlin"))
    _ingest(lake)
    assert dict(lake.run("select timezone, count(*) from lake.raw.utc_offsets group by 1")) == {
        "UTC": 1,
        "Europe/Berlin": len(utc_offsets("Europe/Berlin")),
    }
    lake.run("drop table lake.raw.utc_offsets")
    assert not _ingest(lake).done.anything
    assert lake.value("select count(distinct timezone) from lake.raw.utc_offsets") == 1


# What identifies a person ------------------------------------------------------------------------------------------

PERSONAL = "zq7planted"
KNOWN = "bq7business"
"""Planted in every other column: found, or the search finds nothing at all."""


def _value(column: Column[Any], company: str, ids: dict[str, str]) -> Any:
    kind, mark = bare(column), PERSONAL if column.info["privacy"] == "personal" else KNOWN
    if isinstance(kind, Id):
        # `organization_id` is part of every composite key as well.
        targets = sorted({key.column.table.name for key in column.foreign_keys}, key="organizations".__ne__)
        return ids.get(targets[0]) if targets else uuid7()
    for known, value in (
        (Exact, Decimal("77.7")),
        (Moment, datetime(2026, 5, 20, tzinfo=UTC)),
        (Date, date(2026, 5, 20)),
        (Boolean, True),
        (Integer, min(7, bounds_of(column)[1] or 7)),
        (JSON, {mark: [mark, {"deep": mark}]}),
    ):
        if isinstance(kind, known):
            return value
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class or kind.enums))
    return f"{mark}.{company}.{column.table.name}.{column.name}"


TRUE_ONLY = {"audit_releases"}
"""The database itself refuses planted rows in it, and it has no text that anybody types."""


def _plant(company: str) -> None:
    """A row in every table with a mark in every column that can hold one, all under one change event."""
    ids = {table.name: uuid7() for table in Base.metadata.sorted_tables}
    events = Base.metadata.tables["change_events"]
    with writing() as session:
        seq = len(session.execute(select(events.c.seq)).all()) + 1
        for table in (one for one in Base.metadata.sorted_tables if one.name not in TRUE_ONLY):
            own = {"id": ids[table.name], "seq": seq, "change_seq": seq, "currency": "USD"}
            # Nobody is their own manager or parent.
            own |= {"manager_id": None, "parent_customer_id": None}
            row = {c.name: own[c.name] if c.name in own else _value(c, company, ids) for c in table.c}
            session.execute(insert(table), [row])


def _texts_in_parquet(home: Path) -> dict[str, str]:
    """File and column → everything the column holds, as text."""
    found: dict[str, str] = {}
    for path in (home / "lake" / "files").rglob("*.parquet"):
        relation = duckdb.read_parquet(str(path))
        for name in relation.columns:
            values = relation.select(f'"{name}"::varchar').fetchall()
            found[f"{path.name} {name}"] = "\n".join(str(value) for (value,) in values)
    return found


def _texts_in_catalog(home: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with closing(connect(home / "lake" / "catalog.sqlite")) as catalog:
        for (table,) in catalog.execute("select name from sqlite_master where type = 'table'").fetchall():
            found[table] = str(catalog.execute(f'select * from "{table}"').fetchall())
    return found


def test_nothing_that_identifies_a_person_reaches_the_lake(home: Path, lake: Lake) -> None:
    """The first load and the later ones take different ways; both are searched."""
    for company in ("acme", "globex"):
        _plant(company)
        _ingest(lake)
    personal = [column for table in copied_tables() for column in table.c if column.info["privacy"] == "personal"]
    assert len(personal) > 20
    for found in (_texts_in_parquet(home), _texts_in_catalog(home)):
        for company in ("acme", "globex"):
            assert any(f"{KNOWN}.{company}" in text for text in found.values())
        assert [place for place, text in found.items() if PERSONAL in text] == []


def test_every_text_that_is_not_personal_is_in_the_lake(home: Path, lake: Lake) -> None:
    """So the search for personal values looks where the rows really are."""
    _plant("acme")
    _ingest(lake)
    found = "\n".join(_texts_in_parquet(home).values())
    marks = [_value(column, "acme", {}) for table in copied_tables() for column in copied_columns(table)]
    texts = [
        mark for mark in marks if isinstance(mark, str) and mark.startswith(KNOWN) and not mark.endswith("currency")
    ]
    assert len(texts) > 10
    assert [text for text in texts if text not in found] == []


def _own_field(actor: Actor, key: str, privacy: str, kind: str = "text") -> None:
    operation = OPERATIONS["organization.create_custom_field"]
    asked = {"entity": "customers", "key": key, "label": key.title(), "kind": kind, "privacy": privacy}
    with writing() as session:
        operation(session, actor, operation.input(**asked))


def _customer(actor: Actor, name: str, **values: Any) -> None:
    with writing() as session:
        create_customer(session, actor, CreateCustomer(name=name, custom_fields=values))


def _own_values(lake: Lake, actor: Actor) -> list[str]:
    rows = lake.run(
        "select own_fields::varchar from lake.raw.customers where organization_id = ? order by created_at, id",
        [actor.organization_id],
    )
    return [str(text) for (text,) in rows]


def test_own_fields_arrive_unless_they_identify_a_person(ana: Actor, bob: Actor, lake: Lake) -> None:
    """At the first load and at later ones; another organization's field of that name allows nothing here."""
    for key, privacy, kind in (("tier", "business", "text"), ("seats", "restricted", "number")):
        _own_field(ana, key, privacy, kind)
    _own_field(ana, "motto", "personal")
    _own_field(bob, "motto", "business")
    _customer(ana, "Pebble", tier="göld", seats="12.50", motto=PERSONAL)
    _ingest(lake)
    assert _own_values(lake, ana) == ['{"seats":"12.5","tier":"göld"}']
    _own_field(ana, "is_partner", "business", "yes_no")
    _customer(ana, "Quarry", is_partner=True, motto=PERSONAL)
    _customer(bob, "Reed", motto="onward")
    _ingest(lake)
    assert _own_values(lake, ana) == ['{"seats":"12.5","tier":"göld"}', '{"is_partner":"true"}']
    assert _own_values(lake, bob) == ['{"motto":"onward"}']


def test_values_of_no_field_stay_in_the_store(ana: Actor, lake: Lake) -> None:
    row = {"id": uuid7(), "name": "Pebble", "custom_fields": {"stray": PERSONAL}, "attribution": {}, "metadata": {}}
    row |= {"status": "lead", "customer_type": "business", "currency": "USD", "is_sale_of_data_refused": False}
    with writing() as session:
        bulk_load(session, ana, BulkLoad(source="tests", batches=[Batch("customers", [row])], identities=[]))
    _ingest(lake)
    assert _own_values(lake, ana) == ["{}"]
