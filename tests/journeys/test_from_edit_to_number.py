"""A row's whole way: an edit, a refresh, the number, the old receipt; and a broken row that stops nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.houses import House

pytestmark = pytest.mark.slow


def test_an_edit_moves_the_number_by_exactly_its_amount(house_on_either: House, enter: Callable[[House], None]) -> None:
    from warehouse.oltp.engine import writing
    from warehouse.operations.customers import OneCustomer, customer_names, delete_customer
    from warehouse.operations.organization import find_organization
    from warehouse.operations.sales import DealFilter, EditOpportunity, edit_opportunity, list_opportunities
    from warehouse.tenancy import operator_actor

    house = house_on_either
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


def test_a_broken_row_holds_back_its_own_organization_only(
    house_on_either: House, enter: Callable[[House], None]
) -> None:
    from sqlalchemy import select

    from warehouse.oltp.engine import reading
    from warehouse.oltp.organization import CheckResult

    house = house_on_either
    before, demo_before = house.metric("won_value", "--org", "globex"), house.value("won_value", "demo")
    enter(house)
    globex = _write_past_the_operations("globex", "closed_on = '2016-01-01'")
    _write_past_the_operations("demo", "amount = amount + 1" if house.server else "amount = amount + 10000")
    assert "1 organizations held back" in house.run("refresh").stderr
    assert house.metric("won_value", "--org", "globex") == before
    assert Decimal(house.value("won_value", "demo")) - Decimal(demo_before) == 1
    with reading() as session:
        asked = select(CheckResult.rows_failing, CheckResult.severity).where(
            CheckResult.organization_id == globex,
            CheckResult.check_name == "assert_a_deal_closes_after_it_opens",
            CheckResult.passed.is_(False),
        )
        [(rows, severity)] = session.execute(asked).all()
    assert (rows, severity) == (1, "hold")


def _write_past_the_operations(slug: str, change: str) -> str:
    """Change a won deal as no operation would; the organization's id."""
    from sqlalchemy import text

    from warehouse.oltp.engine import writing
    from warehouse.oltp.identifiers import uuid7
    from warehouse.oltp.organization import ChangeEvent
    from warehouse.operations.organization import find_organization

    with writing() as session:
        organization = find_organization(session, slug).id
        event = ChangeEvent(
            organization_id=organization,
            happened_at=datetime(2026, 1, 1, tzinfo=UTC),
            operation="test",
            entity="opportunities",
            audit_event_id=uuid7(),
        )
        session.add(event)
        session.flush()
        session.execute(
            text(
                f"update opportunities set {change}, version = version + 1, change_seq = :seq where id = "
                "(select id from opportunities where organization_id = :organization and stage = 'closed_won' "
                "and amount is not null and opened_on is not null limit 1)"
            ),
            {"seq": event.seq, "organization": organization},
        )
    return organization
