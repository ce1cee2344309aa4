"""What owners and admins are told about the safety of their organization: rules over the audit, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatch
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from warehouse.oltp.notices import Notice
from warehouse.oltp.organization import AuditEvent, Membership
from warehouse.operations.events import (
    EXPORTED,
    FILE_READ,
    LOCKED_OUT,
    SIGN_IN_FAILED,
    SIGNED_IN,
    TOKEN_MADE,
    sentence_of,
)
from warehouse.operations.telling import Told, Topic, leaders_of, tell

ONCE_IN = timedelta(hours=1)
"""How long a rule stays silent about a subject it has told of."""
COUNTED_OVER = timedelta(minutes=15)
SOMEBODY = "Somebody who is no longer here"


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
    facts = {name: getattr(row, name) for name in ("actor_id", "actor_label", "entity_id", "operation")}
    told = Told(Topic.SECURITY, rule.kind, subject, facts | {"count": count}, row.id, is_urgent=True)
    tell(session, row.organization_id, leaders_of(session, row.organization_id), told, row.happened_at)


def security_words(session: Session, notice: Notice) -> tuple[str, str]:
    """Title and text of what a rule over the audit told: names joined in."""
    facts: dict[str, Any] = notice.facts
    who = name_of(session, notice.organization_id, facts["actor_id"]) or str(facts["actor_label"]).capitalize()
    whom = name_of(session, notice.organization_id, facts["entity_id"]) or SOMEBODY
    what = sentence_of(str(facts["operation"]))
    rule = BY_KIND[notice.kind]
    return rule.title, rule.text.format(who=who, whom=whom, what=what[:1].lower() + what[1:], count=facts["count"])


def name_of(session: Session, organization_id: str, membership_id: str | None) -> str | None:
    """What a member is called; None where nobody is meant or nobody is left."""
    if membership_id is None:
        return None
    return session.scalar(
        select(Membership.name).where(Membership.organization_id == organization_id, Membership.id == membership_id)
    )
