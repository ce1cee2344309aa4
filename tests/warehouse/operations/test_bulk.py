"""A bulk load is one deed: one audit row, one event, whatever it brings."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from warehouse.oltp.attached import OWNER, Shape, attach, take_in
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import AuditEvent, ChangeEvent, ExternalId
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.bulk import AttachedBatch, Batch, BulkLoad, bulk_load, known_identities
from warehouse.tenancy import Actor, Forbidden


def _product(**values: object) -> dict[str, Any]:
    return {"id": uuid7(), "name": "Kite", "currency": "USD", "is_active": True, "metadata": {}} | values


def _identity(row: dict[str, Any], key: str, content: str = "a" * 64) -> dict[str, Any]:
    return {"entity": "products", "source_key": key, "record_id": row["id"], "content_hash": content}


def _load(actor: Actor, *batches: Batch, identities: list[dict[str, Any]] | None = None) -> dict[str, int]:
    with writing() as session:
        return bulk_load(session, actor, BulkLoad(source="tests", batches=list(batches), identities=identities or []))


def _events(actor: Actor) -> list[ChangeEvent]:
    query = select(ChangeEvent).where(ChangeEvent.organization_id == actor.organization_id)
    with reading() as session:
        return list(session.scalars(query.order_by(ChangeEvent.seq)))


def _products() -> list[Product]:
    with reading() as session:
        return list(session.scalars(select(Product).order_by(Product.id)))


@contextmanager
def _leaves_nothing() -> Iterator[None]:
    def counts() -> list[Any]:
        kinds = (AuditEvent, ChangeEvent, Product, Customer, ExternalId)
        with reading() as session:
            return [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]

    before = counts()
    yield
    assert counts() == before


def test_many_rows_of_several_tables_are_one_event(ana: Actor) -> None:
    customer = {"id": uuid7(), "name": "Pebble", "status": "lead", "customer_type": "business", "currency": "USD"}
    customer |= {"custom_fields": {}, "metadata": {}}
    counts = _load(ana, Batch("products", [_product() for _ in range(50)]), Batch("customers", [customer]))
    assert counts == {"products": 50, "customers": 1}
    *_, event = _events(ana)
    assert (event.rows, event.entity, event.entity_id) == (51, "several", None)
    assert {product.change_seq for product in _products()} == {event.seq}
    with reading() as session:
        audit = session.get_one(AuditEvent, event.audit_event_id)
        assert broken_audit_rows(session, ana.organization_id) == []
    assert audit.details == {"source": "tests", "counts": counts, "rows": 51, "fingerprint": event.fingerprint}


def test_the_fingerprint_tells_which_rows_it_was(ana: Actor) -> None:
    for rows in ([_product()], [_product()]):
        _load(ana, Batch("products", rows))
    one, other = _events(ana)[-2:]
    assert one.fingerprint != other.fingerprint


def test_a_load_of_nothing_leaves_nothing(ana: Actor) -> None:
    with _leaves_nothing():
        assert _load(ana, Batch("products")) == {}


def test_what_rows_share_is_filled_in(ana: Actor) -> None:
    _load(ana, Batch("products", [_product()]))
    (found,) = _products()
    assert (found.organization_id, found.version, found.deleted_at) == (ana.organization_id, 1, None)
    assert found.created_at == found.updated_at == _events(ana)[-1].happened_at


def test_a_row_may_bring_the_time_it_was_made(ana: Actor) -> None:
    made = datetime(2017, 3, 1, tzinfo=UTC)
    _load(ana, Batch("products", [_product(created_at=made)]))
    assert _products()[0].created_at == made


def test_a_second_load_updates_what_is_there_and_adds_what_is_new(ana: Actor) -> None:
    old, new = _product(), _product(name="Anchor")
    _load(ana, Batch("products", [old, _product(name="Bell")]))
    first = _events(ana)[-1].seq
    _load(ana, Batch("products", [new], [{"id": old["id"], "list_price": Decimal("9.5")}]))
    second = _events(ana)[-1]
    now = {product.id: product for product in _products()}
    assert (now[old["id"]].list_price, now[old["id"]].version, now[old["id"]].name) == (Decimal("9.5"), 2, "Kite")
    assert sorted(product.change_seq for product in now.values()) == sorted([first, second.seq, second.seq])
    assert second.rows == 2


def test_keys_of_the_source_are_remembered_with_their_content(ana: Actor) -> None:
    row = _product()
    _load(ana, Batch("products", [row]), identities=[_identity(row, "K-1")])
    with reading() as session:
        known = known_identities(session, ana.organization_id, "tests")
    assert known == {("products", "K-1"): (row["id"], "a" * 64)}


def test_new_content_under_a_known_key_replaces_what_was_remembered(ana: Actor) -> None:
    row = _product()
    _load(ana, Batch("products", [row]), identities=[_identity(row, "K-1")])
    update = {"id": row["id"], "name": "Kite II"}
    _load(ana, Batch("products", updates=[update]), identities=[_identity(row, "K-1", "b" * 64)])
    with reading() as session:
        assert known_identities(session, ana.organization_id, "tests") == {("products", "K-1"): (row["id"], "b" * 64)}


def test_what_one_organization_or_source_remembers_is_unknown_to_another(ana: Actor, bob: Actor) -> None:
    row = _product()
    _load(ana, Batch("products", [row]), identities=[_identity(row, "K-1")])
    with reading() as session:
        assert known_identities(session, bob.organization_id, "tests") == {}
        assert known_identities(session, ana.organization_id, "elsewhere") == {}


def test_a_row_cannot_be_put_into_another_organization(ana: Actor, bob: Actor) -> None:
    _load(ana, Batch("products", [_product(organization_id=bob.organization_id)]))
    assert [product.organization_id for product in _products()] == [ana.organization_id]


def test_another_organizations_row_is_not_updated(ana: Actor, bob: Actor) -> None:
    theirs = _product()
    _load(bob, Batch("products", [theirs]))
    _load(ana, Batch("products", updates=[{"id": theirs["id"], "name": "Mine now"}]))
    (found,) = _products()
    assert (found.name, found.version) == ("Kite", 1)


def test_a_row_cannot_be_moved_to_another_organization(ana: Actor, bob: Actor) -> None:
    mine = _product()
    _load(ana, Batch("products", [mine]))
    _load(ana, Batch("products", updates=[{"id": mine["id"], "organization_id": bob.organization_id}]))
    assert _products()[0].organization_id == ana.organization_id


def test_a_key_into_another_organization_is_refused_and_nothing_is_written(ana: Actor, bob: Actor) -> None:
    theirs = _product()
    _load(bob, Batch("products", [theirs]))
    deal = {"id": uuid7(), "name": "Roof", "stage": "lead", "currency": "USD"}
    deal |= {"competitor_info": {}, "ai_insights": {}, "metadata": {}}
    line = {"id": uuid7(), "opportunity_id": deal["id"], "product_id": theirs["id"], "position": 1, "quantity": 1}
    with _leaves_nothing(), pytest.raises(IntegrityError):
        _load(
            ana,
            Batch("products", [_product()]),
            Batch("opportunities", [deal]),
            Batch("opportunity_line_items", [line]),
        )


def test_a_row_that_does_not_fit_takes_the_whole_load_with_it(ana: Actor) -> None:
    with _leaves_nothing(), pytest.raises(IntegrityError):
        _load(ana, Batch("products", [_product(), _product(name=None)]))


def test_a_viewer_may_not_load(vic: Actor) -> None:
    with _leaves_nothing(), pytest.raises(Forbidden, match="organization:import"):
        _load(vic, Batch("products", [_product()]))


@pytest.fixture
def file_of_products(tmp_path: Path) -> Path:
    """Products of two owners, written without keys by somebody else."""
    path = tmp_path / "products.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.execute(f"create table kites ({OWNER}, id, name, currency, is_active, created_at, updated_at)")
        at = "2020-05-01 10:00:00.000000"
        rows = [(1 + number // 3, f"{number:036d}", f"Kite {number}", "USD", 1, at, at) for number in range(6)]
        made.executemany("insert into kites values (?, ?, ?, ?, ?, ?, ?)", rows)
    return path


KITES = Shape("products", "kites", ("id", "name", "currency", "is_active", "created_at", "updated_at"))


@pytest.mark.embedded
def test_rows_of_a_file_go_to_the_organizations_that_own_them(ana: Actor, bob: Actor, file_of_products: Path) -> None:
    with writing() as session:
        attach(session, file_of_products, "beside")
        for owner, actor in ((1, ana), (2, bob)):
            batch = AttachedBatch(owner, {"products": 3}, str(owner).encode())
            assert bulk_load(session, actor, BulkLoad(source="tests", batches=[batch], identities=[])) == {
                "products": 3
            }
        assert take_in(session, "beside", Product.__table__, KITES) == 6
    first, second = _events(ana)[-1], _events(bob)[-1]
    assert (first.rows, second.rows) == (3, 3)
    assert first.fingerprint != second.fingerprint
    for event, actor in ((first, ana), (second, bob)):
        mine = [product for product in _products() if product.organization_id == actor.organization_id]
        assert [(product.change_seq, product.version, product.metadata_) for product in mine] == [
            (event.seq, 1, {})
        ] * 3


def _attach_and_load(actor: Actor, path: Path) -> None:
    with writing() as session:
        attach(session, path, "beside")
        batch = AttachedBatch(1, {"products": 3}, b"")
        bulk_load(session, actor, BulkLoad(source="tests", batches=[batch], identities=[]))
        take_in(session, "beside", Product.__table__, KITES)


@pytest.mark.embedded
def test_rows_of_a_file_are_held_to_the_stores_rules(ana: Actor, file_of_products: Path) -> None:
    with closing(sqlite3.connect(file_of_products)) as made, made:
        made.execute("update kites set id = ? where name = 'Kite 2'", (f"{1:036d}",))
    with _leaves_nothing(), pytest.raises(IntegrityError):
        _attach_and_load(ana, file_of_products)
