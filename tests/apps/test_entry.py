"""The first screen: a welcome, a choice of organization, or the rooms a person may enter."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import apps.ui
import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from apps.ui.rooms import rooms_of
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.organization import Membership, Organization, SignInSession, User
from warehouse.operations import identity
from warehouse.operations.identity import SignedIn
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Actor, rights_of

READS = frozenset(rights_of(AccessRole.VIEWER))

MAIN = Path(apps.ui.__file__).parent / "main.py"
NAMES = ("Acme", "*Globex*")
WRITTEN = {"created_at": datetime.now(UTC), "updated_at": datetime.now(UTC), "change_seq": 0}


@pytest.fixture
def ana(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignedIn]:
    """Ana, signed in, a member of Acme and of *Globex*, with no organization chosen yet."""
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    engine.cache_clear()
    st.cache_data.clear()
    shutil.copy(empty_store, tmp_path)
    now = datetime.now(UTC)
    with writing() as session:
        user = User(email="ana@acme.test", profile={"name": "Ana Rivers"}, created_at=now)
        places = [Organization(slug=n.strip("*").lower(), name=n, created_at=now, change_seq=0) for n in NAMES]
        session.add_all([user, *places])
        session.flush()
        session.add_all(
            [Membership(organization_id=place.id, user_id=user.id, name="Ana", **WRITTEN) for place in places]
        )
        opened = identity.open_session(session, user, now)
        who = identity.actor_of(session, opened.id, now)
    assert who is not None
    yield who
    settings.cache_clear()
    engine.cache_clear()


def _open(who: SignedIn | None) -> AppTest:
    screen = AppTest.from_file(str(MAIN), default_timeout=300)
    if who is not None:
        screen.session_state["signed_in"] = who
    screen.run()
    assert not screen.exception
    return screen


def test_a_stranger_is_welcomed_and_asked_to_sign_in() -> None:
    screen = _open(None)
    assert [title.value for title in screen.title] == ["Longhouse"]
    assert [button.label for button in screen.button] == ["Sign in"]


def test_someone_in_several_organizations_chooses_one(ana: SignedIn) -> None:
    screen = _open(ana)
    assert [button.label for button in screen.button] == ["\\*Globex\\*", "Acme", "New organization", "Sign out"]
    screen.button[1].click().run()
    with reading() as session:
        chosen = session.get_one(SignInSession, ana.session_id).organization_id
        assert chosen is not None
        assert session.get_one(Organization, chosen).slug == "acme"


def test_someone_without_an_organization_is_told_whom_to_ask(ana: SignedIn) -> None:
    with writing() as session:
        session.query(Membership).update({"is_active": False})
    screen = _open(ana)
    assert "not a member of any organization" in screen.markdown[0].value
    assert [button.label for button in screen.button] == ["New organization", "Sign out"]


def test_an_organization_left_meanwhile_cannot_be_entered(ana: SignedIn) -> None:
    screen = _open(ana)
    with writing() as session:
        session.query(Membership).update({"is_active": False})
    screen.button[0].click().run()
    assert [error.value for error in screen.error] == ["You are not an active member of that organization."]


def test_signing_out_ends_the_session_at_once(ana: SignedIn) -> None:
    screen = _open(ana)
    screen.button[-1].click().run()
    with reading() as session:
        assert session.get_one(SignInSession, ana.session_id).revoked_at is not None


def test_the_menu_foot_names_place_and_person(ana: SignedIn) -> None:
    actor = Actor("nowhere", "member", READS, role=AccessRole.VIEWER)
    screen = _open(replace(ana, actor=actor, organization_name="Acme *Tools*"))
    said = [element.value for element in screen.sidebar.markdown]
    assert said[0] == "**Acme \\*Tools\\***"
    assert screen.sidebar.caption[0].value == "Ana Rivers"


UNDERSTAND = [
    "Ask",
    *("Sales", "Revenue", "Customers", "Marketing", "Support", "Product usage"),
    *("Saved dashboards", "Explore", "Why did it change?", "Alerts"),
]
"""What whoever may see numbers looks at."""


@pytest.mark.parametrize(
    ("permissions", "screens"),
    [
        (
            READS,
            [
                "Home",
                *UNDERSTAND,
                *("Customers", "Contacts"),
                *("Pipeline", "Deals", "Quotes", "Contracts", "Activities", "Products", "Set-up"),
                *("Subscriptions", "Invoices", "Payments", "Set-up"),
                *("Campaigns", "Segments", "Set-up", "Tickets", "Articles", "Set-up", "Applications"),
                *("Health", "Metrics", "Catalogue", "Runs", "Data checks", "Benchmarks", "Members", "Teams"),
            ],
        ),
        (
            frozenset({"insights:read"}),
            ["Home", *UNDERSTAND, "Health", "Metrics", "Catalogue", "Runs", "Data checks", "Benchmarks"],
        ),
    ],
)
def test_rooms_without_permission_are_not_in_the_menu(permissions: frozenset[str], screens: list[str]) -> None:
    actor = Actor("acme", "member", permissions)
    listed = [screen for room in rooms_of(actor).values() for screen in room]
    assert [screen.title for screen in listed if screen.visibility == "visible"] == screens
