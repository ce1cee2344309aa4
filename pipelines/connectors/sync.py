"""One sync of one connection: ask for what changed, keep people apart from numbers, commit whole."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipelines.connectors.client import Client, Clock, VendorFailed, opened
from pipelines.connectors.spool import Spool, clear, spool_folder
from pipelines.connectors.walk import walk
from pipelines.turn import taking_turns
from warehouse.connectors.catalogue import UnknownVendor, find_vendor
from warehouse.connectors.fields import Parting, is_before, is_code
from warehouse.connectors.spec import Ask, Since, Thing, Vendor, at
from warehouse.lake.connection import lake_exists, open_lake
from warehouse.lake.connectors import Landing, Load, Row, cursors, ensure_tables, last_load
from warehouse.lake.writer import LakeLocked, writer_lock
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identifiers import uuid7
from warehouse.operations.declare import NotFound
from warehouse.operations.errors import keep_error
from warehouse.operations.taking_in import (
    MOST_SAMPLES,
    Identity,
    Opened,
    RecordSync,
    RenewSecret,
    TakeIn,
    Undeclared,
    begin_sync,
    is_noted,
    record_sync,
    renew_secret,
    take_in,
)
from warehouse.operations.taking_in import opened as opened_connection
from warehouse.secrets import KeyMissing
from warehouse.settings import settings
from warehouse.tenancy import Actor, system_actor

Steps = Callable[[str], None]
"""Told the name of every step before it; tests stop there, as a power cut would."""


class SyncUnderWay(Exception):
    """Another process syncs this connection."""


@dataclass
class Synced:
    """What a sync did."""

    connection: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    load_id: str | None = None
    is_whole: bool = False
    problem: str = ""

    @property
    def sentence(self) -> str:
        """For people."""
        if self.problem:
            return f"{self.connection}: {self.problem}"
        told = [f"{one['changed']:,} {name}" for name, one in self.counts.items() if one["changed"]]
        gone = sum(one["deleted"] for one in self.counts.values())
        told += [f"{gone:,} deleted"] if gone else []
        return f"{self.connection}: {', '.join(told) or 'nothing new'}"


@dataclass
class _Brought:
    """What one kind of record brought."""

    thing: Thing
    spool: Spool
    asks: list[Ask]
    is_whole: bool
    cursor: datetime


def sync(
    organization_id: str, connection_id: str, clock: Clock | None = None, steps: Steps = lambda step: None
) -> Synced:
    """Bring what changed at a vendor since the last sync, and take note of how it went.

    Raises NotFound where there is no such connection, and SyncUnderWay; what the vendor does wrong is told in the
    outcome instead.
    """
    with _alone(organization_id, connection_id):
        return _sync(organization_id, connection_id, clock or Clock(), steps)


@contextmanager
def _alone(organization_id: str, connection_id: str) -> Iterator[None]:
    """Two syncs of one connection would write into one spool."""
    path = spool_folder(organization_id) / f"{connection_id}.lock"
    with ExitStack() as stack:
        try:
            stack.enter_context(writer_lock(path, wait_seconds=0))
        except LakeLocked:
            raise SyncUnderWay("This connection is being synced by another process. Wait for it to end.") from None
        yield


def _sync(organization_id: str, connection_id: str, clock: Clock, steps: Steps) -> Synced:
    begun = clock.now()
    with writing() as session:
        found = begin_sync(session, organization_id, connection_id, begun)
    actor = system_actor(organization_id, f"sync of {found.vendor}")
    done = Synced(found.name)
    try:
        _bring(found, actor, done, clock, steps)
    except (VendorFailed, UnknownVendor, LakeLocked, KeyMissing) as failed:
        done.problem, done.counts, done.load_id = str(failed), {}, None
    except NotFound:
        raise
    except Exception as unforeseen:
        # Noted like any other end, so that the clock goes on to the next connection and comes back to this one.
        reference = keep_error(unforeseen, "job")
        done.problem = f"Something went wrong inside Longhouse (`longhouse errors {reference}` shows it)."
        done.counts, done.load_id = {}, None
    noted = RecordSync(
        connection_id=connection_id,
        started_at=begun,
        is_whole=done.is_whole,
        counts=done.counts,
        problem=done.problem,
        load_id=done.load_id,
    )
    with writing() as session:
        record_sync(session, actor, noted)
    return done


def _standing(found: Opened, actor: Actor, now: datetime) -> dict[str, datetime]:
    """From when on each kind of record is to be asked for.

    A load that the lake has, and whose process ended before it was noted, is noted now: no build would know of it.
    """
    if not lake_exists():
        return {}
    with open_lake() as lake:
        known, last = cursors(lake, found.id), last_load(lake, found.id)
    if last is not None:
        with writing() as session:
            if not is_noted(session, last.load_id):
                told = {"connection_id": found.id, "started_at": now, "load_id": last.load_id, "counts": last.counts}
                record_sync(session, actor, RecordSync(is_whole=False, **told))  # type: ignore[arg-type]
    return known


def try_out(found: Opened, clock: Clock | None = None) -> list[str]:
    """The first entry of every kind of record a connection brings, asked for and thrown away; a sentence for each.

    Raises VendorFailed with the first that cannot be read.
    """
    vendor = find_vendor(found.vendor)
    told = []
    with opened(Client(vendor, found.secret, vendor_address(vendor), clock)) as client:
        for name in found.things:
            [first, *_] = vendor.ask(vendor.thing(name), Since())
            client.get(first, first.query, first.body)
            told.append(f"{vendor.title} lets us read {name}")
    return told


def vendor_address(vendor: Vendor) -> str:
    """Where a vendor is: at its own address, or where this installation says (`LONGHOUSE_CONNECTOR_ADDRESSES`)."""
    return settings().connector_addresses.get(vendor.name, vendor.address)


def _bring(found: Opened, actor: Actor, done: Synced, clock: Clock, steps: Steps) -> None:
    vendor = find_vendor(found.vendor)
    known = _standing(found, actor, clock.now())
    done.is_whole = _is_whole(vendor, found, known, clock.now())

    def renewed(parts: dict[str, str]) -> None:
        with writing() as session:
            renew_secret(session, actor, RenewSecret(connection_id=found.id, secret=parts))

    brought = []
    with opened(Client(vendor, found.secret, vendor_address(vendor), clock, renewed)) as client:
        for name in found.things:
            thing = vendor.thing(name)
            # A kind of record that was chosen since is read whole.
            cursor = None if done.is_whole or thing.is_always_whole else known.get(name)
            since = Since(cursor - vendor.cursor.lookback if cursor else None, found.made_since)
            asks = vendor.ask(thing, since)
            spool = Spool(spool_folder(found.organization_id, found.id) / f"{name}.pages", asks, clock.now())
            steps(f"walk {name}")
            walk(client, asks, spool)
            brought.append(_Brought(thing, spool, asks, cursor is None, spool.begun or clock.now()))
    _land(found, vendor, actor, brought, done, steps)
    clear(found.organization_id, found.id)


def _is_whole(vendor: Vendor, found: Opened, known: dict[str, datetime], now: datetime) -> bool:
    """Whether everything is to be read: at first, once in a while, and after more time than the vendor tells changes of."""
    if found.whole_at is None or not known:
        return True
    oldest = min((known[name] for name in found.things if name in known), default=now)
    late = now - oldest > vendor.cursor.reaches_back - vendor.cursor.lookback - timedelta(hours=1)
    return late or now - found.whole_at >= vendor.cursor.all_again


def _land(found: Opened, vendor: Vendor, actor: Actor, brought: list[_Brought], done: Synced, steps: Steps) -> None:
    load_id = uuid7()
    parted = [_Taken(found, vendor, one) for one in brought]
    # A build reads the lake for minutes, and must read one moment of it.
    with taking_turns(), open_lake(write=True, wait_seconds=120) as lake:
        ensure_tables(lake, [vendor.table(one) for one in vendor.things])
        landing = Landing(lake)
        for one, taken in zip(brought, parted, strict=True):
            name = one.thing.name
            table = vendor.table(one.thing)
            told = (found.organization_id, found.id, load_id, name, table, one.cursor, one.is_whole)
            counted = landing.compare(Load(*told), taken.rows())
            done.counts[name] = vars(counted) | {"refused": taken.refused}
        steps("identities")
        # First what the lake may not have: a crash in between is made good by reading the same pages again.
        for taken in parted:
            taken.take_in(actor)
        with reading() as session:
            # Whoever removed the connection, or the organization, meanwhile wants nothing of it any more.
            opened_connection(session, found.organization_id, found.id)
        steps("commit")
        done.load_id = load_id if landing.commit() else None
        steps("committed")


class _Taken:
    """What one kind of record brought, parted."""

    def __init__(self, found: Opened, vendor: Vendor, brought: _Brought) -> None:
        self._found, self._vendor, self._brought = found, vendor, brought
        self._identities: list[Identity] = []
        self._undeclared: dict[str, Undeclared] = {}
        self.refused = 0

    def rows(self) -> Iterator[Row]:
        """Each record once, as it is now, without anything personal; the rest is remembered for `take_in`."""
        thing, seen, parting = self._brought.thing, set[str](), Parting(self._brought.thing)
        for item in self._brought.spool.newest_first(self._brought.asks):
            read = self._vendor.read(thing, item) if isinstance(item, dict) else None
            if read is None:
                continue
            key = str(at(thing.key, read.record) or "")
            # It is in the lake as it is: what is no id, such as an address, keeps its record out.
            self.refused += not is_code(key)
            if not is_code(key) or key in seen:
                continue
            seen.add(key)
            if self._is_too_old(read.record):
                continue
            parted = parting.part(read.record)
            if thing.personal:
                self._identities.append(Identity(key, parted.who, read.is_deleted))
            for place, value in parted.undeclared.items():
                self._set_aside(place, value)
            digest = hashlib.sha256(json.dumps(parted.business, sort_keys=True).encode()).hexdigest()
            yield Row(key, parted.business, digest, read.is_deleted)

    def take_in(self, actor: Actor) -> None:
        """Put who is behind the records, and what nobody declared, into the operational store."""
        one = self._brought
        if not (self._identities or self._undeclared or (one.is_whole and one.thing.personal)):
            return
        brought = TakeIn(
            connection_id=self._found.id,
            thing=one.thing.name,
            identities=self._identities,
            undeclared=list(self._undeclared.values()),
            is_whole=one.is_whole,
        )
        with writing() as session:
            take_in(session, actor, brought)

    def _is_too_old(self, record: Any) -> bool:
        since, made = self._found.made_since, self._brought.thing.made
        return since is not None and made is not None and is_before(at(made, record), since)

    def _set_aside(self, place: str, value: object) -> None:
        one = self._undeclared.setdefault(place, Undeclared(place))
        one.records += 1
        if len(one.samples) < MOST_SAMPLES:
            one.samples.append(value)
