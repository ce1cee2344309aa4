"""The second factor: codes from an authenticator app, and ten ways in for who loses it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from warehouse.oltp.identity import Authenticator, RecoveryCode
from warehouse.operations import events, security_events

ISSUER = "Longhouse"
STEP_SECONDS = 30
WINDOW = 1
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and figures that look alike."""
CODE_LENGTH, GROUP = 12, 4


class WrongCode(Exception):
    """The code is not the one the authenticator app shows now."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: an address for its camera, a secret for a keyboard."""

    address: str
    secret: str


def is_on(session: Session, user_id: str) -> bool:
    """Whether the person is asked for a code."""
    return session.get(Authenticator, user_id) is not None


def propose(email: str) -> Enrolment:
    """A new secret to be shown. Nothing is kept until it is confirmed: what somebody else was shown is worth nothing."""
    return enrolment(email, pyotp.random_base32())


def enrolment(email: str, secret: str) -> Enrolment:
    """A secret as an authenticator app takes it."""
    return Enrolment(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER), secret)


def confirm(session: Session, user_id: str, secret: str, code: str, now: datetime) -> list[str]:
    """Turn it on after a first right code; the recovery codes, told this once. Raises WrongCode."""
    if is_on(session, user_id):
        raise WrongCode("An authenticator app is set up already. Turn it off first.")
    step = _step_of(secret, code, now, after=0)
    if step is None:
        raise WrongCode("This is not the code your app shows now. Check the clock of your phone, then try the next.")
    session.add(Authenticator(user_id=user_id, secret=secret, created_at=now, last_step=step))
    session.flush()
    security_events.note(session, user_id, events.TOTP_ON, now)
    _told(session, user_id, "A code from an authenticator app is now asked for when you sign in.")
    return _make_codes(session, user_id)


def check(session: Session, user_id: str, code: str, now: datetime) -> bool:
    """Whether it is the app's code or an unused recovery code of this person; either is good once."""
    # Held: of two requests with the same code at once, the second sees what the first took.
    query = select(Authenticator).where(Authenticator.user_id == user_id).with_for_update()
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        return False
    step = _step_of(found.secret, code, now, after=found.last_step)
    if step is None:
        return _spend(session, user_id, code, now)
    found.last_step = step
    return True


def turn_off(session: Session, user_id: str, now: datetime) -> None:
    """No code is asked for any more; the secret and the recovery codes are gone."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(Authenticator).where(Authenticator.user_id == user_id))
    security_events.note(session, user_id, events.TOTP_OFF, now)
    _told(session, user_id, "No code from an authenticator app is asked for any more when you sign in.")


def new_recovery_codes(session: Session, user_id: str, now: datetime) -> list[str]:
    """Ten new codes, told this once; the former ones are worth nothing."""
    security_events.note(session, user_id, events.RECOVERY_CODES_MADE, now)
    return _make_codes(session, user_id)


def recovery_codes_left(session: Session, user_id: str) -> int:
    """How many recovery codes the person has not used."""
    unused = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.used_at.is_(None))
    return session.scalar(unused.where(RecoveryCode.user_id == user_id)) or 0


def _step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The time step whose code this is: now, the one before or the next, if none since has been taken."""
    digits, today = "".join(code.split()), int(now.timestamp()) // STEP_SECONDS
    if not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    steps = range(max(today - WINDOW, after + 1), today + WINDOW + 1)
    return next((step for step in steps if hmac.compare_digest(digits, totp.generate_otp(step))), None)


def _spend(session: Session, user_id: str, code: str, now: datetime) -> bool:
    query = select(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _digest(code), RecoveryCode.used_at.is_(None)
    )
    found = session.execute(query.with_for_update()).scalar_one_or_none()
    if found is None:
        return False
    found.used_at = now
    session.flush()
    left = recovery_codes_left(session, user_id)
    security_events.note(session, user_id, events.RECOVERY_CODE_USED, now, left=left)
    _told(session, user_id, f"A recovery code was used to sign in; {left} are left. Make new ones before they run out.")
    return True


def _make_codes(session: Session, user_id: str) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all([RecoveryCode(user_id=user_id, code_hash=_digest(code)) for code in codes])
    session.flush()
    return ["-".join(code[at : at + GROUP] for at in range(0, CODE_LENGTH, GROUP)) for code in codes]


def _digest(code: str) -> str:
    """Sixty random bits need no slow hash."""
    return hashlib.sha256("".join(one for one in code.lower() if one.isalnum()).encode()).hexdigest()


def _told(session: Session, user_id: str, text: str) -> None:
    again = "If this was not you, choose a new password at once and sign out everywhere."
    security_events.tell(session, user_id, "the second factor of your account", f"{text}\n\n{again}")
