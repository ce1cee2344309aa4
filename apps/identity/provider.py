"""The embedded OpenID provider: discovery, keys, sign-in page, tokens, sign-out."""

import secrets
import threading
from typing import Annotated

from authlib.oauth2.base import OAuth2Error
from fastapi import APIRouter, Depends, FastAPI
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.identity import pages
from apps.identity.address import callback_address, provider_address
from apps.identity.client import SCOPES
from apps.identity.codes import AuthorizationCodes
from apps.identity.keys import Keys
from apps.identity.server import Parameters, Server
from warehouse.oltp.engine import StoreBusy, StoreMissing, reading
from warehouse.operations import identity

FORM_COOKIE = "longhouse_sign_in"
FORM_SECONDS = 3600
WRONG = "E-mail and password do not match an account here."
STALE = "This page was open for too long. Please sign in once more."

# Argon2 takes 64 MiB per attempt: a burst of attempts waits in line instead of filling the memory.
_attempts = threading.BoundedSemaphore(2)


def provider(keys: Keys, codes: AuthorizationCodes | None = None) -> FastAPI:
    """The provider as an application to mount under /idp."""
    server = Server(keys, callback_address(), AuthorizationCodes() if codes is None else codes)
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.include_router(_public_facts(server))
    made.include_router(_sign_in(server, URLSafeTimedSerializer(keys.cookie_secret, "sign-in form")))
    made.include_router(_exchange(server))
    made.add_exception_handler(StoreMissing, _store_unavailable)
    made.add_exception_handler(StoreBusy, _store_unavailable)
    return made


async def _fields(request: Request) -> Parameters:
    """A form's text fields; uploaded files are nobody's parameters."""
    form = await request.form()
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


Form = Annotated[Parameters, Depends(_fields)]


def _store_unavailable(request: Request, failure: Exception) -> Response:
    if request.url.path.endswith("/token"):
        body = {"error": "temporarily_unavailable", "error_description": str(failure)}
        return JSONResponse(body, 503, {"Cache-Control": "no-store"})
    return pages.unavailable_page(str(failure))


def _public_facts(server: Server) -> APIRouter:
    routes = APIRouter()

    @routes.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, str | list[str]]:
        return provider_facts()

    @routes.get("/jwks")
    async def jwks() -> Response:
        return JSONResponse(server.key_set.as_dict(private=False))

    return routes


def provider_facts() -> dict[str, str | list[str]]:
    """The discovery document."""
    issuer = provider_address()
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "end_session_endpoint": f"{issuer}/end_session",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "sid", "name", "email"],
    }


def _sign_in(server: Server, signer: URLSafeTimedSerializer) -> APIRouter:
    routes = APIRouter()

    # Plain functions: FastAPI runs them on a thread, where Argon2 and the store may take their time.
    @routes.get("/authorize")
    def ask(request: Request) -> Response:
        try:
            server.consent(request)
        except OAuth2Error as refusal:
            return _refuse(server, refusal)
        return _form(request, signer)

    @routes.post("/authorize")
    def answer(request: Request, form: Form) -> Response:
        try:
            grant = server.consent(request)
        except OAuth2Error as refusal:
            return _refuse(server, refusal)
        email = form.get("email", "")
        if not _is_our_form(request, signer, form.get("csrf", "")):
            return _form(request, signer, STALE, email, 400)
        user_id = _check(email, form.get("password", ""))
        if user_id is None:
            return _form(request, signer, WRONG, email, 401)
        return server.grant_to(user_id, grant)

    return routes


def _refuse(server: Server, refusal: OAuth2Error) -> Response:
    """Back to the client with the error where its address is proven, else a page for the person."""
    if refusal.redirect_uri:
        sent_back: Response = server.handle_error_response(None, refusal)
        return sent_back
    return pages.refusal_page(str(refusal.error), str(refusal.description or ""))


def _check(email: str, password: str) -> str | None:
    with _attempts, reading() as session:
        user = identity.check_sign_in(session, email, password)
        return user.id if user else None


def _form(
    request: Request, signer: URLSafeTimedSerializer, problem: str = "", email: str = "", status: int = 200
) -> Response:
    """The page and its cookie; tabs share the cookie, so a second one does not spoil the first."""
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    page = pages.sign_in_page(str(signer.dumps(token)), problem, email, status)
    page.set_cookie(
        FORM_COOKIE,
        token,
        max_age=FORM_SECONDS,
        path="/idp",
        secure=provider_address().startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return page


def _is_our_form(request: Request, signer: URLSafeTimedSerializer, csrf: str) -> bool:
    """Whether the form was made here, lately, for the browser that sends it."""
    try:
        token = signer.loads(csrf, max_age=FORM_SECONDS)
    except BadData:
        return False
    return isinstance(token, str) and secrets.compare_digest(
        token.encode(), request.cookies.get(FORM_COOKIE, "").encode()
    )


def _exchange(server: Server) -> APIRouter:
    routes = APIRouter()

    @routes.post("/token")
    def token(request: Request, form: Form) -> Response:
        return server.exchange(request, form)

    @routes.get("/end_session")
    def end_session(request: Request) -> Response:
        return server.sign_out(request, request.query_params) or pages.signed_out_page()

    @routes.post("/end_session")
    def end_session_by_form(request: Request, form: Form) -> Response:
        return server.sign_out(request, form) or pages.signed_out_page()

    return routes
