"""People come in by password, stay in on every tab, and are out everywhere after signing out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from apps.identity.steps import WRONG
from warehouse.oltp.base import Base
from warehouse.oltp.engine import engine
from warehouse.oltp.organization import Membership, Organization, SignInSession, User
from warehouse.operations.passwords import hash_password
from warehouse.tenancy import AccessRole

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
SignIn = Callable[[Page, str, str, str], None]
Settled = Callable[[Page], None]


def _store(home: Path) -> str:
    return f"sqlite:///{home}/operational.db"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ana owns Acme; bob works at Acme and at Globex."""
    home = tmp_path_factory.mktemp("home")
    Base.metadata.create_all(engine(_store(home)))
    now = datetime.now(UTC)
    with Session(engine(_store(home))) as session:
        people = [
            User(
                email=f"{name}@acme.test", password_hash=hash_password(PASSWORD), profile={"name": name}, created_at=now
            )
            for name in ("Ana", "Bob")
        ]
        places = [
            Organization(slug=name.lower(), name=name, created_at=now, change_seq=0) for name in ("Acme", "Globex")
        ]
        session.add_all([*people, *places])
        session.flush()
        for person, place in ((people[0], places[0]), (people[1], places[0]), (people[1], places[1])):
            session.add(
                Membership(
                    organization_id=place.id,
                    user_id=person.id,
                    name="x",
                    access_role=AccessRole.OWNER,
                    created_at=now,
                    updated_at=now,
                    change_seq=0,
                )
            )
        session.commit()
    return home


@pytest.fixture(scope="module")
def base_url(server: Callable[[Path], str], home: Path) -> str:
    return server(home)


def _signed_out(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Every team under one roof")).to_be_visible()


def _forgotten(page: Page) -> None:
    """The browser gives its sign-in back on its way through the provider, which may follow the first signed-out view."""
    until = monotonic() + 20
    while any(one["name"].startswith("_streamlit_user") and one["value"] for one in page.context.cookies()):
        assert monotonic() < until, "the browser kept its sign-in"
        page.wait_for_timeout(100)


def _at_home(page: Page) -> None:
    expect(page).to_have_title("Home · Longhouse")
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Pipeline")).to_be_attached()


def test_a_wrong_password_is_told_and_the_right_one_opens_the_house(
    page: Page, base_url: str, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, "ana@acme.test", "wrong password")
    expect(page.get_by_role("alert")).to_have_text(WRONG)
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    _at_home(page)
    settled(page)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Acme")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Ana")


def test_every_tab_is_in_and_after_signing_out_every_tab_is_out(
    page: Page, base_url: str, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, "ana@acme.test", PASSWORD)
    _at_home(page)
    second = page.context.new_page()
    second.goto(f"{base_url}/deals")
    expect(second).to_have_title("Deals · Longhouse")
    settled(second)
    page.get_by_role("button", name="Sign out").click()
    _signed_out(page)
    _forgotten(page)
    # The open tab still believes in its sign-in, and finds out by itself.
    _signed_out(second)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_empty()


def test_a_session_revoked_elsewhere_is_over_here(
    page: Page, base_url: str, home: Path, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, "ana@acme.test", PASSWORD)
    _at_home(page)
    with Session(engine(_store(home))) as session:
        session.query(SignInSession).update({"revoked_at": datetime.now(UTC)})
        session.commit()
    # Without a click: the open screen looks by itself.
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    _signed_out(page)
    page.goto(base_url)
    _signed_out(page)


def test_someone_in_two_organizations_chooses_and_switches(
    page: Page, base_url: str, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, "bob@acme.test", PASSWORD)
    page.get_by_role("button", name="Globex").click()
    _at_home(page)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Globex")
    page.goto(f"{base_url}/deal?id=7")
    expect(page).to_have_title("Deal · Longhouse")
    settled(page)
    page.get_by_role("button", name="Switch organization").click()
    page.get_by_role("menuitem", name="Acme").click()
    _at_home(page)
    expect(page).to_have_url(re.compile(r"^[^?]*$"))
    expect(page.get_by_test_id("stSidebar").get_by_text("Acme", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "context", [{"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"}], indirect=True
)
def test_sign_in_fits_a_phone_in_the_dark(page: Page, base_url: str, sign_in: SignIn) -> None:
    sign_in(page, base_url, "ana@acme.test", "wrong password")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 25, 27)"
    page.goto(base_url)
    _signed_out(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    button = page.get_by_role("button", name="Sign in")
    assert button.evaluate("button => getComputedStyle(button).color") == "rgb(12, 28, 27)"


def test_another_name_of_this_machine_leads_to_the_one_address(page: Page, base_url: str, sign_in: SignIn) -> None:
    sign_in(page, base_url.replace("localhost", "127.0.0.1"), "ana@acme.test", PASSWORD)
    _at_home(page)
    assert page.url == f"{base_url}/"
