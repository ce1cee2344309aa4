"""An organization's rows in the operational store: what is told of them before, how they go, and whether any is left."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Enum,
    Select,
    String,
    Table,
    and_,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from warehouse.oltp.base import Base
from warehouse.oltp.identity import Mail
from warehouse.oltp.organization import Membership, SignInSession, User
from warehouse.oltp.projection import copied_columns, copied_tables
from warehouse.operations.audit import release_chain
from warehouse.operations.takeaway import owned_tables

WITNESSES = {
    "memberships": ("name", "email"),
    "customers": ("name", "email", "phone"),
    "opportunities": ("name",),
}
"""Where texts are taken from that must be found nowhere afterwards."""
OF_EACH, SHORTEST = 20, 8
CERTIFICATES = {"departures", "audit_releases"}
"""What names a deleted organization on purpose."""


def take_canaries(session: Session, organization_id: str) -> list[str]:
    """The organization's id, and some texts that nobody else has."""
    found = {organization_id}
    for name, columns in WITNESSES.items():
        table = Base.metadata.tables[name]
        owner = _owner(table)
        for column in (table.c[one] for one in columns):
            mine = select(column).distinct().where(owner == organization_id, func.length(column) >= SHORTEST)
            texts: set[str] = set(session.scalars(mine.order_by(column).limit(OF_EACH)))
            theirs: set[str] = set(
                session.scalars(select(column).distinct().where(owner != organization_id, column.in_(texts)))
            )
            found |= texts - theirs
    found -= _business_texts(session, organization_id, found)
    # Whoever works elsewhere too, or runs the installation, keeps their account and their name.
    stays = select(User).where(
        User.id.in_(_people(organization_id)), User.id.not_in(_leaving(session, organization_id))
    )
    kept = [f"{user.email} {user.profile}".lower() for user in session.scalars(stays)]
    return sorted(text for text in found if not any(text.lower() in one for one in kept))


def _business_texts(session: Session, organization_id: str, texts: set[str]) -> set[str]:
    """Those of the texts that are also a value which identifies nobody: a deal may be called after its product."""
    found: set[str] = set()
    for table in copied_tables():
        for column in copied_columns(table):
            if isinstance(column.type, String) and not isinstance(column.type, Enum) and column.key != "id":
                query = select(column).distinct().where(_owner(table) == organization_id, column.in_(texts))
                found |= set(session.scalars(query))
    return found


def pattern_of(canaries: Iterable[str]) -> str:
    """A regular expression that finds any of them."""
    return "|".join(re.escape(one) for one in canaries)


def count_rows(session: Session, organization_id: str) -> dict[str, int]:
    """Table → how many rows the organization has."""
    counts = {
        table.name: session.scalar(select(func.count()).select_from(table).where(_owner(table) == organization_id)) or 0
        for table in owned_tables()
    }
    return {name: rows for name, rows in counts.items() if rows} | {"users": len(_leaving(session, organization_id))}


def close_organization(session: Session, organization_id: str) -> None:
    """Nobody acts in it any more."""
    session.execute(
        update(SignInSession).where(SignInSession.organization_id == organization_id).values(organization_id=None)
    )


def remove_rows(session: Session, organization_id: str, certificate: bytes) -> None:
    """Remove everything of the organization, its audit and the accounts that were for it alone. Once or again."""
    organizations = Base.metadata.tables["organizations"]
    if session.execute(select(organizations.c.id).where(organizations.c.id == organization_id)).first() is None:
        return
    leaving = _leaving(session, organization_id)
    addresses = set(session.scalars(select(User.email).where(User.id.in_(leaving))))
    _forget_choice(session, organization_id)
    release_chain(session, organization_id, certificate)
    session.execute(delete(Mail).where(or_(Mail.organization_id == organization_id, Mail.recipient.in_(addresses))))
    session.execute(update(Membership).where(Membership.organization_id == organization_id).values(manager_id=None))
    for table in reversed(owned_tables()):
        if table.name not in {"audit_events", "organizations", *CERTIFICATES}:
            session.execute(delete(table).where(_owner(table) == organization_id))
    close_organization(session, organization_id)
    session.execute(delete(organizations).where(organizations.c.id == organization_id))
    _remove_people(session, leaving)


def find_texts(session: Session, canaries: Iterable[str]) -> dict[str, int]:
    """Table → rows in which one of the texts stands, in whatever column, for every table."""
    texts = list(canaries)
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in CERTIFICATES:
            continue
        columns = [func.coalesce(cast(literal_column(f'"{one.name}"'), String), "") for one in table.c]
        whole: ColumnElement[str] = columns[0]
        for one in columns[1:]:
            whole = whole + " " + one
        looked = or_(*(func.lower(whole).contains(text.lower(), autoescape=True) for text in texts))
        rows = session.scalar(select(func.count()).select_from(table).where(looked)) or 0
        found[table.name] = rows
    return found


def _owner(table: Table) -> Column[Any]:
    return table.c.id if table.name == "organizations" else table.c.organization_id


def _people(organization_id: str) -> Select[str | None]:
    return select(Membership.user_id).where(
        Membership.organization_id == organization_id, Membership.user_id.is_not(None)
    )


def _leaving(session: Session, organization_id: str) -> list[str]:
    """People who have no other organization and do not run the installation."""
    elsewhere = select(Membership.user_id).where(
        Membership.organization_id != organization_id, Membership.user_id.is_not(None)
    )
    alone = and_(User.id.in_(_people(organization_id)), User.id.not_in(elsewhere), User.is_operator.is_(False))
    return list(session.scalars(select(User.id).where(alone)))


def _forget_choice(session: Session, organization_id: str) -> None:
    """Nobody wants to begin in an organization that is gone."""
    for user in session.scalars(select(User).where(User.id.in_(_people(organization_id)))):
        if user.preferences.get("default_organization") == organization_id:
            user.preferences = user.preferences | {"default_organization": None}
    session.flush()


def _remove_people(session: Session, leaving: list[str]) -> None:
    users = Base.metadata.tables["users"]
    for table in reversed(Base.metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.column.table is users:
                session.execute(delete(table).where(key.parent.in_(leaving)))
    session.execute(delete(users).where(users.c.id.in_(leaving)))
