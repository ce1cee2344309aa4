"""What members were told, in words: the list under the bell, the mails and the calls that carry it outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from warehouse.oltp.alerts import AlertEvent, ReportSchedule
from warehouse.oltp.insights import SavedDashboard
from warehouse.oltp.notices import HookCall, Notice, NotificationChoice
from warehouse.oltp.organization import Membership, Organization, User
from warehouse.operations.alert_words import words_of
from warehouse.operations.identity import actor_of_membership
from warehouse.operations.mail import DELAYS, LEASE, send_mail
from warehouse.operations.notices import name_of, security_words
from warehouse.operations.reading import names_of
from warehouse.operations.telling import Channel, Topic
from warehouse.settings import settings
from warehouse.tenancy import Actor

EVERYTHING = frozenset({"personal", "restricted"})


class NoticeUnknown(Exception):
    """The member was never told this."""


@dataclass(frozen=True)
class Said:
    """A notice as it is shown: names joined in."""

    id: str
    topic: Topic
    title: str
    text: str
    at: datetime
    is_read: bool = False
    audit_event_id: str | None = None
    level: str = "info"
    receipt: str | None = None
    path: str = ""
    """The screen that shows more, with what its address carries: `alerts?alert=…`."""
    organization_id: str = ""


@dataclass(frozen=True)
class Call:
    """A notice on its way to somebody's address."""

    id: str
    address: str
    form: str
    secret: str
    said: Said
    organization: str


def unread_notices(session: Session, actor: Actor, most: int = 20, topic: Topic | None = Topic.SECURITY) -> list[Said]:
    """What the acting member was told of a topic, or of all, and has not put away, latest first."""
    asked = [*_mine(actor), Notice.read_at.is_(None), *([Notice.topic == topic] if topic else [])]
    return _said_to(session, actor, asked, most)


def notices_of(session: Session, actor: Actor, most: int = 50) -> list[Said]:
    """What the acting member was told of late, read or not, latest first."""
    return _said_to(session, actor, _mine(actor), most)


def count_unread(session: Session, actor: Actor) -> int:
    """How much the acting member has not read."""
    asked = select(func.count(Notice.id)).where(*_mine(actor), Notice.read_at.is_(None))
    return session.scalar(asked) or 0


def put_away(session: Session, actor: Actor, notice_ids: Iterable[str], now: datetime) -> None:
    """The acting member has read these; raises NoticeUnknown for what somebody else was told."""
    for notice_id in notice_ids:
        found = session.scalars(select(Notice).where(*_mine(actor), Notice.id == notice_id)).one_or_none()
        if found is None:
            raise NoticeUnknown("There is no such notice here.")
        found.read_at = found.read_at or now


def put_all_away(session: Session, actor: Actor, now: datetime) -> None:
    """The acting member has read everything they were told."""
    for found in session.scalars(select(Notice).where(*_mine(actor), Notice.read_at.is_(None))):
        found.read_at = now


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    return [
        Notice.organization_id == actor.organization_id,
        Notice.membership_id == (actor.membership_id or ""),
    ]


def _said_to(session: Session, actor: Actor, asked: Sequence[ColumnElement[bool]], most: int) -> list[Said]:
    newest = select(Notice).where(*asked).order_by(Notice.created_at.desc(), Notice.id.desc()).limit(most)
    return [in_words(session, one, actor.hidden, actor) for one in session.scalars(newest).all()]


def in_words(session: Session, notice: Notice, hidden: frozenset[str], reader: Actor | None = None) -> Said:
    """A notice for somebody who does not see fields with these tags; records are named to a reader who sees names."""
    topic = Topic(notice.topic)
    facts = notice.facts
    title, text, level, receipt, path = "", "", "info", None, ""
    if topic in {Topic.ALERT, Topic.ESCALATION}:
        said = words_of(session, session.get_one(AlertEvent, facts["event_id"]), hidden)
        title, text, level, receipt = said.title, said.text, said.level, said.receipt
        path = f"alerts?alert={facts['alert_id']}"
    elif topic is Topic.REPORT:
        title, text, path = _report_words(session, notice)
    elif topic in RECORD_WORDS:
        title, text, path = _record_words(session, notice, reader if "personal" not in hidden else None)
    else:
        title, text = security_words(session, notice)
        path = f"audit?event={notice.audit_event_id}"
    return Said(
        id=notice.id,
        topic=topic,
        title=title,
        text=text,
        at=notice.created_at,
        is_read=notice.read_at is not None,
        audit_event_id=notice.audit_event_id,
        level=level,
        receipt=receipt,
        path=path,
        organization_id=notice.organization_id,
    )


def _report_words(session: Session, notice: Notice) -> tuple[str, str, str]:
    schedule = session.get_one(ReportSchedule, notice.facts["schedule_id"])
    board = session.get_one(SavedDashboard, schedule.dashboard_id)
    problem = notice.facts.get("problem")
    path = f"dashboard?board={board.id}"
    if problem:
        return f"{board.name} could not be sent", str(problem), path
    return f"{board.name} was mailed to you", "The report is in your mail, as PDF and CSV.", path


RECORD_WORDS = {
    Topic.ASSIGNMENT: ("{Noun} is yours now", "{who} made you responsible for {name}."),
    Topic.REMINDER: ("A task is due today", "{name} is due."),
    Topic.SLA: ("A ticket is nearly late", "{name} waits for {what} until {until} UTC."),
}
"""Topic → what is said of the record that a notice is about."""
NOUNS = {"opportunities": "deal"}


def _record_words(session: Session, notice: Notice, actor: Actor | None) -> tuple[str, str, str]:
    facts = notice.facts
    table, record = str(facts["table"]), str(facts["record_id"])
    noun = NOUNS.get(table) or table.replace("_", " ").removesuffix("s")
    named = names_of(session, actor, table, [record]).get(record) if actor else None
    who = name_of(session, notice.organization_id, facts.get("by")) if actor else None
    title, text = RECORD_WORDS[Topic(notice.topic)]
    said = text.format(
        who=who or "A colleague",
        name=f"“{named}”" if named else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}",
        what=facts.get("what", ""),
        until=facts.get("until", ""),
    )
    path = f"deal?id={record}" if table == "opportunities" else f"record?of={table}&id={record}"
    return title.format(Noun=f"{'An' if noun[0] in 'aeiou' else 'A'} {noun}"), said[:1].upper() + said[1:], path


@dataclass
class _Digest:
    """What one member is told in one mail."""

    email: str
    organization: str
    organization_id: str
    said: list[Said] = field(default_factory=list)


def mail_notices(session: Session, now: datetime, most: int = 50) -> int:
    """Put the mails of notices into the outbox, of all organizations; how many notices they tell of.

    Apart from what told them, which may run in a session that sees one organization only: the outbox is the
    installation's. What was kept for a member's digest goes in one mail.
    """
    due = session.execute(
        select(Notice, Organization.name, User.email)
        .join(Organization, Organization.id == Notice.organization_id)
        .join(Membership, Membership.id == Notice.membership_id)
        .outerjoin(User, (User.id == Membership.user_id) & User.is_active & Membership.is_active)
        .where(Notice.mailed_at.is_(None), Notice.due_at.is_(None) | (Notice.due_at <= now))
        .order_by(Notice.created_at, Notice.id)
        .limit(most)
        .with_for_update(of=Notice, skip_locked=True)
    ).all()
    digests: dict[str, _Digest] = {}
    for notice, organization, email in due:
        notice.mailed_at = now
        if not email:
            continue
        # Nobody behind the membership any more sees nothing that is anybody's.
        actor = actor_of_membership(session, notice.organization_id, notice.membership_id)
        said = in_words(session, notice, actor.hidden if actor else EVERYTHING, actor)
        if Channel.DIGEST in notice.channels:
            kept = digests.setdefault(notice.membership_id, _Digest(email, organization, notice.organization_id))
            kept.said.append(said)
        else:
            send_mail(session, email, f"Longhouse: {said.title}", _letter(said, organization), notice.organization_id)
    for digest in digests.values():
        _mail_digest(session, digest)
    return len(due)


def _letter(said: Said, organization: str) -> str:
    where = f"It happened in {organization}, {said.at:%d %b %Y, %H:%M} UTC"
    more = "What was done is in the audit: Organization → Audit." if said.topic is Topic.SECURITY else address_of(said)
    receipt = f"\nReceipt: {said.receipt}" if said.receipt else ""
    return f"{said.text}\n{receipt}\n{where}. {more}\n"


def _mail_digest(session: Session, digest: _Digest) -> None:
    parts = [f"{one.at:%d %b, %H:%M} UTC · {one.title}\n{one.text}\n{address_of(one)}" for one in digest.said]
    told = "one thing" if len(parts) == 1 else f"{len(parts)} things"
    text = f"Since your last digest {told} happened in {digest.organization}.\n\n" + "\n\n".join(parts) + "\n"
    send_mail(session, digest.email, f"Longhouse: {digest.organization}, {told}", text, digest.organization_id)


def address_of(said: Said) -> str:
    """Where somebody who is told this reads more."""
    return f"{settings().origin}/{said.path}" if said.path else settings().origin


def calls_wait(session: Session, now: datetime) -> bool:
    """Whether a call is due."""
    waiting = select(HookCall.id).where(
        HookCall.sent_at.is_(None), HookCall.failed_at.is_(None), HookCall.next_attempt_at <= now
    )
    return session.scalar(waiting.limit(1)) is not None


def take_calls(session: Session, now: datetime, most: int = 20) -> list[Call]:
    """The calls that are due, oldest first; for a while no other process takes them. Raises KeyMissing."""
    due = session.execute(
        select(HookCall, Notice, NotificationChoice, Organization.name)
        .join(Notice, Notice.id == HookCall.notice_id)
        .join(Organization, Organization.id == HookCall.organization_id)
        .outerjoin(
            NotificationChoice,
            (NotificationChoice.organization_id == Notice.organization_id)
            & (NotificationChoice.membership_id == Notice.membership_id),
        )
        .where(HookCall.sent_at.is_(None), HookCall.failed_at.is_(None), HookCall.next_attempt_at <= now)
        .order_by(HookCall.next_attempt_at, HookCall.id)
        .limit(most)
        .with_for_update(of=HookCall, skip_locked=True)
    ).all()
    found = []
    for call, notice, choice, organization in due:
        actor = actor_of_membership(session, notice.organization_id, notice.membership_id)
        if choice is None or not choice.hook_address or actor is None:
            call.failed_at, call.problem = now, "There is no address to call any more."
            continue
        call.next_attempt_at = now + LEASE
        said = in_words(session, notice, actor.hidden, actor)
        form, secret = choice.hook_form or "plain", choice.hook_secret or ""
        found.append(Call(call.id, choice.hook_address, form, secret, said, organization))
    return found


def note_call(session: Session, call_id: str, problem: str | None, now: datetime) -> None:
    """It was taken, or why not: then when to try again, or that it is given up."""
    call = session.get_one(HookCall, call_id)
    call.attempts += 1
    call.problem = problem[:1000] if problem else None
    if problem is None:
        call.sent_at = now
    elif call.attempts > len(DELAYS):
        call.failed_at = now
    else:
        call.next_attempt_at = now + timedelta(minutes=DELAYS[call.attempts - 1])
