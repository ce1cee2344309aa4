"""Two days' work in real Chromium: a bill from draft to paid, and a ticket from its first reply to its end."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.houses import House

pytestmark = pytest.mark.browser

OLIVE = ("olive@demo.example", "longhouse-demo")
Settled = Callable[[Page], None]


@pytest.fixture(scope="module")
def served(
    demo_house: House, tmp_path_factory: pytest.TempPathFactory, server: Callable[[Path], str]
) -> tuple[House, str]:
    """The demo company without numbers, and the address it is served at."""
    house = demo_house.copy(tmp_path_factory.mktemp("served") / "data")
    return house, server(house.home)


def store(house: House, sql: str, *values: object) -> tuple[object, ...]:
    with sqlite3.connect(house.home / "operational.db") as opened:
        row: tuple[object, ...] = opened.execute(sql, values).fetchone()
    return row


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def choose(page: Page, within: Locator, label: str, value: str) -> None:
    """Pick a value of a field by typing its beginning."""
    within.get_by_label(re.compile(f"^{label}|{label}")).first.click()
    page.keyboard.type(value)
    page.get_by_role("option", name=value).first.click()


def said(page: Page) -> None:
    expect(page.get_by_text(re.compile("^Saved[.;]")).first).to_be_visible()


def become(page: Page, state: str, settled: Settled) -> None:
    """Take the record to another state."""
    settled(page)
    page.get_by_role("radio", name=state, exact=True).click()
    page.get_by_role("button", name=f"Make it {state.lower()}").click()


def test_a_bill_is_written_issued_and_paid(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Settled
) -> None:
    house, base = served
    [customer] = store(house, "select name from customers where deleted_at is null order by name limit 1")
    sign_in(page, base, *OLIVE)
    page.goto(f"{base}/invoices")
    settled(page)
    page.get_by_role("button", name="New invoice").click()
    choose(page, dialog(page), "Customer", str(customer))
    dialog(page).get_by_role("button", name="Add invoice").click()
    expect(page.get_by_role("heading", name=re.compile("^I-2026-"))).to_be_visible()

    page.get_by_role("button", name="New invoice line").click()
    dialog(page).get_by_label(re.compile("^Description")).fill("Roof")
    dialog(page).get_by_label(re.compile("^Unit price")).fill("1,000")
    dialog(page).get_by_label(re.compile("^Tax")).fill("25")
    dialog(page).get_by_role("button", name="Add invoice line").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_text("$1,250.00").first).to_be_visible()

    become(page, "Open", settled)
    expect(page.get_by_role("radio", name="Uncollectible")).to_be_visible()
    page.get_by_role("tab", name="Payments").click()
    page.get_by_role("button", name="New payment").click()
    expect(dialog(page).get_by_label(re.compile("^Amount"))).to_have_value("1,250")
    dialog(page).get_by_role("button", name="Add payment").click()
    expect(page.get_by_role("radio", name="Uncollectible")).to_have_count(0)
    expect(page.get_by_role("radio", name="Open")).to_be_visible()
    assert store(house, "select status, total, amount_paid from invoices order by id desc limit 1") == (
        "paid",
        12_500_000,
        12_500_000,
    )


def test_a_ticket_is_answered_and_resolved(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Settled
) -> None:
    house, base = served
    sign_in(page, base, *OLIVE)
    page.goto(f"{base}/tickets?new=tickets")
    settled(page)
    dialog(page).get_by_role("button", name="Add ticket").click()
    expect(dialog(page).get_by_text("Subject is needed.")).to_be_visible()
    dialog(page).get_by_label(re.compile("^Subject")).fill("The lamp flickers")
    dialog(page).get_by_role("button", name="Add ticket").click()
    expect(page.get_by_role("heading", name=re.compile(r"#\d+ · The lamp flickers"))).to_be_visible()

    page.get_by_role("button", name="New message").click()
    dialog(page).get_by_label(re.compile("^Body")).fill("We send another one.")
    dialog(page).get_by_role("button", name="Add message").click()
    expect(page.get_by_text("First replied at")).to_be_visible()
    become(page, "Resolved", settled)
    expect(page.get_by_role("radio", name="Resolved")).to_have_count(0)
    expect(page.get_by_role("radio", name="Closed")).to_be_visible()
    status, replied = store(house, "select status, first_replied_at from tickets order by id desc limit 1")
    assert status == "resolved"
    assert replied is not None


@pytest.mark.parametrize("context", [{"viewport": {"width": 400, "height": 800}}], indirect=True)
@pytest.mark.parametrize("path", ["customers", "sales-set-up", "record?of=customers&id={customer}"])
def test_nothing_hangs_over_the_edge_of_a_phone(
    served: tuple[House, str], page: Page, sign_in: Callable[..., None], settled: Settled, path: str
) -> None:
    house, base = served
    [customer] = store(house, "select min(id) from customers where deleted_at is null")
    sign_in(page, base, *OLIVE)
    page.goto(f"{base}/{path.format(customer=customer)}")
    settled(page)
    expect(page.locator("h1").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 0
