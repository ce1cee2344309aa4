"""An address that somebody typed leads to the internet, and never to a machine of ours."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apps.outward import address
from tests.houses import forget_everything


@pytest.mark.parametrize(
    ("told", "may"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - judged, not bound
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_what_is_on_the_internet(told: str, may: bool) -> None:
    assert address.is_on_the_internet(told) is may


class Sly(BaseHTTPRequestHandler):
    """Leads elsewhere, and counts who came."""

    def do_POST(self) -> None:
        self.server.calls.append(self.path)  # type: ignore[attr-defined]
        self.send_response(302 if self.path == "/elsewhere" else 204)
        self.send_header("location", "/secret")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the screen of the tests."""


@pytest.fixture
def sly() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Sly) as server:
        server.calls = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
        forget_everything()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_a_private_address_is_never_called(sly: ThreadingHTTPServer, name: str) -> None:
    with pytest.raises(address.NotCalled):
        address.post(f"http://{name}:{sly.server_address[1]}/", b"{}", {})
    assert sly.calls == []  # type: ignore[attr-defined]


def test_the_name_is_looked_up_once(sly: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that tells something else the second time leads nowhere: what was judged is what is called."""
    asked = []

    def answers(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        found = "192.0.0.9" if len(asked) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (found, port))]

    monkeypatch.setattr(address.socket, "getaddrinfo", answers)
    monkeypatch.setattr(address, "TIMEOUTS", dict.fromkeys(("connect", "read", "write", "pool"), 0.2))
    with pytest.raises(address.NotCalled):
        address.post(f"http://turns.example:{sly.server_address[1]}/", b"{}", {})
    assert asked == ["turns.example"]
    assert sly.calls == []  # type: ignore[attr-defined]


def test_a_redirect_is_not_followed(sly: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGHOUSE_CALL_PRIVATE_ADDRESSES", "true")
    forget_everything()
    place = f"http://127.0.0.1:{sly.server_address[1]}"
    address.post(f"{place}/here", b"{}", {})
    with pytest.raises(address.NotCalled, match="302"):
        address.post(f"{place}/elsewhere", b"{}", {})
    assert sly.calls == ["/here", "/elsewhere"]  # type: ignore[attr-defined]
