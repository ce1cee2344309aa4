"""The page behind the link of an invitation: somebody new sets a name and a password and is in."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.identity import forms, pages
from apps.identity.address import canonical_origin
from apps.identity.forgotten import DIFFERENT
from apps.identity.guard import STEP_SECONDS, FormGuard, cookie_terms
from apps.identity.server import Parameters, form_fields
from apps.identity.steps import JOINED, NEWCOMER, STALE, Half, hashing
from warehouse.oltp.engine import reading, writing
from warehouse.operations.invitations import InvitationOver, Invited, invitation_of_link
from warehouse.operations.joining import join_as_newcomer
from warehouse.operations.passwords import PasswordRefused

NO_NAME = "Please enter your name, in at most 200 characters."
OVER = "This invitation is over"
JOIN_PATH = "/join"
"""The screen where somebody who is signed in accepts, and where a sign-in begins by itself."""

Form = Annotated[Parameters, Depends(form_fields)]
Token = Annotated[str, Query()]


def invited(guard: FormGuard) -> APIRouter:
    """The routes of an invitation."""
    routes = APIRouter()

    # Plain functions: FastAPI runs them on a thread, where the store and Argon2 may take their time.
    @routes.get("/invitation")
    def open_link(request: Request, token: Token = "") -> Response:
        try:
            with reading() as session:
                found = invitation_of_link(session, token, datetime.now(UTC))
        except InvitationOver as over:
            return pages.told_page(OVER, str(over), 400)
        if found.has_account:
            return forms.known_page(found, f"{canonical_origin()}{JOIN_PATH}?token={token}")
        return guard.show(request, lambda csrf: forms.join_page(csrf, token, found))

    @routes.post("/invitation")
    def join(request: Request, form: Form) -> Response:
        token = form.get("token", "")
        try:
            with reading() as session:
                found = invitation_of_link(session, token, datetime.now(UTC))
            problem = _problem(guard, request, form)
            if problem is None:
                return _join(guard, request, token, form)
        except InvitationOver as over:
            return pages.told_page(OVER, str(over), 400)
        except PasswordRefused as refusal:
            problem = str(refusal)
        except ValidationError:
            problem = NO_NAME
        return _again(guard, request, form, found, problem)

    return routes


def _problem(guard: FormGuard, request: Request, form: Parameters) -> str | None:
    if not guard.is_ours(request, form.get("csrf", "")):
        return STALE
    return None if form.get("password", "") == form.get("again", "") else DIFFERENT


def _again(guard: FormGuard, request: Request, form: Parameters, found: Invited, problem: str) -> Response:
    name = form.get("name", "")[:200]
    return guard.show(
        request, lambda csrf: forms.join_page(csrf, form.get("token", ""), found, problem, name, status=400)
    )


def _join(guard: FormGuard, request: Request, token: str, form: Parameters) -> Response:
    """Make the account, and begin a sign-in that needs no password typed again in this browser."""
    with hashing, writing() as session:
        user = join_as_newcomer(session, token, form.get("name", ""), form.get("password", ""), datetime.now(UTC))
    half = Half(user.id, user.email, JOINED)
    answer = RedirectResponse(f"{canonical_origin()}{JOIN_PATH}?welcome=1", 303)
    answer.set_cookie(NEWCOMER, guard.carry(request, asdict(half)), max_age=STEP_SECONDS, **cookie_terms())
    return answer
