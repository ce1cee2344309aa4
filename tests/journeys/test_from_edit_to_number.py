"""A row's whole way: an edit, a refresh, the number, the old receipt; and a broken row that stops nobody else."""

import sqlite3
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.houses import House

pytestmark = pytest.mark.slow


def test_an_edit_moves_the_number_by_exactly_its_amount(house: House, enter: Callable[[House], None]) -> None:
    from warehouse.oltp.engine import writing
    from warehouse.operations.customers import OneCustomer, customer_names, delete_customer
    from warehouse.operations.organization import find_organization
    from warehouse.operations.sales import DealFilter, EditOpportunity, edit_opportunity, list_opportunities
    from warehouse.tenancy import operator_actor

    before = house.metric("won_value", "--org", "globex")
    enter(house)
    with writing() as session:
        actor = operator_actor(find_organization(session, "globex").id)
        _, [row] = list_opportunities(session, actor, DealFilter(text="Pebble & Sons · GTXPro"))
        change = EditOpportunity(id=row.deal.id, version=row.deal.version, amount=Decimal("5123.45"))
        edit_opportunity(session, actor, change)
        gone = next(key for key, name in customer_names(session, actor).items() if name == "Quarry Lane")
        delete_customer(session, actor, OneCustomer(id=gone, version=1))
    assert "0 organizations held back" in house.run("refresh").stderr
    after = house.metric("won_value", "--org", "globex")
    moved = Decimal(after["rows"][0]["won_value"]) - Decimal(before["rows"][0]["won_value"])
    assert moved == Decimal("123.45")
    assert after["receipt"] != before["receipt"]
    assert "holds" in house.run("verify", before["receipt"]).stdout
    assert "holds" in house.run("verify", after["receipt"]).stdout
    assert "nothing has changed" in house.run("refresh").stderr
    by_customer = house.metric("won_value", "--org", "globex", "--by", "customer")["rows"]
    assert {"customer": "Quarry Lane", "won_value": "250.0000"} in by_customer, (
        "a deleted customer's deals keep its name"
    )


def test_a_broken_row_holds_back_its_own_organization_only(house: House) -> None:
    before = house.metric("won_value", "--org", "globex")
    with sqlite3.connect(house.home / "operational.db") as store:
        organization = dict(store.execute("select slug, id from organizations"))
        for slug, change in (("globex", "closed_on = '2016-01-01'"), ("demo", "amount = amount + 10000")):
            seq = store.execute(
                "insert into change_events (organization_id, happened_at, operation, entity, rows, audit_event_id) "
                "values (?, '2026-01-01', 'test', 'opportunities', 1, 'x')",
                (organization[slug],),
            ).lastrowid
            store.execute(
                f"update opportunities set {change}, version = version + 1, change_seq = ? where id = "
                "(select id from opportunities where organization_id = ? and stage = 'closed_won' "
                "and amount is not null and opened_on is not null limit 1)",
                (seq, organization[slug]),
            )
    demo_before = house.metric("won_value", "--org", "demo")
    said = house.run("refresh").stderr
    assert "1 organizations held back" in said
    assert house.metric("won_value", "--org", "globex") == before
    moved = Decimal(house.value("won_value", "demo")) - Decimal(demo_before["rows"][0]["won_value"])
    assert moved == 1
    with sqlite3.connect(house.home / "operational.db") as store:
        [(rows, severity)] = store.execute(
            "select rows_failing, severity from check_results where organization_id = ? and not passed "
            "and check_name = 'assert_a_deal_closes_after_it_opens'",
            (organization["globex"],),
        )
    assert (rows, severity) == (1, "hold")
