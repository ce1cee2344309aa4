"""The store and the lake's copy of it are compared row by row, and each difference is told in a sentence."""

from collections.abc import Callable

import pytest

from pipelines.reconcile import compare, reconcile
from tests.houses import House
from warehouse.lake.connection import open_lake
from warehouse.lake.store import attached_store
from warehouse.lake.watermarks import watermark
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import CheckResult, Severity
from warehouse.oltp.projection import copied_tables
from warehouse.oltp.sales import Opportunity
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import find_organization, record_checks
from warehouse.operations.sales import EditOpportunity, edit_opportunity
from warehouse.tenancy import Actor, operator_actor


@pytest.fixture
def bob(house: House, enter: Callable[[House], None]) -> Actor:
    """The operator at globex, in a house of one's own."""
    enter(house)
    with reading() as session:
        return operator_actor(find_organization(session, "globex").id)


@pytest.fixture
def deal(bob: Actor) -> Opportunity:
    """One of globex's deals that were won for 5,000."""
    with reading() as session:
        return session.query(Opportunity).filter_by(organization_id=bob.organization_id, amount=5000).one()


@pytest.fixture
def change(bob: Actor) -> Callable[[str], None]:
    """Do something to the lake that no ingest did."""

    def changed(statement: str) -> None:
        with open_lake(write=True) as lake:
            lake.run(statement)

    return changed


def found() -> list[CheckResult]:
    with open_lake() as lake:
        return reconcile(lake)


def failing() -> CheckResult:
    [one] = [result for result in found() if not result.passed]
    return one


def test_after_a_refresh_both_sides_agree(bob: Actor) -> None:
    results = found()
    assert [result.subject for result in results] == [table.name for table in copied_tables()]
    assert all(result.passed for result in results)
    assert {(result.source, result.severity) for result in results} == {("reconciliation", Severity.WARN)}


def test_every_row_of_every_organization_is_compared(bob: Actor) -> None:
    [opportunities] = [table for table in copied_tables() if table.name == "opportunities"]
    with reading() as session:
        everything = session.query(Opportunity).count()
    with open_lake() as lake, attached_store(lake) as store:
        sides = compare(lake, store, opportunities, watermark(lake), {"opportunities"})
    assert len(sides) == 2
    assert sum(side.in_store for side in sides) == sum(side.in_lake for side in sides) == everything > 6


def test_what_the_lake_has_not_read_yet_is_no_difference(bob: Actor, deal: Opportunity) -> None:
    with writing() as session:
        create_customer(session, bob, CreateCustomer(name="Kettle Works"))
        edit_opportunity(session, bob, EditOpportunity(id=deal.id, version=deal.version, amount=1))
    assert all(result.passed for result in found())


def test_a_row_the_lake_lost_is_named_with_what_it_was_worth(
    bob: Actor, deal: Opportunity, change: Callable[[str], None]
) -> None:
    change(f"delete from lake.raw.opportunities where id = '{deal.id}'")
    result = failing()
    assert (result.organization_id, result.subject) == (bob.organization_id, "opportunities")
    assert (result.rows_failing, result.sample_ids) == (1, [deal.id])
    assert "opportunities has 6 rows in the store and 5 rows in the lake." in result.message
    assert f"1 row of opportunities missing in the lake: {deal.id}." in result.message
    assert "opportunities.amount adds up to 5,250.0000 in the store and 250.0000 in the lake." in result.message


def test_a_row_only_the_lake_has_is_named(bob: Actor, deal: Opportunity, change: Callable[[str], None]) -> None:
    invented = "00000000-0000-7000-8000-000000000001"
    change(
        f"insert into lake.raw.opportunities select * replace ('{invented}'::uuid as id) "
        f"from lake.raw.opportunities where id = '{deal.id}'"
    )
    result = failing()
    assert result.sample_ids == [invented]
    assert f"1 row of opportunities in the lake alone: {invented}." in result.message


def test_an_older_version_in_the_lake_is_named(bob: Actor, deal: Opportunity, change: Callable[[str], None]) -> None:
    change(f"update lake.raw.opportunities set version = version - 1 where id = '{deal.id}'")
    assert failing().message == f"1 row of opportunities in the lake in another version: {deal.id}."


def test_an_amount_altered_in_the_lake_is_named(bob: Actor, deal: Opportunity, change: Callable[[str], None]) -> None:
    change(f"update lake.raw.opportunities set amount = 5001 where id = '{deal.id}'")
    assert failing().message == "opportunities.amount adds up to 5,250.0000 in the store and 5,251.0000 in the lake."


def test_a_row_that_moved_to_another_organization_is_told_on_both_sides(
    bob: Actor, deal: Opportunity, change: Callable[[str], None]
) -> None:
    with reading() as session:
        demo = find_organization(session, "demo").id
    change(f"update lake.raw.opportunities set organization_id = '{demo}' where id = '{deal.id}'")
    told = {result.organization_id: result.message for result in found() if not result.passed}
    assert f"missing in the lake: {deal.id}" in told[bob.organization_id]
    assert f"in the lake alone: {deal.id}" in told[demo]


def test_rows_of_an_organization_the_store_does_not_have_can_still_be_recorded(
    bob: Actor, deal: Opportunity, change: Callable[[str], None]
) -> None:
    stranger = "00000000-0000-7000-8000-000000000002"
    change(
        f"insert into lake.raw.opportunities select * replace (uuid() as id, '{stranger}'::uuid as organization_id) "
        f"from lake.raw.opportunities where id = '{deal.id}'"
    )
    result = failing()
    assert result.organization_id is None
    with writing() as session:
        record_checks(session, [result])


def test_a_table_the_lake_lost_is_a_difference(bob: Actor, change: Callable[[str], None]) -> None:
    change("drop table lake.raw.role_grants")
    assert all("role_grants" in result.message for result in found() if not result.passed)
    assert not all(result.passed for result in found())
