"""Sign-in by an outside provider: there and back, then on as after a password."""

import hmac
import json
import time
from dataclasses import asdict
from urllib.parse import parse_qsl

from authlib.oauth2.base import OAuth2Error
from fastapi import APIRouter
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.identity import pages
from apps.identity.address import provider_address
from apps.identity.broker import Errand, NotVouchedFor, Vouched, new_errand, vouched, way_there
from apps.identity.guard import cookie_terms
from apps.identity.outside import OutsideProvider
from apps.identity.server import Parameters, Server
from apps.identity.steps import Half, SignIn
from warehouse.oltp.engine import writing
from warehouse.operations import identity
from warehouse.secrets import KeyMissing, seal, unseal
from warehouse.settings import settings

COOKIE = "longhouse_errand"
ERRAND_SECONDS = 600
OVER = "This sign-in took too long, or was begun in another window. Start again."
UNKNOWN = (
    "Nobody here has the e-mail address {email}. Ask an owner or admin of your organization to add you, or sign in "
    "with another account."
)


def external(server: Server, steps: SignIn, providers: dict[str, OutsideProvider]) -> APIRouter:
    """The routes of the outside providers."""
    routes = APIRouter()

    @routes.get("/external/{name}")
    def leave(request: Request, name: str) -> Response:
        found = providers.get(name)
        if found is None:
            return _told(f"There is no provider {name!r} here.", 404)
        try:
            server.consent(request)
            errand = new_errand(found, request.url.query)
            answer = RedirectResponse(way_there(found, errand, _returns_to(found)), 302, {"Cache-Control": "no-store"})
            kept = seal(json.dumps(asdict(errand) | {"until": time.time() + ERRAND_SECONDS}))
        except OAuth2Error:
            return _told(OVER, 400)
        except (NotVouchedFor, KeyMissing) as failure:
            return _told(str(failure), 502)
        answer.set_cookie(COOKIE, kept, max_age=ERRAND_SECONDS, **cookie_terms())
        return answer

    @routes.get("/external/{name}/callback")
    def come_back(request: Request, name: str) -> Response:
        found, errand = providers.get(name), _errand(request)
        said = request.query_params
        if found is None or errand is None or errand.provider != name or not _same(errand.state, said.get("state")):
            return _spent(_told(OVER, 400))
        if "code" not in said:
            return _spent(_told(f"{found.name} did not let you in. Start again, or choose another way.", 401))
        try:
            person = vouched(found, errand, said["code"], _returns_to(found))
            grant = server.consent(request, _asked(errand))
        except NotVouchedFor as refusal:
            return _spent(_told(str(refusal), 401))
        except OAuth2Error:
            return _spent(_told(OVER, 400))
        half = _known(person, found)
        if half is None:
            return _spent(_told(UNKNOWN.format(email=person.email), 403))
        return _spent(steps.known(request, half, grant, f"{request.scope['root_path']}/authorize?{errand.query}"))

    return routes


def _returns_to(provider: OutsideProvider) -> str:
    """The address to register at the provider."""
    return f"{provider_address()}/external/{provider.id}/callback"


def _errand(request: Request) -> Errand | None:
    """What this browser was sent away for, if it was and lately."""
    try:
        told = json.loads(unseal(request.cookies.get(COOKIE, "")))
        until = told.pop("until")
    except (KeyMissing, ValueError, KeyError):
        return None
    return Errand(**told) if until > time.time() else None


def _asked(errand: Errand) -> Parameters:
    return ImmutableMultiDict(parse_qsl(errand.query))


def _known(person: Vouched, provider: OutsideProvider) -> Half | None:
    """The active person with this e-mail; made where the settings say so."""
    with writing() as session:
        user = identity.user_with(session, person.email)
        if user is None and settings().create_people:
            user = identity.add_person(session, person.email, person.name)
        if user is None or not user.is_active:
            return None
        return Half(user.id, user.email, provider=provider.name)


def _same(state: str, said: str | None) -> bool:
    return hmac.compare_digest(state.encode(), (said or "").encode())


def _spent(answer: Response) -> Response:
    """An errand serves one way back."""
    answer.delete_cookie(COOKIE, path=cookie_terms()["path"])
    return answer


def _told(text: str, status: int) -> Response:
    return pages.told_page("Sign-in did not work", text, status)
