"""The one client of the provider: our own screens."""

import hmac
from dataclasses import dataclass

CLIENT_ID = "longhouse-ui"
SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True)
class Client:
    """A registered client, answering what Authlib asks of one."""

    client_id: str
    client_secret: str
    redirect_uri: str

    @property
    def client_metadata(self) -> dict[str, list[str]]:
        """Streamlit returns from a sign-out to the address it signs in with, not to its home page."""
        return {"post_logout_redirect_uris": [self.redirect_uri]}

    def get_client_id(self) -> str:
        """The public name of the client."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """None: the address to return to must be said each time."""
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes to grant; None without `openid`, because nothing but sign-in is offered here."""
        asked = (scope or "").split()
        return " ".join(name for name in SCOPES if name in asked) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether codes may be sent to this exact address."""
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is the client's secret, in constant time."""
        return hmac.compare_digest(client_secret.encode(), self.client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the client may prove itself this way: always by its secret."""
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        """Whether this flow is allowed: codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether this exchange is allowed: codes only."""
        return grant_type == "authorization_code"
