"""The embedded OpenID provider: discovery, keys, sign-in page, tokens, sign-out."""

from typing import Annotated

from authlib.oauth2.base import OAuth2Error
from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.identity import pages
from apps.identity.address import callback_address, provider_address
from apps.identity.client import SCOPES
from apps.identity.codes import AuthorizationCodes
from apps.identity.external import external
from apps.identity.forgotten import forgotten
from apps.identity.guard import FormGuard
from apps.identity.invited import invited
from apps.identity.keys import Keys
from apps.identity.outside import outside_providers
from apps.identity.server import Parameters, Server, form_fields
from apps.identity.steps import SignIn
from warehouse.oltp.engine import StoreBusy, StoreMissing

Form = Annotated[Parameters, Depends(form_fields)]


def provider(keys: Keys, codes: AuthorizationCodes | None = None) -> FastAPI:
    """The provider as an application to mount under /idp."""
    server = Server(keys, callback_address(), AuthorizationCodes() if codes is None else codes)
    guard = FormGuard(keys.cookie_secret)
    outside = outside_providers()
    steps = SignIn(server, guard, {one.id: one.name for one in outside.values()})
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.include_router(_public_facts(server))
    made.include_router(_sign_in(server, steps))
    made.include_router(forgotten(guard))
    made.include_router(invited(guard))
    made.include_router(external(server, steps, outside))
    made.include_router(_exchange(server))
    made.add_exception_handler(StoreMissing, _store_unavailable)
    made.add_exception_handler(StoreBusy, _store_unavailable)
    return made


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
        return JSONResponse(server.keys.published.as_dict(private=False))

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


def _sign_in(server: Server, steps: SignIn) -> APIRouter:
    routes = APIRouter()

    # Plain functions: FastAPI runs them on a thread, where Argon2 and the store may take their time.
    @routes.get("/authorize")
    def ask(request: Request) -> Response:
        try:
            grant = server.consent(request)
        except OAuth2Error as refusal:
            return _refuse(server, refusal)
        return steps.newcomer(request, grant) or steps.first_page(request)

    @routes.post("/authorize")
    def answer(request: Request, form: Form) -> Response:
        try:
            grant = server.consent(request)
        except OAuth2Error as refusal:
            return _refuse(server, refusal)
        return steps.answer(request, form, grant)

    return routes


def _refuse(server: Server, refusal: OAuth2Error) -> Response:
    """Back to the client with the error where its address is proven, else a page for the person."""
    if refusal.redirect_uri:
        sent_back: Response = server.handle_error_response(None, refusal)
        return sent_back
    return pages.refusal_page(str(refusal.error), str(refusal.description or ""))


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
