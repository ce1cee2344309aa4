"""Sign-ins: opened, kept alive by use, listed, and ended one by one or all together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from warehouse.oltp.organization import SignInSession, User
from warehouse.operations import events, security_events
from warehouse.operations.throttle import network_of
from warehouse.settings import settings

SEEN_EVERY = timedelta(minutes=1)
"""How often at most it is written down that a sign-in is in use."""


@dataclass(frozen=True)
class Place:
    """Where somebody signs in from."""

    address: str | None = None
    agent: str | None = None
    """The browser and system, in words."""
    provider: str | None = None


def is_live(current: SignInSession, now: datetime) -> bool:
    """Whether a sign-in still holds: not ended, not at its end, not left alone for too long."""
    idle_since = current.last_seen_at or current.created_at
    idle = timedelta(minutes=settings().idle_minutes)
    return current.revoked_at is None and now < current.expires_at and now < idle_since + idle


def open_for(session: Session, user: User, organization_id: str | None, now: datetime, place: Place) -> SignInSession:
    """A new sign-in; from a place the person never signed in from, they get a mail."""
    is_new = _is_new_place(session, user.id, place)
    opened = SignInSession(
        user_id=user.id,
        organization_id=organization_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(minutes=settings().session_minutes),
        address=place.address,
        agent=place.agent,
        provider=place.provider,
    )
    session.add(opened)
    session.flush()
    told = {"sign_in": opened.id, "provider": place.provider, "new_place": is_new}
    security_events.note(session, user.id, events.SIGNED_IN, now, **told)
    if is_new:
        security_events.tell(
            session,
            user.id,
            "a sign-in from a new place",
            f"You signed in with {place.agent or 'an unknown browser'} from {place.address}, for the first time.\n\n"
            "If this was not you, choose a new password at once: My account → Security, or “Forgot password”. "
            "It signs out everybody else.",
        )
    return opened


def _is_new_place(session: Session, user_id: str, place: Place) -> bool:
    """Whether the person came in before, and never from this network with this browser."""
    if place.address is None:
        return False
    known = session.execute(
        select(SignInSession.address, SignInSession.agent)
        .where(SignInSession.user_id == user_id, SignInSession.address.is_not(None))
        .distinct()
    ).all()
    places = {(network_of(address or ""), agent) for address, agent in known}
    return bool(places) and (network_of(place.address), place.agent) not in places


def touch(session: Session, session_id: str, now: datetime) -> None:
    """Note that a sign-in is in use; one that is over stays over."""
    current = session.get(SignInSession, session_id)
    if current is not None and is_live(current, now) and needs_touch(current.last_seen_at, now):
        current.last_seen_at = now


def is_use_due(session: Session, session_id: str, now: datetime) -> bool:
    """Whether a use of this sign-in is to be noted, asked before a transaction that writes is opened for it."""
    current = session.get(SignInSession, session_id)
    return current is not None and needs_touch(current.last_seen_at, now)


def needs_touch(last_seen_at: datetime | None, now: datetime) -> bool:
    """Whether the last note of use is old enough for a new one."""
    return last_seen_at is None or now - last_seen_at >= SEEN_EVERY


def list_live(session: Session, user_id: str, now: datetime) -> list[SignInSession]:
    """The person's sign-ins that hold, last used first."""
    rows = session.scalars(
        select(SignInSession).where(SignInSession.user_id == user_id, SignInSession.revoked_at.is_(None))
    )
    live = [one for one in rows if is_live(one, now)]
    return sorted(live, key=lambda one: one.last_seen_at or one.created_at, reverse=True)


def close_session(session: Session, session_id: str, now: datetime) -> None:
    """End a sign-in; one that is unknown or already over stays as it is."""
    current = session.get(SignInSession, session_id)
    if current is not None and current.revoked_at is None:
        current.revoked_at = now
        security_events.note(session, current.user_id, events.SIGNED_OUT, now, sign_in=session_id)


def close_one(session: Session, user_id: str, session_id: str, now: datetime) -> None:
    """End one of a person's own sign-ins; another person's is left alone."""
    current = session.get(SignInSession, session_id)
    if current is not None and current.user_id == user_id:
        close_session(session, session_id, now)


def close_all(session: Session, user_id: str, now: datetime, *, but: str | None = None) -> int:
    """End every sign-in of a person, `but` this one: after a changed password or role. How many ended."""
    ending = update(SignInSession).where(SignInSession.user_id == user_id, SignInSession.revoked_at.is_(None))
    if but:
        ending = ending.where(SignInSession.id != but)
    ended = session.execute(
        ending.values(revoked_at=now).returning(SignInSession.id).execution_options(synchronize_session="fetch")
    ).all()
    if ended:
        security_events.note(session, user_id, events.SESSIONS_ENDED, now, sessions=len(ended))
    return len(ended)


def close_in(session: Session, user_id: str, organization_id: str, now: datetime) -> int:
    """End the sign-ins in which a person acts in one organization; those in others stay. How many ended."""
    ended = session.execute(
        update(SignInSession)
        .where(
            SignInSession.user_id == user_id,
            SignInSession.organization_id == organization_id,
            SignInSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(SignInSession.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    return len(ended)
