"""Roles and functions in words."""

from collections.abc import Collection

import streamlit as st

from apps.ui.formats import plain
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, rights_of

ROLES = {
    AccessRole.OWNER: "Owner: everything, the organization's end included",
    AccessRole.ADMIN: "Admin: everything but owning it",
    AccessRole.MEMBER: "Member: sees everything, changes what their functions are about",
    AccessRole.VIEWER: "Viewer: looks on",
}


def rights_in_words(role: AccessRole, functions: Collection[BusinessFunction]) -> str:
    """`member, with sales and support`."""
    listed = " and ".join(sorted(functions))
    return plain(f"{role.value}, with {listed}" if listed else role.value)


def grantable(actor: Actor) -> list[AccessRole]:
    """The roles an actor may give: those that hold no more than they do."""
    return [role for role in AccessRole if rights_of(role).keys() <= actor.permissions]


def role_field(actor: Actor, value: AccessRole, key: str) -> AccessRole:
    """Which role; one that the actor may not give stays as it is."""
    offered = grantable(actor)
    return st.selectbox(
        "Role",
        offered,
        index=offered.index(value) if value in offered else 0,
        format_func=lambda role: ROLES[role],
        key=key,
    )


def functions_field(value: Collection[BusinessFunction], key: str) -> list[BusinessFunction]:
    """What a member works on."""
    return st.multiselect(
        "Functions",
        list(BusinessFunction),
        default=sorted(value),
        format_func=lambda one: one.value.capitalize(),
        placeholder="None",
        help="What a member may change: deals for sales, customers for marketing and support. Owners and admins change "
        "everything.",
        key=key,
    )
