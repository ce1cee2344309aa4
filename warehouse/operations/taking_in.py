"""What a sync leaves in the operational store: who is behind the records, what nobody declared, and how it went."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from warehouse.oltp.connectors import Connection, ConnectionSync, ExternalIdentity, SyncOutcome, UndeclaredField
from warehouse.oltp.identifiers import uuid7
from warehouse.operations.declare import NotFound, Work, operation
from warehouse.operations.fields import Request

TAKES_IN = "organization:take_in"
AT_ONCE = 500
MOST_SAMPLES, LONGEST_SAMPLE = 5, 500
SAMPLES_FOR = timedelta(days=14)
"""How long a few values of an undeclared field are kept, for whoever decides what it is."""
SYNCS_FOR = timedelta(days=90)


@dataclass
class Opened:
    """A connection as a sync needs it."""

    organization_id: str
    id: str
    vendor: str
    name: str
    things: list[str]
    made_since: Any
    whole_at: datetime | None
    secret: dict[str, str] = field(repr=False)


@dataclass
class Identity:
    """What identifies who is behind a record."""

    record_id: str
    details: dict[str, Any] = field(repr=False)
    is_deleted: bool = False


@dataclass
class Undeclared:
    """A field nobody declared: in how many records it came, and a few of its values."""

    place: str
    records: int = 0
    samples: list[Any] = field(default_factory=list, repr=False)


class TakeIn(Request):
    """What one kind of record brought that the lake must not have."""

    connection_id: str
    thing: Annotated[str, StringConstraints(max_length=60)]
    identities: list[Identity] = []
    undeclared: list[Undeclared] = []
    is_whole: bool = False
    """Whether every record there is was read: of those that are not there, nothing personal is kept."""


class RecordSync(Request):
    """How a sync ended."""

    connection_id: str
    started_at: datetime
    is_whole: bool
    counts: dict[str, dict[str, int]] = {}
    problem: str = ""
    load_id: str | None = None
    """The load that the lake has of it; it is noted once."""


class RenewSecret(Request):
    """The refresh token that a vendor gave in the place of the one before."""

    connection_id: str
    secret: dict[str, str]


@operation(
    "organization.take_in_identities",
    permission=TAKES_IN,
    entity="external_identities",
    input=TakeIn,
    stays_in_the_store=True,
)
def take_in(work: Work, request: TakeIn) -> int:
    """Take in who is behind the records an outside system brought; how many came new, differently or went."""
    connection = _alive(work, request.connection_id)
    changed = sum(_take_some(work, connection.id, request.thing, some) for some in _portions(request.identities))
    if request.is_whole:
        changed += _forget_others(work, connection.id, request.thing, {one.record_id for one in request.identities})
    for one in request.undeclared:
        _set_aside(work, connection.id, request.thing, one)
    work.rows, work.entity_id = changed + len(request.undeclared), None
    work.details = {"connection": connection.id, "thing": request.thing, "identities": changed}
    work.details |= {"undeclared": len(request.undeclared)}
    return changed


@operation("organization.record_sync", permission=TAKES_IN, entity="connection_syncs", input=RecordSync)
def record_sync(work: Work, request: RecordSync) -> ConnectionSync:
    """Take note of what an outside system brought; one that brought nothing is noted without a change."""
    connection = _alive(work, request.connection_id)
    outcome = SyncOutcome.FAILED if request.problem else SyncOutcome.OK
    made = ConnectionSync(
        id=request.load_id or uuid7(work.now),
        organization_id=work.actor.organization_id,
        connection_id=connection.id,
        started_at=request.started_at,
        finished_at=max(work.now, request.started_at),
        outcome=outcome,
        is_whole=request.is_whole,
        counts=request.counts,
        problem=request.problem,
    )
    work.session.add(made)
    if request.is_whole and outcome is SyncOutcome.OK:
        connection.whole_at = request.started_at
    old = delete(ConnectionSync).where(
        ConnectionSync.organization_id == work.actor.organization_id,
        ConnectionSync.connection_id == connection.id,
        ConnectionSync.started_at < request.started_at - SYNCS_FOR,
    )
    work.session.execute(old)
    # What changed is what the next build is for: a sync that brought nothing gives it nothing to do.
    work.rows = sum(one.get("changed", 0) + one.get("deleted", 0) for one in request.counts.values())
    work.session.flush()
    work.entity_id, work.details = made.id, {"connection": connection.id, "counts": request.counts}
    return made


@operation(
    "organization.renew_connection_secret",
    permission=TAKES_IN,
    entity="connections",
    input=RenewSecret,
    stays_in_the_store=True,
)
def renew_secret(work: Work, request: RenewSecret) -> None:
    """Keep the refresh token an outside system gave in the place of the one before."""
    found = _alive(work, request.connection_id)
    found.secret, work.entity_id = json.dumps(request.secret), found.id


def begin_sync(session: Session, organization_id: str, connection_id: str, now: datetime) -> Opened:
    """A connection with its secret, marked as tried now. Raises NotFound, KeyMissing."""
    made = opened(session, organization_id, connection_id)
    found = session.get_one(Connection, made.id)
    found.tried_at = now
    return made


def opened(session: Session, organization_id: str, connection_id: str) -> Opened:
    """A connection with its secret, for a sync. Raises NotFound, KeyMissing."""
    found = session.scalars(
        select(Connection).where(
            Connection.organization_id == organization_id,
            Connection.id == connection_id,
            Connection.deleted_at.is_(None),
        )
    ).one_or_none()
    if found is None or found.secret is None:
        raise NotFound("There is no such connection here.")
    told = (found.organization_id, found.id, found.vendor, found.name, list(found.things), found.made_since)
    return Opened(*told, found.whole_at, json.loads(found.secret))


def is_noted(session: Session, load_id: str) -> bool:
    """Whether a load that the lake has was noted as a sync."""
    return session.get(ConnectionSync, load_id) is not None


def forget_samples(session: Session, now: datetime) -> None:
    """Forget the values of undeclared fields whose time has come."""
    session.execute(update(UndeclaredField).where(UndeclaredField.samples_until <= now).values(samples=[]))


def _alive(work: Work, connection_id: str) -> Connection:
    """The connection, unless it was removed while it was read: then nothing personal may come back."""
    found = work.session.scalars(
        select(Connection).where(
            Connection.organization_id == work.actor.organization_id,
            Connection.id == connection_id,
            Connection.deleted_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such connection here.")
    return found


def _portions(identities: Sequence[Identity]) -> Iterator[Sequence[Identity]]:
    for start in range(0, len(identities), AT_ONCE):
        yield identities[start : start + AT_ONCE]


def _of(work: Work, connection_id: str, thing: str) -> Any:
    here = ExternalIdentity.organization_id == work.actor.organization_id
    return here & (ExternalIdentity.connection_id == connection_id) & (ExternalIdentity.thing == thing)


def _take_some(work: Work, connection_id: str, thing: str, identities: Sequence[Identity]) -> int:
    which = _of(work, connection_id, thing) & ExternalIdentity.record_id.in_([one.record_id for one in identities])
    known = {one.record_id: one for one in work.session.scalars(select(ExternalIdentity).where(which))}
    changed = 0
    for one in identities:
        details = {} if one.is_deleted else one.details
        digest = hashlib.sha256(json.dumps([details, one.is_deleted], sort_keys=True).encode()).hexdigest()
        there = known.get(one.record_id)
        if there is None:
            if not details:
                continue
            key = {"connection_id": connection_id, "thing": thing, "record_id": one.record_id}
            there = ExternalIdentity(organization_id=work.actor.organization_id, **key)
            work.session.add(there)
        elif there.digest == digest:
            continue
        there.details, there.digest, there.seen_at = details, digest, work.now
        there.deleted_at = work.now if one.is_deleted else None
        changed += 1
    work.session.flush()
    return changed


def _forget_others(work: Work, connection_id: str, thing: str, there: set[str]) -> int:
    alive = _of(work, connection_id, thing) & ExternalIdentity.deleted_at.is_(None)
    known = set(work.session.scalars(select(ExternalIdentity.record_id).where(alive)))
    gone = [Identity(one, {}, is_deleted=True) for one in sorted(known - there)]
    return sum(_take_some(work, connection_id, thing, some) for some in _portions(gone))


def _set_aside(work: Work, connection_id: str, thing: str, told: Undeclared) -> None:
    digest = hashlib.sha256(told.place.encode()).hexdigest()
    key = (work.actor.organization_id, connection_id, thing, digest)
    found = work.session.get(UndeclaredField, key)
    if found is None:
        names = ("organization_id", "connection_id", "thing", "digest")
        found = UndeclaredField(**dict(zip(names, key, strict=True)), place=told.place, records=0)
        found.first_seen_at = work.now
        work.session.add(found)
    found.records, found.last_seen_at = found.records + told.records, work.now
    found.samples = [json.dumps(one, default=str)[:LONGEST_SAMPLE] for one in told.samples[:MOST_SAMPLES]]
    found.samples_until = work.now + SAMPLES_FOR
