"""Authlib's authorization server, spoken to in Starlette's requests and responses."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.identity.client import CLIENT_ID, SCOPES, Client
from apps.identity.codes import AuthorizationCodes
from apps.identity.grants import CodeGrant, EndOfSession, IdToken, ProofKey
from apps.identity.keys import Keys
from warehouse.operations.sessions import Place

Parameters = ImmutableMultiDict[str, str]


async def form_fields(request: Request) -> Parameters:
    """A form's text fields; uploaded files are nobody's parameters."""
    form = await request.form()
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


@dataclass(frozen=True)
class Proven:
    """Somebody who has shown everything asked of them, and from where."""

    user_id: str
    place: Place


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib ships no types
    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    @property
    def data(self) -> Parameters:
        return self._parameters

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        values: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in self._parameters.multi_items():
            values[name].append(value)
        return values


class _Question(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    def __init__(self, request: Request, parameters: Parameters) -> None:
        # Authlib refuses plain http here except on loopback; where TLS ends is the operator's decision, not ours.
        super().__init__(request.method, "https://provider", headers=request.headers)
        self.payload = _Payload(parameters)

    @property
    def args(self) -> Parameters:
        return self.payload.data

    @property
    def form(self) -> Parameters:
        return self.payload.data


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """The provider's rules over its keys, its codes and its one client."""

    def __init__(self, keys: Keys, redirect_uri: str, codes: AuthorizationCodes) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.keys = keys
        self.codes = codes
        self._client = Client(CLIENT_ID, keys.client_secret, redirect_uri)
        self.register_grant(CodeGrant, [ProofKey(), IdToken(self)])
        self.register_endpoint(EndOfSession)
        self.register_token_generator("default", BearerTokenGenerator(_opaque_token))

    def consent(self, request: Request, asked: Parameters | None = None) -> Any:
        """The checked authorization request, in the query unless `asked` elsewhere; raises OAuth2Error."""
        try:
            return self.get_consent_grant(_Question(request, asked or request.query_params), None)
        except ValueError as unspeakable:
            raise _not_ascii() from unspeakable

    def grant_to(self, person: Proven, grant: Any) -> Response:
        """Send the person back to the client with a code."""
        response: Response = self.create_authorization_response(grant.request, person, grant)
        return response

    def exchange(self, request: Request, form: Parameters) -> Response:
        """The tokens for a code, or the OAuth error as JSON."""
        try:
            response: Response = self.create_token_response(_Question(request, form))
        except ValueError:
            response = self.handle_error_response(None, _not_ascii())
        return response

    def sign_out(self, request: Request, parameters: Parameters) -> Response | None:
        """End a session; None when there is no address to return to."""
        try:
            response: Response | None = self.create_endpoint_response("end_session", _Question(request, parameters))
        except ValueError:
            response = self.handle_error_response(None, _not_ascii())
        return response

    def query_client(self, client_id: str) -> Client | None:
        """The client with this id."""
        return self._client if client_id == self._client.client_id else None

    def save_token(self, token: Mapping[str, Any], request: Any) -> None:
        """Access tokens open nothing yet, so none is kept."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: _Question) -> _Question:
        """The request as it is: the methods above have wrapped it already."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """Starlette's response for Authlib's three parts."""
        fields = dict(headers or [])
        if isinstance(body, dict):
            fields.pop("Content-Type", None)
            return JSONResponse(body, status, fields)
        return Response(body or None, status, fields)


def _not_ascii() -> OAuth2Error:
    """Authlib raises ValueError while quoting a parameter that RFC 6749 forbids in an error's description."""
    return InvalidRequestError("A parameter holds characters that are not allowed")


def _opaque_token(*_: Any, **__: Any) -> str:
    return token_urlsafe(32)
