"""A browser that is signed in may ask the API; what changes something needs a token that only our pages can read."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from apps.api.main import api
from apps.identity.address import canonical_origin
from apps.identity.keys import load_keys
from tests.houses import forget_everything
from warehouse.oltp import engine as opening
from warehouse.oltp import migrate
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.organization import Membership, SignInSession, User
from warehouse.operations import identity
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings


@pytest.fixture
def session_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A sign-in of ana, who owns acme and globex."""
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    forget_everything()
    migrate.upgrade()
    now = datetime.now(UTC)
    with writing() as session:
        ana, bob = (User(email=f"{name}@acme.test", profile={"name": name}, created_at=now) for name in ("ana", "bob"))
        session.add_all([ana, bob])
        session.flush()
        for slug, owner in (("acme", ana), ("globex", ana), ("initech", bob)):
            asked = CreateOrganization(slug=slug, name=slug.title(), owner_user_id=owner.id, owner_name="The owner")
            create_organization(session, asked)
        opened = identity.open_session(session, ana, now).id
    yield opened
    forget_everything()


def browser(session_id: str, origin: str | None = None) -> TestClient:
    """A browser with the cookie that Streamlit sets when somebody has signed in."""
    told = json.dumps({"origin": origin or canonical_origin(), "is_logged_in": True, "sid": session_id})
    secret = load_keys(settings().secrets_path).cookie_secret
    cookie = create_signed_value(secret, USER_COOKIE_NAME, told).decode()
    return TestClient(api(), base_url=canonical_origin(), cookies={USER_COOKIE_NAME: cookie})


def choose(who: TestClient, slug: str, **headers: str) -> httpx.Response:
    places = {place["slug"]: place["id"] for place in who.get("/me").json()["organizations"]}
    return who.put("/me/organization", json={"organization_id": places.get(slug, slug)}, headers=headers)


def test_it_says_who_is_signed_in_and_what_they_may(session_id: str) -> None:
    who = browser(session_id)
    told = who.get("/me")
    assert told.headers["cache-control"] == "no-store"
    assert (told.json()["email"], told.json()["organization"], told.json()["permissions"]) == (
        "ana@acme.test",
        None,
        {},
    )
    assert choose(who, "acme", **{"X-CSRF-Token": told.json()["csrf"]}).status_code == 204
    now = who.get("/me").json()
    assert (now["organization"]["slug"], now["role"], now["permissions"]["sales:write"]) == ("acme", "owner", "all")


@pytest.mark.parametrize("cookie", [None, "", "forged", "eyJhIjoxfQ.x.y"])
def test_without_a_sign_in_there_is_no_answer(session_id: str, cookie: str | None) -> None:
    asking = TestClient(api(), base_url=canonical_origin(), cookies={USER_COOKIE_NAME: cookie} if cookie else {})
    assert asking.get("/me").status_code == 401


def test_a_cookie_of_another_address_is_nobodys(session_id: str) -> None:
    assert browser(session_id, "http://evil.test").get("/me").status_code == 401


def test_a_sign_in_that_was_ended_is_over_at_once(session_id: str) -> None:
    who = browser(session_id)
    assert who.get("/me").status_code == 200
    with writing() as session:
        session.get_one(SignInSession, session_id).revoked_at = datetime.now(UTC)
    assert who.get("/me").status_code == 401


def test_asking_the_api_is_use_of_the_sign_in_and_is_noted_once_a_minute(session_id: str) -> None:
    def seen() -> datetime:
        with reading() as session:
            noted = session.get_one(SignInSession, session_id).last_seen_at
        assert noted is not None
        return noted

    def last_used(minutes_ago: float) -> datetime:
        with writing() as session:
            session.get_one(SignInSession, session_id).last_seen_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        return seen()

    who, idle = browser(session_id), settings().idle_minutes
    before = last_used(idle - 1)
    assert who.get("/me").status_code == 200
    assert seen() > before
    before = last_used(0.5)
    assert who.get("/me").status_code == 200
    assert seen() == before
    # A change that was refused is nobody's use, and what is over stays over.
    before = last_used(idle - 1)
    assert who.put("/me/organization", json={"organization_id": "acme"}).status_code == 403
    assert seen() == before
    before = last_used(idle + 1)
    assert who.get("/me").status_code == 401
    assert seen() == before


@pytest.mark.parametrize(
    "headers", [{}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": "of another"}, {"Origin": "http://evil.test"}]
)
def test_a_change_from_a_foreign_page_is_refused(session_id: str, headers: dict[str, str]) -> None:
    who = browser(session_id)
    if headers.get("X-CSRF-Token") == "of another":
        with writing() as session:
            other = identity.open_session(
                session, session.query(User).filter_by(email="bob@acme.test").one(), datetime.now(UTC)
            )
        headers = {"X-CSRF-Token": browser(other.id).get("/me").json()["csrf"]}
    if "Origin" in headers:
        headers = headers | {"X-CSRF-Token": who.get("/me").json()["csrf"]}
    assert choose(who, "acme", **headers).status_code == 403
    assert who.get("/me").json()["organization"] is None


def test_an_organization_one_is_no_member_of_is_not_found(session_id: str) -> None:
    who = browser(session_id)
    token = {"X-CSRF-Token": who.get("/me").json()["csrf"]}
    with writing() as session:
        [theirs] = [
            row.organization_id for row in session.query(Membership) if row.user_id and row.name == "The owner"
        ][2:]
    assert choose(who, theirs, **token).status_code == 404
    assert choose(who, "nowhere", **token).status_code == 404


def test_signing_out_here_is_signing_out_everywhere_in_this_browser(session_id: str) -> None:
    who = browser(session_id)
    assert who.delete("/me/session", headers={"X-CSRF-Token": who.get("/me").json()["csrf"]}).status_code == 204
    assert who.get("/me").status_code == 401


def test_a_store_that_another_writer_holds_is_told(session_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    who = browser(session_id)
    token = {"X-CSRF-Token": who.get("/me").json()["csrf"]}
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.1)
    engine.cache_clear()
    with closing(sqlite3.connect(settings().operational_path, isolation_level=None)) as other:
        other.execute("begin immediate")
        answer = choose(who, "acme", **token)
    assert answer.status_code == 503
    assert "Nothing was saved" in answer.json()["detail"]
