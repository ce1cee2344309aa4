"""A valid call of every operation, for the tests that ask all of them the same questions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from warehouse.files.incoming import Content
from warehouse.imports import undo
from warehouse.imports.record import ImportRecord
from warehouse.oltp.files import FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.oltp.sales import Product, Stage
from warehouse.operations import (
    bulk,
    customers,
    file_upkeep,
    files,
    invitations,
    joining,
    members,
    organization,
    organization_settings,
    sales,
    teams,
)
from warehouse.operations.declare import OPERATIONS
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, member, operator_actor

Values = dict[str, Any]


@dataclass
class Company:
    """An organization with people in it, one transaction long."""

    session: Session
    organization_id: str
    responsible: str | None = None
    """The membership that new deals and customers are given to."""
    people: dict[str, Membership] = field(default_factory=dict)

    @property
    def operator(self) -> Actor:
        """Everything is prepared by the operator, who may."""
        return operator_actor(self.organization_id)

    def person(self, name: str, role: AccessRole = AccessRole.MEMBER, manager: str | None = None) -> Membership:
        """A member who can sign in, made once."""
        if name not in self.people:
            user = User(email=f"{name}@acme.test", profile={"name": name}, created_at=datetime.now(UTC))
            self.session.add(user)
            self.session.flush()
            row = {"id": uuid7(), "user_id": user.id, "name": name, "access_role": role, "is_active": True}
            row |= {"metadata": {}, "manager_id": self.people[manager].id if manager else None}
            load = bulk.BulkLoad(source="tests", batches=[bulk.Batch("memberships", [row])], identities=[])
            bulk.bulk_load(self.session, self.operator, load)
            self.people[name] = self.session.get_one(Membership, row["id"])
        return self.people[name]

    def actor(
        self, name: str, role: AccessRole, functions: frozenset[BusinessFunction], team: frozenset[str] = frozenset()
    ) -> Actor:
        """A member with what the law gives them."""
        return member(self.organization_id, self.person(name, role).id, role, functions, team)


def _customer(company: Company) -> Values:
    values = {"name": "Pebble", "assigned_sales_rep_id": company.responsible}
    made = customers.create_customer(company.session, company.operator, customers.CreateCustomer(**values))
    return {"id": made.id, "version": made.version}


def _gone_customer(company: Company) -> Values:
    one = _customer(company)
    customers.delete_customer(company.session, company.operator, customers.OneCustomer(**one))
    return one | {"version": one["version"] + 1}


def _deal(company: Company) -> Values:
    values = {"name": "Roof", "sales_rep_id": company.responsible, "amount": Decimal(10)}
    made = sales.create_opportunity(company.session, company.operator, sales.CreateOpportunity(**values))
    return {"id": made.id, "version": made.version}


def _gone_deal(company: Company) -> Values:
    one = _deal(company)
    sales.delete_opportunity(company.session, company.operator, sales.OneOpportunity(**one))
    return one | {"version": one["version"] + 1}


def _member(company: Company) -> Values:
    found = company.person("target")
    return {"id": found.id, "version": found.version}


def _idle_member(company: Company) -> Values:
    one = _member(company)
    members.deactivate_member(company.session, company.operator, members.OneMember(**one))
    return one | {"version": one["version"] + 1}


def _team(company: Company) -> Values:
    made = teams.create_team(company.session, company.operator, teams.CreateTeam(name="North"))
    return {"id": made.id, "version": made.version}


def _place(company: Company) -> Values:
    return {"team_id": _team(company)["id"], "membership_id": company.person("target").id}


def _taken_place(company: Company) -> Values:
    values = _place(company)
    teams.add_to_team(company.session, company.operator, teams.Place(**values))
    return values


def _invitation(company: Company) -> Values:
    asked = invitations.InvitePerson(email="new@acme.test", access_role=AccessRole.VIEWER)
    return {"id": invitations.invite_person(company.session, company.operator, asked).id}


def _join(company: Company) -> Values:
    user = User(email="new@acme.test", profile={}, created_at=datetime.now(UTC))
    company.session.add(user)
    company.session.flush()
    return {"invitation_id": _invitation(company)["id"], "user_id": user.id, "name": "New"}


def _file(_company: Company) -> Values:
    content = Content(content_type="text/csv", bytes=3, sha256="0" * 64)
    return {"id": uuid7(), "kind": FileKind.UPLOAD, "name": "deals.csv", "content": content}


def _kept_file(company: Company) -> Values:
    values = _file(company)
    files.store_file(company.session, company.operator, files.StoreFile(**values))
    return {"id": values["id"]}


def _old_file(company: Company) -> Values:
    values = _file(company) | {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}
    files.store_file(company.session, company.operator, files.StoreFile(**values))
    return {}


def _products(_company: Company) -> Values:
    row = {"id": uuid7(), "name": "Kite", "currency": "USD", "is_active": True, "metadata": {}}
    assert Product.__tablename__ == "products"
    return {"source": "tests", "batches": [bulk.Batch("products", [row])], "identities": []}


def _import(company: Company) -> Values:
    """An import that changed one customer."""
    former = {"id": _customer(company)["id"], "version": 1, "name": "Pebble & Sons"}
    told = ("20260301-120000-abcd", company.organization_id, "tests", 1, None, {}, {"customers": [former]}, [])
    return {"record": ImportRecord(*told), "force": True}


def _transfer(company: Company) -> Values:
    slug = company.session.get_one(Organization, company.organization_id).slug
    return _member(company) | {"confirmation": slug}


def _founding(company: Company) -> Values:
    user = User(email="founder@acme.test", profile={}, created_at=datetime.now(UTC))
    company.session.add(user)
    company.session.flush()
    return {"slug": "acme-two", "name": "Acme Two", "owner_user_id": user.id, "owner_name": "Founder"}


CASES: dict[str, Callable[[Company], Values]] = {
    "customers.create_customer": lambda _: {"name": "Pebble"},
    "customers.edit_customer": lambda company: _customer(company) | {"sector": "retail"},
    "customers.delete_customer": _customer,
    "customers.restore_customer": _gone_customer,
    "sales.create_opportunity": lambda _: {"name": "Roof"},
    "sales.edit_opportunity": lambda company: _deal(company) | {"amount": Decimal(12)},
    "sales.move_opportunity": lambda company: _deal(company) | {"stage": Stage.PROPOSAL},
    "sales.delete_opportunity": _deal,
    "sales.restore_opportunity": _gone_deal,
    "organization.bulk_load": _products,
    "organization.undo_import": _import,
    "organization.create_organization": _founding,
    "organization.edit_settings": lambda _: {"name": "Acme & Sons"},
    "organization.invite": lambda _: {"email": "new@acme.test", "access_role": AccessRole.VIEWER},
    "organization.resend_invitation": _invitation,
    "organization.withdraw_invitation": _invitation,
    "organization.join": _join,
    "organization.change_member": lambda company: _member(company) | {"business_role": "Estimator"},
    "organization.deactivate_member": _member,
    "organization.reactivate_member": _idle_member,
    "organization.leave": lambda _: {},
    "organization.transfer_ownership": _transfer,
    "organization.give_up_ownership": lambda _: {},
    "organization.create_team": lambda _: {"name": "North"},
    "organization.edit_team": lambda company: _team(company) | {"name": "South"},
    "organization.delete_team": _team,
    "organization.add_to_team": _place,
    "organization.remove_from_team": _taken_place,
    "files.store": _file,
    "files.delete": _kept_file,
    "files.expire": _old_file,
}
"""Operation → what makes the values of a call that is right in every way, in a company of that moment."""

BY_THEMSELVES = {"organization.leave", "organization.give_up_ownership", "organization.join"}
"""These concern whoever performs them; that an owner is left, or an invitation opened, decides beside the right."""

assert undo.undo_import.name in OPERATIONS
assert joining.join_organization.name in OPERATIONS
assert organization_settings.edit_settings.name in OPERATIONS
assert file_upkeep.expire_files.name in OPERATIONS
assert organization.CreateOrganization is not BaseModel
