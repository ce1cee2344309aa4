"""How an operation is declared and performed: check right → change rows → audit and change event, one transaction."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from warehouse.logs import span
from warehouse.oltp.base import Record
from warehouse.oltp.days import today_at
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.order import take_turn
from warehouse.oltp.organization import ChangeEvent, Membership
from warehouse.operations.audit import append_audit
from warehouse.operations.telling import Told, Topic, tell
from warehouse.tenancy import Actor, Forbidden

R = TypeVar("R", bound=Record)
I = TypeVar("I", bound=BaseModel)  # noqa: E741 - the input of an operation
O = TypeVar("O")  # noqa: E741 - its outcome


class NotFound(Exception):
    """No such record in the actor's organization."""


class StaleVersion(Exception):
    """Someone saved the record after it was opened; `current` is what it holds now."""

    def __init__(self, current: Any, opened: int) -> None:
        super().__init__(
            f"This {_noun(type(current))} was changed by someone else since you opened it "
            f"(you had version {opened}, it is at {current.version}). Nothing was saved; compare and save again."
        )
        self.current = current


class NotAllowedNow(Exception):
    """The record's state does not permit this."""


@dataclass
class Work:
    """One operation in progress: its transaction, its actor and the sequence its rows carry."""

    session: Session
    actor: Actor
    permission: str
    seq: int
    now: datetime
    today: date
    entity_id: str | None = None
    rows: int = 1
    fingerprint: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    handed: list[Record] = field(default_factory=list)
    """Records that were added or touched: somebody else may be responsible for one from now on."""
    before: dict[str, str | None] = field(default_factory=dict)
    """Record → who was responsible for it."""

    def add(self, record: R) -> R:
        """Put a new record into the actor's organization."""
        record.id = record.id or uuid7(self.now)
        record.organization_id = self.actor.organization_id
        record.created_at = record.updated_at = self.now
        record.created_by = record.updated_by = self.actor.membership_id
        record.change_seq, record.version = self.seq, 1
        self.session.add(record)
        if record.responsible is not None:
            self.handed.append(record)
        return record

    def touch(self, record: R) -> R:
        """Mark a record as written by this operation: a new version. Raises Forbidden out of the actor's reach."""
        before = _responsible_before(record)
        self.actor.must_for(self.permission, before)
        if record.responsible is not None:
            self.before.setdefault(record.id, before)
            self.handed.append(record)
        record.updated_at, record.updated_by = self.now, self.actor.membership_id
        record.change_seq, record.version = self.seq, record.version + 1
        return record

    def delete(self, record: R) -> R:
        """Mark a record as deleted; everything about it stays, so that it can be restored."""
        record.deleted_at, self.entity_id = self.now, record.id
        return self.touch(record)

    def restore(self, record: R) -> R:
        """Bring a deleted record back."""
        record.deleted_at, self.entity_id = None, record.id
        return self.touch(record)

    def follow(self, record: R, values: Mapping[str, object]) -> None:
        """Set what follows from a change of another record; nothing differs, nothing is written."""
        if any(getattr(record, name) != value for name, value in values.items()):
            self.touch(record)
            for name, value in values.items():
                setattr(record, name, value)

    def must_see(self, privacy: str) -> None:
        """Raise Forbidden where the actor does not see fields with this tag: nobody changes what they do not see."""
        if not self.actor.sees(privacy):
            raise Forbidden(f"This changes a field that only people with the right fields:{privacy} see and change.")

    def apply(self, record: R, values: Mapping[str, object]) -> bool:
        """Set fields; note what changed (values of business fields, names of the others). False: nothing differed."""
        columns = inspect(type(record)).columns
        changed: dict[str, object] = {}
        for name, value in values.items():
            before = getattr(record, name)
            if before == value:
                continue
            self.must_see(columns[name].info["privacy"])
            shown = columns[name].info["privacy"] == "business"
            changed[name] = [_plain(before), _plain(value)] if shown else "changed"
            setattr(record, name, value)
        if changed:
            self.touch(record)
            self.details["changed"] = changed
        return bool(changed)


@dataclass(frozen=True)
class Operation(Generic[I, O]):
    """One thing a person or program may do. Routes, command-line verbs, audit names and forms derive from it."""

    name: str
    permission: str
    entity: str
    input: type[I]
    summary: str
    run: Callable[[Work, I], O]
    stays_in_the_store: bool = False
    """Whether the lake has no copy of what it changes, so that nothing needs to be brought up to date."""

    def __call__(self, session: Session, actor: Actor, request: I) -> O:
        """Perform it inside the caller's writing transaction.

        Raises Forbidden, NotFound, StaleVersion or NotAllowedNow; then nothing of it remains.
        """
        who = actor.membership_id or actor.label
        with span("operations", "operation", operation=self.name, organization=actor.organization_id, by=who) as told:
            actor.must(self.permission)
            # A savepoint: a caller that catches the refusal and goes on must not commit half of it.
            with session.begin_nested():
                return self._perform(session, actor, request, told)

    def _perform(self, session: Session, actor: Actor, request: I, told: dict[str, object]) -> O:
        take_turn(session, actor.organization_id)
        _must_still_be_a_member(session, actor)
        audit_id = uuid7()
        event = ChangeEvent(
            organization_id=actor.organization_id,
            happened_at=datetime.now(UTC),
            operation=self.name,
            entity=self.entity,
            audit_event_id=audit_id,
        )
        session.add(event)
        session.flush()
        today = today_at(session, actor.organization_id)
        work = Work(session, actor, self.permission, event.seq, event.happened_at, today)
        outcome = self.run(work, request)
        session.flush()
        told |= {"entity_id": work.entity_id, "rows": work.rows}
        if work.rows == 0:
            session.execute(delete(ChangeEvent).where(ChangeEvent.seq == event.seq))
            return outcome
        event.entity_id, event.rows, event.fingerprint = work.entity_id, work.rows, work.fingerprint
        append_audit(session, actor, audit_id, event, work.details)
        _tell_whoever_got_work(work)
        if self.stays_in_the_store:
            session.flush()
            session.execute(delete(ChangeEvent).where(ChangeEvent.seq == event.seq))
        return outcome


def _tell_whoever_got_work(work: Work) -> None:
    """Tell members of records that somebody else made theirs."""
    for record in {one.id: one for one in work.handed}.values():
        member = getattr(record, record.responsible or "")
        if member is None or member in {work.before.get(record.id), work.actor.membership_id}:
            continue
        table = str(inspect(type(record)).local_table)
        facts = {"table": table, "record_id": record.id, "by": work.actor.membership_id}
        told = Told(Topic.ASSIGNMENT, f"given_{table}"[:40], record.id, facts)
        tell(work.session, work.actor.organization_id, [member], told, work.now)


def _must_still_be_a_member(session: Session, actor: Actor) -> None:
    """Raise Forbidden where the membership ended, or has another role, since the actor's rights were read."""
    if actor.membership_id is None:
        return
    query = select(Membership.is_active, Membership.access_role, Membership.deleted_at).where(
        Membership.organization_id == actor.organization_id, Membership.id == actor.membership_id
    )
    found = session.execute(query).one_or_none()
    if found is None or not found.is_active or found.deleted_at is not None:
        raise Forbidden("Your membership in this organization has ended.")
    if actor.role is not None and found.access_role is not actor.role:
        raise Forbidden("Your role in this organization has changed. Reload the page.")


OPERATIONS: dict[str, Operation[Any, Any]] = {}


def operation(
    name: str, *, permission: str, entity: str, input: type[I], stays_in_the_store: bool = False
) -> Callable[[Callable[[Work, I], O]], Operation[I, O]]:
    """Declare a function as an operation; its docstring becomes the summary."""

    def declare(run: Callable[[Work, I], O]) -> Operation[I, O]:
        summary = (run.__doc__ or "").strip()
        made = Operation(name, permission, entity, input, summary, run, stays_in_the_store)
        OPERATIONS[name] = made
        return made

    return declare


def find(session: Session, actor: Actor, kind: type[R], record_id: str, *, deleted: bool = False) -> R:
    """The record in the actor's organization; another organization's is not found."""
    found = session.execute(
        select(kind).where(kind.organization_id == actor.organization_id, kind.id == record_id)
    ).scalar_one_or_none()
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound(f"There is no such {_noun(kind)} here.")
    return found


def open_at(session: Session, actor: Actor, kind: type[R], record_id: str, version: int, *, deleted: bool = False) -> R:
    """The record, only if it still is at the version the caller saw."""
    found = find(session, actor, kind, record_id, deleted=deleted)
    if found.version != version:
        # Out of the session, so that it can still be read and compared when the transaction is gone.
        session.expunge(found)
        raise StaleVersion(found, version)
    return found


def _responsible_before(record: Record) -> str | None:
    """The membership that was responsible for a record before this operation changed anything about it."""
    if record.responsible is None:
        return None
    history = get_history(record, record.responsible)
    before: str | None = next(iter(history.deleted or history.unchanged or ()), None)
    return before


def _noun(kind: type[Record]) -> str:
    return {"Opportunity": "deal"}.get(kind.__name__, " ".join(re.findall("[A-Z][a-z]*", kind.__name__)).lower())


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else str(value)
