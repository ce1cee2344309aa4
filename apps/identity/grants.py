"""What the provider grants, and on which terms: codes with PKCE for ID tokens, and their end."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint

from apps.identity.address import provider_address
from apps.identity.codes import AuthorizationCode
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import User
from warehouse.operations import identity, sessions
from warehouse.settings import settings


@dataclass(frozen=True)
class Person:
    """What an ID token says about who signed in."""

    user_id: str
    session_id: str
    name: str
    email: str


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib ships no types
    """Codes for clients that have a secret."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep a code for the person who just gave their password."""
        asked = request.payload.data
        self.server.codes.keep(
            AuthorizationCode(
                code=code,
                client_id=request.client.client_id,
                user_id=request.user.user_id,
                place=request.user.place,
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                nonce=asked["nonce"],
                code_challenge=asked["code_challenge"],
                code_challenge_method=asked["code_challenge_method"],
            )
        )

    def query_authorization_code(self, code: str, client: Any) -> AuthorizationCode | None:
        """The code, taken; a second taker gets None and ends the sign-in that the first one got."""
        found: AuthorizationCode | None = self.server.codes.take(code, client.client_id)
        stolen = None if found else self.server.codes.session_of(code)
        if stolen:
            with writing() as session:
                sessions.close_session(session, stolen, datetime.now(UTC))
        return found

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Nothing to do: taking a code has spent it."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Person | None:
        """Open the sign-in; None when the person was deactivated since giving the password."""
        with writing() as session:
            user = session.get(User, authorization_code.user_id)
            if user is None or not user.is_active:
                return None
            opened = identity.open_session(session, user, datetime.now(UTC), authorization_code.place)
            person = Person(user.id, opened.id, identity.name_of(user), user.email)
        self.server.codes.opened(authorization_code.code, person.session_id)
        return person


class ProofKey(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types
    """PKCE by SHA-256 for every client: Authlib itself asks for it only of clients without a secret."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a request without a challenge, or with any method but S256."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")
        if asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Unsupported 'code_challenge_method', use S256")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]  # Authlib ships no types
    """The ID token, signed with the installation's key."""

    def __init__(self, server: Any) -> None:
        super().__init__(require_nonce=True)
        self.server = server

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """Whether a code was issued for this nonce before."""
        return bool(self.server.codes.knows_nonce(nonce))

    def resolve_client_private_key(self, client: Any) -> Any:
        """The signing key."""
        return self.server.keys.signing

    def get_encode_header(self, client: Any) -> dict[str, Any]:
        """Name the key: after a change two of them are published."""
        return {"alg": "RS256", "kid": self.server.keys.signing.kid}

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        """Issuer, audience, and an end no later than the sign-in's own."""
        now = int(time.time())
        lasts = settings().session_minutes * 60
        return {"iss": provider_address(), "aud": client.client_id, "iat": now, "exp": now + lasts}

    def generate_user_info(self, user: Person, scope: str) -> dict[str, str]:
        """As little as screens need: the token travels in a cookie, and proxies refuse long ones."""
        claims = {"sub": user.user_id, "sid": user.session_id}
        scopes = scope.split()
        if "profile" in scopes:
            claims["name"] = user.name
        if "email" in scopes:
            claims["email"] = user.email
        return claims


class EndOfSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """Sign-out asked for by a client that shows the ID token it was given."""

    def get_server_jwks(self) -> Any:
        """The keys that ID tokens are checked with."""
        return self.server.keys.published

    def get_algorithms(self) -> list[str]:
        """The one algorithm we sign with."""
        return ["RS256"]

    def end_session(self, end_session_request: Any) -> None:
        """Revoke the sign-in named in the ID token; without a token nobody is signed out."""
        claims = end_session_request.id_token_claims
        if claims and isinstance(claims.get("sid"), str):
            with writing() as session:
                sessions.close_session(session, claims["sid"], datetime.now(UTC))
