"""An organization with people in it, one transaction long."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Membership, User
from warehouse.operations import bulk
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, member, operator_actor


@dataclass
class Company:
    """An organization with people in it, one transaction long."""

    session: Session
    organization_id: str
    responsible: str | None = None
    """The membership that new deals, customers and the like are given to."""
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
