"""The people of generated companies who sign in: new ones with a public password, or whoever is here already."""

import json
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.demo.columns import Chunk, Ids, chunk
from warehouse.oltp.organization import Membership, User
from warehouse.operations.identity import check_sign_in
from warehouse.operations.organization import first_user
from warehouse.operations.passwords import hash_password
from warehouse.tenancy import AccessRole

DEMO_PASSWORD = "longhouse-demo"  # noqa: S105 - published on purpose; refused in production
OWNER = AccessRole.OWNER.value


class SignIn(NamedTuple):
    """How to sign in; `password` is None for a person who has one of their own."""

    email: str
    role: str
    password: str | None


@cache
def _password_hash() -> str:
    """Of the public password, made once a process: it is slow on purpose."""
    return hash_password(DEMO_PASSWORD)


def ids_of(one: Chunk, name: str) -> Ids:
    """A column of ids."""
    found: Any = one.columns[name]
    return np.asarray(found)


def texts_of(one: Chunk, name: str) -> list[Any]:
    """A column of texts or moments, as Python has them."""
    found: Any = one.columns[name]
    texts: list[Any] = np.asarray(found).tolist()
    return texts


def add_users(session: Session, people: Chunk) -> dict[str, User]:
    """Generated user id → the person on the installation: a new one, or whoever has that e-mail address already."""
    emails = texts_of(people, "email")
    known = {user.email: user for user in session.scalars(select(User).where(User.email.in_(emails)))}
    users: dict[str, User] = {}
    is_first = first_user(session) is None
    rows = zip(
        ids_of(people, "id").tolist(), emails, texts_of(people, "profile"), texts_of(people, "created_at"), strict=True
    )
    for key, email, profile, at in rows:
        made = User(
            id=key.decode(), email=email, profile=json.loads(profile), created_at=at.replace(tzinfo=UTC),
            password_hash=_password_hash(),
        )  # fmt: skip
        users[key.decode()] = known.get(email) or made
    # The owner comes first; on an empty installation somebody must be its operator.
    if is_first:
        next(iter(users.values())).is_operator = True
    session.add_all(users.values())
    session.flush()
    return users


def as_known(members: Chunk, users: Mapping[str, User]) -> Chunk:
    """Everybody but the owner, with the ids their users have on this installation."""
    known = [users[key.decode()].id.encode() if key else b"" for key in ids_of(members, "user_id").tolist()]
    columns = dict(members.columns) | {"user_id": np.array(known, "S36")}
    return chunk("memberships", columns, np.arange(members.rows) > 0)


def new_sign_ins(members: Chunk, users: Mapping[str, User]) -> tuple[SignIn, ...]:
    """Everyone who signs in, the owner first; whoever was here before has a password of their own."""
    ids, keys, roles = ids_of(members, "id"), ids_of(members, "user_id"), texts_of(members, "access_role")
    rows = sorted(zip(ids.tolist(), keys.tolist(), roles, strict=True), key=lambda row: (row[2] != OWNER, row[0]))
    found = [(users[key.decode()], role) for _, key, role in rows if key]
    ours = _password_hash()
    return tuple(
        SignIn(user.email, role, DEMO_PASSWORD if user.password_hash == ours else None) for user, role in found
    )


def sign_ins_of(session: Session, organization_id: str) -> tuple[SignIn, ...]:
    """Everyone who signs in, the owner first; the demo password where it still opens the door."""
    rows = session.execute(
        select(User.email, Membership.access_role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id)
        .order_by(Membership.access_role != AccessRole.OWNER, Membership.id)
    )
    return tuple(
        SignIn(email, role.value, DEMO_PASSWORD if check_sign_in(session, email, DEMO_PASSWORD) else None)
        for email, role in rows
    )
