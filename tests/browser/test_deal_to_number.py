"""A person's way from a number to the deal behind it and back, in real Chromium."""

import re
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.houses import House

pytestmark = pytest.mark.browser

SAM = ("sam@demo.example", "longhouse-demo")
ADDED = Decimal("1234.56")


@pytest.fixture(scope="module")
def served(
    built_house: House, tmp_path_factory: pytest.TempPathFactory, server: Callable[[Path], str]
) -> tuple[House, str]:
    """A copy of the built house, and the address it is served at."""
    house = built_house.copy(tmp_path_factory.mktemp("served") / "data")
    return house, server(house.home)


def won_last_month(house: House, position: int) -> tuple[str, Decimal]:
    """Id and amount of a deal of Sam's, won in the last complete month: a salesperson changes their own and their team's."""
    with sqlite3.connect(house.home / "operational.db") as store:
        rows = store.execute(
            "select o.id, o.amount from opportunities o join organizations g on g.id = o.organization_id "
            "join memberships m on m.id = o.sales_rep_id and m.name = 'Sam Sampleton' "
            "where g.slug = 'demo' and o.stage = 'closed_won' and o.amount is not null and o.deleted_at is null "
            "and o.closed_on >= date('now', 'start of month', '-1 month') and o.closed_on < date('now', 'start of month') "
            "order by o.id"
        ).fetchall()
    found, amount = rows[position]
    return found, Decimal(amount).scaleb(-4)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def won_receipt(page: Page, base: str, settled: Callable[[Page], None]) -> tuple[Decimal, str]:
    """Open the receipt of the won value on the home screen: its exact value and its id."""
    page.goto(base)
    settled(page)
    page.locator(".st-key-receipt_won_value button").click()
    value = dialog(page).get_by_test_id("stMetricValue")
    expect(value).to_be_visible()
    told = Decimal(re.sub(r"[^0-9.]", "", value.inner_text()))
    identity = dialog(page).locator("code").filter(has_text=re.compile("^[0-9a-f]{32}$")).first.inner_text()
    return told, identity


def open_deal(page: Page, base: str, deal: str, settled: Callable[[Page], None]) -> Locator:
    """The record of a deal; its amount field."""
    page.goto(f"{base}/deal?id={deal}")
    settled(page)
    amount = page.get_by_label(re.compile("^Amount"))
    expect(amount).to_be_visible()
    return amount


def test_a_person_follows_a_number_to_its_deal_and_sees_it_move(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Callable[[Page], None]
) -> None:
    house, base = served
    deal, amount = won_last_month(house, 0)
    sign_in(page, base, *SAM)
    before, old_receipt = won_receipt(page, base, settled)

    field = open_deal(page, base, deal, settled)
    field.fill(f"{amount + ADDED:,.2f}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("^Saved[.;]")).first).to_be_visible()

    house.run("refresh")
    page.wait_for_timeout(6_000)  # a new extract is looked for every five seconds
    after, new_receipt = won_receipt(page, base, settled)
    assert after - before == ADDED
    assert new_receipt != old_receipt
    assert "holds" in house.run("verify", old_receipt).stdout

    dialog(page).get_by_role("button", name="Verify now").click()
    expect(dialog(page).get_by_text("Verified: same value")).to_be_visible(timeout=30_000)


def test_two_tabs_on_one_deal_lose_nothing(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Callable[[Page], None]
) -> None:
    house, base = served
    deal, amount = won_last_month(house, 1)
    sign_in(page, base, *SAM)
    first = open_deal(page, base, deal, settled)
    other = page.context.new_page()
    second = open_deal(other, base, deal, settled)

    first.fill(f"{amount + 1:.2f}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("^Saved[.;]")).first).to_be_visible()

    second.fill(f"{amount + 2:.2f}")
    other.get_by_label(re.compile("^Name")).fill("A better name")
    other.get_by_role("button", name="Save", exact=True).click()
    told = dialog(other)
    expect(told).to_contain_text("This deal was saved meanwhile")
    expect(told).to_contain_text(f"{amount + 1:,.2f}")
    expect(told).to_contain_text(f"{amount + 2:,.2f}")
    told.get_by_role("button", name="Save my choice").click()
    expect(other.get_by_text(re.compile("^Saved[.;]")).first).to_be_visible()

    with sqlite3.connect(house.home / "operational.db") as store:
        [(name, stored)] = store.execute("select name, amount from opportunities where id = ?", (deal,))
    assert (name, Decimal(stored).scaleb(-4)) == ("A better name", amount + 2)


def test_a_viewer_reads_and_cannot_change(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Callable[[Page], None]
) -> None:
    house, base = served
    deal, _ = won_last_month(house, 2)
    sign_in(page, base, "vera@demo.example", "longhouse-demo")
    page.goto(f"{base}/deal?id={deal}")
    settled(page)
    expect(page.get_by_text("Details", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)


def test_another_organizations_deal_is_not_found(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Callable[[Page], None]
) -> None:
    house, base = served
    with sqlite3.connect(house.home / "operational.db") as store:
        [(foreign, name)] = store.execute(
            "select o.id, o.name from opportunities o join organizations g on g.id = o.organization_id "
            "where g.slug = 'globex' limit 1"
        )
    sign_in(page, base, *SAM)
    page.goto(f"{base}/deal?id={foreign}")
    settled(page)
    expect(page.get_by_text(re.compile("not found|no such deal", re.IGNORECASE)).first).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)


@pytest.mark.parametrize("context", [{"viewport": {"width": 400, "height": 800}}], indirect=True)
@pytest.mark.parametrize("path", ["", "pipeline", "deals"])
def test_nothing_hangs_over_the_edge_of_a_phone(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Callable[[Page], None], path: str
) -> None:
    _, base = served
    sign_in(page, base, *SAM)
    page.goto(f"{base}/{path}")
    settled(page)
    expect(page.locator("h1").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 0
