"""The one address of this installation, written the way a browser writes it."""

from urllib.parse import urlsplit

from warehouse.settings import settings

PORTS = {"http": "80", "https": "443"}
CALLBACK_PATH = "/oauth2callback"


def canonical_origin() -> str:
    """The public origin, lower case and without a default port: browsers send it so, and it is compared as text."""
    parts = urlsplit(settings().origin)
    return f"{parts.scheme}://{canonical_host(parts.netloc, parts.scheme)}"


def canonical_host(netloc: str, scheme: str) -> str:
    """A Host header's value, lower case and without the scheme's default port."""
    return netloc.lower().removesuffix(f":{PORTS.get(scheme, '')}")


def provider_address() -> str:
    """The issuer: where our own OpenID provider is mounted."""
    return f"{canonical_origin()}/idp"


def callback_address() -> str:
    """Where Streamlit receives authorization codes, and where it returns after a sign-out."""
    return f"{canonical_origin()}{CALLBACK_PATH}"
