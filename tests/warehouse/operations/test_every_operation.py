"""What holds for every operation there is: its right and its reach, its audit row, its change, its borders."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.warehouse.operations.cases import BY_THEMSELVES, CASES, Company
from warehouse.oltp.base import Base, Record
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent, Organization
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.declare import OPERATIONS, NotAllowedNow, NotFound, Operation, StaleVersion
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, Forbidden, Reach, law, operator_actor, rights_of

EVERY = pytest.mark.parametrize("name", sorted(CASES))
SALES = frozenset({BusinessFunction.SALES})
WHO: dict[str, tuple[AccessRole, frozenset[BusinessFunction]]] = {
    "owner": (AccessRole.OWNER, frozenset()),
    "admin": (AccessRole.ADMIN, frozenset()),
    "viewer": (AccessRole.VIEWER, frozenset()),
    "viewer with a function": (AccessRole.VIEWER, SALES),
    "member": (AccessRole.MEMBER, frozenset()),
    **{one.value: (AccessRole.MEMBER, frozenset({one})) for one in BusinessFunction},
    "of every function": (AccessRole.MEMBER, frozenset(BusinessFunction)),
}


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


@EVERY
def test_who_may_is_what_the_law_says(acme: Organization, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session:
        for who, (role, functions) in WHO.items():
            with _undone(session):
                company = Company(session, acme.id)
                values = CASES[name](company)
                expected = run.permission not in rights_of(role, functions) or name == "organization.join"
                seen = _is_forbidden(session, run, company.actor("me", role, functions), values)
                assert seen == expected, f"{who}: {name} needs {run.permission}"


@EVERY
def test_somebody_without_rights_may_nothing(acme: Organization, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme.id))
        assert _is_forbidden(session, run, Actor(acme.id, "nobody", frozenset()), values)


def _reaches(name: str) -> bool:
    """Whether an operation changes a record that somebody is responsible for."""
    kinds = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    kind = kinds.get(OPERATIONS[name].entity)
    return kind is not None and issubclass(kind, Record) and kind.responsible is not None and "create" not in name


@pytest.mark.parametrize("name", sorted(name for name in CASES if _reaches(name)))
@pytest.mark.parametrize("whose", ["mine", "my team's", "another's", "nobody's"])
def test_a_right_reaches_as_far_as_the_law_says(acme: Organization, name: str, whose: str) -> None:
    run = OPERATIONS[name]
    reach = rights_of(AccessRole.MEMBER, SALES)[run.permission]
    within = {
        Reach.ALL: {"mine", "my team's", "another's", "nobody's"},
        Reach.TEAM: {"mine", "my team's", "nobody's"},
        Reach.OWN: {"mine", "nobody's"},
    }
    with writing() as session, _undone(session):
        company = Company(session, acme.id)
        mate, other = company.person("mate").id, company.person("other").id
        me = company.actor("me", AccessRole.MEMBER, SALES, frozenset({mate}))
        company.responsible = {"mine": me.membership_id, "my team's": mate, "another's": other, "nobody's": None}[whose]
        assert _is_forbidden(session, run, me, CASES[name](company)) == (whose not in within[reach])


@pytest.mark.parametrize("name", sorted(set(CASES) - BY_THEMSELVES))
def test_it_leaves_an_audit_row_a_change_and_a_chain_that_holds(acme: Organization, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        company = Company(session, acme.id)
        values, actor = CASES[name](company), company.actor("me", AccessRole.OWNER, frozenset())
        before = _last_change(session)
        run(session, actor, run.input(**values))
        session.flush()
        rows = select(AuditEvent).where(AuditEvent.organization_id == acme.id).order_by(AuditEvent.position.desc())
        told = session.scalars(rows.limit(1)).one()
        assert (told.operation, told.entity, told.actor_id) == (name, run.entity, actor.membership_id)
        [change] = session.scalars(select(ChangeEvent).where(ChangeEvent.audit_event_id == told.id))
        assert change.seq > before
        assert broken_audit_rows(session, acme.id) == []


@pytest.mark.parametrize("name", sorted(set(CASES) - BY_THEMSELVES))
def test_another_organization_cannot_reach_across(acme: Organization, globex: Organization, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme.id))
        before = _rows_of(session, acme.id)
        try:
            with session.begin_nested():
                run(session, operator_actor(globex.id), run.input(**values))
        except (NotFound, NotAllowedNow, Forbidden, IntegrityError):
            session.expunge_all()
        assert _rows_of(session, acme.id) == before


@pytest.mark.parametrize("name", sorted(n for n in CASES if "version" in OPERATIONS[n].input.model_fields))
def test_a_version_somebody_else_replaced_is_refused(acme: Organization, name: str) -> None:
    run = OPERATIONS[name]
    with writing() as session, _undone(session):
        company = Company(session, acme.id)
        values = CASES[name](company)
        actor = company.actor("me", AccessRole.OWNER, frozenset())
        for stale in (values["version"] - 1, values["version"] + 1):
            with pytest.raises(StaleVersion, match="Nothing was saved"), session.begin_nested():
                run(session, actor, run.input(**values | {"version": stale}))


@EVERY
def test_a_field_nobody_knows_is_refused(acme: Organization, name: str) -> None:
    with writing() as session, _undone(session):
        values = CASES[name](Company(session, acme.id))
        with pytest.raises(ValidationError, match="surprise"):
            OPERATIONS[name].input(**values, surprise=1)


def _last_change(session: Session) -> int:
    return session.scalar(select(func.max(ChangeEvent.seq))) or 0


def _rows_of(session: Session, organization_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of an organization, as it is now."""
    session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if "organization_id" in table.c:
            rows = session.execute(select(table).where(table.c.organization_id == organization_id))
            found[table.name] = sorted(map(repr, rows))
    return found
