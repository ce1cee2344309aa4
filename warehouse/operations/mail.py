"""Mails: written with their cause, sent later, tried again until they go."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from warehouse.oltp.identity import Mail

DELAYS = (1, 5, 15, 60, 240, 720, 1440)
"""Minutes to wait after each failed try; after the last one it is given up."""
LEASE = timedelta(minutes=2)
"""How long a process that took a mail has to send it before another one tries."""

KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    kind: str
    """`application/pdf`."""
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A mail as it is handed to the server that sends it."""

    id: str
    to: str
    subject: str
    text: str
    files: tuple[Attachment, ...] = ()


def send_mail(
    session: Session,
    to: str,
    subject: str,
    text: str,
    organization_id: str | None = None,
    files: Sequence[Attachment] = (),
) -> Mail:
    """Put a mail into the outbox, in the transaction of its cause: it goes if and only if that is committed."""
    now = datetime.now(UTC)
    # A line break would begin a header of its own.
    made = Mail(
        organization_id=organization_id,
        recipient=to,
        subject=" ".join(subject.split())[:200],
        text=text,
        files=_packed(files),
        created_at=now,
        next_attempt_at=now,
    )
    session.add(made)
    session.flush()
    return made


def take_due(session: Session, now: datetime, most: int = 20) -> list[Letter]:
    """The mails that are due, oldest first; for a while no other process takes them. Long sent ones are deleted."""
    session.execute(delete(Mail).where(Mail.sent_at <= now - KEPT))
    due = session.scalars(
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.failed_at.is_(None), Mail.next_attempt_at <= now)
        .order_by(Mail.next_attempt_at, Mail.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for mail in due:
        mail.next_attempt_at = now + LEASE
    return [Letter(mail.id, mail.recipient, mail.subject, mail.text or "", _unpacked(mail.files)) for mail in due]


def _packed(files: Sequence[Attachment]) -> str | None:
    told = [{"name": one.name, "kind": one.kind, "base64": b64encode(one.content).decode()} for one in files]
    return json.dumps(told) if told else None


def _unpacked(kept: str | None) -> tuple[Attachment, ...]:
    found = json.loads(kept) if kept else []
    return tuple(Attachment(one["name"], one["kind"], b64decode(one["base64"])) for one in found)


def note_sent(session: Session, mail_id: str, now: datetime) -> None:
    """It went; its text, which may hold a link that lets somebody in, is not kept."""
    mail = session.get_one(Mail, mail_id)
    mail.sent_at, mail.text, mail.files, mail.problem = now, None, None, None
    mail.attempts += 1


def note_failed(session: Session, mail_id: str, problem: str, now: datetime) -> None:
    """It did not go: when to try again, or that it is given up."""
    mail = session.get_one(Mail, mail_id)
    mail.attempts += 1
    mail.problem = problem[:1000]
    if mail.attempts > len(DELAYS):
        mail.failed_at = now
    else:
        mail.next_attempt_at = now + timedelta(minutes=DELAYS[mail.attempts - 1])


def list_outbox(session: Session, most: int = 100) -> list[Mail]:
    """The latest mails of the installation, newest first."""
    return list(session.scalars(select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(most)))
