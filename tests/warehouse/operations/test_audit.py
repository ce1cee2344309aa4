"""The audit is a chain: whoever edits, removes or reorders a row of it is found out."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.tampering import tamper
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, Organization
from warehouse.operations.audit import GENESIS
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.tenancy import Actor


@pytest.fixture(autouse=True)
def _history(ana: Actor, bob: Actor) -> None:
    """Five rows of acme (the first made it), three of globex."""
    for actor, names in ((ana, ["Pebble", "Quarry", "Tin", "Kite"]), (bob, ["Anchor", "Bell"])):
        for name in names:
            with writing() as session:
                create_customer(session, actor, CreateCustomer(name=name))


def _broken(actor: Actor) -> list[str]:
    with reading() as session:
        return broken_audit_rows(session, actor.organization_id)


ACME = "(select id from organizations where slug = 'acme')"


def _tamper(*statements: str) -> None:
    tamper(*(statement.replace(":acme", ACME) for statement in statements))


def _rows() -> list[AuditEvent]:
    """Acme's rows, first to last."""
    with reading() as session:
        acme = select(Organization.id).where(Organization.slug == "acme").scalar_subquery()
        found = select(AuditEvent).where(AuditEvent.organization_id == acme).order_by(AuditEvent.position)
        return list(session.scalars(found))


def _at(position: int) -> str:
    return next(row.id for row in _rows() if row.position == position)


def test_an_untouched_chain_holds(ana: Actor, bob: Actor) -> None:
    assert (_broken(ana), _broken(bob)) == ([], [])


def test_the_chain_begins_with_nothing_and_links_each_row_to_the_one_before() -> None:
    rows = _rows()
    assert [row.previous_hash for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    assert len(rows) == 5


EDITS = {
    "who": "actor_id = '01a1f8b8-5968-75ed-a89a-03373fb6adcb'",
    "how they are called": "actor_label = 'somebody else'",
    "what": "operation = 'customers.delete_customer'",
    "of what kind": "entity = 'products'",
    "which": "entity_id = '01a1f8b8-5968-75ed-a89a-03373fb6adcb'",
    "when": "happened_at = '2020-01-01 00:00:00.000000'",
    "details": """details = '{"rows": 2, "fingerprint": null}'""",
    "its hash": "hash = replace(hash, substr(hash, 1, 1), 'x')",
    "its link": "previous_hash = replace(previous_hash, substr(previous_hash, 1, 1), 'x')",
    "its place": "position = 77",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
@pytest.mark.parametrize("position", [1, 3, 5])
def test_an_edited_row_is_found(ana: Actor, bob: Actor, edit: str, position: int) -> None:
    edited = _at(position)
    _tamper(f"update audit_events set {edit} where organization_id = :acme and position = {position}")
    assert edited in _broken(ana)
    assert _broken(bob) == []


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5])
def test_a_deleted_row_is_found(ana: Actor, position: int) -> None:
    _tamper(f"delete from audit_events where organization_id = :acme and position = {position}")
    assert _broken(ana)


def test_a_chain_that_was_deleted_whole_is_found(ana: Actor) -> None:
    _tamper("delete from audit_events where organization_id = :acme")
    assert len(_broken(ana)) == 5


def test_a_deleted_row_is_found_when_the_rest_was_renumbered(ana: Actor) -> None:
    _tamper(
        "delete from audit_events where organization_id = :acme and position = 3",
        "update audit_events set position = 3 where organization_id = :acme and position = 4",
        "update audit_events set position = 4 where organization_id = :acme and position = 5",
    )
    assert _broken(ana)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (4, 5)])
def test_rows_that_changed_places_are_found(ana: Actor, one: int, other: int) -> None:
    swapped = {_at(one), _at(other)}
    _tamper(
        f"update audit_events set position = 99 where organization_id = :acme and position = {one}",
        f"update audit_events set position = {one} where organization_id = :acme and position = {other}",
        f"update audit_events set position = {other} where organization_id = :acme and position = 99",
    )
    assert swapped <= set(_broken(ana))


def test_a_row_that_was_put_in_is_found(ana: Actor) -> None:
    put: Callable[[str], str] = lambda columns: (  # noqa: E731 - one statement, said twice
        f"insert into audit_events select '01a1f8b8-5968-75ed-a89a-03373fb6adcb', organization_id, 6, {columns} from audit_events "
        "where organization_id = :acme and position = 5"
    )
    _tamper(
        put("happened_at, actor_id, actor_label, operation, entity, entity_id, details, previous_hash, hash"),
    )
    assert _broken(ana) == ["01a1f8b8-5968-75ed-a89a-03373fb6adcb"]


def test_the_chain_goes_on_after_a_break_and_still_shows_where_it_was(ana: Actor) -> None:
    edited = _at(3)
    _tamper("update audit_events set actor_label = 'x' where organization_id = :acme and position = 3")
    with writing() as session:
        create_customer(session, ana, CreateCustomer(name="Later"))
    assert _broken(ana) == [edited]
