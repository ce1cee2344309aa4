"""Every page as an owner sees it, in real Chromium: nothing fails, nothing leaves the machine, axe is content."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.serving import leaves_machine
from tests.browser.visiting import ERRORS, addresses, drawn, said, screens_of
from tests.houses import House
from warehouse.demo.sign_ins import DEMO_PASSWORD
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import Membership, User
from warehouse.operations import identity
from warehouse.operations.identity import SignedIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OWNER = "olive@demo.example"
ALIKE = {"records.py", "set_up.py"}
"""Screens that draw many pages of one form, with other words in them."""
STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
KNOWN: dict[str, tuple[str, str]] = {
    "list": ('data-testid="stSidebarNavItems"', "Streamlit puts the sections of its menu into a list as divs"),
    "listitem": ('^<li class="st-emotion-cache', "and the entries of a section outside of any list"),
    "target-size": (
        'aria-label="Clear all"|role="spinbutton"',
        "the cross of a field with several values, and the parts of a day, are some pixels too small",
    ),
}
"""Rule of axe → what of Streamlit's own markup breaks it (a pattern of its HTML), and what that is."""


@dataclass
class Visit:
    """What went wrong on the pages that a person was led over."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def note(self, path: str, found: list[str]) -> None:
        self.seen.append(path)
        if found:
            self.wrong[path] = found


@pytest.fixture(scope="module")
def house(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo company with its numbers."""
    return built_house.copy(tmp_path_factory.mktemp("pages") / "data")


@pytest.fixture(scope="module")
def base(server: Callable[[Path], str], house: House) -> str:
    return server(house.home)


def person(house: House, email: str) -> SignedIn:
    """Who it is, so that their pages are known."""
    with house.entered(), writing() as session:
        user = session.query(User).filter(User.email == email).one()
        opened = identity.open_session(session, user, datetime.now(UTC))
        place = session.query(Membership).filter(Membership.user_id == user.id).one().organization_id
        identity.choose_organization(session, opened.id, place)
        session.flush()
        found = identity.actor_of(session, opened.id, datetime.now(UTC))
    assert found is not None
    return found


@contextmanager
def listening(chromium: Browser, **look: Any) -> Iterator[tuple[Page, list[str]]]:
    """A fresh profile, and what its pages complain of."""
    context = chromium.new_context(**look)
    page, heard = context.new_page(), list[str]()
    context.on("weberror", lambda error: heard.append(f"error: {error.error}"))
    context.on("console", lambda told: heard.append(f"console: {told.text}") if _is_ours(told) else None)
    context.on("request", lambda sent: heard.append(f"outside: {sent.url}") if leaves_machine(sent.url) else None)
    yield page, heard
    context.close()


def _is_ours(told: ConsoleMessage) -> bool:
    """Whether an error in the console is one of ours: Streamlit looks for its server below every address first."""
    return told.type == "error" and "/_stcore/" not in told.location["url"]


def go(page: Page, base: str, path: str) -> None:
    """By the menu where it has the page, which spares loading everything anew; else by the address."""
    link = page.locator(f'[data-testid="stSidebarNavLink"][href="{base}/{path}"]')
    if "?" not in path and link.count():
        link.first.evaluate("it => it.click()")
        # Some pages write what they show into their address.
        page.wait_for_url(lambda url: url.partition("?")[0].rstrip("/") == f"{base}/{path}".rstrip("/"))
    else:
        page.goto(f"{base}/{path}")
    drawn(page)


def broken_rules(page: Page) -> list[str]:
    """What axe finds that is not known of Streamlit's own markup."""
    found = []
    for rule in Axe().run(page, options=STANDARD).response["violations"]:
        known, _ = KNOWN.get(rule["id"], ("", ""))
        theirs = [str(node["target"]) for node in rule["nodes"] if not (known and re.search(known, node["html"]))]
        found += [f"axe {rule['id']}: {one}" for one in theirs]
    return found


def led_over(page: Page, heard: list[str], base: str, paths: list[str], drawn_by: Mapping[str, str]) -> Visit:
    """Visit every page and note what goes wrong on each; of lists and set-ups axe looks at one: they have one code."""
    visit, looked_at = Visit(), set[str]()
    for path in paths:
        heard.clear()
        go(page, base, path)
        errors = [f"error box: {text}" for text in said(page, ERRORS)]
        screen = drawn_by.get(path)
        rules = [] if screen in ALIKE & looked_at else broken_rules(page)
        looked_at.add(screen or path)
        visit.note(path, [*heard, *errors, *rules])
    return visit


def test_every_page_is_drawn_whole(chromium: Browser, house: House, base: str, sign_in: Callable[..., None]) -> None:
    who = person(house, OWNER)
    paths = addresses(who, house.home)
    with listening(chromium, viewport={"width": 1440, "height": 900}) as (page, heard):
        sign_in(page, base, OWNER, DEMO_PASSWORD)
        visit = led_over(page, heard, base, paths, screens_of(who))
    assert len(visit.seen) >= 40
    assert visit.wrong == {}
