"""The outside providers named in the settings: OpenID Connect ones, and GitHub's plain OAuth 2.0."""

import json
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from warehouse.settings import settings

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
GITHUB = "https://github.com"
GITHUB_API = "https://api.github.com"


class ProviderUnreadable(Exception):
    """The settings of an outside provider cannot be used."""


class OutsideProvider(BaseModel):
    """Somebody else who vouches for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    """Part of the address it returns people to."""
    name: str
    kind: Literal["oidc", "github"] = "oidc"
    issuer: str = ""
    client_id: str
    client_secret: str = ""
    scope: str = "openid email profile"
    base_url: str = GITHUB
    """Of GitHub Enterprise Server, where it is not github.com."""
    api_url: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "OutsideProvider":
        if not ID.fullmatch(self.id):
            raise ValueError(f"id {self.id!r} must be lowercase letters, figures and dashes")
        if self.kind == "oidc" and not self.issuer:
            raise ValueError("issuer is missing")
        return self

    @property
    def api(self) -> str:
        """Where GitHub is asked who somebody is."""
        if self.api_url:
            return self.api_url.rstrip("/")
        return GITHUB_API if self.base_url.rstrip("/") == GITHUB else f"{self.base_url.rstrip('/')}/api/v3"


def outside_providers() -> dict[str, OutsideProvider]:
    """Id → provider, in the order they are offered; raises ProviderUnreadable."""
    current = settings()
    try:
        told = json.loads(current.sign_in_providers or "[]")
        if not isinstance(told, list):
            raise ValueError("it must be a JSON list")
        found = [OutsideProvider.model_validate(one) for one in told]
    except (ValueError, ValidationError) as wrong:
        raise ProviderUnreadable(f"LONGHOUSE_SIGN_IN_PROVIDERS cannot be read: {_in_words(wrong)}.") from None
    if current.oidc_issuer:
        single = OutsideProvider(
            id="oidc",
            name=current.oidc_name or "your company account",
            issuer=current.oidc_issuer,
            client_id=current.oidc_client_id,
            client_secret=current.oidc_client_secret,
        )
        found.insert(0, single)
    if len({one.id for one in found}) < len(found):
        raise ProviderUnreadable("LONGHOUSE_SIGN_IN_PROVIDERS names the same id twice.")
    return {one.id: one for one in found}


def _in_words(wrong: ValueError) -> str:
    """What is wrong and where, without the values: one of them is a secret."""
    if not isinstance(wrong, ValidationError):
        return str(wrong)
    return "; ".join(f"{'.'.join(map(str, one['loc']))} {one['msg']}".strip() for one in wrong.errors())
