"""A vendor is asked politely, let in by whatever it asks for, and never told on."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipelines.connectors.client import TRIES, Client, VendorFailed, VendorRefused
from tests.fakes.vendor import Asked, FakeVendor, Fault, Refused
from warehouse.connectors.spec import AfterToken, Ask, Auth, Basic, Bearer, Cursor, Refreshed, Vendor

THINGS = Ask("/things", AfterToken("after", "next"), "things")


class Pretender(FakeVendor):
    """Lets in whoever has the access token it gave last, or the password."""

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.given = "first", "r-1", 0
        self.rotates = False

    def answer(self, asked: Asked) -> Any:
        if asked.path == "/token":
            if asked.body.get("refresh_token") != self.refresh or asked.body.get("client_secret") != "s":
                raise Refused(400, {"error": "invalid_grant"})
            self.given += 1
            self.access = f"access-{self.given}"
            if self.rotates:
                self.refresh = f"r-{self.given + 1}"
            return {"access_token": self.access, "refresh_token": self.refresh}
        told = asked.headers.get("Authorization")
        if told not in {f"Bearer {self.access}", f"Basic {base64.b64encode(b'ana:p').decode()}"}:
            raise Refused(401, self.failure("unknown"))
        if asked.path == "/moved":
            raise Refused(302, {}, {"Location": "http://elsewhere.test/"})
        return {"things": [], "next": None}


@pytest.fixture
def fake() -> Pretender:
    return Pretender()


@pytest.fixture
def address(fake: Pretender) -> Iterator[str]:
    with fake.serving() as at:
        yield at


def _client(fake: Pretender, address: str, auth: Auth, secret: dict[str, str], **more: Any) -> Client:
    cursor = Cursor(timedelta(hours=1), timedelta(days=30))
    vendor = Vendor("things", "Things", address, auth, 10, cursor, (), lambda *_: [], lambda *_: None)
    return Client(vendor, secret, clock=fake.clock(), **more)


REFRESHED = {"client_id": "c", "client_secret": "s", "refresh_token": "r-1"}


def test_a_user_and_a_password_let_in(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Basic(), {"user": "ana", "password": "p"})
    assert client.get(THINGS, {}, None).body == {"things": [], "next": None}


def test_an_access_token_that_ran_out_is_asked_for_once_more(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Refreshed("/token"), REFRESHED)
    client.get(THINGS, {}, None)
    fake.access = "another, since"
    client.get(THINGS, {}, None)
    assert fake.given == 2


def test_a_refresh_token_given_in_the_place_of_the_one_before_is_kept(fake: Pretender, address: str) -> None:
    kept: list[dict[str, str]] = []
    fake.rotates = True
    client = _client(fake, address, Refreshed("/token"), REFRESHED, renewed=kept.append)
    client.get(THINGS, {}, None)
    assert kept == [REFRESHED | {"refresh_token": "r-2"}]
    fake.access = "another, since"
    client.get(THINGS, {}, None)
    assert kept[-1]["refresh_token"] == "r-3"


def test_a_refresh_token_that_is_refused_is_told_at_once(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Refreshed("/token"), REFRESHED | {"refresh_token": "old"})
    with pytest.raises(VendorFailed, match=r"Things answered 400 \(invalid_grant\) to POST /token"):
        client.get(THINGS, {}, None)
    assert len(fake.asked) == 1


def test_its_pace_is_kept(fake: Pretender, address: str) -> None:
    client, begun = _client(fake, address, Bearer(), {"token": "first"}), fake.now
    for _ in range(21):
        client.get(THINGS, {}, None)
    assert fake.now - begun >= timedelta(seconds=2)


def test_nobody_is_followed_elsewhere_with_a_secret_in_hand(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Bearer(), {"token": "first"})
    with pytest.raises(VendorFailed, match="sends elsewhere"):
        client.get(Ask("/moved", THINGS.pages, "things"), {}, None)


def test_a_vendor_that_wants_us_to_wait_for_long_is_left_for_the_next_sync(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Bearer(), {"token": "first"})
    fake.answer = lambda asked: (_ for _ in ()).throw(Refused(429, {}, {"Retry-After": "3600"}))  # type: ignore[method-assign]
    with pytest.raises(VendorFailed, match="wants us to wait for 3,600 seconds"):
        client.get(THINGS, {}, None)


def test_pauses_grow_and_end(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Bearer(), {"token": "first"})
    fake.faults.extend([Fault.BROKEN] * TRIES)
    with pytest.raises(VendorFailed, match="after 6 tries: it answered 500"):
        client.get(THINGS, {}, None)
    pauses = [pause for pause in fake.slept if pause > 0.3]
    assert pauses == sorted(pauses)
    assert len(pauses) == TRIES - 1


def test_no_sentence_repeats_the_secret_or_the_answer(fake: Pretender, address: str) -> None:
    client = _client(fake, address, Bearer(), {"token": "canary-of-a-secret"})
    with pytest.raises(VendorRefused) as refused:
        client.get(THINGS, {}, None)
    assert "canary" not in str(refused.value).lower()
    assert str(refused.value).startswith("Things answered 401 (unknown) to GET /things: it does not know the secret.")
