"""Real Chromium against the real server, for every journey."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.serving import ARGUMENTS, CHROMIUM, free_port, leaves_machine, start_server, wait_for

PATIENCE = 20_000
"""Milliseconds: a shared machine may be slow; what comes is asserted, not how soon."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: install Debian's chromium to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Call it with a home folder to serve that folder; the answer is the address. A trace in a log fails the end."""
    started: list[tuple[subprocess.Popen[bytes], Path]] = []

    def start(home: Path) -> str:
        port = free_port()
        base = f"http://localhost:{port}"
        log = tmp_path_factory.mktemp("server") / "log"
        process = start_server(home, port, log)
        started.append((process, log))
        wait_for(f"{base}/api/health", process, log)
        return base

    yield start
    for process, _ in started:
        process.terminate()
    for process, log in started:
        process.wait(20)
        assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser profile; ends in failure if a page had an error or asked for anything outside this machine.

    A test may say how it looks: `@pytest.mark.parametrize("context", [{"color_scheme": "dark"}], indirect=True)`.
    """
    context = chromium.new_context(**getattr(request, "param", {}))
    errors: list[str] = []
    foreign: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("request", lambda sent: foreign.append(sent.url) if leaves_machine(sent.url) else None)
    yield context
    context.close()
    assert errors == []
    assert foreign == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The first tab; open others with `page.context.new_page()`."""
    return context.new_page()


@pytest.fixture(scope="session")
def settled() -> Callable[[Page], None]:
    """Wait until no screen script runs; then assert on content, for this alone proves nothing."""
    return _settled


def _settled(page: Page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


@pytest.fixture(scope="session")
def sign_in() -> Callable[[Page, str, str, str], None]:
    """Go from the welcome card through the sign-in page; after a wrong password the page stays there."""

    def enter(page: Page, base_url: str, email: str, password: str) -> None:
        page.goto(base_url)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert").or_(page.get_by_test_id("stApp"))).to_be_visible()
        if page.get_by_test_id("stApp").is_visible():
            expect(page).not_to_have_url(re.compile("/idp/"))
            _settled(page)

    return enter
