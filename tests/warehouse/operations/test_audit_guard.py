"""The database itself keeps the audit: no row is changed or removed, but for a chain whose end is certified."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from warehouse.oltp.audit import AuditRelease
from warehouse.oltp.engine import engine, reading, reading_as, writing, writing_as
from warehouse.oltp.organization import AuditEvent
from warehouse.oltp.scope import ForeignRow
from warehouse.operations.audit import ChainMissing, record_event, release_chain
from warehouse.operations.audit_chain import broken_audit_rows, verify_chain
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.tenancy import Actor

CERTIFICATE = b"everything of this organization was deleted"
CHANGES = {
    "a changed row": "update audit_events set actor_label = 'x'",
    "a change of nothing": "update audit_events set actor_label = actor_label",
    "a removed row": "delete from audit_events where position = 1",
    "all rows removed": "delete from audit_events",
    "a forged certificate": "update audit_releases set last_hash = 'x'",
    "a certificate removed": "delete from audit_releases",
}
ON_POSTGRESQL = {"the table emptied": "truncate audit_events", "the certificates emptied": "truncate audit_releases"}
ON_SQLITE = {
    "a row replaced": "insert or replace into audit_events select * from audit_events where position = 1",
    "its place taken": "insert or replace into audit_events select '01a1f8b8-5968-75ed-a89a-03373fb6adcb', "
    "organization_id, position, happened_at, actor_id, actor_label, operation, entity, entity_id, details, "
    "previous_hash, hash from audit_events where position = 1",
    "a row updated or else replaced": "update or replace audit_events set position = 1 where position = 2",
}


@pytest.fixture(autouse=True)
def _history(ana: Actor, bob: Actor) -> None:
    for actor in (ana, bob):
        with writing() as session:
            create_customer(session, actor, CreateCustomer(name="Pebble"))


def _refused(statement: str) -> str:
    """What the owner of the database is told."""
    with engine().execution_options(writes=True).connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select set_config('longhouse.installation', 'on', true)"))
        with pytest.raises(IntegrityError) as told:
            connection.execute(text(statement))
    return str(told.value.orig)


def _rows(actor: Actor) -> int:
    with reading() as session:
        mine = select(func.count(AuditEvent.id)).where(AuditEvent.organization_id == actor.organization_id)
        return session.scalar(mine) or 0


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_the_database_refuses_with_a_sentence_even_its_owner(ana: Actor, bob: Actor, statement: str) -> None:
    with writing() as session:
        release_chain(session, bob.organization_id, CERTIFICATE)
    assert "The audit is append-only" in _refused(statement)
    assert _rows(ana) == 2


@pytest.mark.embedded
@pytest.mark.parametrize("statement", ON_SQLITE.values(), ids=ON_SQLITE.keys())
def test_no_row_is_replaced_by_another(ana: Actor, statement: str) -> None:
    assert "The audit is append-only" in _refused(statement)
    with reading() as session:
        assert broken_audit_rows(session, ana.organization_id) == []


@pytest.mark.parametrize("statement", ON_POSTGRESQL.values(), ids=ON_POSTGRESQL.keys())
def test_no_table_is_emptied_at_once(ana: Actor, statement: str) -> None:
    if engine().dialect.name == "sqlite":
        statement = statement.replace("truncate", "delete from")
        if "releases" in statement:
            with writing() as session:
                release_chain(session, ana.organization_id, CERTIFICATE)
    assert "The audit is append-only" in _refused(statement)


def test_the_role_of_our_transactions_may_not_even_try(ana: Actor) -> None:
    on_sqlite = engine().dialect.name == "sqlite"
    expected = "append-only" if on_sqlite else "permission denied for table audit_events"
    for statement in ("update audit_events set actor_label = 'x'", "delete from audit_events"):
        with pytest.raises(DBAPIError, match=expected), writing() as session:
            session.execute(text(statement))


def test_a_certificate_removes_one_chain_and_keeps_its_end(ana: Actor, bob: Actor) -> None:
    with reading() as session:
        last = session.scalars(
            select(AuditEvent.hash)
            .where(AuditEvent.organization_id == bob.organization_id)
            .order_by(AuditEvent.position.desc())
        ).first()
    with writing() as session:
        made = release_chain(session, bob.organization_id, CERTIFICATE)
    assert (made.last_position, made.last_hash, len(made.certificate_hash)) == (2, last, 64)
    assert (_rows(ana), _rows(bob)) == (2, 0)
    with reading() as session:
        assert broken_audit_rows(session, ana.organization_id) == []
        report = verify_chain(session, bob.organization_id, {2: str(last)})
        assert (report.holds, report.released_at) == (True, made.released_at)
        assert not verify_chain(session, bob.organization_id, {2: "x" * 64}).holds


def test_a_certificate_for_one_chain_opens_no_other(ana: Actor, bob: Actor) -> None:
    with writing() as session:
        release_chain(session, bob.organization_id, CERTIFICATE)
    assert "append-only" in _refused(f"delete from audit_events where organization_id = '{ana.organization_id}'")


def test_a_released_audit_takes_no_more_rows(bob: Actor) -> None:
    with writing() as session:
        release_chain(session, bob.organization_id, CERTIFICATE)
    with pytest.raises(IntegrityError, match="was deleted under a certificate"), writing() as session:
        record_event(session, bob, "identity.signed_in", "memberships", bob.membership_id)
    with pytest.raises(ChainMissing), writing() as session:
        release_chain(session, bob.organization_id, CERTIFICATE)


@pytest.mark.parametrize(
    ("position", "digest"),
    [(1, None), (2, "0" * 64), (3, None), (99, "0" * 64)],
    ids=["not last", "forged", "late", "far"],
)
def test_a_certificate_that_does_not_name_the_end_opens_nothing(bob: Actor, position: int, digest: str | None) -> None:
    with reading() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.organization_id == bob.organization_id)).all()
    found = digest or next((row.hash for row in rows if row.position == position), rows[0].hash)
    made = AuditRelease(
        organization_id=bob.organization_id,
        last_position=position,
        last_hash=found,
        released_at=datetime.now(UTC),
        certificate_hash="0" * 64,
    )
    with pytest.raises(IntegrityError, match="must name the last row"), writing() as session:
        session.add(made)
    assert _rows(bob) == 2


def test_an_organization_cannot_release_its_own_audit(bob: Actor) -> None:
    with pytest.raises(PermissionError), writing_as(bob) as session:
        release_chain(session, bob.organization_id, CERTIFICATE)
    made = AuditRelease(
        organization_id=bob.organization_id,
        last_position=2,
        last_hash="0" * 64,
        released_at=datetime.now(UTC),
        certificate_hash="0" * 64,
    )
    with pytest.raises(ForeignRow), writing_as(bob) as session:
        session.add(made)
    with reading_as(bob) as session:
        assert session.scalars(select(AuditRelease)).all() == []
    assert _rows(bob) == 2
