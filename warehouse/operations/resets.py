"""A new password: by somebody who is in, or by the link in a mail."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from warehouse.oltp.identity import PasswordReset
from warehouse.oltp.organization import User
from warehouse.operations import events, security_events, sessions, throttle
from warehouse.operations.identity import name_of, user_with
from warehouse.operations.passwords import PasswordRefused, hash_password, verify

LIFETIME = timedelta(minutes=30)
KEPT = timedelta(days=7)


class LinkOver(Exception):
    """The link was used, is too old, or never was one."""


def ask_reset(session: Session, email: str, address: str, now: datetime, link: Callable[[str], str]) -> None:
    """Send a link where the e-mail belongs to an active person; nobody learns here whether it does.

    `link` makes the address to open out of the token.
    """
    due = throttle.may_ask_for_reset(session, email, address, now)
    user = user_with(session, email)
    if not due or user is None or not user.is_active:
        return
    token = secrets.token_urlsafe(32)
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at <= now - KEPT))
    session.add(PasswordReset(user_id=user.id, token_hash=_digest(token), created_at=now, expires_at=now + LIFETIME))
    security_events.note(session, user.id, events.RESET_ASKED, now)
    security_events.tell(
        session,
        user.id,
        "choose a new password",
        f"Open this link within {LIFETIME.seconds // 60} minutes to choose a new password:\n\n{link(token)}\n\n"
        "It works once. If you did not ask for it, do nothing: your password stays as it is.",
    )


def person_of_link(session: Session, token: str, now: datetime) -> User:
    """Whose password the link would change; raises LinkOver."""
    return session.get_one(User, _open(session, token, now).user_id)


def reset_password(session: Session, token: str, password: str, now: datetime) -> str:
    """Set a new password by a link, once, and end every sign-in; the person's id. Raises LinkOver, PasswordRefused."""
    found = _open(session, token, now)
    user = session.get_one(User, found.user_id)
    fresh = hash_password(password, user.email, name_of(user))
    used = session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
        .returning(PasswordReset.id)
        .execution_options(synchronize_session=False)
    ).scalars()
    # Of two requests with the same link at once, the second finds it used.
    if found.id not in set(used):
        raise _over()
    _store(session, user, fresh, now, but=None)
    throttle.forget_failures(session, user.email)
    return user.id


def change_password(session: Session, user_id: str, old: str, new: str, now: datetime, *, keeping: str) -> None:
    """Set a new password for somebody who gives the old one; the sign-in `keeping` stays, every other one ends.

    Raises PasswordRefused.
    """
    user = session.get_one(User, user_id)
    if not user.password_hash or not verify(old, user.password_hash):
        raise PasswordRefused("The present password is not right.")
    if old == new:
        raise PasswordRefused("The new password is the present one.")
    _store(session, user, hash_password(new, user.email, name_of(user)), now, but=keeping)


def _store(session: Session, user: User, fresh: str, now: datetime, *, but: str | None) -> None:
    user.password_hash = fresh
    sessions.close_all(session, user.id, now, but=but)
    security_events.note(session, user.id, events.PASSWORD_CHANGED, now)
    security_events.tell(
        session,
        user.id,
        "your password was changed",
        "Your password was changed, and everybody else who was signed in with the old one is signed out.\n\n"
        "If this was not you, choose a new one at once with “Forgot password” on the sign-in page.",
    )


def _open(session: Session, token: str, now: datetime) -> PasswordReset:
    query = select(PasswordReset).where(PasswordReset.token_hash == _digest(token), PasswordReset.used_at.is_(None))
    found = session.execute(query).scalar_one_or_none()
    user = session.get(User, found.user_id) if found else None
    if found is None or user is None or not user.is_active or found.expires_at <= now:
        raise _over()
    return found


def _over() -> LinkOver:
    return LinkOver("This link was used already or is more than 30 minutes old. Ask for a new one.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
