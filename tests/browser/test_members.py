"""From founding to the end of a membership, as the people see it, in real Chromium."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.houses import House
from warehouse.oltp.engine import reading
from warehouse.oltp.identity import Mail

pytestmark = pytest.mark.browser

OLIVE, SAM, EVE = "olive@demo.example", "sam@demo.example", "eve@new.test"
PASSWORD, NEW_PASSWORD = "longhouse-demo", "seven tall herons"
SignIn = Callable[[Page, str, str, str], None]
Settled = Callable[[Page], None]


@pytest.fixture(scope="module")
def house(demo_house: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo company, without numbers."""
    return demo_house.copy(tmp_path_factory.mktemp("members") / "data")


@pytest.fixture(scope="module")
def base_url(server: Callable[[Path], str], house: House) -> str:
    return server(house.home)


@pytest.fixture
def other(chromium: Browser) -> Iterator[Page]:
    """Somebody else's browser."""
    with _browser(chromium) as page:
        yield page


@contextmanager
def _browser(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def link_for(house: House, email: str) -> str:
    """The link in the latest mail to an address."""
    with house.entered(), reading() as session:
        mail = session.query(Mail).filter(Mail.recipient == email).order_by(Mail.created_at.desc()).first()
        assert mail is not None
        assert mail.text is not None
        return re.search(r"(/idp/invitation\?\S+)", mail.text)[1]  # type: ignore[index]


def in_sidebar(page: Page, text: str) -> None:
    expect(page.get_by_test_id("stSidebar").get_by_text(text, exact=True)).to_be_attached()


def test_found_invite_join_see_each_other_switch_and_be_out(
    page: Page, other: Page, base_url: str, house: House, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, OLIVE, PASSWORD)
    page.goto(f"{base_url}/found")
    page.get_by_label("Name", exact=True).fill("Reed & Rush")
    page.get_by_label("Name", exact=True).press("Tab")
    expect(page.get_by_role("textbox", name="Short name")).to_have_value("reed-rush")
    page.get_by_role("button", name="Found it").click()
    in_sidebar(page, "Reed & Rush")

    page.goto(f"{base_url}/members?invite=person")
    page.get_by_label("E-mail").fill(EVE)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("Open invitations")).to_be_visible()
    expect(page.get_by_test_id("stMainBlockContainer").get_by_role("link", name=EVE)).to_be_visible()

    other.goto(base_url + link_for(house, EVE))
    expect(other.get_by_role("heading", name="Join Reed & Rush")).to_be_visible()
    other.get_by_label("Your name").fill("Eve Moor")
    other.get_by_label("Choose a password").fill("short")
    other.get_by_label("Once more").fill("short")
    other.get_by_role("button", name="Join Reed & Rush").click()
    expect(other.get_by_role("alert")).to_contain_text("at least 10 characters")
    expect(other.get_by_label("Your name")).to_have_value("Eve Moor")
    other.get_by_label("Choose a password").fill(NEW_PASSWORD)
    other.get_by_label("Once more").fill(NEW_PASSWORD)
    other.get_by_role("button", name="Join Reed & Rush").click()
    in_sidebar(other, "Reed & Rush")
    in_sidebar(other, "Eve Moor")

    for one, seen in ((page, "2 members, 2 active"), (other, "2 members, 2 active")):
        one.goto(f"{base_url}/members")
        expect(one.get_by_text(seen)).to_be_visible()
    expect(other.get_by_role("button", name="Invite")).to_have_count(0)

    with house.entered(), reading():
        store = sqlite3.connect(house.home / "operational.db")
        [member_id] = store.execute("select id from memberships where name = 'Eve Moor'").fetchone()
        store.close()
    page.goto(f"{base_url}/members?member={member_id}")
    page.get_by_role("button", name="Deactivate").click()
    # Without a click of hers.
    expect(other.get_by_text("Every team under one roof")).to_be_visible()


def test_two_tabs_cannot_mix_organizations(
    page: Page, base_url: str, house: House, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, OLIVE, PASSWORD)
    page.get_by_role("button", name="Oakbeam Trestle Works").click()
    in_sidebar(page, "Oakbeam Trestle Works")
    page.goto(f"{base_url}/teams")
    settled(page)
    page.get_by_text("New team").click()
    page.get_by_label("Name", exact=True).first.fill("Meant for Oakbeam")
    tab = page.context.new_page()
    tab.goto(base_url)
    tab.get_by_role("button", name="Switch organization").click()
    tab.get_by_role("menuitem", name="Reed & Rush").click()
    in_sidebar(tab, "Reed & Rush")
    # At once, unless the first tab has looked by itself already.
    with suppress(TimeoutError):
        page.get_by_role("button", name="Add team").click(timeout=1_000)
    in_sidebar(page, "Reed & Rush")
    expect(page.get_by_text("You are in Reed & Rush now")).to_be_visible()
    typed = page.get_by_label("Name", exact=True).first
    assert not typed.is_visible() or typed.input_value() == ""
    store = sqlite3.connect(house.home / "operational.db")
    found = store.execute(
        "select o.slug from teams t join organizations o on o.id = t.organization_id where t.name = 'Meant for Oakbeam'"
    ).fetchall()
    store.close()
    assert ("reed-rush",) not in found


def test_a_link_opened_by_somebody_else_tells_so_and_the_right_person_joins(
    page: Page, other: Page, base_url: str, house: House, sign_in: SignIn, settled: Settled
) -> None:
    house.run("organization", "invite", "reed-rush", SAM, "--role", "viewer")
    sign_in(other, base_url, "vera@demo.example", PASSWORD)
    token = link_for(house, SAM).partition("?")[2]
    other.goto(f"{base_url}/join?{token}")
    expect(other.get_by_text("you are signed in as")).to_be_visible()
    expect(other.get_by_role("button", name="Join", exact=True)).to_have_count(0)

    page.goto(base_url + link_for(house, SAM))
    page.get_by_role("link", name="Sign in to join").click()
    page.get_by_label("E-mail").fill(SAM)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Join Reed & Rush").click()
    page.get_by_role("button", name="Join", exact=True).click()
    in_sidebar(page, "Reed & Rush")
    expect(page.get_by_role("button", name="Switch organization")).to_be_attached()


@pytest.mark.parametrize(
    "context", [{"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"}], indirect=True
)
def test_the_page_of_an_invitation_fits_a_phone_in_the_dark(page: Page, base_url: str, house: House) -> None:
    house.run("organization", "invite", "reed-rush", "kim@new.test")
    page.goto(base_url + link_for(house, "kim@new.test"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 25, 27)"
    page.goto(f"{base_url}/idp/invitation?token=nonsense")
    expect(page.get_by_role("heading", name="This invitation is over")).to_be_visible()
