"""Messages of identity providers: who is believed, and what is answered to everybody else."""

import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from apps.api.hooks import MOST_BYTES, REFUSED
from apps.api.main import api
from apps.api.signature import sign
from apps.identity.address import canonical_origin
from tests.apps.signing import Provider, headers
from tests.houses import House
from warehouse.oltp import engine as opening
from warehouse.oltp import migrate
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.hooks import HookDelivery, HookSecret
from warehouse.oltp.organization import AuditEvent, Membership, Organization, User
from warehouse.operations import hook_secrets
from warehouse.operations.hook_secrets import MakeSecret, RemoveSecret, hook_state, make_secret, remove_secret
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import operator_actor

NEW = json.dumps({"type": "user.created", "data": {"id": "user_1", "email": "new@acme.test", "name": "New"}}).encode()
PARTS = ("id", "timestamp", "signature")


@dataclass
class Two:
    """acme and globex, each with a provider that knows its secret, and initech without one."""

    web: TestClient
    ids: dict[str, str]
    providers: dict[str, Provider]

    @property
    def acme(self) -> Provider:
        return self.providers["acme"]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], dict[str, str]]:
    """A store with three organizations: its folder, their ids, and the secrets of two of them."""
    home, ids, made = tmp_path_factory.mktemp("hooks") / "data", {}, {}
    with House(home).entered():
        migrate.upgrade()
        with writing() as session:
            for slug in ("acme", "globex", "initech"):
                owner = User(email=f"owner@{slug}.test", profile={}, created_at=datetime.now(UTC))
                session.add(owner)
                session.flush()
                asked = CreateOrganization(slug=slug, name=slug.title(), owner_user_id=owner.id, owner_name="The owner")
                ids[slug] = create_organization(session, asked).id
            for slug in ("acme", "globex"):
                made[slug] = make_secret(session, operator_actor(ids[slug]), MakeSecret())
    return home, ids, made


@pytest.fixture
def two(prepared: tuple[Path, dict[str, str], dict[str, str]], tmp_path: Path) -> Iterator[Two]:
    home, ids, secrets = prepared
    with House(home).copy(tmp_path / "data").entered():
        web = TestClient(api(), canonical_origin())
        yield Two(web, ids, {slug: Provider(web, f"/hooks/users/{slug}", secrets[slug]) for slug in secrets})


def members(organization_id: str) -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Membership.name).where(Membership.organization_id == organization_id)))


def refused(answer: httpx.Response) -> bool:
    """Whether nothing was learned but that the signature does not hold."""
    return (answer.status_code, answer.json()) == (401, {"detail": REFUSED})


def test_signatures_are_those_of_the_specification() -> None:
    """The example that its reference implementations are tested with."""
    found = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signed_message_makes_a_member(two: Two) -> None:
    answer = two.acme.post(NEW)
    assert (answer.status_code, answer.json()) == (200, {"outcome": "created"})
    assert members(two.ids["acme"]) == {"The owner", "New"}


def test_an_organization_is_addressed_by_its_id_too(two: Two) -> None:
    two.acme.where = f"/hooks/users/{two.ids['acme']}"
    assert two.acme.post(NEW).status_code == 200


def test_the_headers_may_be_called_as_svix_calls_them(two: Two) -> None:
    told = headers(two.acme.secret, "msg_1", NEW, name="svix")
    assert two.web.post(two.acme.where, content=NEW, headers=told).status_code == 200


def test_one_good_signature_among_others_is_enough(two: Two) -> None:
    good = headers(two.acme.secret, "msg_1", NEW)
    others = f"v1a,abc v1,{'A' * 43}= {good['webhook-signature']}"
    assert two.web.post(two.acme.where, content=NEW, headers=good | {"webhook-signature": others}).status_code == 200


@pytest.mark.parametrize("seconds", [-290, 290])
def test_clocks_may_differ_a_little(two: Two, seconds: int) -> None:
    told = headers(two.acme.secret, "msg_1", NEW, at=time.time() + seconds)
    assert two.web.post(two.acme.where, content=NEW, headers=told).status_code == 200


@pytest.mark.parametrize("seconds", [-310, 310, -86_400, 86_400])
def test_a_message_of_another_time_is_refused(two: Two, seconds: int) -> None:
    told = headers(two.acme.secret, "msg_1", NEW, at=time.time() + seconds)
    assert refused(two.web.post(two.acme.where, content=NEW, headers=told))
    assert members(two.ids["acme"]) == {"The owner"}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "value", ["", "x", "v1,", "v1,!!!", "v1", "-5", "1e9", "9" * 40, "\u00b2", "v1,é", " ", "v1,a" * 99]
)
def test_a_header_that_was_changed_is_refused(two: Two, part: str, value: str) -> None:
    sent = {name.encode(): told.encode() for name, told in headers(two.acme.secret, "msg_1", NEW).items()}
    sent[f"webhook-{part}".encode()] = value.encode("utf-8")
    assert refused(two.web.post(two.acme.where, content=NEW, headers=list(sent.items())))


@pytest.mark.parametrize("part", PARTS)
def test_a_header_that_is_missing_is_refused(two: Two, part: str) -> None:
    sent = headers(two.acme.secret, "msg_1", NEW)
    del sent[f"webhook-{part}"]
    assert refused(two.web.post(two.acme.where, content=NEW, headers=sent))


def test_a_body_that_was_changed_is_refused(two: Two) -> None:
    sent = headers(two.acme.secret, "msg_1", NEW)
    assert refused(two.web.post(two.acme.where, content=NEW + b" ", headers=sent))


def test_a_wrong_secret_and_an_organization_without_one_or_that_is_not_there_are_answered_alike(two: Two) -> None:
    wrong = Provider(two.web, "/hooks/users/acme", two.providers["globex"].secret).post(NEW)
    without = Provider(two.web, "/hooks/users/initech", two.acme.secret).post(NEW)
    nowhere = Provider(two.web, "/hooks/users/nowhere", two.acme.secret).post(NEW)
    by_id = Provider(two.web, f"/hooks/users/{two.ids['globex']}", two.acme.secret).post(NEW)
    assert [refused(one) for one in (wrong, without, nowhere, by_id)] == [True] * 4
    told = [dict(one.headers.items()) for one in (wrong, without, nowhere)]
    assert told[0] == told[1] == told[2]


def test_a_message_sent_again_changes_nothing(two: Two) -> None:
    assert two.acme.tell("created", "msg_1", id="user_1", email="new@acme.test") == "created"
    assert two.acme.tell("updated", "msg_2", id="user_1", name="Newer") == "changed"
    with reading() as session:
        audited = session.query(AuditEvent).count()
    # The same id, signed anew: a provider that did not hear our answer.
    assert two.acme.tell("created", "msg_1", id="user_1", email="new@acme.test", name="New") == "replayed"
    assert two.acme.tell("deleted", "msg_2", id="user_1") == "replayed"
    assert members(two.ids["acme"]) == {"The owner", "Newer"}
    with reading() as session:
        assert session.query(AuditEvent).count() == audited


def test_the_same_id_at_another_organization_is_another_message(two: Two) -> None:
    for provider in two.providers.values():
        assert provider.tell("created", "msg_1", id="user_1", email="new@acme.test") == "created"


def test_a_refused_message_may_be_sent_again(two: Two) -> None:
    assert two.acme.post(b'{"type": "user.created", "data": {"id": "user_1"}}', "msg_1").status_code == 422
    assert two.acme.tell("created", "msg_1", id="user_1", email="new@acme.test") == "created"


def test_what_was_taken_long_ago_is_forgotten(two: Two) -> None:
    with writing() as session:
        old = datetime.now(UTC) - timedelta(days=31)
        session.add(HookDelivery(organization_id=two.ids["acme"], digest="0" * 64, received_at=old))
    two.acme.post(NEW)
    with reading() as session:
        [kept] = session.scalars(select(HookDelivery))
    assert kept.digest != "0" * 64


def test_a_renewed_secret_leaves_the_one_before_a_day(two: Two) -> None:
    before = two.acme.secret
    with writing() as session:
        two.acme.secret = make_secret(session, operator_actor(two.ids["acme"]), MakeSecret())
    assert two.acme.tell("created", id="user_1", email="new@acme.test") == "created"
    two.acme.secret, after = before, two.acme.secret
    assert two.acme.tell("updated", id="user_1", name="Newer") == "changed"
    with writing() as session:
        session.get_one(HookSecret, two.ids["acme"]).former_until = datetime.now(UTC) - timedelta(seconds=1)
    assert refused(two.acme.post(NEW))
    two.acme.secret = after
    assert two.acme.post(NEW).status_code == 200


def test_a_secret_that_was_taken_away_opens_nothing(two: Two) -> None:
    with writing() as session:
        make_secret(session, operator_actor(two.ids["acme"]), MakeSecret())
        remove_secret(session, operator_actor(two.ids["acme"]), RemoveSecret())
    assert refused(two.acme.post(NEW))
    with reading() as session:
        assert hook_state(session, operator_actor(two.ids["acme"])) is None


def test_the_store_keeps_no_secret_that_could_be_read(two: Two) -> None:
    engine().dispose()
    kept = b"".join(path.read_bytes() for path in settings().home.rglob("*") if path.is_file())
    assert len(kept) > 1_000
    assert two.acme.secret.removeprefix(hook_secrets.PREFIX).encode() not in kept


def test_a_deleted_organization_takes_no_message(two: Two) -> None:
    with writing() as session:
        session.get_one(Organization, two.ids["acme"]).deleted_at = datetime.now(UTC)
    assert refused(two.acme.post(NEW))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 30_000, b'{"type": 1, "data": {}}', b"{}"),
        *(
            b'{"type": "user.created"}',
            b'{"type": "user.created", "data": []}',
            b'{"type": "user.created", "data": {}}',
        ),
        b'{"type": "user.created", "data": {"id": "u", "email": "\\ud800@x"}}',
        b'{"type": "user.created", "data": {"id": "u", "email": "a\\u0000@x.test"}}',
        b'{"type": "user.created", "data": {"id": "u", "email": "no address"}}',
        b'{"type": "user.created", "data": {"id": "u", "email": "a@x.test", "name": "4111 1111 1111 1111"}}',
        b'{"type": "user.created", "data": {"id": "u", "email_addresses": [{"email_address": 3}, 4]}}',
        b'{"type": "user.updated", "data": {"id": "' + b"x" * 301 + b'"}}',
        b'{"type": "user.deleted", "data": {"id": {"a": 1}}}',
    ],
)
def test_what_is_no_message_is_refused_in_a_sentence(two: Two, body: bytes) -> None:
    answer = two.acme.post(body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("This is no message about a user. ")
    assert len(answer.text) < 1_000
    assert members(two.ids["acme"]) == {"The owner"}


def test_a_message_about_something_else_is_taken_and_ignored(two: Two) -> None:
    answer = two.acme.post(b'{"type": "organization.created", "data": {"whatever": [1]}}')
    assert (answer.status_code, answer.json()) == (200, {"outcome": "ignored"})


def test_a_long_body_is_not_read_to_its_end(two: Two) -> None:
    read = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * MOST_BYTES:
            read += 1_024
            yield b"x" * 1_024

    async def post() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api()), base_url=canonical_origin()) as web:
            return (await web.post(two.acme.where, content=long())).status_code

    assert anyio.run(post) == 413
    assert read <= MOST_BYTES + 1_024
    assert two.acme.post(b" " * (MOST_BYTES + 1)).status_code == 413
    assert two.acme.post(NEW.ljust(MOST_BYTES)).status_code == 200


def test_a_busy_store_is_told_and_the_message_may_come_again(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.1)
    engine.cache_clear()
    with closing(sqlite3.connect(settings().operational_path, isolation_level=None)) as other:
        other.execute("begin immediate")
        answer = two.acme.post(NEW, "msg_1")
    assert answer.status_code == 503
    assert two.acme.post(NEW, "msg_1").json() == {"outcome": "created"}
