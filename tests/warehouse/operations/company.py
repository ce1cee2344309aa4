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
            self.hire({name: role}, manager)
        return self.people[name]

    def hire(self, roles: dict[str, AccessRole], manager: str | None = None) -> None:
        """Members who can sign in, all at once: name → access role."""
        users = [
            User(email=f"{name}@acme.test", profile={"name": name}, created_at=datetime.now(UTC)) for name in roles
        ]
        self.session.add_all(users)
        self.session.flush()
        shared = {"is_active": True, "metadata": {}, "manager_id": self.people[manager].id if manager else None}
        rows = [
            shared | {"id": uuid7(), "user_id": user.id, "name": name, "access_role": role}
            for user, (name, role) in zip(users, roles.items(), strict=True)
        ]
        load = bulk.BulkLoad(source="tests", batches=[bulk.Batch("memberships", rows)], identities=[])
        bulk.bulk_load(self.session, self.operator, load)
        self.people |= {str(row["name"]): self.session.get_one(Membership, row["id"]) for row in rows}

    def actor(
        self, name: str, role: AccessRole, functions: frozenset[BusinessFunction], team: frozenset[str] = frozenset()
    ) -> Actor:
        """A member with what the law gives them."""
        return member(self.organization_id, self.person(name, role).id, role, functions, team)
