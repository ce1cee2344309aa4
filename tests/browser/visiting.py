"""Every page there is for a person, by its address, and how one waits until it is drawn."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from apps.ui.rooms import own_screens, rooms_of
from warehouse.operations.identity import SignedIn

SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
WAITS = '[data-testid="stSkeleton"], [data-testid="stSpinner"]'
ERRORS = '[data-testid="stAlertContentError"], [data-testid="stException"]'
QUIET_MILLISECONDS = 400


def addresses(who: SignedIn, home: Path) -> list[str]:
    """The path of every page of the person's menu, and of what is reached from there: records and things opened."""
    return [*screens_of(who), *_opened(who, home)]


def screens_of(who: SignedIn) -> dict[str, str]:
    """Path of every page of the person's menu → the file that draws it: lists of all kinds are drawn by one."""
    assert who.actor is not None
    rooms = rooms_of(who.actor) | own_screens(who)
    return {one.path or "": one.file for screens in rooms.values() for one in screens if one.visibility == "visible"}


def _opened(who: SignedIn, home: Path) -> Iterator[str]:
    """Pages that need an id, with one that is there."""
    assert who.actor is not None
    with sqlite3.connect(home / "operational.db") as store:
        for path, table, right in (
            ("deal?id={}", "opportunities", "sales:read"),
            ("record?of=customers&id={}", "customers", "customers:read"),
            ("record?of=tickets&id={}", "tickets", "support:read"),
            ("record?of=invoices&id={}", "invoices", "billing:read"),
        ):
            mine = "organization_id = ? and deleted_at is null"
            found = store.execute(f"select max(id) from {table} where {mine}", [who.actor.organization_id]).fetchone()
            if found[0] and who.actor.may(right):
                yield path.format(found[0])
    yield from ("all-metrics?metric=win_rate", "catalogue?thing=fct_opportunities", "data-health?of=fct_opportunities")


def drawn(page: Page) -> None:
    """Wait until no script runs, nothing spins and the page has stopped growing."""
    page.locator(SETTLED).wait_for()
    page.locator("h1").first.wait_for()
    before = -1
    while (now := page.evaluate("() => document.body.getElementsByTagName('*').length")) != before:
        before = now
        page.wait_for_timeout(QUIET_MILLISECONDS)
        page.locator(SETTLED).wait_for()


def said(page: Page, selector: str) -> list[str]:
    """The words of everything of a kind on the page."""
    return [" ".join(text.split()) for text in page.locator(selector).all_inner_texts()]
