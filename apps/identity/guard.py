"""Forms that were made here, lately, for the browser that sends them; and what is known between two of them."""

import secrets
from collections.abc import Callable
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from apps.identity.address import provider_address

FORM_COOKIE = "longhouse_sign_in"
FORM_SECONDS = 3600
STEP_SECONDS = 600


class FormGuard:
    """Binds forms to a browser by a cookie."""

    def __init__(self, secret: str) -> None:
        self._forms = URLSafeTimedSerializer(secret, "sign-in form")
        self._steps = URLSafeTimedSerializer(secret, "sign-in step")

    def show(self, request: Request, render: Callable[[str], Response]) -> Response:
        """A page with its form's token, and the cookie; tabs share the cookie, so one does not spoil another."""
        token = self.token(request)
        page = render(str(self._forms.dumps(token)))
        page.set_cookie(FORM_COOKIE, token, max_age=FORM_SECONDS, **cookie_terms())
        return page

    def is_ours(self, request: Request, csrf: str) -> bool:
        """Whether the form was made here, lately, for the browser that sends it."""
        try:
            token = self._forms.loads(csrf, max_age=FORM_SECONDS)
        except BadData:
            return False
        return isinstance(token, str) and _same(token, request.cookies.get(FORM_COOKIE, ""))

    def token(self, request: Request) -> str:
        """What this browser is known by here."""
        kept = request.cookies.get(FORM_COOKIE)
        if not kept:
            # Once per request: the page and what it carries name the same browser.
            kept = request.scope.setdefault(FORM_COOKIE, secrets.token_urlsafe(16))
        return str(kept)

    def carry(self, request: Request, known: dict[str, Any]) -> str:
        """What one page knows, signed for the next page of the same browser. It can be read, but not changed."""
        return str(self._steps.dumps({"browser": self.token(request), "known": known}))

    def carried(self, request: Request, text: str) -> dict[str, Any] | None:
        """What the page before knew; None when it is another browser's, too old or forged."""
        try:
            told = self._steps.loads(text, max_age=STEP_SECONDS)
        except BadData:
            return None
        known = told["known"] if _same(told["browser"], request.cookies.get(FORM_COOKIE, "")) else None
        return known if isinstance(known, dict) else None


def cookie_terms() -> dict[str, Any]:
    """On which terms the provider's own cookies are kept."""
    return {
        "path": "/idp",
        "secure": provider_address().startswith("https:"),
        "httponly": True,
        "samesite": "lax",
    }


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
