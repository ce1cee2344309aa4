"""Sign-in withstands who tries to get in, and its person rules over it from any browser, in real Chromium."""

import json
import os
import re
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from apps.identity.steps import WRONG
from tests.houses import House

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User as Known
    from oidc_provider_mock import run_server_in_thread

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")]

PASSWORD = "longhouse-demo"
OLIVE, SAM, VERA, MABEL = (f"{name}@demo.example" for name in ("olive", "sam", "vera", "mabel"))
SignIn = Callable[[Page, str, str, str], None]
Settled = Callable[[Page], None]


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The address of an independent provider, that knows olive."""
    claims = {"email": OLIVE, "email_verified": True, "name": "Olive"}
    with run_server_in_thread(user_claims=(Known(sub="olive-there", claims=claims),)) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def home(demo_house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company, without numbers."""
    return demo_house.copy(tmp_path_factory.mktemp("security") / "data").home


@pytest.fixture(scope="module")
def base_url(server: Callable[[Path], str], home: Path, mock: str) -> Iterator[str]:
    told = [{"id": "example", "name": "Example ID", "issuer": mock, "client_id": "longhouse", "client_secret": "s"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "LONGHOUSE_SIGN_IN_PROVIDERS", json.dumps(told))
        yield server(home)


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Page]:
    """A browser that also visits the independent provider, whose own pages ask another host for a style sheet."""
    context = chromium.new_context()
    context.route("https://**", lambda route: route.abort())
    yield context.new_page()
    context.close()


def _store(home: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "operational.db", timeout=10) as store:
        return store.execute(sql).fetchall()


def _in(page: Page) -> None:
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Security")).to_be_attached()


def _out(page: Page) -> None:
    expect(page.get_by_text("Every team under one roof")).to_be_visible()


def _give_password(page: Page, base_url: str, email: str) -> None:
    page.goto(base_url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_after_five_wrong_passwords_the_right_one_is_told_to_wait(page: Page, base_url: str, sign_in: SignIn) -> None:
    sign_in(page, base_url, MABEL, "wrong password")
    for _ in range(4):
        page.get_by_label("Password").fill("wrong password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Password")).to_be_empty()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_empty()
    expect(page.get_by_role("alert")).to_have_text(WRONG)
    expect(page.get_by_role("alert")).to_contain_text("try again in 15 minutes")


def test_an_authenticator_app_is_set_up_asked_for_and_replaced_by_a_recovery_code(
    page: Page, chromium: Browser, base_url: str, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, VERA, PASSWORD)
    _in(page)
    page.goto(f"{base_url}/security")
    page.get_by_role("button", name="Turn on").click()
    field = page.get_by_label("Code the app shows now")
    expect(field).to_be_visible()
    expect(page.get_by_test_id("stImage").locator("img")).to_be_visible()
    totp = pyotp.TOTP(page.get_by_test_id("stCode").locator("code").first.inner_text().strip())
    taken = totp.now()
    field.fill(taken)
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Your recovery codes")).to_be_visible()
    codes = page.get_by_test_id("stCode").locator("code").first.inner_text().split()
    assert len(codes) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()

    other = chromium.new_context()
    second = other.new_page()
    _give_password(second, base_url, VERA)
    code = second.get_by_label("Code from your authenticator app")
    code.fill(taken)
    second.get_by_role("button", name="Continue").click()
    # The code that set it up has been taken; the one after it has not.
    expect(second.get_by_role("alert")).to_contain_text("This code does not work")
    code.fill(totp.at(datetime.now(UTC) + timedelta(seconds=30)))
    second.get_by_role("button", name="Continue").click()
    _in(second)
    other.close()

    another = chromium.new_context()
    third = another.new_page()
    _give_password(third, base_url, VERA)
    third.get_by_label("Code from your authenticator app").fill(codes[0])
    third.get_by_role("button", name="Continue").click()
    _in(third)
    third.goto(f"{base_url}/security")
    expect(third.get_by_text("9 recovery codes left")).to_be_visible()
    another.close()


def test_signing_out_everywhere_ends_the_other_browser_by_itself(
    page: Page, chromium: Browser, base_url: str, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, SAM, PASSWORD)
    _in(page)
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    sign_in(other, base_url, SAM, PASSWORD)
    _in(other)
    settled(other)
    page.goto(f"{base_url}/security")
    expect(page.get_by_text("This browser")).to_have_count(1)
    page.get_by_role("button", name="Sign out everywhere").click()
    # Nobody clicks there.
    _out(other)
    _out(page)
    other.goto(f"{base_url}/deals")
    _out(other)
    elsewhere.close()


def test_one_other_browser_is_signed_out_alone(
    page: Page, chromium: Browser, base_url: str, sign_in: SignIn, settled: Settled
) -> None:
    sign_in(page, base_url, SAM, PASSWORD)
    _in(page)
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    sign_in(other, base_url, SAM, PASSWORD)
    _in(other)
    page.goto(f"{base_url}/security")
    line = page.locator('[class*="st-key-end_"]')
    expect(line).to_have_count(1)
    line.get_by_role("button", name="Sign out").click()
    _out(other)
    expect(line).to_have_count(0)
    expect(page.get_by_text("This browser")).to_be_visible()
    elsewhere.close()


def test_a_screen_left_alone_ends_by_itself(page: Page, base_url: str, home: Path, sign_in: SignIn) -> None:
    sign_in(page, base_url, SAM, PASSWORD)
    _in(page)
    # As if half an hour had passed.
    _store(home, "update sessions set last_seen_at = datetime(last_seen_at, '-31 minutes') where revoked_at is null")
    _out(page)


def test_another_provider_vouches_and_the_session_is_ours(visitor: Page, base_url: str) -> None:
    page = visitor
    page.goto(base_url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Continue with Example ID").click()
    page.get_by_role("button", name="olive-there").click()
    _in(page)
    assert page.url == f"{base_url}/"
    page.goto(f"{base_url}/security")
    expect(page.get_by_text("Example ID")).to_be_visible()
    page.goto(f"{base_url}/outbox")
    expect(page.get_by_role("heading", name="Outbox")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_a_link_from_the_outbox(
    visitor: Page, base_url: str, chromium: Browser
) -> None:
    page = visitor
    page.goto(base_url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Forgot password").click()
    page.get_by_label("E-mail").fill(OLIVE)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Look into your mail")).to_be_visible()
    page.goto(base_url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Continue with Example ID").click()
    page.get_by_role("button", name="olive-there").click()
    _in(page)
    page.goto(f"{base_url}/outbox")
    page.get_by_text("choose a new password").first.click()
    link = re.search(r"http\S+/idp/reset\?token=\S+", page.get_by_test_id("stCode").first.inner_text())
    assert link
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    other.goto(link[0])
    other.get_by_label("New password").fill("battery staple")
    other.get_by_label("Once more").fill("battery staple")
    other.get_by_role("button", name="Change password").click()
    expect(other.get_by_role("heading", name="Password changed")).to_be_visible()
    # Whoever was in is out.
    _out(page)
    elsewhere.close()


@pytest.mark.parametrize(
    "context", [{"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"}], indirect=True
)
def test_security_fits_a_phone_in_the_dark(page: Page, base_url: str, sign_in: SignIn) -> None:
    sign_in(page, base_url, SAM, PASSWORD)
    _in(page)
    page.goto(f"{base_url}/security")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_label("Code the app shows now")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
