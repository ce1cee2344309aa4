"""Who really asks, and over what: X-Forwarded-* headers are believed of named proxies alone."""

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from warehouse.settings import settings

Network = IPv4Network | IPv6Network
SCHEMES = {"http": {"http": "http", "https": "https"}, "websocket": {"http": "ws", "https": "wss"}}


class ProxyUnreadable(Exception):
    """A trusted proxy in the settings is neither an address nor a network."""


def trusted_networks() -> tuple[Network, ...]:
    """The proxies named in the settings; raises ProxyUnreadable."""
    return _networks(settings().trusted_proxies)


@cache
def _networks(told: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one.strip(), strict=False) for one in told.split(",") if one.strip())
    except ValueError as wrong:
        raise ProxyUnreadable(
            f"LONGHOUSE_TRUSTED_PROXIES takes addresses or networks separated by commas; {wrong}."
        ) from wrong


def seen_through(scope: Scope) -> Scope:
    """The same request with the client and the scheme that a trusted proxy tells; any other's word changes nothing."""
    peer = (scope.get("client") or ("", 0))[0]
    if not _is_trusted(peer):
        return scope
    headers = Headers(scope=scope)
    proto = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    scheme = SCHEMES[scope["type"]].get(proto, scope["scheme"])
    return {**scope, "client": (_client(headers, peer), 0), "scheme": scheme}


def _client(headers: Headers, peer: str) -> str:
    """The last address in the chain that is no proxy of ours: what stands before it, anybody can write."""
    told = ",".join(headers.getlist("x-forwarded-for"))
    chain = [one.strip() for one in told.split(",") if one.strip()]
    for address in reversed(chain):
        if _parsed(address) is None:
            return peer
        if not _is_trusted(address):
            return address
    return chain[0] if chain else peer


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted_networks())


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
