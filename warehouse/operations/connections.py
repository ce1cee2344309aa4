"""What people may do with connections to outside systems, and what is told of them; a secret goes in and never comes out."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from warehouse.connectors.catalogue import UnknownVendor, find_vendor
from warehouse.connectors.spec import Vendor
from warehouse.oltp.connectors import Connection, ConnectionSync, ExternalIdentity, UndeclaredField
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion, Work, operation
from warehouse.operations.fields import Name, Request
from warehouse.tenancy import Actor

CONNECTS, READS = "organization:connect", "organization:read"
MOST_VERSIONS = 50
MOST_SYNCS = 50
ConnectionName = Annotated[Name, StringConstraints(max_length=80)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 31)]
Secret = dict[str, SecretStr]


class AddConnection(Request):
    """An account with a vendor. `secret` has the parts the vendor's way in asks for; no `things`, all of them."""

    vendor: Annotated[str, StringConstraints(max_length=60)]
    name: ConnectionName
    secret: Secret
    things: list[str] = []
    every_minutes: Minutes = 60
    made_since: date | None = None


class EditConnection(Request):
    """What a connection is from now on; `version` is the one the editor saw. No `secret`, it stays as it is."""

    id: str
    version: int
    name: ConnectionName
    things: list[str]
    every_minutes: Minutes
    made_since: date | None = None
    is_paused: bool = False
    secret: Secret | None = None


class OneConnection(Request):
    """A connection at the version the caller saw."""

    id: str
    version: int


@operation(
    "organization.add_connection",
    permission=CONNECTS,
    entity="connections",
    input=AddConnection,
    stays_in_the_store=True,
)
def add_connection(work: Work, request: AddConnection) -> Connection:
    """Connect an outside system; its first sync brings everything."""
    vendor = _known(request.vendor)
    made = Connection(
        organization_id=work.actor.organization_id,
        vendor=vendor.name,
        name=request.name,
        secret=_sealable(vendor, request.secret),
        things=_chosen(vendor, request.things),
        every_minutes=request.every_minutes,
        made_since=request.made_since,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    work.entity_id, work.details = made.id, {"vendor": vendor.name, "things": made.things}
    return made


@operation(
    "organization.edit_connection",
    permission=CONNECTS,
    entity="connections",
    input=EditConnection,
    stays_in_the_store=True,
)
def edit_connection(work: Work, request: EditConnection) -> Connection:
    """Change a connection; what it was before is kept with it, without its secret."""
    found = _open(work, request.id, request.version)
    vendor = _known(found.vendor)
    before = _told(found)
    wanted = {"name": request.name, "things": _chosen(vendor, request.things), "every_minutes": request.every_minutes}
    wanted |= {"made_since": request.made_since, "is_paused": request.is_paused}
    changed = sorted(name for name, value in wanted.items() if getattr(found, name) != value)
    if "made_since" in changed:
        found.whole_at = None
    for name in changed:
        setattr(found, name, wanted[name])
    if request.secret is not None:
        found.secret = _sealable(vendor, request.secret)
        changed.append("secret")
    found.earlier = [before, *found.earlier][:MOST_VERSIONS]
    found.version, found.updated_at = found.version + 1, work.now
    work.entity_id = found.id
    work.details = {"version": found.version, "changed": dict.fromkeys(changed, "changed")}
    return found


@operation(
    "organization.remove_connection",
    permission=CONNECTS,
    entity="connections",
    input=OneConnection,
    stays_in_the_store=True,
)
def remove_connection(work: Work, request: OneConnection) -> Connection:
    """Take a connection away, with its secret and everything personal it brought; its numbers stay."""
    found = _open(work, request.id, request.version)
    found.deleted_at, found.secret, found.version, work.entity_id = work.now, None, found.version + 1, found.id
    here = work.actor.organization_id
    for kind in (ExternalIdentity, UndeclaredField):
        work.session.execute(delete(kind).where(kind.organization_id == here, kind.connection_id == found.id))
    return found


def connections_of(session: Session, actor: Actor) -> Sequence[Connection]:
    """The organization's connections, by name. Raises Forbidden."""
    actor.must(READS)
    kept = select(Connection).where(
        Connection.organization_id == actor.organization_id, Connection.deleted_at.is_(None)
    )
    return session.scalars(kept.order_by(Connection.name, Connection.id)).all()


def find_connection(session: Session, actor: Actor, told: str) -> Connection:
    """The connection with that id or name. Raises NotFound, also where several have the name, and Forbidden."""
    found = [one for one in connections_of(session, actor) if told in {one.id, one.name}]
    if len(found) != 1:
        why = (
            f"Several connections are called {told}; name one by its id."
            if found
            else "There is no such connection here."
        )
        raise NotFound(why)
    return found[0]


def syncs_of(session: Session, actor: Actor, connection_id: str) -> Sequence[ConnectionSync]:
    """A connection's last syncs, the latest first. Raises Forbidden."""
    actor.must(READS)
    kept = select(ConnectionSync).where(
        ConnectionSync.organization_id == actor.organization_id, ConnectionSync.connection_id == connection_id
    )
    return session.scalars(kept.order_by(ConnectionSync.started_at.desc(), ConnectionSync.id).limit(MOST_SYNCS)).all()


def undeclared_of(session: Session, actor: Actor, connection_id: str) -> Sequence[UndeclaredField]:
    """Fields the vendor sends that nobody declared: how its schema drifted. Raises Forbidden."""
    actor.must(READS)
    kept = select(UndeclaredField).where(
        UndeclaredField.organization_id == actor.organization_id, UndeclaredField.connection_id == connection_id
    )
    return session.scalars(
        kept.order_by(UndeclaredField.thing, UndeclaredField.first_seen_at, UndeclaredField.digest)
    ).all()


def due_connections(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Organization and id of every connection whose next sync is due, the one that waited longest first."""
    kept = select(Connection).where(Connection.deleted_at.is_(None), Connection.is_paused.is_(False))
    due = [one for one in session.scalars(kept) if one.tried_at is None or _next(one) <= now]
    due.sort(key=lambda one: (one.tried_at is not None, one.tried_at or one.created_at))
    return [(one.organization_id, one.id) for one in due]


def _next(one: Connection) -> datetime:
    return (one.tried_at or one.created_at) + timedelta(minutes=one.every_minutes)


def _known(name: str) -> Vendor:
    try:
        return find_vendor(name)
    except UnknownVendor as unknown:
        raise NotAllowedNow(str(unknown)) from None


def _sealable(vendor: Vendor, secret: Secret) -> str:
    """The secret as text, if it has exactly the parts that the vendor asks for."""
    parts = {name: part.get_secret_value().strip() for name, part in secret.items()}
    if set(parts) != set(vendor.auth.parts) or not all(parts.values()):
        raise NotAllowedNow(
            f"{vendor.title} lets us in with {', '.join(vendor.auth.parts)}: give each, and nothing else."
        )
    return json.dumps(parts)


def _chosen(vendor: Vendor, things: list[str]) -> list[str]:
    known = [one.name for one in vendor.things]
    unknown = sorted(set(things) - set(known))
    if unknown:
        raise NotAllowedNow(f"{vendor.title} brings {', '.join(known)}; there is no {', '.join(unknown)}.")
    return [name for name in known if name in things] or known


def _told(one: Connection) -> dict[str, Any]:
    return {
        "version": one.version,
        "at": one.updated_at.isoformat(),
        "name": one.name,
        "things": one.things,
        "every_minutes": one.every_minutes,
        "made_since": one.made_since.isoformat() if one.made_since else None,
        "is_paused": one.is_paused,
    }


def _open(work: Work, connection_id: str, version: int) -> Connection:
    found = find_connection(work.session, work.actor, connection_id)
    if found.version != version:
        raise StaleVersion(found, version)
    return found
