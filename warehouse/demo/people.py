"""The people who work at the demo company, and what they do there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from warehouse.demo.chance import dice
from warehouse.demo.days import moment_on, working_day_by
from warehouse.demo.words import COMPANY_NAME
from warehouse.oltp.identifiers import uuid7
from warehouse.tenancy import AccessRole, BusinessFunction

Row = dict[str, Any]

SALES = BusinessFunction.SALES
FOUNDING = -120
"""Days before history begins when most people joined."""


@dataclass(frozen=True)
class Person:
    """Someone of the roster. `reports_to` is a place in it; `skill` is added to a deal's chance of being won."""

    name: str
    job: str
    office: str
    reports_to: int | None = 0
    skill: float = 0.0
    joined: int = FOUNDING
    """In days after history begins."""
    role: AccessRole = AccessRole.MEMBER
    functions: tuple[BusinessFunction, ...] = (SALES,)
    signs_in: bool = False

    @property
    def email(self) -> str:
        """At a domain that can never exist."""
        return f"{self.name.split()[0].lower()}@demo.example"


ROSTER = (
    Person("Olive Oakbeam", "Owner", "Centre", None, role=AccessRole.OWNER, functions=(), signs_in=True),
    Person("Mabel Mallet", "Sales Manager", "North", functions=(SALES, BusinessFunction.ANALYST), signs_in=True),
    Person("Dexter Dovetail", "Sales Manager", "South"),
    Person("Sam Sampleton", "Sales Representative", "North", 1, 0.08, signs_in=True),
    Person("Bea Bracket", "Sales Representative", "North", 1, -0.03),
    Person("Hugo Hinge", "Sales Representative", "Centre", 1, 0.13),
    Person("Tilda Tenon", "Sales Representative", "Centre", 1, -0.10),
    Person("Pip Plywood", "Sales Representative", "Centre", 2, 0.02, joined=200),
    Person("Rosa Rasp", "Sales Representative", "South", 2, 0.05),
    Person("Gus Grommet", "Sales Representative", "South", 2, -0.06),
    Person("Wilma Wedge", "Sales Representative", "North", 1, 0.0, joined=480),
    Person("Vera Viewfinder", "Bookkeeper", "Centre", 0, role=AccessRole.VIEWER, functions=(), signs_in=True),
)


@dataclass(frozen=True)
class Member:
    """A person with a membership."""

    person: Person
    id: str
    user_id: str | None
    manager_id: str | None
    joined_at: datetime

    @property
    def sells(self) -> bool:
        """Whether deals are given to them."""
        return self.person.job == "Sales Representative"


def hire(origin: date, seed: int) -> tuple[Member, ...]:
    """Everyone of the roster, in its order, the owner first."""
    members: list[Member] = []
    for number, person in enumerate(ROSTER):
        throws = dice(seed, "member", number)
        joined_at = moment_on(working_day_by(origin + timedelta(days=person.joined)), throws)
        manager = None if person.reports_to is None else members[person.reports_to].id
        user_id = uuid7(joined_at, throws) if person.signs_in else None
        members.append(Member(person, uuid7(joined_at, throws), user_id, manager, joined_at))
    return tuple(members)


def user_rows(members: tuple[Member, ...]) -> list[Row]:
    """A user for each member who signs in; the password is none of the generator's business."""
    return [
        {
            "id": member.user_id,
            "email": member.person.email,
            "profile": {"name": member.person.name, "company": COMPANY_NAME},
            "created_at": member.joined_at,
        }
        for member in members
        if member.user_id
    ]


def membership_rows(members: tuple[Member, ...]) -> list[Row]:
    """One membership per member, managers before the people they manage."""
    return [
        {
            "id": member.id,
            "user_id": member.user_id,
            "name": member.person.name,
            "email": member.person.email,
            "access_role": member.person.role,
            "business_role": member.person.job,
            "regional_office": member.person.office,
            "manager_id": member.manager_id,
            "created_at": member.joined_at,
            "updated_at": member.joined_at,
        }
        for member in members
    ]


def role_grant_rows(members: tuple[Member, ...], seed: int) -> list[Row]:
    """One grant per member and business function."""
    return [
        {
            "id": uuid7(member.joined_at, dice(seed, "grant", number, function.value)),
            "membership_id": member.id,
            "business_function": function,
            "created_at": member.joined_at,
            "updated_at": member.joined_at,
        }
        for number, member in enumerate(members)
        for function in member.person.functions
    ]
