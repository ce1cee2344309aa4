"""What holds for every operation there is: its right and its reach, its audit row, its change, its borders."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.warehouse.operations.cases import BY_MESSAGE, BY_THEMSELVES, CASES, WHO
from tests.warehouse.operations.company import Company
from warehouse.oltp.base import Base, Record
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent, User
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.declare import NotAllowedNow, NotFound, Operation, StaleVersion
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.rooms import KEPT, OPERATIONS
from warehouse.tenancy import (
    AccessRole,
    Actor,
    BusinessFunction,
    Forbidden,
    Reach,
    law,
    operator_actor,
    rights_of,
    system_actor,
)

EVERY = pytest.mark.parametrize("name", sorted(CASES))
ON_ONE_ENGINE = pytest.mark.embedded
"""Who may do what, and what a request looks like, is judged before a row is touched."""
SALES = frozenset({BusinessFunction.SALES})


@pytest.fixture(scope="module")
def houses(standing_store: Path) -> tuple[str, str]:
    """The ids of two organizations, made once."""
    made = []
    with writing() as session:
        for slug in ("acme", "globex"):
            owner = User(email=f"owner@{slug}.test", profile={}, created_at=datetime.now(UTC))
            session.add(owner)
            session.flush()
            asked = CreateOrganization(slug=slug, name=slug.title(), owner_user_id=owner.id, owner_name="Owner")
            made.append(create_organization(session, asked).id)
    return made[0], made[1]


@pytest.fixture
def acme(houses: tuple[str, str]) -> str:
    """The id of the organization that is asked."""
    return houses[0]


@pytest.fixture
def globex(houses: tuple[str, str]) -> str:
    """The id of another one."""
    return houses[1]


class _Undone(Exception):
    """Takes back what a test's operation did."""


@contextmanager
def _undone(session: Session) -> Iterator[None]:
    """Whatever happens inside is gone afterwards."""
    try:
        with session.begin_nested():
            yield
            raise _Undone
    except _Undone:
        session.expunge_all()


def _is_forbidden(session: Session, run: Operation[Any, Any], actor: Actor, values: dict[str, Any]) -> bool:
    try:
        run(session, actor, run.input(**values))
    except Forbidden:
        return True
    except NotAllowedNow:
        return False
    return False


def test_every_operation_has_a_case() -> None:
    assert set(CASES) == set(OPERATIONS)


def test_every_operation_needs_a_right_that_the_law_knows() -> None:
    assert {run.permission for run in OPERATIONS.values()} <= set(law().rights)


@ON_ONE_ENGINE
@EVERY
def test_who_may_is_what_the_law_says(acme: str, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        company = Company(session, acme)
        values = CASES[name](company)
        company.hire({f"me-{number}": role for number, (role, _) in enumerate(WHO.values())})
        for number, (who, (role, functions)) in enumerate(WHO.items()):
            me = company.actor(f"me-{number}", role, functions)
            with _undone(session):
                expected = run.permission not in rights_of(role, functions) or name in BY_MESSAGE
                seen = _is_forbidden(session, run, me, values)
                assert seen == expected, f"{who}: {name} needs {run.permission}"


@ON_ONE_ENGINE
@EVERY
def test_somebody_without_rights_may_nothing(acme: str, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme))
        assert _is_forbidden(session, run, Actor(acme, "nobody", frozenset()), values)


def _reaches(name: str) -> bool:
    """Whether an operation changes a record that somebody is responsible for."""
    kinds = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    kind = kinds.get(OPERATIONS[name].entity)
    if kind is None or not issubclass(kind, Record) or kind.responsible is None or "create" in name:
        return False
    return BusinessFunction.SALES in _functions_with(OPERATIONS[name].permission)


def _functions_with(permission: str) -> set[BusinessFunction]:
    return {one for one, rights in law().functions.items() if permission in rights}


PARTS = sorted(
    run.name
    for kept in KEPT.values()
    if kept.parent and _functions_with(kept.create.permission) == {BusinessFunction.SALES}
    for run in (kept.create, kept.edit, kept.delete)
    if run is not None
)


@ON_ONE_ENGINE
@pytest.mark.parametrize("name", sorted(name for name in CASES if _reaches(name)))
@pytest.mark.parametrize("whose", ["mine", "my team's", "another's", "nobody's"])
def test_a_right_reaches_as_far_as_the_law_says(acme: str, name: str, whose: str) -> None:
    run = OPERATIONS[name]
    reach = rights_of(AccessRole.MEMBER, SALES)[run.permission]
    within = {
        Reach.ALL: {"mine", "my team's", "another's", "nobody's"},
        Reach.TEAM: {"mine", "my team's", "nobody's"},
        Reach.OWN: {"mine", "nobody's"},
    }
    with writing() as session, _undone(session):
        company = Company(session, acme)
        mate, other = company.person("mate").id, company.person("other").id
        me = company.actor("me", AccessRole.MEMBER, SALES, frozenset({mate}))
        company.responsible = {"mine": me.membership_id, "my team's": mate, "another's": other, "nobody's": None}[whose]
        assert _is_forbidden(session, run, me, CASES[name](company)) == (whose not in within[reach])


@ON_ONE_ENGINE
@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("whose", ["mine", "my team's", "another's", "nobody's"])
def test_what_is_a_part_of_a_record_is_reached_like_the_record(acme: str, name: str, whose: str) -> None:
    test_a_right_reaches_as_far_as_the_law_says(acme, name, whose)


@pytest.mark.parametrize("name", sorted(set(CASES) - BY_THEMSELVES))
def test_it_leaves_an_audit_row_a_change_and_a_chain_that_holds(acme: str, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        company = Company(session, acme)
        values, actor = CASES[name](company), _somebody_who_may(company, run)
        before = _last_change(session)
        run(session, actor, run.input(**values))
        session.flush()
        rows = select(AuditEvent).where(AuditEvent.organization_id == acme).order_by(AuditEvent.position.desc())
        told = session.scalars(rows.limit(1)).one()
        assert (told.operation, told.entity, told.actor_id) == (name, run.entity, actor.membership_id)
        changes = [one.seq > before for one in session.scalars(select(ChangeEvent).filter_by(audit_event_id=told.id))]
        assert changes == ([] if run.stays_in_the_store else [True])
        assert broken_audit_rows(session, acme) == []


@pytest.mark.parametrize("name", sorted(set(CASES) - BY_THEMSELVES))
def test_another_organization_cannot_reach_across(acme: str, globex: str, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme))
        before = _rows_of(session, acme)
        try:
            with session.begin_nested():
                run(session, operator_actor(globex), run.input(**values))
        except (NotFound, NotAllowedNow, Forbidden, IntegrityError):
            session.expunge_all()
        assert _rows_of(session, acme) == before


@pytest.mark.parametrize("name", sorted(n for n in CASES if "version" in OPERATIONS[n].input.model_fields))
def test_a_version_somebody_else_replaced_is_refused(acme: str, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        company = Company(session, acme)
        values = CASES[name](company)
        actor = company.actor("me", AccessRole.OWNER, frozenset())
        for stale in (values["version"] - 1, values["version"] + 1):
            with pytest.raises(StaleVersion, match="Nothing was saved"), session.begin_nested():
                run(session, actor, run.input(**values | {"version": stale}))


@pytest.mark.parametrize("name", sorted(n for n in CASES if "version" in OPERATIONS[n].input.model_fields))
def test_the_same_request_again_changes_nothing_more(acme: str, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        company = Company(session, acme)
        request = run.input(**CASES[name](company))
        actor = company.actor("me", AccessRole.OWNER, frozenset())
        run(session, actor, request)
        before = _rows_of(session, acme)
        with pytest.raises((StaleVersion, NotFound, NotAllowedNow, Forbidden)), session.begin_nested():
            run(session, actor, request)
        session.expunge_all()
        assert _rows_of(session, acme) == before


@ON_ONE_ENGINE
@EVERY
def test_what_is_needed_and_missing_is_asked_for(acme: str, name: str) -> None:
    asked = OPERATIONS[name].input
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme))
        for field, told in asked.model_fields.items():
            if told.is_required():
                with pytest.raises(ValidationError, match=field):
                    asked(**{one: value for one, value in values.items() if one != field})


@ON_ONE_ENGINE
@EVERY
def test_a_field_nobody_knows_is_refused(acme: str, name: str) -> None:
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme))
        with pytest.raises(ValidationError, match="surprise"):
            OPERATIONS[name].input(**values, surprise=1)


def _somebody_who_may(company: Company, run: Operation[Any, Any]) -> Actor:
    """The owner, or the platform itself for what no person may."""
    if run.permission in law().system_only:
        return system_actor(company.organization_id, "tests")
    return company.actor("me", AccessRole.OWNER, frozenset())


def _last_change(session: Session) -> int:
    return session.scalar(select(func.max(ChangeEvent.seq))) or 0


def _rows_of(session: Session, organization_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of an organization, as it is now."""
    session.flush()
    found = {}
    for table, rows_of in _readings().items():
        found[table] = sorted(map(repr, session.execute(rows_of, {"organization": organization_id})))
    return found


@cache
def _readings() -> dict[str, Select[Any]]:
    """Table → what reads an organization's rows in it; written once, for it is asked a thousand times."""
    return {
        table.name: select(table).where(table.c.organization_id == bindparam("organization"))
        for table in Base.metadata.sorted_tables
        if "organization_id" in table.c
    }
