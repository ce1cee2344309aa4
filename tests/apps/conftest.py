"""The application in a process of its own, and a client that walks through its sign-in."""

import base64
import hashlib
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy.orm import Session

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.base import Base
from warehouse.oltp.engine import engine
from warehouse.oltp.organization import SignInSession, User
from warehouse.operations.identity import hash_password

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


@contextmanager
def _served(home: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LONGHOUSE_")}
    environment = kept | {"LONGHOUSE_HOME": str(home), "LONGHOUSE_PORT": str(port)}
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
