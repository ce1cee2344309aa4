"""Reads every alert that is due, moves it on, and tells whoever is to be told: after each publish, and by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse import logs
from warehouse.alerts import (
    TELLING,
    FailedJob,
    Happened,
    Level,
    NoRule,
    OfMetric,
    Reading,
    Rule,
    Standing,
    next_standing,
    read_rule,
)
from warehouse.extracts.builds import extracts_of
from warehouse.extracts.guard import Refused
from warehouse.extracts.process import ExtractUnreadable, QueryFailed, TooSlow, WorkerLost
from warehouse.metrics.answer import TooManyRows
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.serving import NoExtract
from warehouse.oltp.alerts import Alert
from warehouse.oltp.days import today_at
from warehouse.oltp.engine import StoreBusy, reading, reading_as, writing
from warehouse.operations.alerts import last_reading, note_event
from warehouse.operations.errors import keep_error
from warehouse.operations.identity import actor_of_membership
from warehouse.operations.telling import Told, Topic, leaders_of, tell
from warehouse.tenancy import Actor, Forbidden
from warehouse.watching.numbers import NothingKnown, read_number
from warehouse.watching.state import read_job, read_state

PASSING = (StoreBusy, NoExtract, ExtractUnreadable, QueryFailed, TooSlow, WorkerLost, TooManyRows, NothingKnown)
"""Why a reading could not be taken this time; the next one may go well."""
FOR_GOOD = (Forbidden, Unknown, Refused, NoRule)
"""Why none can be taken until somebody changes something: the alert is paused, and says so."""
OWNER_LEFT = "Its owner is no longer an active member here. Whoever resumes it takes it over."


@dataclass(frozen=True)
class Due:
    """An alert that is to be read, as it stood when that was found."""

    id: str
    organization_id: str
    membership_id: str
    version: int
    rule: Rule | None
    why_not: str
    build: str
    today: date
    is_open: bool


@dataclass
class Watched:
    """What one look came to."""

    read: int = 0
    fired: int = 0
    resolved: int = 0
    escalated: int = 0
    paused: int = 0

    @property
    def sentence(self) -> str:
        """For the log of the job."""
        told = f"{self.read} alerts read, {self.fired} fired, {self.resolved} resolved"
        return f"{told}, {self.escalated} escalated, {self.paused} paused"


def watch(now: datetime | None = None) -> Watched:
    """Read what is due in every organization, wake what was snoozed, and call who is on duty.

    A number is read once per build and day; freshness, checks and jobs each time. One alert that cannot be read keeps
    no other from its turn.
    """
    now, done = now or datetime.now(UTC), Watched()
    for due in due_alerts():
        logs.begin(organization=due.organization_id)
        try:
            _look(due, now, done)
        except Exception as unforeseen:
            _note_problem(due, f"It could not be read: {keep_error(unforeseen, 'alert')}.", now)
    _wake(now)
    _escalate(now, done)
    return done


def due_alerts() -> list[Due]:
    """The alerts whose turn it is, oldest reading first."""
    with reading() as session:
        kept = select(Alert).where(Alert.deleted_at.is_(None), Alert.paused_at.is_(None))
        rows = session.scalars(kept.order_by(Alert.checked_at, Alert.id)).all()
        days = {one.organization_id: today_at(session, one.organization_id) for one in rows}
    builds = {one: next((path.stem for path in extracts_of(one)), "") for one in days}
    found = [_due(one, builds[one.organization_id], days[one.organization_id]) for one in rows]
    return [due for due, row in zip(found, rows, strict=True) if not _is_read(due, row)]


def _due(row: Alert, build: str, today: date) -> Due:
    rule, why_not = None, ""
    try:
        rule = read_rule(row.rule)
    except NoRule as wrong:
        why_not = f"This is no rule any more: {wrong}"
    return Due(
        row.id, row.organization_id, row.membership_id, row.version, rule, why_not, build, today, row.standing.is_open
    )


def _is_read(due: Due, row: Alert) -> bool:
    """Whether the same build was read on the same day under the same rule."""
    seen = (row.checked_build, row.checked_on, row.checked_version)
    return isinstance(due.rule, OfMetric) and seen == (due.build, due.today, due.version)


def _look(due: Due, now: datetime, done: Watched) -> None:
    with reading() as session:
        actor = actor_of_membership(session, due.organization_id, due.membership_id)
    if actor is None:
        return _pause(due, OWNER_LEFT, now, done)
    if due.rule is None:
        return _pause(due, due.why_not, now, done)
    try:
        found = _read(actor, due.rule, now, is_open=due.is_open)
    except PASSING as why:
        return _note_problem(due, str(why), now)
    except FOR_GOOD as why:
        return _pause(due, str(why), now, done)
    done.read += 1
    with writing() as session:
        row = _again(session, due)
        if row is not None:
            happened = apply_reading(session, row, found, now)
            row.checked_build, row.checked_on, row.checked_version = due.build, due.today, due.version
            done.fired += happened is Happened.FIRED
            done.resolved += happened is Happened.RESOLVED
    return None


def _read(actor: Actor, rule: Rule, now: datetime, *, is_open: bool) -> Reading:
    if isinstance(rule, OfMetric):
        return read_number(actor, rule, is_open=is_open)
    actor.must("insights:read")
    if isinstance(rule, FailedJob):
        with reading() as session:
            return read_job(session)
    with reading_as(actor) as session:
        return read_state(session, actor, rule, now)


def _again(session: Session, due: Due) -> Alert | None:
    """The alert under the writer's lock; None where somebody changed it since it was found due."""
    row = session.scalars(select(Alert).where(Alert.id == due.id).with_for_update()).one_or_none()
    if row is None or row.version != due.version or row.paused_at is not None or row.deleted_at is not None:
        return None
    return row


def apply_reading(session: Session, alert: Alert, found: Reading, now: datetime) -> Happened | None:
    """Move an alert on by what was read, write its history and tell its owner; what happened."""
    cooldown = timedelta(minutes=alert.cooldown_minutes)
    standing, happened = next_standing(alert.standing, found, now, alert.resolved_at, cooldown)
    alert.standing, alert.checked_at, alert.problem = standing, now, None
    if happened is None:
        return None
    if happened is Happened.FIRED:
        alert.fired_at, alert.resolved_at, alert.escalated_at, alert.snoozed_until = now, None, None, None
    if happened is Happened.RESOLVED:
        alert.resolved_at, alert.snoozed_until = now, None
    event = note_event(
        session,
        alert,
        happened,
        now,
        value=_exact(found.value),
        bound=_exact(found.bound),
        receipt=found.receipt,
        told=_words(found),
    )
    if happened in TELLING:
        _tell(session, alert, event.id, happened, now, [alert.membership_id])
    return happened


def _exact(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


def _words(found: Reading) -> dict[str, Any]:
    told = {"label": found.label, "unit": found.unit, "about": found.about}
    return told | {"needs": list(found.needs), "subject": list(found.subject)}


def _tell(
    session: Session, alert: Alert, event_id: str, happened: Happened, now: datetime, members: Sequence[str]
) -> None:
    """Tell these members; a colleague on duty hears of what was acknowledged no more than others."""
    topic = Topic.ESCALATION if happened is Happened.ESCALATED else Topic.ALERT
    is_urgent = alert.level is Level.CRITICAL and happened in {Happened.FIRED, Happened.WOKE, Happened.ESCALATED}
    facts = {"alert_id": alert.id, "event_id": event_id}
    told = Told(topic, f"alert_{happened}", alert.id, facts, is_urgent=is_urgent)
    tell(session, alert.organization_id, members, told, now)


def _wake(now: datetime) -> None:
    """What was snoozed and still fires is told again."""
    with writing() as session:
        over = select(Alert).where(
            Alert.deleted_at.is_(None), Alert.snoozed_until.is_not(None), Alert.snoozed_until <= now
        )
        for alert in session.scalars(over.with_for_update(skip_locked=True)).all():
            alert.snoozed_until = None
            if alert.standing is Standing.FIRING and alert.paused_at is None:
                event = _repeated(session, alert, Happened.WOKE, now)
                _tell(session, alert, event, Happened.WOKE, now, [alert.membership_id])


def _escalate(now: datetime, done: Watched) -> None:
    """Who is on duty is told of what nobody acknowledged in time, once per firing; not of what is snoozed."""
    with writing() as session:
        waiting = select(Alert).where(
            Alert.deleted_at.is_(None),
            Alert.paused_at.is_(None),
            Alert.standing == Standing.FIRING,
            Alert.escalated_at.is_(None),
            Alert.snoozed_until.is_(None),
            Alert.on_duty_id.is_not(None),
            Alert.escalate_minutes.is_not(None),
        )
        for alert in session.scalars(waiting.with_for_update(skip_locked=True)).all():
            since, minutes = alert.fired_at or now, alert.escalate_minutes or 0
            if now < since + timedelta(minutes=minutes):
                continue
            alert.escalated_at = now
            event = _repeated(session, alert, Happened.ESCALATED, now)
            on_duty = alert.on_duty_id or ""
            is_here = actor_of_membership(session, alert.organization_id, on_duty) is not None
            # Nobody is on duty any more: those who lead the organization have to know.
            members = [on_duty] if is_here else leaders_of(session, alert.organization_id)
            _tell(session, alert, event, Happened.ESCALATED, now, members)
            done.escalated += 1


def _repeated(session: Session, alert: Alert, happened: Happened, now: datetime) -> str:
    """A row of history with the number the alert fired with; its id."""
    last = last_reading(session, alert)
    made = note_event(
        session,
        alert,
        happened,
        now,
        value=last.value if last else None,
        bound=last.bound if last else None,
        receipt=last.receipt if last else None,
        told=dict(last.told) if last else {},
    )
    return made.id


def _pause(due: Due, because: str, now: datetime, done: Watched) -> None:
    """Nothing more is read until somebody resumes it; its owner and those who lead the organization are told why."""
    with writing() as session:
        alert = _again(session, due)
        if alert is None:
            return
        alert.paused_at, alert.paused_because, alert.checked_at = now, because, now
        alert.version += 1
        event = note_event(session, alert, Happened.PAUSED, now, told={"because": because})
        members = {alert.membership_id, *leaders_of(session, alert.organization_id)}
        _tell(session, alert, event.id, Happened.PAUSED, now, sorted(members))
        done.paused += 1


def _note_problem(due: Due, why: str, now: datetime) -> None:
    """Say on the alert why this reading failed; it stands where it stood."""
    with writing() as session:
        alert = _again(session, due)
        if alert is not None:
            alert.problem, alert.checked_at = why[:1000], now
