"""`make screenshots`: every page as an owner, a manager, an analyst and a viewer see it, light, dark and on a phone.

`python -m tests.browser.pictures [--who NAME] [--look LOOK] [PATH …]` makes some of them. The company is the one in
LONGHOUSE_HOME, or, where there is none, a demo company made for this under build/.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.serving import ARGUMENTS, CHROMIUM, free_port, start_server, wait_for
from tests.browser.visiting import addresses, drawn
from tests.houses import ROOT
from warehouse.demo.sign_ins import DEMO_PASSWORD
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import AccessRole, Membership, User
from warehouse.operations import identity
from warehouse.operations.identity import SignedIn
from warehouse.operations.members import ChangeMember, change_member
from warehouse.settings import settings
from warehouse.tenancy import BusinessFunction, operator_actor

PICTURES = ROOT / "build" / "screenshots"
PEOPLE = {"owner": "olive@demo.example", "manager": "mabel@demo.example", "viewer": "vera@demo.example"}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 400, "height": 860}, "color_scheme": "light"},
}
TALLEST = 5_000
GUIDES = {
    "manager": ("", "sales-dashboard", "data-health", "all-metrics?metric=win_rate"),
    "analyst": ("explore?divide=Sector&over=Over+time", "catalogue?thing=fct_opportunities", "sql"),
}
"""What the guides in docs/ show: who looks at what."""
IN_DOCS, PAGE_OF_A_GUIDE, COLORS = ROOT / "docs" / "pictures", {"width": 1280, "height": 820}, 96


def main(arguments: list[str]) -> None:
    """Make the pictures that are asked for; without arguments, all of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--who", choices=[*PEOPLE, "analyst"], action="append")
    asked.add_argument("--look", choices=list(LOOKS), action="append")
    asked.add_argument("--guides", action="store_true", help="Only what docs/ shows, into docs/pictures.")
    asked.add_argument("path", nargs="*", help="Addresses, as they stand behind the host's name.")
    wish = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (home, base), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if wish.guides:
            for who, paths in GUIDES.items():
                illustrate(browser, base, signed_in(who), paths)
            return
        # The analyst is the viewer with another role, so the viewer comes first.
        for who in wish.who or [*PEOPLE, "analyst"]:
            person = signed_in(who)
            paths = wish.path or addresses(person, home)
            for look in wish.look or LOOKS:
                for place in take(browser, base, who, person, look, paths):
                    sys.stdout.write(f"{place.relative_to(ROOT)}\n")
                    sys.stdout.flush()


@contextmanager
def served(folder: Path) -> Iterator[tuple[Path, str]]:
    """A copy of the company, which pictures may be taken in, and its address."""
    original = settings().home if settings().operational_path.exists() else made_company()
    home = folder / "data"
    subprocess.run(["cp", "-a", str(original), str(home)], check=True)  # noqa: S607 - the standard tool
    os.environ["LONGHOUSE_HOME"] = str(home)
    settings.cache_clear()
    port, log = free_port(), folder / "log"
    process = start_server(home, port, log)
    try:
        wait_for(f"http://localhost:{port}/api/health", process, log)
        yield home, f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def made_company() -> Path:
    """The demo company with its numbers, made once."""
    home = ROOT / "build" / "company"
    if not (home / "extracts").exists():
        told = os.environ | {"LONGHOUSE_HOME": str(home)}
        for command in ("demo", "refresh"):
            subprocess.run([sys.executable, "-m", "apps.cli", command], cwd=ROOT, env=told, check=True)
    return home


def signed_in(who: str) -> SignedIn:
    """The person; the analyst is the viewer with another role."""
    email = PEOPLE.get(who, PEOPLE["viewer"])
    with writing() as session:
        user = session.query(User).filter(User.email == email).one()
        member = session.query(Membership).filter(Membership.user_id == user.id).first()
        assert member is not None
        if who == "analyst":
            wanted = {"access_role": AccessRole.MEMBER, "functions": [BusinessFunction.ANALYST]}
            operator = operator_actor(member.organization_id)
            change_member(session, operator, ChangeMember(id=member.id, version=member.version, **wanted))
        opened = identity.open_session(session, user, datetime.now(UTC))
        identity.choose_organization(session, opened.id, member.organization_id)
        session.flush()
        found = identity.actor_of(session, opened.id, datetime.now(UTC))
    assert found is not None
    return found


def take(browser: Browser, base: str, who: str, person: SignedIn, look: str, paths: list[str]) -> Iterator[Path]:
    """Sign in once and photograph every page, as tall as it is."""
    with entered(browser, base, person, **LOOKS[look]) as page:
        for path in paths:
            page.set_viewport_size(LOOKS[look]["viewport"])
            show(page, base, path)
            yield picture(page, PICTURES / who / look / f"{_named(path)}.png")


@contextmanager
def entered(browser: Browser, base: str, person: SignedIn, **look: Any) -> Iterator[Page]:
    """A browser in which the person has signed in."""
    context = browser.new_context(**look)
    page = context.new_page()
    page.goto(base)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/idp/" not in url)
    drawn(page)
    yield page
    context.close()


def show(page: Page, base: str, path: str) -> None:
    """Open a page; one that answers only when asked is asked."""
    page.goto(f"{base}/{path}")
    drawn(page)
    if path == "sql":
        page.get_by_role("button", name=re.compile("^Ask")).click()
        page.get_by_text("Not a governed metric").wait_for()
        drawn(page)


def illustrate(browser: Browser, base: str, person: SignedIn, paths: tuple[str, ...]) -> None:
    """The first screenful of each page, small enough to be kept in docs/."""
    IN_DOCS.mkdir(exist_ok=True)
    with entered(browser, base, person, viewport=PAGE_OF_A_GUIDE, color_scheme="light") as page:
        for path in paths:
            show(page, base, path)
            place = IN_DOCS / f"{_named(path.split('?divide')[0])}.png"
            with Image.open(io.BytesIO(page.screenshot())) as taken:
                taken.convert("RGB").quantize(COLORS).save(place, optimize=True)
            sys.stdout.write(f"{place.relative_to(ROOT)}  {place.stat().st_size // 1024} KiB\n")


def picture(page: Page, place: Path) -> Path:
    """The page from its top to its end."""
    size = page.viewport_size
    assert size is not None
    tall = page.get_by_test_id("stMain").evaluate("it => it.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(int(tall), TALLEST))})
    drawn(page)
    place.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(place))
    return place


def _named(path: str) -> str:
    """A file's name for an address: without ids, which differ from company to company."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[?&]id=[^&]*", "", path).lower()).strip("-") or "home"


if __name__ == "__main__":
    main(sys.argv[1:])
