"""What is one organization's cannot be reached from another's session, SQL or receipt."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.houses import House


@pytest.fixture
def two(built_house: House, enter: Callable[[House], None]) -> dict[str, str]:
    """Slug → id of the two organizations of the shared house, entered for reading."""
    enter(built_house)
    with sqlite3.connect(built_house.home / "operational.db") as store:
        return dict(store.execute("select slug, id from organizations"))


def test_another_organizations_deals_are_not_found(two: dict[str, str]) -> None:
    from warehouse.oltp.engine import reading
    from warehouse.operations.declare import NotFound
    from warehouse.operations.sales import DealFilter, get_opportunity, list_opportunities
    from warehouse.tenancy import operator_actor

    bob, olive = operator_actor(two["globex"]), operator_actor(two["demo"])
    with reading() as session:
        _, [foreign, *_] = list_opportunities(session, bob)
        assert list_opportunities(session, olive, DealFilter(ids=[foreign.deal.id]))[0] == 0
        with pytest.raises(NotFound):
            get_opportunity(session, olive, foreign.deal.id)


def test_another_organizations_receipt_is_unknown(two: dict[str, str], built_house: House) -> None:
    from warehouse.metrics.receipts import ReceiptUnknown, read_receipt
    from warehouse.oltp.engine import reading

    receipt = built_house.metric("won_value", "--org", "globex")["receipt"]
    with reading() as session:
        assert read_receipt(session, receipt, two["globex"]).id == receipt
        with pytest.raises(ReceiptUnknown):
            read_receipt(session, receipt, two["demo"])


def test_no_sql_reaches_the_other_extract_the_store_or_the_lake(two: dict[str, str], built_house: House) -> None:
    from warehouse.extracts.builds import extracts_of
    from warehouse.extracts.guard import Refused
    from warehouse.extracts.process import QueryFailed
    from warehouse.metrics.serving import serving

    mine = serving(two["demo"])
    other = extracts_of(two["globex"])[0]
    assert other.is_file()
    store, catalog = built_house.home / "operational.db", built_house.home / "lake" / "catalog.sqlite"
    for sql in (
        f"select * from '{other}'",
        f"attach '{other}' as other",
        f"select * from sqlite_scan('{store}', 'opportunities')",
        f"select * from read_text('{store}')",
        f"select * from sqlite_scan('{catalog}', 'ducklake_table')",
        "select * from glob('**')",
    ):
        with pytest.raises((Refused, QueryFailed)):
            mine.reader.query(sql, tables=mine.tables())


def test_an_extract_holds_one_organization(two: dict[str, str]) -> None:
    import duckdb

    from warehouse.extracts.builds import extracts_of

    with duckdb.connect(str(extracts_of(two["demo"])[0]), read_only=True) as extract:
        names = {name for (name,) in extract.execute("select customer_name from people_customers").fetchall()}
        deals = extract.execute("select count(*) from fct_opportunities").fetchone()
    assert "Quarry Lane" not in names
    assert len(names) > 100
    assert deals is not None
    with sqlite3.connect(Path(str(two and extracts_of(two["demo"])[0].parents[2])) / "operational.db") as store:
        [(expected,)] = store.execute(
            "select count(*) from opportunities where organization_id = ? and deleted_at is null", (two["demo"],)
        )
    assert deals[0] == expected
