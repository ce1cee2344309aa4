"""How often somebody may try to come in: by account and by where they come from, the same for every process."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.identity import SignInAttempt

FAILURES = 5
WINDOW = LOCKED = timedelta(minutes=15)
FREE_FAILURES = 20
"""Of one network within the window, before it has to wait: colleagues share an address."""
LONGEST_WAIT = timedelta(minutes=15)
KEPT = timedelta(hours=1)
IPV6_NETWORK = 64

SIGN_IN = "sign_in"
RESET = "reset"
RESETS_PER_ACCOUNT, RESETS_PER_ADDRESS, RESET_WINDOW = 3, 20, timedelta(hours=1)


class TooManyAttempts(Exception):
    """This network has to wait; `seconds` says how long."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"There were too many attempts from your network. Try again in {_in_words(seconds)}.")
        self.seconds = seconds


@dataclass(frozen=True)
class Verdict:
    """What an attempt at an account may do: go on or not, and whether its failure locks the account."""

    is_locked: bool
    is_last: bool


def account_key(email: str) -> str:
    """What attempts at an account are counted under, whether or not there is such an account."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def network_of(address: str) -> str:
    """What attempts from an address are counted under: IPv6 by /64, which is what one customer has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    if mapped or parsed.version == 4:
        return str(mapped or parsed)
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False))


def refuse_haste(session: Session, address: str, now: datetime) -> None:
    """Raise TooManyAttempts when the network of this address has to wait before its next attempt."""
    wait = _wait(session, network_of(address), now)
    if wait > timedelta(0):
        raise TooManyAttempts(max(1, round(wait.total_seconds())))


def begin_attempt(session: Session, email: str, address: str, now: datetime) -> str:
    """Note an attempt before it is judged, so that many at once cannot all be the first; its id.

    Commit before `judge`, which then sees the others.
    """
    session.execute(delete(SignInAttempt).where(SignInAttempt.happened_at <= now - KEPT))
    return _note(session, SIGN_IN, email, address, now)


def _note(session: Session, kind: str, email: str, address: str, now: datetime) -> str:
    made = SignInAttempt(
        id=uuid7(now), kind=kind, account=account_key(email), address=network_of(address), happened_at=now
    )
    session.add(made)
    session.flush()
    return made.id


def judge(session: Session, attempt_id: str, now: datetime) -> Verdict:
    """Whether the account is locked to this attempt; a refused one counts for its network alone."""
    attempt = session.get_one(SignInAttempt, attempt_id)
    others = session.scalars(
        select(SignInAttempt.happened_at)
        .where(
            SignInAttempt.kind == SIGN_IN,
            SignInAttempt.account == attempt.account,
            SignInAttempt.id != attempt_id,
            SignInAttempt.while_locked.is_(False),
        )
        .order_by(SignInAttempt.happened_at.desc())
        .limit(FAILURES)
    ).all()
    is_locked = len(others) == FAILURES and others[0] - others[-1] <= WINDOW and now < others[0] + LOCKED
    # Written either way: a locked account costs no statement more than another.
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(while_locked=is_locked))
    recent = [moment for moment in others if now - moment <= WINDOW]
    return Verdict(is_locked, not is_locked and len(recent) == FAILURES - 1)


def forgive(session: Session, attempt_id: str) -> None:
    """This attempt was right so far: it does not count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))


def forget_failures(session: Session, email: str) -> None:
    """The person came in: their failures no longer count."""
    session.execute(
        delete(SignInAttempt).where(SignInAttempt.kind == SIGN_IN, SignInAttempt.account == account_key(email))
    )


def may_ask_for_reset(session: Session, email: str, address: str, now: datetime) -> bool:
    """Note that a reset was asked for, and say whether a mail is due."""
    since = (SignInAttempt.kind == RESET, SignInAttempt.happened_at > now - RESET_WINDOW)
    count = select(func.count()).select_from(SignInAttempt).where(*since)
    of_account = session.scalar(count.where(SignInAttempt.account == account_key(email))) or 0
    of_network = session.scalar(count.where(SignInAttempt.address == network_of(address))) or 0
    _note(session, RESET, email, address, now)
    return of_account < RESETS_PER_ACCOUNT and of_network < RESETS_PER_ADDRESS


def _wait(session: Session, network: str, now: datetime) -> timedelta:
    """How long a network still has to wait: it doubles with every failure past the free ones."""
    failures, last = session.execute(
        select(func.count(), func.max(SignInAttempt.happened_at)).where(
            SignInAttempt.kind == SIGN_IN, SignInAttempt.address == network, SignInAttempt.happened_at > now - WINDOW
        )
    ).one()
    if failures < FREE_FAILURES or last is None:
        return timedelta(0)
    delay = min(LONGEST_WAIT, timedelta(seconds=2 ** min(failures - FREE_FAILURES, 10)))
    return last + delay - now


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
