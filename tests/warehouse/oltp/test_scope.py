"""Behind every filter that a query writes itself: another organization's rows are not there, on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import engine, reading, reading_as, writing, writing_as
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import AuditEvent, JobRequest, Membership, Organization, SignInSession, User
from warehouse.oltp.scope import ROLE, ForeignRow, OrganizationMissing, ScopedSession
from warehouse.operations.customers import CreateCustomer, create_customer
from warehouse.operations.organization import request_job
from warehouse.tenancy import Actor


@pytest.fixture(autouse=True)
def _rows(ana: Actor, bob: Actor) -> None:
    """Each organization has a customer; somebody of the installation is signed in."""
    for actor, name in ((ana, "Pebble"), (bob, "Quarry")):
        with writing() as session:
            create_customer(session, actor, CreateCustomer(name=name))
    with writing() as session:
        user = session.scalars(select(User).limit(1)).one()
        session.add(SignInSession(user_id=user.id, created_at=datetime.now(UTC), expires_at=datetime.now(UTC)))


def test_without_a_word_about_the_organization_only_its_own_rows_are_there(ana: Actor, bob: Actor) -> None:
    for actor, name in ((ana, "Pebble"), (bob, "Quarry")):
        with reading_as(actor) as session:
            assert session.scalars(select(Customer.name)).all() == [name]
            assert session.scalars(select(Organization.id)).all() == [actor.organization_id]
            for kind in (Membership, AuditEvent):
                assert set(session.scalars(select(kind.organization_id))) == {actor.organization_id}
    with reading() as session:
        assert set(session.scalars(select(Customer.name))) == {"Pebble", "Quarry"}


def test_an_alias_a_join_a_subquery_and_a_count_are_filtered_too(ana: Actor) -> None:
    other = aliased(Customer)
    with reading_as(ana) as session:
        assert session.scalars(select(other.name)).all() == ["Pebble"]
        joined = select(Customer.name, other.name).join(other, other.name != Customer.name)
        assert session.execute(joined).all() == []
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
        assert session.scalar(select(func.count()).select_from(select(Customer.id).subquery())) == 1


def test_a_foreign_row_cannot_be_got_changed_or_deleted(ana: Actor, bob: Actor) -> None:
    with reading() as session:
        [theirs] = session.scalars(select(Customer.id).where(Customer.organization_id == bob.organization_id))
    with writing_as(ana) as session:
        assert session.get(Customer, theirs) is None
        session.execute(update(Customer).where(Customer.id == theirs).values(name="Mine"))
        session.execute(delete(Customer).where(Customer.id == theirs))
    with reading() as session:
        assert session.get_one(Customer, theirs).name == "Quarry"


def test_a_foreign_row_cannot_be_put_in(ana: Actor, bob: Actor) -> None:
    now = datetime.now(UTC)
    shared = {"name": "Smuggled", "change_seq": 1, "created_at": now, "updated_at": now}
    with pytest.raises(ForeignRow, match="customers"), writing_as(ana) as session:
        session.add(Customer(organization_id=bob.organization_id, **shared))


def test_an_operation_in_an_organization_writes_as_ever(ana: Actor) -> None:
    with writing_as(ana) as session:
        create_customer(session, ana, CreateCustomer(name="Tin Whistle"))
    with reading_as(ana) as session:
        assert set(session.scalars(select(Customer.name))) == {"Pebble", "Tin Whistle"}


def test_what_concerns_nobody_in_particular_is_seen_and_what_is_the_installations_is_not(
    ana: Actor, bob: Actor
) -> None:
    with writing() as session:
        request_job(session, "refresh", "the schedule")
        request_job(session, "refresh", "member", bob.organization_id)
    with reading_as(ana) as session:
        assert [row.requested_by for row in session.scalars(select(JobRequest))] == ["the schedule"]
        assert session.scalars(select(SignInSession)).all() == []
        assert session.scalars(select(User.email)).all() == ["ana@acme.test"]


def test_a_session_nobody_scoped_is_refused(ana: Actor) -> None:
    with ScopedSession(engine()) as session, pytest.raises(OrganizationMissing, match="reading_as"):
        session.scalars(select(Customer.name)).all()


@pytest.fixture
def server(store: object) -> Iterator[Engine]:
    """The same database past our sessions, as a login that is not above the law."""
    if engine().dialect.name != "postgresql":
        yield engine()
        return
    made = create_engine(engine().url)
    yield made
    made.dispose()


def test_postgresql_holds_the_rows_for_raw_sql_as_well(ana: Actor, bob: Actor, server: Engine) -> None:
    if server.dialect.name != "postgresql":
        return
    with reading_as(ana) as session:
        assert session.execute(text("select name from customers")).scalars().all() == ["Pebble"]
        assert session.execute(text("select count(*) from sessions")).scalar_one() == 0
    with writing_as(ana) as session:
        assert session.execute(text("update customers set name = 'Mine' where name = 'Quarry'")).rowcount == 0
    moved = text("update customers set organization_id = :other")
    with pytest.raises(DBAPIError, match="row-level security"), writing_as(ana) as session:
        session.execute(moved, {"other": bob.organization_id})
    with server.connect() as connection:
        connection.execute(text(f"set local role {ROLE}"))
        assert connection.execute(text("select count(*) from customers")).scalar_one() == 0
    with engine().connect() as pooled:
        assert pooled.execute(text("select current_setting('longhouse.organization', true)")).scalar_one() in ("", None)


def test_every_table_of_postgresql_is_forced(server: Engine) -> None:
    if server.dialect.name != "postgresql":
        return
    asked = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and not "
    with server.connect() as connection:
        open_tables = connection.execute(text(f"{asked} (relrowsecurity and relforcerowsecurity)")).scalars().all()
    assert open_tables == ["alembic_version"]


def test_an_id_that_is_nobodys_shows_nothing() -> None:
    nobody = Actor(uuid7(), "nobody", frozenset())
    with reading_as(nobody) as session:
        assert session.scalars(select(Customer)).all() == []
        assert session.scalars(select(User)).all() == []
