"""Who asks, for which organization, allowed what. The only judge; `roles.yml` is its law."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

RIGHTS = Path(__file__).with_name("roles.yml")


class AccessRole(StrEnum):
    """How far a member's hand reaches."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class BusinessFunction(StrEnum):
    """What a member works on."""

    SALES = "sales"
    MARKETING = "marketing"
    SUPPORT = "support"
    FINANCE = "finance"
    ANALYST = "analyst"


class Reach(StrEnum):
    """Whose records a right holds for."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"

    @property
    def width(self) -> int:
        """For comparing: the wider, the larger."""
        return list(Reach).index(self)


Rights = Mapping[str, Reach]
"""Right `<room>:<verb>` → its reach."""


class Law(BaseModel):
    """`roles.yml`, checked."""

    model_config = ConfigDict(extra="forbid")

    rights: dict[str, str]
    """Every right there is, with what it lets a person do."""
    owner_only: list[str]
    system_only: list[str]
    """Rights that no person has: the platform does these things itself."""
    roles: dict[AccessRole, dict[str, Reach]]
    functions: dict[BusinessFunction, dict[str, Reach]]

    @model_validator(mode="after")
    def _is_consistent(self) -> "Law":
        apart = dict.fromkeys((*self.owner_only, *self.system_only), Reach.ALL)
        for given in (*self.roles.values(), *self.functions.values(), apart):
            for right, reach in given.items():
                if right not in self.rights:
                    raise ValueError(f"{right} is given and not listed under rights")
                if reach is not Reach.ALL and not right.endswith(":write"):
                    raise ValueError(f"{right} has the reach {reach}; only writing may be narrower than all")
        missing = [one for one in BusinessFunction if one not in self.functions]
        if missing or set(self.roles) != {AccessRole.MEMBER, AccessRole.VIEWER}:
            raise ValueError("every business function and the roles member and viewer need an entry")
        return self


@cache
def law() -> Law:
    """Who may do what, read once."""
    return Law.model_validate(yaml.safe_load(RIGHTS.read_text(encoding="utf-8")))


class Forbidden(Exception):
    """The actor may not do this."""


def rights_of(role: AccessRole, functions: frozenset[BusinessFunction] = frozenset()) -> dict[str, Reach]:
    """What an access role and, for members, their business functions give."""
    if role in {AccessRole.OWNER, AccessRole.ADMIN}:
        kept_back = {*law().system_only, *([] if role is AccessRole.OWNER else law().owner_only)}
        return {right: Reach.ALL for right in law().rights if right not in kept_back}
    found = dict(law().roles[role])
    for function in functions if role is AccessRole.MEMBER else ():
        for right, reach in law().functions[function].items():
            found[right] = max(found.get(right, reach), reach, key=lambda one: one.width)
    return found


@dataclass(frozen=True)
class Actor:
    """A person or program acting in one organization."""

    organization_id: str
    label: str
    """How the audit names an actor without a membership; never a person's name."""
    permissions: frozenset[str]
    membership_id: str | None = None
    role: AccessRole | None = None
    functions: frozenset[BusinessFunction] = field(default_factory=frozenset)
    narrowed: frozenset[tuple[str, Reach]] = field(default_factory=frozenset)
    """The rights among `permissions` that hold for fewer records than all."""
    team: frozenset[str] = field(default_factory=frozenset)
    """Memberships of the people in the actor's reach `team`."""

    def may(self, permission: str) -> bool:
        """Whether the actor holds `<room>:<verb>`, for some records at least."""
        return permission in self.permissions

    def must(self, permission: str) -> None:
        """Raise Forbidden unless the actor holds `<room>:<verb>`."""
        if not self.may(permission):
            raise Forbidden(f"This needs the permission {permission}. Ask an owner or admin of the organization.")

    def reach(self, permission: str) -> Reach:
        """Whose records a right that the actor holds is for."""
        return dict(self.narrowed).get(permission, Reach.ALL)

    def may_for(self, permission: str, responsible: str | None) -> bool:
        """Whether the right holds for a record that this member is responsible for; None, nobody is."""
        if not self.may(permission):
            return False
        reach = self.reach(permission)
        if reach is Reach.ALL or responsible is None or responsible == self.membership_id:
            return True
        return reach is Reach.TEAM and responsible in self.team

    def must_for(self, permission: str, responsible: str | None) -> None:
        """Raise Forbidden unless the right holds for a record that this member is responsible for."""
        self.must(permission)
        if not self.may_for(permission, responsible):
            whose = "your own records" if self.reach(permission) is Reach.OWN else "your own and your team's records"
            raise Forbidden(
                f"You may change {whose}, and this is somebody else's. Ask them, their manager or an admin."
            )

    def sees(self, privacy: str) -> bool:
        """Whether the actor sees columns with this tag: `business`, `personal` or `restricted`."""
        return privacy == "business" or self.may(f"fields:{privacy}")

    @property
    def hidden(self) -> frozenset[str]:
        """Tags of the columns that the actor does not see."""
        return frozenset(tag for tag in ("personal", "restricted") if not self.sees(tag))


def member(
    organization_id: str,
    membership_id: str,
    role: AccessRole,
    functions: frozenset[BusinessFunction],
    team: frozenset[str] = frozenset(),
) -> Actor:
    """A member with what their role and functions give."""
    rights = rights_of(role, functions)
    return Actor(
        organization_id=organization_id,
        label="member",
        permissions=frozenset(rights),
        membership_id=membership_id,
        role=role,
        functions=functions,
        narrowed=frozenset((right, reach) for right, reach in rights.items() if reach is not Reach.ALL),
        team=team,
    )


def operator_actor(organization_id: str) -> Actor:
    """The operator of the installation at the command line, with the owner's rights in one organization."""
    rights = frozenset(rights_of(AccessRole.OWNER))
    return Actor(organization_id, "operator, command line", rights, role=AccessRole.OWNER)


def system_actor(organization_id: str, label: str) -> Actor:
    """The platform itself, at work for one organization; `label` says at what, for the audit."""
    return Actor(organization_id, label, frozenset(law().system_only))
