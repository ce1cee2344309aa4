"""Authorization codes: kept in memory, good for one exchange within a minute."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from warehouse.operations.sessions import Place

LIFETIME_SECONDS = 60.0


@dataclass
class AuthorizationCode:
    """What a person allowed a client to redeem. The getters are the names Authlib asks for."""

    client_id: str
    user_id: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    place: Place = field(default_factory=Place)
    """Where the person is: the client redeems the code from somewhere else."""
    code: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    signed_in_at: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        """The address the code was sent to."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The scopes allowed, separated by spaces."""
        return self.scope

    def get_nonce(self) -> str:
        """The client's own value, returned inside the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the password was given, in Unix seconds."""
        return self.signed_in_at

    def get_acr(self) -> None:
        """No authentication class is claimed."""

    def get_amr(self) -> None:
        """No authentication method is claimed."""


@dataclass
class _Kept:
    code: AuthorizationCode
    expires: float
    taken: bool = False
    session_id: str | None = None


class AuthorizationCodes:
    """The codes of one process. `clock` returns seconds that only go forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def keep(self, code: AuthorizationCode) -> None:
        """Hold a new code until it expires."""
        with self._lock:
            now = self._clock()
            self._kept = {text: kept for text, kept in self._kept.items() if kept.expires > now}
            self._kept[code.code] = _Kept(code, now + LIFETIME_SECONDS)

    def take(self, text: str, client_id: str) -> AuthorizationCode | None:
        """The code, once and only for the client it was issued to; None when unknown, expired or taken before."""
        with self._lock:
            kept = self._kept.get(text)
            if kept is None or kept.taken or kept.expires <= self._clock() or kept.code.client_id != client_id:
                return None
            kept.taken = True
            return kept.code

    def opened(self, text: str, session_id: str) -> None:
        """Remember which sign-in a code became."""
        with self._lock:
            if kept := self._kept.get(text):
                kept.session_id = session_id

    def session_of(self, text: str) -> str | None:
        """The sign-in that a code became: the one to end when somebody presents the code again."""
        with self._lock:
            kept = self._kept.get(text)
            return kept.session_id if kept else None

    def knows_nonce(self, nonce: str) -> bool:
        """Whether a code was issued for this nonce lately."""
        with self._lock:
            return any(kept.code.nonce == nonce for kept in self._kept.values())
