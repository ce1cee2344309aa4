"""The application in a process of its own, and a client that walks through its sign-in."""

import base64
import hashlib
import html
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from apps.identity.address import canonical_origin
from apps.identity.door import Door
from apps.identity.keys import Keys, load_keys
from apps.identity.later import _worker
from apps.identity.provider import provider
from tests.houses import forget_everything, living_in
from warehouse.oltp.base import Base
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.identity import Mail
from warehouse.oltp.organization import AuditEvent, SignInSession, User
from warehouse.operations import passwords
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.passwords import hash_password
from warehouse.settings import settings

PASSWORD = "correct horse"
CHEAP = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])
VERIFIER = "a-verifier-that-is-long-enough-for-the-rule-of-rfc-7636"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Running:
    """A served home in which ana and eve can sign in."""

    base: str
    secret: str
    store: str

    @property
    def callback(self) -> str:
        return f"{self.base}/oauth2callback"

    def asked(self, **changes: str) -> dict[str, str]:
        """A correct authorization request, changed; an empty value leaves its parameter out."""
        asked = {
            "response_type": "code",
            "client_id": "longhouse-ui",
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": "the-state",
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | changes).items() if value != ""}

    def csrf(self, page: httpx.Response) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    def enter(self, browser: httpx.Client, asked: dict[str, str], email: str, password: str) -> httpx.Response:
        csrf = self.csrf(browser.get("/idp/authorize", params=asked))
        form = {"email": email, "password": password, "csrf": csrf}
        return browser.post("/idp/authorize", params=asked, data=form)

    def query(self, response: httpx.Response) -> dict[str, str]:
        """What the client is told in the address it is sent back to."""
        assert response.status_code == 302, response.text
        return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}

    def code(self, browser: httpx.Client, email: str = "ana@acme.test", **changes: str) -> str:
        return self.query(self.enter(browser, self.asked(**changes), email, "correct horse"))["code"]

    def redeem(self, code: str, /, **changes: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        form |= {"code_verifier": VERIFIER, "client_id": "longhouse-ui", "client_secret": self.secret}
        sent = {name: value for name, value in (form | changes).items() if value != ""}
        return httpx.post(f"{self.base}/idp/token", data=sent)

    def claims(self, id_token: str) -> dict[str, str]:
        published = KeySet.import_key_set(httpx.get(f"{self.base}/idp/jwks").json())
        return jwt.decode(id_token, published, algorithms=["RS256"]).claims

    def is_over(self, id_token: str) -> bool:
        """Whether the sign-in an ID token stands for was ended."""
        with Session(engine(self.store)) as session:
            return session.get_one(SignInSession, self.claims(id_token)["sid"]).revoked_at is not None

    def deactivate(self, email: str) -> None:
        with Session(engine(self.store)) as session:
            session.query(User).where(User.email == email).update({"is_active": False})
            session.commit()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The application over a store with two people."""
    home = tmp_path_factory.mktemp("home")
    store = f"sqlite:///{home}/operational.db"
    Base.metadata.create_all(engine(store))
    with Session(engine(store)) as session:
        hashed, now = hash_password("correct horse"), datetime.now(UTC)
        ana = User(email="ana@acme.test", password_hash=hashed, profile={"name": "Ana Rivers"}, created_at=now)
        session.add_all([ana, User(email="eve@acme.test", password_hash=hashed, created_at=now)])
        session.commit()
    with _served(home) as base:
        yield Running(base, (home / "secrets" / "client_secret").read_text(), store)
    assert "Traceback" not in (home / "server.log").read_text()


@pytest.fixture
def served() -> Callable[..., AbstractContextManager[str]]:
    """Serve a data folder as long as the context lasts; its address. What is printed goes to server.log in it."""
    return _served


@contextmanager
def _served(home: Path, **settings: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LONGHOUSE_")}
    environment = kept | {"LONGHOUSE_HOME": str(home), "LONGHOUSE_PORT": str(port)} | settings
    command = [sys.executable, "-m", "apps.asgi"]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            _wait_for(f"http://localhost:{port}/api/health", process, home / "server.log")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text())


@pytest.fixture
def browser(running: Running) -> Iterator[httpx.Client]:
    """A client that keeps cookies and follows nothing."""
    with httpx.Client(base_url=running.base) as client:
        yield client


@dataclass
class Lobby(Running):
    """The provider in this process, over a store in which ana owns acme."""

    app: Starlette

    def visitor(self, address: str = "192.0.2.7", agent: str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140") -> Any:
        """A browser somewhere, that keeps cookies and follows nothing."""
        return TestClient(
            self.app,
            base_url=self.base,
            follow_redirects=False,
            client=(address, 4000),
            headers={"User-Agent": agent},
            raise_server_exceptions=True,
        )

    def redeem(self, code: str, /, **changes: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        form |= {"code_verifier": VERIFIER, "client_id": "longhouse-ui", "client_secret": self.secret}
        return self.visitor("198.51.100.1", "python-httpx").post("/idp/token", data=form | changes)

    def claims(self, id_token: str) -> dict[str, str]:
        published = KeySet.import_key_set(self.visitor().get("/idp/jwks").json())
        return jwt.decode(id_token, published, algorithms=["RS256"]).claims

    def step(self, browser: Any, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the form of a page, with these fields filled in."""
        form = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}
        action = html.unescape(ACTION.search(page.text)[1])
        return browser.post(action or page.url, data=form | fields)

    def comes_in(self, browser: Any, email: str = "ana@acme.test", password: str = PASSWORD) -> str:
        """The sign-in's id, for somebody who needs a password only."""
        page = self.enter(browser, self.asked(), email, password)
        return self.claims(self.redeem(self.query(page)["code"]).json()["id_token"])["sid"]

    def audited(self) -> list[str]:
        """The operations in acme's audit, oldest first, once everything was written."""
        _worker.submit(int).result(10)
        with reading() as session:
            rows = session.scalars(select(AuditEvent).order_by(AuditEvent.position)).all()
            assert broken_audit_rows(session, rows[0].organization_id) == [] if rows else True
            return [row.operation for row in rows]

    def mails(self) -> list[Mail]:
        """What is in the outbox, oldest first, once everything was written."""
        _worker.submit(int).result(10)
        with reading() as session:
            return list(session.scalars(select(Mail).order_by(Mail.created_at, Mail.id)))


HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
ACTION = re.compile(r'<form method="post" action="([^"]*)">')


@pytest.fixture
def lobby(lobby_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lobby]:
    """The provider in this process, so that a test may move time and settings."""
    shutil.copytree(lobby_home, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    forget_everything()
    # Hundreds of passwords are tried here: Argon2 at its least, which takes the same ways.
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)
    passwords.decoy.cache_clear()
    keys = load_keys(tmp_path / "secrets")
    yield Lobby(canonical_origin(), keys.client_secret, settings().oltp_url, _mounted(keys))
    _worker.submit(int).result(10)
    engine().dispose()
    passwords.decoy.cache_clear()
    forget_everything()


@pytest.fixture(scope="session")
def lobby_home(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, and a store with ana, who owns Acme. Copy it before entering."""
    home = tmp_path_factory.mktemp("lobby")
    shutil.copy(empty_store, home)
    with living_in(home), pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: CHEAP)
        _ana_owns_acme()
        load_keys(home / "secrets")
    return home


def _ana_owns_acme() -> None:
    with writing() as session:
        ana = User(
            email="ana@acme.test",
            password_hash=hash_password(PASSWORD),
            profile={"name": "Ana Rivers"},
            created_at=datetime.now(UTC),
        )
        session.add(ana)
        session.flush()
        create_organization(
            session, CreateOrganization(slug="acme", name="Acme", owner_user_id=ana.id, owner_name="Ana Rivers")
        )


def _mounted(keys: Keys) -> Starlette:
    return Starlette(routes=[Mount("/idp", provider(keys))], middleware=[Middleware(Door, origin=canonical_origin())])
