"""Where an import goes: into an organization that is there, or into a new one with an owner; or it leaves no trace."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.tampering import tamper
from tests.warehouse.imports.looking import count_of, rows_of
from warehouse.imports.load import ImportReport
from warehouse.imports.mapping import ImportProblem
from warehouse.oltp.base import Base
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import AuditEvent, Membership, Organization, User
from warehouse.oltp.sales import Opportunity
from warehouse.operations.identity import check_sign_in
from warehouse.operations.organization import UnknownOrganization
from warehouse.tenancy import AccessRole

Import = Callable[..., ImportReport]


def test_a_refused_import_creates_no_organization_and_no_owner(bring: Import) -> None:
    with pytest.raises(ImportProblem):
        bring(("sales_pipeline.csv", "5000", "five"), slug="initech", owner_email="eve@initech.test", strict=True)
    assert (count_of(Organization), count_of(User)) == (1, 1)


def test_a_new_organization_gets_an_owner_who_can_sign_in(bring: Import) -> None:
    report = bring(slug="initech", owner_email="Eve@initech.test")
    assert (report.created, report.owner_email) == (True, "Eve@initech.test")
    assert report.owner_password is not None
    with reading() as session:
        eve = check_sign_in(session, "eve@initech.test", report.owner_password)
        assert eve is not None
        member = session.scalars(select(Membership).where(Membership.user_id == eve.id)).one()
    assert (member.access_role, eve.is_operator) == (AccessRole.OWNER, False)


def test_the_first_person_on_an_installation_operates_it(bring: Import) -> None:
    tamper(*(f"delete from {table.name}" for table in reversed(Base.metadata.sorted_tables)))
    report = bring(slug="initech")
    (first,) = rows_of(User)
    assert (first.email, first.is_operator, report.owner_email) == ("owner@longhouse.example", True, first.email)


def test_a_person_who_is_known_owns_the_next_organization_with_the_password_they_have(bring: Import) -> None:
    report = bring(slug="initech", owner_email="ANA@ACME.TEST")
    assert (report.created, report.owner_password) == (True, None)
    assert (count_of(User), count_of(Organization)) == (1, 2)


def test_importing_into_an_organization_that_is_there_makes_no_owner(bring: Import) -> None:
    report = bring(owner_email="eve@acme.test")
    assert (report.created, report.owner_email, count_of(User)) == (False, None, 1)


def test_two_organizations_may_import_the_same_export(bring: Import, acme: Organization, globex: Organization) -> None:
    bring()
    assert bring(slug="globex").written["opportunities"] == 4
    ids = {deal.organization_id for deal in rows_of(Opportunity)}
    assert (ids, count_of(Opportunity)) == ({acme.id, globex.id}, 8)


def test_a_mistyped_organization_is_not_created_when_it_must_be_there(bring: Import, acme: Organization) -> None:
    with pytest.raises(UnknownOrganization, match="Did you mean acme"):
        bring(slug="acmee", create=False)
    assert (count_of(Organization), count_of(Customer)) == (1, 0)


def test_personal_values_never_reach_the_audit(bring: Import) -> None:
    bring()
    with reading() as session:
        told = " ".join(str(details) for details in session.scalars(select(AuditEvent.details)))
    assert "opportunities" in told
    assert not [name for name in ("Pebble", "Robin", "Marlo", "Quarry") if name in told]
