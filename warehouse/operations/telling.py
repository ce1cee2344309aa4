"""The one way to tell members something: on screen, by mail, in a daily digest or at an address of theirs, as each wants it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.members import OrganizationSetting
from warehouse.oltp.notices import HookCall, Notice, NotificationChoice
from warehouse.oltp.organization import Membership, Organization
from warehouse.tenancy import AccessRole, Actor


class Topic(StrEnum):
    """What people are told about, which they choose their channels by."""

    SECURITY = "security"
    ALERT = "alert"
    ESCALATION = "escalation"
    REPORT = "report"
    ASSIGNMENT = "assignment"
    REMINDER = "reminder"
    SLA = "sla"

    @property
    def label(self) -> str:
        """As people read it."""
        return LABELS[self]


LABELS = {
    Topic.SECURITY: "Security of the organization",
    Topic.ALERT: "My alerts",
    Topic.ESCALATION: "Alerts nobody answered",
    Topic.REPORT: "Reports",
    Topic.ASSIGNMENT: "Work that is given to me",
    Topic.REMINDER: "Tasks that are due",
    Topic.SLA: "Tickets that are nearly late",
}


class Channel(StrEnum):
    """Where something is told."""

    SCREEN = "screen"
    MAIL = "mail"
    DIGEST = "digest"
    HOOK = "hook"

    @property
    def label(self) -> str:
        """As people read it."""
        return {"screen": "In Longhouse", "mail": "Mail", "digest": "Daily digest", "hook": "My address"}[self]


USUAL: Mapping[Topic, tuple[Channel, ...]] = {
    Topic.SECURITY: (Channel.SCREEN, Channel.MAIL),
    Topic.ALERT: (Channel.SCREEN, Channel.MAIL, Channel.HOOK),
    Topic.ESCALATION: (Channel.SCREEN, Channel.MAIL, Channel.HOOK),
    # The report itself is the mail.
    Topic.REPORT: (Channel.SCREEN,),
    Topic.ASSIGNMENT: (Channel.SCREEN, Channel.DIGEST),
    Topic.REMINDER: (Channel.SCREEN, Channel.DIGEST),
    Topic.SLA: (Channel.SCREEN, Channel.MAIL),
}
"""How somebody is told who chose nothing; a hook is called only where somebody gave an address."""
OFFERED: Mapping[Topic, tuple[Channel, ...]] = {
    Topic.SECURITY: (),
    Topic.REPORT: (Channel.SCREEN, Channel.HOOK),
    **{one: tuple(Channel) for one in Topic if one not in {Topic.SECURITY, Topic.REPORT}},
}
"""What may be chosen: what concerns safety always comes, and a report is a mail anyhow."""

CHOSEN = ("membership_id", "channels", "quiet_from", "quiet_until", "digest_hour", "hook_form")


@dataclass(frozen=True)
class Wishes:
    """How a member wants to be told."""

    channels: Mapping[Topic, tuple[Channel, ...]]
    quiet_from: str | None = None
    quiet_until: str | None = None
    digest_hour: int = 7
    has_address: bool = False

    def of(self, topic: Topic) -> tuple[Channel, ...]:
        """Where something about this is told."""
        found = self.channels.get(topic, USUAL[topic])
        return found if self.has_address else tuple(one for one in found if one is not Channel.HOOK)


@dataclass(frozen=True)
class Told:
    """What is to be told: what happened, to which subject, with what the words need."""

    topic: Topic
    kind: str
    subject: str
    facts: Mapping[str, Any]
    audit_event_id: str | None = None
    is_urgent: bool = False
    """It does not wait for the end of quiet hours, nor for a digest."""


def tell(session: Session, organization_id: str, members: Iterable[str], told: Told, now: datetime) -> list[Notice]:
    """Tell each of these members, as each wants it, in the transaction of what happened; the notices.

    Members without a sign-in, or whose membership ended, are told nothing.
    """
    reached = _who_can_be_told(session, organization_id, members)
    wishes = wishes_of(session, organization_id, reached)
    zone = ZoneInfo(session.get_one(Organization, organization_id).timezone)
    return [_notice(session, organization_id, one, told, wishes[one], zone, now) for one in reached]


def leaders_of(session: Session, organization_id: str) -> Sequence[str]:
    """The memberships of owners and admins."""
    return session.scalars(
        select(Membership.id).where(
            Membership.organization_id == organization_id,
            Membership.access_role.in_((AccessRole.OWNER, AccessRole.ADMIN)),
            Membership.user_id.is_not(None),
            Membership.is_active,
            Membership.deleted_at.is_(None),
        )
    ).all()


def people_to_tell(session: Session, actor: Actor) -> dict[str, str]:
    """Id → name of every active member who can sign in, by name. Raises Forbidden."""
    actor.must("organization:read")
    found = session.execute(
        select(Membership.id, Membership.name)
        .where(
            Membership.organization_id == actor.organization_id,
            Membership.user_id.is_not(None),
            Membership.is_active,
            Membership.deleted_at.is_(None),
        )
        .order_by(Membership.name, Membership.id)
    )
    return {one.id: one.name for one in found}


def wishes_of(session: Session, organization_id: str, members: Sequence[str]) -> dict[str, Wishes]:
    """How each of these members wants to be told; the organization's quiet hours where somebody chose none."""
    beside = session.get(OrganizationSetting, organization_id)
    quiet = (beside.quiet_from, beside.quiet_until) if beside else (None, None)
    # Column by column: an address is opened only where it is called.
    asked = select(*(getattr(NotificationChoice, name) for name in CHOSEN)).where(
        NotificationChoice.organization_id == organization_id, NotificationChoice.membership_id.in_(list(members))
    )
    chosen = {one.membership_id: one for one in session.execute(asked)}
    return {one: _wishes(chosen.get(one), quiet) for one in members}


def _wishes(chosen: Any, quiet: tuple[str | None, str | None]) -> Wishes:
    if chosen is None:
        return Wishes({}, quiet[0], quiet[1])
    channels = {
        topic: tuple(one for one in OFFERED[topic] if one in chosen.channels[topic])
        for topic in Topic
        if topic in chosen.channels and OFFERED[topic]
    }
    first, last = (chosen.quiet_from, chosen.quiet_until) if chosen.quiet_from and chosen.quiet_until else quiet
    return Wishes(channels, first, last, chosen.digest_hour, chosen.hook_form is not None)


def _who_can_be_told(session: Session, organization_id: str, members: Iterable[str]) -> list[str]:
    found = session.scalars(
        select(Membership.id).where(
            Membership.organization_id == organization_id,
            Membership.id.in_(list(members)),
            Membership.user_id.is_not(None),
            Membership.is_active,
            Membership.deleted_at.is_(None),
        )
    )
    return sorted(found)


def _notice(
    session: Session, organization_id: str, member: str, told: Told, wishes: Wishes, zone: ZoneInfo, now: datetime
) -> Notice:
    channels = wishes.of(told.topic)
    mailed = _mailed(channels, told.is_urgent)
    due = now if told.is_urgent else after_quiet(now, wishes.quiet_from, wishes.quiet_until, zone)
    made = Notice(
        id=uuid7(now),
        organization_id=organization_id,
        membership_id=member,
        topic=told.topic,
        kind=told.kind,
        subject=told.subject,
        audit_event_id=told.audit_event_id,
        facts=dict(told.facts),
        channels=[mailed] if mailed else [],
        created_at=now,
        due_at=next_hour(now, wishes.digest_hour, zone) if mailed is Channel.DIGEST else due if due > now else None,
        # Whoever wants nothing on screen finds it in the list, and is not counted at.
        read_at=None if Channel.SCREEN in channels else now,
        mailed_at=None if mailed else now,
    )
    session.add(made)
    if Channel.HOOK in channels:
        session.flush()
        session.add(HookCall(organization_id=organization_id, notice_id=made.id, created_at=now, next_attempt_at=due))
    return made


def _mailed(channels: Sequence[Channel], is_urgent: bool) -> Channel | None:
    """At once where both were chosen; what is urgent is never kept for a digest."""
    if Channel.MAIL in channels or (is_urgent and Channel.DIGEST in channels):
        return Channel.MAIL
    return Channel.DIGEST if Channel.DIGEST in channels else None


def after_quiet(now: datetime, starts: str | None, ends: str | None, zone: ZoneInfo) -> datetime:
    """Now, or the end of the quiet hours that now lies in; they may go over midnight, from 20:00 until 07:00."""
    if not starts or not ends or starts == ends:
        return now
    first, last, local = time.fromisoformat(starts), time.fromisoformat(ends), now.astimezone(zone)
    at = local.time()
    is_quiet = first <= at < last if first < last else at >= first or at < last
    if not is_quiet:
        return now
    day = local.date() if at < last else local.date() + timedelta(days=1)
    # By the wall clock: a night in which the clocks change is an hour shorter or longer.
    return datetime.combine(day, last, zone).astimezone(now.tzinfo)


def next_hour(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time it is so many o'clock there."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), time(hour), zone)
    at = today if today > local else datetime.combine(local.date() + timedelta(days=1), time(hour), zone)
    return at.astimezone(now.tzinfo)
