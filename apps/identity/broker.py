"""Speaks to an outside provider: where to send the person, and whose verified e-mail came back."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from apps.identity.outside import OutsideProvider

TIMEOUT_SECONDS = 10
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a public key: `none` and shared secrets prove nothing here."""
LEEWAY_SECONDS = 60


class NotVouchedFor(Exception):
    """The outside provider did not prove who somebody is; the sentence is for that person."""


@dataclass(frozen=True)
class Errand:
    """What we must remember while the person is away at the provider."""

    provider: str
    query: str
    """The authorization request that began it."""
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for."""

    email: str
    name: str | None


def new_errand(provider: OutsideProvider, query: str) -> Errand:
    """Fresh secrets for one way there and back."""
    return Errand(provider.id, query, *(secrets.token_urlsafe(32) for _ in range(3)))


def way_there(provider: OutsideProvider, errand: Errand, returns_to: str) -> str:
    """The provider's address to send the person to."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(errand.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": returns_to,
        "state": errand.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with _client() as client:
        if provider.kind == "github":
            address = f"{provider.base_url.rstrip('/')}/login/oauth/authorize"
            asked["scope"] = "read:user user:email"
        else:
            address = _facts(client, provider)["authorization_endpoint"]
            asked |= {"scope": provider.scope, "nonce": errand.nonce}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def vouched(provider: OutsideProvider, errand: Errand, code: str, returns_to: str) -> Vouched:
    """Redeem the code the person came back with; raises NotVouchedFor."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": returns_to,
        "code_verifier": errand.verifier,
        "client_id": provider.client_id,
    }
    try:
        with _client() as client:
            ask = _github if provider.kind == "github" else _openid
            return ask(client, provider, errand, form)
    except (httpx.HTTPError, JoseError, KeyError, ValueError, TypeError) as failure:
        raise NotVouchedFor(f"{provider.name} did not answer as it should ({type(failure).__name__}).") from failure


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_SECONDS, headers={"Accept": "application/json"})


def _facts(client: httpx.Client, provider: OutsideProvider) -> dict[str, Any]:
    """The provider's discovery document, which must be of the issuer that was named."""
    issuer = provider.issuer.rstrip("/")
    try:
        answer = client.get(f"{issuer}/.well-known/openid-configuration", follow_redirects=True)
        facts = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as failure:
        raise NotVouchedFor(f"{provider.name} cannot be reached right now. Try again in a moment.") from failure
    if not isinstance(facts, dict) or str(facts.get("issuer", "")).rstrip("/") != issuer:
        raise NotVouchedFor(f"What answers at {issuer} is another issuer than the settings name.")
    return facts


def _openid(client: httpx.Client, provider: OutsideProvider, errand: Errand, form: dict[str, str]) -> Vouched:
    facts = _facts(client, provider)
    token = _token(client, provider, facts["token_endpoint"], form, _methods(facts))
    published = KeySet.import_key_set(client.get(facts["jwks_uri"]).raise_for_status().json())
    claims = jwt.decode(token["id_token"], published, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": facts["issuer"]},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": errand.nonce},
    ).validate(claims)
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != provider.client_id:
        raise NotVouchedFor(f"{provider.name} issued its token for somebody else.")
    if "email" not in claims and "userinfo_endpoint" in facts:
        told = _told(client, facts["userinfo_endpoint"], token["access_token"])
        if told.get("sub") != claims["sub"]:
            raise NotVouchedFor(f"{provider.name} answered about somebody else.")
        claims = told | claims
    return _verified(provider, claims)


def _verified(provider: OutsideProvider, claims: dict[str, Any]) -> Vouched:
    """Only an e-mail that the provider checked says who somebody is; Entra's `xms_edov` says the same."""
    checked = claims.get("email_verified", claims.get("xms_edov"))
    if not claims.get("email") or str(checked).lower() not in {"true", "1"}:
        raise NotVouchedFor(f"{provider.name} does not say that your e-mail address is verified.")
    return Vouched(str(claims["email"]), str(claims["name"]) if claims.get("name") else None)


def _github(client: httpx.Client, provider: OutsideProvider, errand: Errand, form: dict[str, str]) -> Vouched:
    """GitHub has no ID token: its API tells who the access token belongs to, and which address is verified."""
    address = f"{provider.base_url.rstrip('/')}/login/oauth/access_token"
    token = _token(client, provider, address, form, ["client_secret_post"])["access_token"]
    person = _told(client, f"{provider.api}/user", token)
    emails = client.get(f"{provider.api}/user/emails", headers=_bearer(token)).raise_for_status().json()
    primary = [one["email"] for one in emails if one.get("primary") is True and one.get("verified") is True]
    if not primary:
        raise NotVouchedFor(f"{provider.name} has no verified primary e-mail address of yours.")
    return Vouched(primary[0], person.get("name"))


def _token(
    client: httpx.Client, provider: OutsideProvider, address: str, form: dict[str, str], methods: list[str]
) -> dict[str, Any]:
    """The tokens for a code; GitHub answers 200 to a refusal, with the error in its body."""
    if "client_secret_basic" in methods and provider.client_secret:
        answer = client.post(address, data=form, auth=(provider.client_id, provider.client_secret))
    else:
        answer = client.post(address, data=form | {"client_secret": provider.client_secret})
    told = answer.json()
    if answer.is_error or not isinstance(told, dict) or "error" in told:
        raise NotVouchedFor(f"{provider.name} refused the sign-in. Start again.")
    return told


def _methods(facts: dict[str, Any]) -> list[str]:
    """How a client may prove itself; a provider that does not say takes basic authentication."""
    return list(facts.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"])


def _told(client: httpx.Client, address: str, token: str) -> dict[str, Any]:
    told = client.get(address, headers=_bearer(token)).raise_for_status().json()
    if not isinstance(told, dict):
        raise ValueError("not an object")
    return told


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
