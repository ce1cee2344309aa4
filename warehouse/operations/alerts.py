"""What people may do with alerts: keep, change, pause and put away their own; acknowledge and snooze what they answer for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from warehouse.alerts import Happened, Level, NoRule, Standing, read_rule
from warehouse.oltp.alerts import Alert, AlertEvent
from warehouse.oltp.organization import Membership
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion, Work, operation
from warehouse.operations.fields import Request
from warehouse.tenancy import Actor

READS, SAVES, MANAGES = "insights:read", "insights:save", "organization:settings"
MOST_VERSIONS, MOST_ALERTS = 50, 200
LONGEST_SNOOZE = timedelta(days=30)
MOST_MINUTES = 7 * 24 * 60


class KeepAlert(Request):
    """A new alert. `on_duty_id` is told after `escalate_minutes` in which nobody acknowledged it."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    rule: dict[str, Any]
    level: Level = Level.WARNING
    on_duty_id: str | None = None
    escalate_minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = None
    cooldown_minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)] = 60


class EditAlert(KeepAlert):
    """What an alert is from now on; `version` is the one the editor saw."""

    id: str
    version: int


class OneAlert(Request):
    """An alert at the version the caller saw."""

    id: str
    version: int


class AnAlert(Request):
    """An alert, whatever its version: what is firing is answered, not edited."""

    id: str


class SnoozeAlert(AnAlert):
    """Be silent about it for so long."""

    minutes: Annotated[int, Field(ge=5, le=int(LONGEST_SNOOZE.total_seconds()) // 60)]


@operation("insights.keep_alert", permission=SAVES, entity="alerts", input=KeepAlert, stays_in_the_store=True)
def keep_alert(work: Work, request: KeepAlert) -> Alert:
    """Keep a new alert, one's own. Call it by `warehouse.watching.keep`, which asks whether its owner may see the number."""
    made = Alert(
        organization_id=work.actor.organization_id,
        membership_id=_own(work.actor),
        created_at=work.now,
        updated_at=work.now,
        **_values(work, request),
    )
    held = select(Alert.id).where(*_kept(work.actor), Alert.membership_id == made.membership_id)
    if len(work.session.scalars(held.limit(MOST_ALERTS)).all()) >= MOST_ALERTS:
        raise NotAllowedNow(f"You have {MOST_ALERTS} alerts already: put one away first.")
    work.session.add(made)
    work.session.flush()
    work.entity_id, work.details = made.id, {"kind": made.rule["kind"], "level": made.level}
    return made


@operation("insights.edit_alert", permission=SAVES, entity="alerts", input=EditAlert, stays_in_the_store=True)
def edit_alert(work: Work, request: EditAlert) -> Alert:
    """Change an alert; what it was before is kept with it, and what it watches is read anew."""
    found = _to_change(work, request.id, request.version)
    names = ("name", "rule", "level", "on_duty_id", "escalate_minutes", "cooldown_minutes")
    before = {"version": found.version, "at": found.updated_at.isoformat()} | {n: getattr(found, n) for n in names}
    values = _values(work, request)
    if values["rule"] != found.rule and found.standing.is_open:
        # Another rule is another question: what fired under the old one is over.
        note_event(work.session, found, Happened.RESOLVED, work.now, told={"because": "Its rule was changed."})
        found.standing, found.resolved_at = Standing.RESOLVED, work.now
    found.earlier = [before, *found.earlier][:MOST_VERSIONS]
    for name, value in values.items():
        setattr(found, name, value)
    found.problem = None
    _renew(work, found)
    return found


@operation("insights.pause_alert", permission=SAVES, entity="alerts", input=OneAlert, stays_in_the_store=True)
def pause_alert(work: Work, request: OneAlert) -> Alert:
    """Pause an alert: nothing is read and nobody is told until it is resumed."""
    found = _to_change(work, request.id, request.version)
    if found.paused_at is not None:
        raise NotAllowedNow("It is paused already.")
    found.paused_at, found.paused_because = work.now, None
    note_event(work.session, found, Happened.PAUSED, work.now, work.actor.membership_id)
    _renew(work, found)
    return found


@operation("insights.resume_alert", permission=SAVES, entity="alerts", input=OneAlert, stays_in_the_store=True)
def resume_alert(work: Work, request: OneAlert) -> Alert:
    """Resume a paused alert; whoever looks after another's alert takes it over, for an owner's rights decide."""
    found = _to_change(work, request.id, request.version)
    if found.paused_at is None:
        raise NotAllowedNow("It is not paused.")
    found.paused_at, found.paused_because, found.problem = None, None, None
    found.membership_id = _own(work.actor)
    found.checked_build, found.checked_on = None, None
    note_event(work.session, found, Happened.RESUMED, work.now, work.actor.membership_id)
    _renew(work, found)
    return found


@operation("insights.delete_alert", permission=SAVES, entity="alerts", input=OneAlert, stays_in_the_store=True)
def delete_alert(work: Work, request: OneAlert) -> Alert:
    """Put an alert away; its history stays."""
    found = _to_change(work, request.id, request.version)
    found.deleted_at = work.now
    _renew(work, found)
    return found


@operation("insights.acknowledge_alert", permission=READS, entity="alerts", input=AnAlert, stays_in_the_store=True)
def acknowledge_alert(work: Work, request: AnAlert) -> Alert:
    """Acknowledge an alert that is firing: somebody is at it, and nobody else is called."""
    found = find_alert(work.session, work.actor, request.id)
    if found.standing is not Standing.FIRING:
        raise NotAllowedNow("It is not firing." if not found.standing.is_open else "Somebody acknowledged it already.")
    found.standing = Standing.ACKNOWLEDGED
    note_event(work.session, found, Happened.ACKNOWLEDGED, work.now, work.actor.membership_id)
    work.entity_id = found.id
    return found


@operation("insights.snooze_alert", permission=READS, entity="alerts", input=SnoozeAlert, stays_in_the_store=True)
def snooze_alert(work: Work, request: SnoozeAlert) -> Alert:
    """Keep an alert silent for a while; if it still fires then, it is told again."""
    found = find_alert(work.session, work.actor, request.id)
    if found.standing is not Standing.FIRING:
        raise NotAllowedNow("Only what is firing can be snoozed; pause it instead.")
    found.snoozed_until = work.now + timedelta(minutes=request.minutes)
    note_event(
        work.session,
        found,
        Happened.SNOOZED,
        work.now,
        work.actor.membership_id,
        told={"until": found.snoozed_until.isoformat()},
    )
    work.entity_id, work.details = found.id, {"minutes": request.minutes}
    return found


def has_alerts(session: Session) -> bool:
    """Whether anybody on the installation keeps an alert that is not put away."""
    return session.scalar(select(Alert.id).where(Alert.deleted_at.is_(None)).limit(1)) is not None


def alerts_of(session: Session, actor: Actor) -> Sequence[Alert]:
    """The alerts a person answers for: their own, those they are on duty for, and for whoever manages the
    organization all of them; what is firing first. Raises Forbidden."""
    actor.must(READS)
    found = session.scalars(select(Alert).where(*_seen_by(actor)).order_by(Alert.name, Alert.id)).all()
    order = [Standing.FIRING, Standing.ACKNOWLEDGED, Standing.RESOLVED, Standing.OK]
    return sorted(found, key=lambda one: order.index(one.standing))


def find_alert(session: Session, actor: Actor, alert_id: str) -> Alert:
    """One of them. Raises NotFound, NotAllowedNow for a colleague's, and Forbidden."""
    actor.must(READS)
    found = session.scalars(select(Alert).where(*_kept(actor), Alert.id == alert_id)).first()
    if found is None:
        raise NotFound("There is no such alert here.")
    if actor.membership_id not in {found.membership_id, found.on_duty_id} and not actor.may(MANAGES):
        raise NotAllowedNow("This alert is a colleague's, and you are not on duty for it.")
    return found


def history_of(session: Session, actor: Actor, alert_id: str, most: int = 50) -> Sequence[AlertEvent]:
    """What happened to an alert, the latest first. Raises NotFound and Forbidden."""
    find_alert(session, actor, alert_id)
    return session.scalars(
        select(AlertEvent)
        .where(AlertEvent.organization_id == actor.organization_id, AlertEvent.alert_id == alert_id)
        .order_by(AlertEvent.at.desc(), AlertEvent.id.desc())
        .limit(most)
    ).all()


def may_change_alert(actor: Actor, one: Alert) -> bool:
    """Whether it is the person's own, or theirs to look after."""
    return actor.may(SAVES) and (one.membership_id == actor.membership_id or actor.may(MANAGES))


def may_see_rule(actor: Actor, one: Alert) -> bool:
    """Whether the person may read what it watches: a colleague's filters may name people."""
    return one.membership_id == actor.membership_id or not actor.hidden


def note_event(
    session: Session,
    alert: Alert,
    happened: Happened,
    at: datetime,
    by: str | None = None,
    *,
    value: str | None = None,
    bound: str | None = None,
    receipt: str | None = None,
    told: dict[str, Any] | None = None,
) -> AlertEvent:
    """Write into the history of an alert."""
    made = AlertEvent(
        organization_id=alert.organization_id,
        alert_id=alert.id,
        happened=happened,
        at=at,
        membership_id=by,
        value=value,
        bound=bound,
        receipt=receipt,
        told=told or {},
    )
    session.add(made)
    session.flush()
    return made


def last_reading(session: Session, alert: Alert) -> AlertEvent | None:
    """The last thing in an alert's history that says a number or names a check."""
    asked = select(AlertEvent).where(
        AlertEvent.alert_id == alert.id,
        AlertEvent.happened.in_((Happened.FIRED, Happened.REOPENED, Happened.RESOLVED)),
    )
    return session.scalars(asked.order_by(AlertEvent.at.desc(), AlertEvent.id.desc()).limit(1)).first()


def _kept(actor: Actor) -> list[ColumnElement[bool]]:
    return [Alert.organization_id == actor.organization_id, Alert.deleted_at.is_(None)]


def _seen_by(actor: Actor) -> list[ColumnElement[bool]]:
    mine = actor.membership_id or ""
    whose = [] if actor.may(MANAGES) else [or_(Alert.membership_id == mine, Alert.on_duty_id == mine)]
    return [*_kept(actor), *whose]


def _to_change(work: Work, alert_id: str, version: int) -> Alert:
    found = find_alert(work.session, work.actor, alert_id)
    if not may_change_alert(work.actor, found):
        raise NotAllowedNow("This alert is a colleague's: you may acknowledge or snooze it.")
    if found.version != version:
        raise StaleVersion(found, version)
    return found


def _renew(work: Work, found: Alert) -> None:
    found.version, found.updated_at = found.version + 1, work.now
    work.entity_id, work.details = found.id, {"version": found.version, "level": found.level}


def _values(work: Work, request: KeepAlert) -> dict[str, Any]:
    """What is kept of a request. Raises NotAllowedNow with the first thing that is not sound."""
    try:
        rule = read_rule(request.rule)
    except NoRule as wrong:
        raise NotAllowedNow(f"This is no rule: {wrong}") from None
    if (request.on_duty_id is None) != (request.escalate_minutes is None):
        raise NotAllowedNow("Name both who is on duty and after how many minutes they are told, or neither.")
    if request.on_duty_id is not None:
        _must_be_here(work, request.on_duty_id)
    values = request.model_dump(include={"name", "level", "on_duty_id", "escalate_minutes", "cooldown_minutes"})
    return values | {"rule": rule.model_dump(mode="json")}


def _must_be_here(work: Work, member: str) -> None:
    found = select(Membership.id).where(
        Membership.organization_id == work.actor.organization_id,
        Membership.id == member,
        Membership.user_id.is_not(None),
        Membership.is_active,
        Membership.deleted_at.is_(None),
    )
    if work.session.scalar(found) is None:
        raise NotFound("There is no such member who could be on duty.")


def _own(actor: Actor) -> str:
    if actor.membership_id is None:
        raise NotAllowedNow("Only a member keeps alerts.")
    return actor.membership_id
