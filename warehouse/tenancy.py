"""Who asks, for which organization, allowed what. The only judge."""

from dataclasses import dataclass, field
from enum import StrEnum


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


READS = frozenset({"organization:read", "customers:read", "sales:read", "insights:read"})
BULK = frozenset({"organization:import", "insights:refresh"})
BY_FUNCTION: dict[BusinessFunction, frozenset[str]] = {
    BusinessFunction.SALES: frozenset({"customers:write", "sales:write"}),
    BusinessFunction.MARKETING: frozenset({"customers:write"}),
    BusinessFunction.SUPPORT: frozenset({"customers:write"}),
    BusinessFunction.FINANCE: frozenset(),
    BusinessFunction.ANALYST: frozenset({"insights:refresh"}),
}
EVERYTHING = READS | BULK | {"organization:write"} | frozenset().union(*BY_FUNCTION.values())


class Forbidden(Exception):
    """The actor may not do this."""


def permissions_of(role: AccessRole, functions: frozenset[BusinessFunction]) -> frozenset[str]:
    """Every permission `<room>:<verb>` that an access role and its business functions give."""
    if role in {AccessRole.OWNER, AccessRole.ADMIN}:
        return EVERYTHING
    if role is AccessRole.VIEWER:
        return READS
    return READS.union(*(BY_FUNCTION[function] for function in functions))


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

    def may(self, permission: str) -> bool:
        """Whether the actor holds `<room>:<verb>`."""
        return permission in self.permissions

    def must(self, permission: str) -> None:
        """Raise Forbidden unless the actor holds `<room>:<verb>`."""
        if not self.may(permission):
            raise Forbidden(f"This needs the permission {permission}. Ask an owner or admin of the organization.")


def operator_actor(organization_id: str) -> Actor:
    """The operator of the installation at the command line, with the owner's rights in one organization."""
    return Actor(organization_id, "operator, command line", EVERYTHING, role=AccessRole.OWNER)
