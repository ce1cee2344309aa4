"""What owners and admins are told about the safety of their organization: rules over the audit, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.notices import Notice
from warehouse.oltp.organization import AuditEvent, Membership, Organization, User
from warehouse.operations.events import (
    EXPORTED,
    FILE_READ,
    LOCKED_OUT,
    SIGN_IN_FAILED,
    SIGNED_IN,
    TOKEN_MADE,
    sentence_of,
)
from warehouse.operations.mail import send_mail
from warehouse.tenancy import AccessRole, Actor

ONCE_IN = timedelta(hours=1)
"""How long a rule stays silent about a subject it has told of."""
COUNTED_OVER = timedelta(minutes=15)
TOLD = (AccessRole.OWNER, AccessRole.ADMIN)
SOMEBODY = "Somebody who is no longer here"


class NoticeUnknown(Exception):
    """The member was never told this."""


@dataclass(frozen=True)
class Rule:
    """When the audit gets such a row, owners and admins are told. `{who}` did `{what}`, `{whom}` it was done to."""

    kind: str
    title: str
    text: str
    subject: Literal["entity_id", "actor_id"]
    """What it is told at most once in a while about."""
    operations: tuple[str, ...] = ()
    """Names, with * for any characters."""
    entities: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Fields; a change of any of them fires."""
    details: Mapping[str, object] = field(default_factory=dict)
    """What the row's details must say as well."""
    at_least: int = 1
    """How many such rows of the same subject within COUNTED_OVER."""


RULES = (
    Rule(
        "repeated_failures",
        "Repeated failed sign-ins",
        "{whom} failed to sign in {count} times within 15 minutes. After five the account is locked for a while.",
        "entity_id",
        operations=(SIGN_IN_FAILED,),
        at_least=3,
    ),
    Rule(
        "locked_out",
        "An account is locked",
        "The account of {whom} is locked for 15 minutes after five failed sign-ins. Ask whether it was them.",
        "entity_id",
        operations=(LOCKED_OUT,),
    ),
    Rule(
        "personal_export",
        "Personal data was exported",
        "{who} took data about people away as a file.",
        "actor_id",
        operations=(EXPORTED,),
        details={"personal": True},
    ),
    Rule(
        "personal_file",
        "A file with personal data was opened",
        "{who} opened an exported file with data about people.",
        "actor_id",
        operations=(FILE_READ,),
        details={"kind": "export"},
    ),
    Rule(
        "permission_change",
        "Somebody's rights were changed",
        "{who} {what}.",
        "entity_id",
        operations=("*.grant_*", "*.revoke_*", "*_role", "*_roles"),
        entities=("role_grants",),
        changed=("access_role", "is_active", "functions"),
    ),
    Rule(
        "new_token",
        "A new token was made",
        "{who} made a token with which a program may act here.",
        "actor_id",
        operations=(TOKEN_MADE, "*.create_token", "*.create_client", "organization.make_hook_secret"),
    ),
    Rule(
        "owner_kept",
        "The last owner was not removed",
        "{who} removed {whom}, who stays: an organization needs an owner. Make somebody else one, then deactivate them.",
        "entity_id",
        operations=("organization.sync_user",),
        details={"kept": "last owner"},
    ),
    Rule(
        "new_place",
        "A sign-in from a new place",
        "{whom} signed in from a network and browser they never signed in from before.",
        "entity_id",
        operations=(SIGNED_IN,),
        details={"new_place": True},
    ),
)
BY_KIND = {rule.kind: rule for rule in RULES}


@dataclass(frozen=True)
class Told:
    """A notice as it is shown: names joined in."""

    id: str
    title: str
    text: str
    at: datetime
    audit_event_id: str


def heed(session: Session, row: AuditEvent) -> None:
    """Let every rule look at a row that was just added to the audit; tell each owner and admin what fires."""
    for rule in RULES:
        if _speaks_of(rule, row):
            count = 1 if rule.at_least == 1 else _count(session, row, rule)
            subject = str(getattr(row, rule.subject) or row.actor_label)
            if count >= rule.at_least and not _told_lately(session, row, rule, subject):
                _tell(session, row, rule, subject, count)


def _speaks_of(rule: Rule, row: AuditEvent) -> bool:
    details = row.details
    named = any(fnmatch(row.operation, pattern) for pattern in rule.operations)
    # What changed about a member besides its fields stands beside them.
    changed = details.get("changed", {}) | (details if row.entity == "memberships" else {})
    touched = row.entity in rule.entities or any(name in changed for name in rule.changed)
    return (named or touched) and all(details.get(name) == value for name, value in rule.details.items())


def _count(session: Session, row: AuditEvent, rule: Rule) -> int:
    column = getattr(AuditEvent, rule.subject)
    found = session.scalar(
        select(func.count(AuditEvent.id)).where(
            AuditEvent.organization_id == row.organization_id,
            AuditEvent.operation == row.operation,
            column == getattr(row, rule.subject),
            AuditEvent.happened_at > row.happened_at - COUNTED_OVER,
        )
    )
    return found or 0


def _told_lately(session: Session, row: AuditEvent, rule: Rule, subject: str) -> bool:
    found = select(Notice.id).where(
        Notice.organization_id == row.organization_id,
        Notice.kind == rule.kind,
        Notice.subject == subject,
        Notice.created_at > row.happened_at - ONCE_IN,
    )
    return session.execute(found.limit(1)).first() is not None


def _tell(session: Session, row: AuditEvent, rule: Rule, subject: str, count: int) -> None:
    told = session.scalars(
        select(Membership.id).where(
            Membership.organization_id == row.organization_id,
            Membership.access_role.in_(TOLD),
            Membership.user_id.is_not(None),
            Membership.is_active,
            Membership.deleted_at.is_(None),
        )
    ).all()
    facts = {name: getattr(row, name) for name in ("actor_id", "actor_label", "entity_id", "operation")}
    session.add_all(
        Notice(
            id=uuid7(row.happened_at),
            organization_id=row.organization_id,
            membership_id=member,
            kind=rule.kind,
            subject=subject,
            audit_event_id=row.id,
            facts=facts | {"count": count},
            created_at=row.happened_at,
        )
        for member in told
    )


def unread_notices(session: Session, actor: Actor, most: int = 20) -> list[Told]:
    """What the acting member was told and has not put away, latest first."""
    mine = select(Notice).where(
        Notice.organization_id == actor.organization_id,
        Notice.membership_id == actor.membership_id,
        Notice.read_at.is_(None),
    )
    found = session.scalars(mine.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(most)).all()
    return [_in_words(session, one) for one in found]


def put_away(session: Session, actor: Actor, notice_ids: list[str], now: datetime) -> None:
    """The acting member has read these; raises NoticeUnknown for what somebody else was told."""
    for notice_id in notice_ids:
        found = session.scalars(
            select(Notice).where(
                Notice.organization_id == actor.organization_id,
                Notice.membership_id == actor.membership_id,
                Notice.id == notice_id,
            )
        ).one_or_none()
        if found is None:
            raise NoticeUnknown("There is no such notice here.")
        found.read_at = found.read_at or now


def mail_notices(session: Session, now: datetime, most: int = 50) -> int:
    """Put the mails of notices into the outbox, of all organizations; how many.

    Apart from `heed`, which may run in a session that sees one organization only: the outbox is the installation's.
    """
    due = session.execute(
        select(Notice, Organization.name, User.email)
        .join(Organization, Organization.id == Notice.organization_id)
        .join(Membership, Membership.id == Notice.membership_id)
        .outerjoin(User, (User.id == Membership.user_id) & User.is_active & Membership.is_active)
        .where(Notice.mailed_at.is_(None))
        .order_by(Notice.created_at, Notice.id)
        .limit(most)
        .with_for_update(of=Notice, skip_locked=True)
    ).all()
    for notice, organization, email in due:
        notice.mailed_at = now
        if email:
            told = _in_words(session, notice)
            where = f"It happened in {organization}, {notice.created_at:%d %b %Y, %H:%M} UTC"
            text = f"{told.text}\n\n{where}. What was done is in the audit: Organization → Audit.\n"
            send_mail(session, email, f"Longhouse: {told.title}", text, notice.organization_id)
    return len(due)


def _in_words(session: Session, notice: Notice) -> Told:
    facts: dict[str, Any] = notice.facts
    who = _name(session, notice.organization_id, facts["actor_id"]) or str(facts["actor_label"]).capitalize()
    whom = _name(session, notice.organization_id, facts["entity_id"]) or SOMEBODY
    what = sentence_of(str(facts["operation"]))
    rule = BY_KIND[notice.kind]
    text = rule.text.format(who=who, whom=whom, what=what[:1].lower() + what[1:], count=facts["count"])
    return Told(notice.id, rule.title, text, notice.created_at, notice.audit_event_id)


def _name(session: Session, organization_id: str, membership_id: str | None) -> str | None:
    if membership_id is None:
        return None
    return session.scalar(
        select(Membership.name).where(Membership.organization_id == organization_id, Membership.id == membership_id)
    )
