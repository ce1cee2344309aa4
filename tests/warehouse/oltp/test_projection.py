"""What the lake may have of each row, and that it is exactly what the store has."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from pipelines.ingest.operational import ingest
from warehouse.lake.connection import Lake, open_lake
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.projection import copied_columns, copied_tables, projection
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations.bulk import Batch, BulkLoad, bulk_load
from warehouse.tenancy import Actor

MOST = Decimal("99999999999999.9999")
AMOUNTS = st.lists(st.decimals(-MOST, MOST, places=4, allow_nan=False), min_size=1, max_size=60)
RESTRICTED = {"organizations.require_totp", "products.cost", "quotas.amount"}
"""What only some roles see and the lake has all the same: numbers to reckon with. A secret may never join them."""


def _load(ana: Actor, table: str, rows: list[dict[str, object]]) -> None:
    with writing() as session:
        bulk_load(session, ana, BulkLoad(source="tests", batches=[Batch(table, rows)], identities=[]))


def _product(**values: object) -> dict[str, object]:
    return {"id": uuid7(), "name": "Kite", "currency": "USD", "is_active": True, "metadata": {}} | values


def _benchmark(amount: Decimal) -> dict[str, object]:
    span = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31), "metric": "deal_count", "source": "tests"}
    return {"id": uuid7(), "lower_quartile": amount, "median": amount, "upper_quartile": amount, "metadata": {}} | span


@pytest.mark.parametrize("table", copied_tables(), ids=str)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_column_that_is_not_personal_is_chosen(table: Table, dialect: str) -> None:
    chosen = projection(table, dialect)
    for column in table.c:
        assert (f'"{column.name}"::' in chosen) != (column.info["privacy"] == "personal"), column.name


def test_restricted_columns_of_the_lake_are_known_by_name() -> None:
    copied = ((table.name, column) for table in copied_tables() for column in copied_columns(table))
    assert {f"{name}.{column.name}" for name, column in copied if column.info["privacy"] == "restricted"} == RESTRICTED


@pytest.mark.parametrize("table", copied_tables(), ids=str)
def test_every_copied_table_carries_its_key_its_organization_and_its_sequence(table: Table) -> None:
    assert {"id", "change_seq"} <= {column.name for column in copied_columns(table)}
    assert table.name == "organizations" or "organization_id" in {c.name for c in copied_columns(table)}


def _lake_types(lake: Lake, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in lake.run(f"describe lake.raw.{table}")}


# One store for all examples: each loads other amounts into it and ingests what is new.
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=AMOUNTS)
def test_amounts_arrive_in_the_lake_to_the_last_digit(ana: Actor, amounts: list[Decimal]) -> None:
    rows = [_benchmark(amount) for amount in amounts]
    _load(ana, "benchmarks", rows)
    with open_lake(write=True) as lake:
        ingest(lake, "run")
        there = dict(lake.run("select id::varchar, median from lake.raw.benchmarks"))
        assert _lake_types(lake, "benchmarks")["median"] == "DECIMAL(18,4)"
    assert [there[row["id"]] for row in rows] == amounts


def test_identifiers_and_organizations_are_equal_on_both_sides(ana: Actor, bob: Actor) -> None:
    for actor in (ana, bob):
        _load(actor, "products", [_product(), _product()])
    with reading() as session:
        here = sorted(tuple(row) for row in session.execute(select(Product.id, Product.organization_id)))
    with open_lake(write=True) as lake:
        ingest(lake, "run")
        there = lake.run("select id::varchar, organization_id::varchar from lake.raw.products order by id")
        assert _lake_types(lake, "products")["organization_id"] == "UUID"
    assert there == here
    assert {organization for _, organization in there} == {ana.organization_id, bob.organization_id}


def test_days_moments_and_truths_arrive_as_what_they_are(ana: Actor) -> None:
    made = datetime(2017, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    row = {
        "id": uuid7(),
        "name": "Roof",
        "stage": "lead",
        "currency": "USD",
        "opened_on": date(2017, 3, 1),
        "created_at": made,
        "competitor_info": {},
        "ai_insights": {},
        "metadata": {},
    }
    _load(ana, "opportunities", [row])
    _load(ana, "products", [_product(is_active=False)])
    with open_lake(write=True) as lake:
        ingest(lake, "run")
        found = lake.run("select opened_on, created_at, closed_on, amount, stage from lake.raw.opportunities")
        assert found == [(date(2017, 3, 1), made.replace(tzinfo=None), None, None, "lead")]
        assert lake.run("select is_active from lake.raw.products") == [(False,)]


def test_a_first_load_and_a_later_one_give_the_same_types(ana: Actor, store: Path) -> None:
    _load(ana, "products", [_product(list_price=Decimal("1.5"))])
    with open_lake(write=True) as lake:
        ingest(lake, "first")
        before = {table.name: _lake_types(lake, table.name) for table in copied_tables()}
        _load(ana, "products", [_product(list_price=Decimal("2.5"))])
        ingest(lake, "second")
        assert {table.name: _lake_types(lake, table.name) for table in copied_tables()} == before
        assert lake.run("select list_price from lake.raw.products order by 1") == [(Decimal("1.5"),), (Decimal("2.5"),)]
