"""The steps of a sign-in: password, second factor, and setting one up where the organization asks for it."""

import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from apps.identity import forms
from apps.identity.guard import FormGuard, cookie_terms
from apps.identity.later import later
from apps.identity.places import address_of, place_of
from apps.identity.server import Parameters, Proven, Server
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import User
from warehouse.operations import identity, second_factor, security_events, throttle
from warehouse.operations.throttle import TooManyAttempts, Verdict
from warehouse.secrets import KeyMissing, seal, unseal

WRONG = (
    "E-mail and password do not match, or there were too many attempts. "
    "Check both; if they are right, try again in 15 minutes."
)
WRONG_CODE = (
    "This code does not work, or there were too many attempts. "
    "Enter the next code your app shows; if that fails too, try again in 15 minutes."
)
STALE = "This page was open for too long. Please sign in once more."
CODE, ENROL, ENROLLED, JOINED = "code", "enrol", "enrolled", "joined"
NEWCOMER = "longhouse_newcomer"
"""The cookie of somebody who has just chosen a password, so that they need not type it again at once."""

# Argon2 takes 64 MiB per attempt: a burst of attempts waits in line instead of filling the memory.
hashing = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Half:
    """Somebody who proved to be a person, and is not in yet."""

    user_id: str
    email: str
    step: str = ""
    provider: str | None = None
    secret: str | None = None
    """Sealed: what the authenticator app was shown."""


class SignIn:
    """The pages between an authorization request and its code."""

    def __init__(self, server: Server, guard: FormGuard, others: dict[str, str]) -> None:
        self._server = server
        self._guard = guard
        self._others = others
        """Outside providers: id → name."""

    def first_page(self, request: Request, problem: str = "", email: str = "", status: int = 200) -> Response:
        """The form for e-mail and password."""
        action = _action(request)
        query = action.partition("?")[2]
        root = request.scope["root_path"]
        others = [(name, f"{root}/external/{one}?{query}") for one, name in self._others.items()]
        return self._guard.show(
            request,
            lambda csrf: forms.sign_in_page(
                csrf, problem, email, status, action=action, forgot=f"{root}/forgot", others=others
            ),
        )

    def answer(self, request: Request, form: Parameters, grant: Any) -> Response:
        """What follows from a form that was sent."""
        if not self._guard.is_ours(request, form.get("csrf", "")):
            return self.first_page(request, STALE, form.get("email", ""), 400)
        try:
            throttled = self._hurry(request)
            if throttled:
                return self._wait(request, throttled, form.get("email", ""))
            if "step" not in form:
                return self._password(request, form, grant)
            half = self._half(request, form["step"])
            if half is None or half.step not in {CODE, ENROL, ENROLLED}:
                return self.first_page(request, STALE, "", 400)
            if half.step == ENROLLED:
                return self._enter(request, half, grant)
            check = self._code if half.step == CODE else self._enrol
            return check(request, half, form.get("code", ""), grant)
        except KeyMissing as failure:
            return self.first_page(request, str(failure), "", 503)

    def known(self, request: Request, half: Half, grant: Any, action: str) -> Response:
        """Somebody proved who they are: ask for the second factor, set one up, or let them in."""
        with reading() as session:
            is_on = second_factor.is_on(session, half.user_id)
            required = security_events.requires_totp(session, half.user_id)
        if is_on:
            return self._ask_code(request, half, action)
        if required:
            return self._ask_to_enrol(request, half, action, seal(second_factor.propose(half.email).secret))
        return self._enter(request, half, grant)

    def newcomer(self, request: Request, grant: Any) -> Response | None:
        """The way on for somebody who chose their password a moment ago in this browser; None for everybody else."""
        half = self._half(request, request.cookies.get(NEWCOMER, ""))
        if half is None or half.step != JOINED:
            return None
        answer = self.known(request, half, grant, _action(request))
        answer.delete_cookie(NEWCOMER, **cookie_terms())
        return answer

    def _hurry(self, request: Request) -> TooManyAttempts | None:
        with reading() as session:
            try:
                throttle.refuse_haste(session, address_of(request), datetime.now(UTC))
            except TooManyAttempts as refusal:
                return refusal
        return None

    def _wait(self, request: Request, refusal: TooManyAttempts, email: str) -> Response:
        page = self.first_page(request, str(refusal), email, 429)
        page.headers["Retry-After"] = str(refusal.seconds)
        return page

    def _password(self, request: Request, form: Parameters, grant: Any) -> Response:
        email, password = form.get("email", ""), form.get("password", "")
        attempt, verdict = _begin(email, request)
        with hashing, reading() as session:
            user = identity.check_sign_in(session, email, password)
        if user is None or verdict.is_locked:
            later(_failed, email, verdict, "password")
            return self.first_page(request, WRONG, email, 401)
        with writing() as session:
            throttle.forgive(session, attempt)
            identity.renew_hash(session, user.id, password)
        return self.known(request, Half(user.id, user.email), grant, _action(request))

    def _code(self, request: Request, half: Half, code: str, grant: Any) -> Response:
        attempt, verdict = _begin(half.email, request)
        with writing() as session:
            right = not verdict.is_locked and second_factor.check(session, half.user_id, code, datetime.now(UTC))
            if right:
                throttle.forgive(session, attempt)
        if right:
            return self._enter(request, half, grant)
        later(_failed, half.email, verdict, "code")
        return self._ask_code(request, half, _action(request), WRONG_CODE, 401)

    def _enrol(self, request: Request, half: Half, code: str, grant: Any) -> Response:
        assert half.secret is not None
        attempt, verdict = _begin(half.email, request)
        now = datetime.now(UTC)
        try:
            if verdict.is_locked:
                raise second_factor.WrongCode(WRONG_CODE)
            with writing() as session:
                codes = second_factor.confirm(session, half.user_id, unseal(half.secret), code, now)
                throttle.forgive(session, attempt)
        except second_factor.WrongCode as refusal:
            return self._ask_to_enrol(request, half, _action(request), half.secret, str(refusal), 401)
        step = self._carry(request, half, ENROLLED)
        return self._guard.show(request, lambda csrf: forms.recovery_page(csrf, step, _action(request), codes))

    def _enter(self, request: Request, half: Half, grant: Any) -> Response:
        with writing() as session:
            throttle.forget_failures(session, half.email)
        return self._server.grant_to(Proven(half.user_id, place_of(request, half.provider)), grant)

    def _ask_code(self, request: Request, half: Half, action: str, problem: str = "", status: int = 200) -> Response:
        step = self._carry(request, half, CODE)
        return self._guard.show(request, lambda csrf: forms.code_page(csrf, step, action, problem, status))

    def _ask_to_enrol(
        self, request: Request, half: Half, action: str, secret: str, problem: str = "", status: int = 200
    ) -> Response:
        step = self._carry(request, half, ENROL, secret)
        shown = second_factor.enrolment(half.email, unseal(secret))
        return self._guard.show(request, lambda csrf: forms.enrol_page(csrf, step, action, shown, problem, status))

    def _carry(self, request: Request, half: Half, step: str, secret: str | None = None) -> str:
        return self._guard.carry(request, asdict(half) | {"step": step, "secret": secret})

    def _half(self, request: Request, text: str) -> Half | None:
        known = self._guard.carried(request, text)
        if known is None:
            return None
        with reading() as session:
            user = session.get(User, known["user_id"])
        return Half(**known) if user and user.is_active else None


def _begin(email: str, request: Request) -> tuple[str, Verdict]:
    """Count an attempt, then judge it among the others: in two transactions, so that none is overlooked."""
    now = datetime.now(UTC)
    with writing() as session:
        attempt = throttle.begin_attempt(session, email, address_of(request), now)
    with writing() as session:
        return attempt, throttle.judge(session, attempt, now)


def _failed(email: str, verdict: Verdict, step: str) -> None:
    """Tell the audit and, when the account is locked by it, the person; of strangers nothing is kept but the count."""
    if verdict.is_locked:
        return
    with writing() as session:
        user = identity.user_with(session, email)
        if user is not None and user.is_active:
            security_events.note_failure(session, user.id, datetime.now(UTC), step, locks=verdict.is_last)


def _action(request: Request) -> str:
    """Where a form of this authorization request is sent: its own address, whatever page showed it."""
    return f"{request.scope['root_path']}/authorize?{request.url.query}"
