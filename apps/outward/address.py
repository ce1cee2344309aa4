"""Calls an address that somebody typed, and never a machine of ours: every name is looked up once, judged, and then called."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore

from warehouse.settings import settings

SECONDS = 10.0
TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
FINE = range(200, 300)


class NotCalled(Exception):
    """The call was not made, or not taken; says why."""


class _Judged(httpcore.NetworkBackend):
    """Connects to what a name stands for, where that is on the internet.

    The address that was judged is the one that is called: a name that is looked up twice may answer twice.
    """

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises NotCalled for an address that may not be called."""
        return self._plain.connect_tcp(_judged(host, port), port, timeout, local_address, socket_options)

    def connect_unix_socket(self, path: str, *_options: Any, **_more: Any) -> httpcore.NetworkStream:
        """No name leads to a socket of this machine."""
        raise NotCalled(f"{path} is no address on the internet.")

    def sleep(self, seconds: float) -> None:
        """As the plain one."""
        time.sleep(seconds)


def _judged(host: str, port: int) -> str:
    """The address behind a name. Raises NotCalled where one of them is not on the internet, unless settings allow it."""
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise NotCalled(f"{host} is not known: check the address.") from None
    if not settings().call_private_addresses and not all(is_on_the_internet(one) for one in found):
        raise NotCalled(f"{host} lies in a private network, and such addresses are not called from here.")
    return found[0]


def is_on_the_internet(told: str) -> bool:
    """Whether an IP address can be reached by everybody: no loopback, private, link-local, shared or multicast one.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is judged by that one too.
    """
    address = ipaddress.ip_address(told.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        carried = [one for one in inside if one is not None]
        if address.ipv4_mapped is not None:
            return is_on_the_internet(str(address.ipv4_mapped))
        if not all(is_on_the_internet(str(one)) for one in carried):
            return False
    return address.is_global and not address.is_multicast


def post(address: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send one message; redirects are not followed, for they lead where nobody looked.

    Raises NotCalled with what went wrong, in a sentence that repeats neither the address's path nor its answer.
    """
    sent = {"content-type": "application/json", "user-agent": "Longhouse", **headers}
    asked: dict[str, Any] = {"headers": sent, "content": body, "extensions": {"timeout": TIMEOUTS}}
    try:
        pool = httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=_Judged())
        with pool, pool.stream("POST", address, **asked) as answered:
            status = answered.status
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError, OSError) as failure:
        raise NotCalled(f"The address did not answer ({type(failure).__name__}).") from failure
    except (httpcore.UnsupportedProtocol, ValueError, TypeError, httpcore.LocalProtocolError) as failure:
        raise NotCalled("This is no address that can be called.") from failure
    if status not in FINE:
        raise NotCalled(f"The address answered with {status}.")
