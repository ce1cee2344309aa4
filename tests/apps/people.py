"""The built house with one person of every kind in it, each really signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.houses import House
from tests.warehouse.operations.cases import WHO, Company
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import SignInSession, User
from warehouse.operations import identity, members
from warehouse.operations.organization import find_organization
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, rights_of

STRANGER, DEACTIVATED, NOWHERE, OPERATOR = "not signed in", "deactivated", "of no organization", "the operator"
ELSEWHERE = "owner of another organization"
OTHERS = (STRANGER, DEACTIVATED, NOWHERE, OPERATOR, ELSEWHERE)
"""Who comes besides the kinds of members."""


@dataclass
class People:
    """Who there is, by kind; the demo company is where they are members, or are not."""

    house: House
    sign_ins: dict[str, str] = field(default_factory=dict)
    """Kind → the id of their sign-in."""
    emails: dict[str, str] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        """As the store says they are now."""
        with reading() as session:
            found = identity.actor_of(session, self.sign_ins[who], datetime.now(UTC))
        assert found is not None
        assert found.actor is not None
        return found.actor


def rights(who: str) -> frozenset[str]:
    """What the law gives a kind of people, in the organization they act in."""
    kinds = WHO | {OPERATOR: (AccessRole.MEMBER, frozenset()), ELSEWHERE: (AccessRole.OWNER, frozenset())}
    return frozenset(rights_of(*kinds[who])) if who in kinds else frozenset()


@contextmanager
def everybody(built: House, home: Path) -> Iterator[People]:
    """A copy of the built house, entered, with everybody in it."""
    house = built.copy(home)
    with house.entered():
        found = People(house)
        with writing() as session:
            demo = find_organization(session, "demo").id
            company = Company(session, demo)
            for who, (role, functions) in {**WHO, DEACTIVATED: WHO["owner"], OPERATOR: WHO["member"]}.items():
                _join(company, who, role, functions)
                found.sign_ins[who] = _sign_in(company, who, demo)
                found.emails[who] = f"{who}@acme.test"
            session.query(User).filter(User.email == f"{OPERATOR}@acme.test").update({"is_operator": True})
            out = company.people[DEACTIVATED]
            request = members.OneMember(id=out.id, version=out.version)
            members.deactivate_member(session, company.operator, request)
            session.add(User(email=f"{NOWHERE}@acme.test", profile={"name": NOWHERE}, created_at=datetime.now(UTC)))
            session.flush()
            found.sign_ins[NOWHERE] = _sign_in(company, NOWHERE, None)
            bob = session.query(User).filter(User.email == "bob@globex.example").one()
            found.sign_ins[ELSEWHERE] = identity.open_session(session, bob, datetime.now(UTC)).id
            found.emails[ELSEWHERE] = bob.email
        yield found


def _join(company: Company, who: str, role: AccessRole, functions: frozenset[BusinessFunction]) -> None:
    made = company.person(who, role)
    if functions:
        asked = members.ChangeMember(id=made.id, version=made.version, functions=sorted(functions))
        members.change_member(company.session, company.operator, asked)


def _sign_in(company: Company, who: str, organization_id: str | None) -> str:
    user = company.session.query(User).filter(User.email == f"{who}@acme.test").one()
    opened = identity.open_session(company.session, user, datetime.now(UTC))
    company.session.get_one(SignInSession, opened.id).organization_id = organization_id
    return opened.id
