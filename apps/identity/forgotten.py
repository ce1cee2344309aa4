"""The way back in for somebody who forgot the password: a link by mail, and a page behind it."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from apps.identity import forms, pages
from apps.identity.address import provider_address
from apps.identity.guard import FormGuard
from apps.identity.later import later
from apps.identity.places import address_of
from apps.identity.server import Parameters, form_fields
from apps.identity.steps import STALE, hashing
from warehouse.oltp.engine import reading, writing
from warehouse.operations import resets
from warehouse.operations.passwords import PasswordRefused
from warehouse.operations.resets import LinkOver

SENT = (
    "If an account with this address exists, a mail with a link is on its way. It may take a minute; look into the "
    "spam folder too."
)
DIFFERENT = "The two passwords are not the same."
CHANGED = "Your password is changed, and everybody who was signed in to your account is signed out. Sign in anew."

Form = Annotated[Parameters, Depends(form_fields)]
Token = Annotated[str, Query()]


def forgotten(guard: FormGuard) -> APIRouter:
    """The routes of a forgotten password."""
    routes = APIRouter()

    # Plain functions: FastAPI runs them on a thread, where the store and Argon2 may take their time.
    @routes.get("/forgot")
    def ask(request: Request) -> Response:
        return guard.show(request, forms.forgot_page)

    @routes.post("/forgot")
    def send(request: Request, form: Form) -> Response:
        if not guard.is_ours(request, form.get("csrf", "")):
            return guard.show(request, lambda csrf: forms.forgot_page(csrf, STALE, 400))
        # A store that is away is told now; whether the address is known shows in nothing, the time included.
        with reading():
            later(_send, form.get("email", ""), address_of(request))
        return pages.told_page("Look into your mail", SENT)

    @routes.get("/reset")
    def open_link(request: Request, token: Token = "") -> Response:
        try:
            with reading() as session:
                resets.person_of_link(session, token, datetime.now(UTC))
        except LinkOver as over:
            return pages.told_page("This link is over", str(over), 400)
        return guard.show(request, lambda csrf: forms.reset_page(csrf, token))

    @routes.post("/reset")
    def change(request: Request, form: Form) -> Response:
        token, password = form.get("token", ""), form.get("password", "")
        if not guard.is_ours(request, form.get("csrf", "")):
            return guard.show(request, lambda csrf: forms.reset_page(csrf, token, STALE, 400))
        if password != form.get("again", ""):
            return guard.show(request, lambda csrf: forms.reset_page(csrf, token, DIFFERENT, 400))
        return _change(guard, request, token, password)

    return routes


def _send(email: str, address: str) -> None:
    def link(token: str) -> str:
        return f"{provider_address()}/reset?token={token}"

    with writing() as session:
        resets.ask_reset(session, email, address, datetime.now(UTC), link)


def _change(guard: FormGuard, request: Request, token: str, password: str) -> Response:
    try:
        with hashing, writing() as session:
            resets.reset_password(session, token, password, datetime.now(UTC))
    except LinkOver as over:
        return pages.told_page("This link is over", str(over), 400)
    except PasswordRefused as refusal:
        problem = str(refusal)
        return guard.show(request, lambda csrf: forms.reset_page(csrf, token, problem, 400))
    return pages.told_page("Password changed", CHANGED)
