"""How soon a page is whole in a real browser, what a rerun costs the server, and what ten sessions weigh."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.benchmarks.measure import Sheet, percentile
from tests.browser.serving import ARGUMENTS, CHROMIUM, free_port, start_server, wait_for
from tests.browser.visiting import SETTLED, drawn
from warehouse.demo.sign_ins import DEMO_PASSWORD
from warehouse.settings import settings

WHO = "olive@demo.example"
PAGES = ("", "sales-dashboard", "revenue-dashboard", "customers-dashboard", "support-dashboard")
CHARTS = '[role="graphics-document"]'
WARM, LOADS, RERUNS, SESSIONS = 1, 4, 20, 10
TICKS = os.sysconf("SC_CLK_TCK")


def bench_pages(sheet: Sheet) -> None:
    """Pages of the demo company with one session and with ten; nothing where there is no Chromium."""
    if not Path(CHROMIUM).exists():
        sheet.noted(f"pages: there is no {CHROMIUM}", 0, "pages")
        return
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as (base, pid), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = _entered(context, base)
        charts = {path: _charts(page, base, path) for path in PAGES}
        taken = [_seconds_to_load(page, base, path, charts[path]) for _ in range(LOADS) for path in PAGES]
        told = f"{len(PAGES)} pages, {sum(charts.values())} charts"
        sheet.at_most("page whole, warm, 1 session, p50", percentile(taken, 0.5), "s", 2.5, told)
        sheet.noted("page whole, warm, 1 session, p95", percentile(taken, 0.95), "s")
        sheet.at_most("cached rerun, CPU of the server", _rerun_milliseconds(page, pid), "ms", 60)
        others = [_opened(context, base) for _ in range(SESSIONS - 1)]
        together = [_seconds_to_load(one, base, PAGES[1], charts[PAGES[1]]) for one in (page, *others)]
        sheet.noted(f"page whole, warm, {SESSIONS} sessions open, p50", percentile(together, 0.5), "s")
        sheet.at_most(f"memory of the server, {SESSIONS} sessions", _resident_mebibytes(pid), "MiB", 400)
        browser.close()


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, int]]:
    port, log = free_port(), folder / "log"
    process = start_server(settings().home, port, log)
    try:
        wait_for(f"http://localhost:{port}/api/health", process, log)
        yield f"http://localhost:{port}", process.pid
    finally:
        process.terminate()
        process.wait(20)


def _entered(context: BrowserContext, base: str) -> Page:
    page = _opened(context, base)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(WHO)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/idp/" not in url)
    drawn(page)
    return page


def _opened(context: BrowserContext, base: str) -> Page:
    page = context.new_page()
    page.goto(base)
    drawn(page)
    return page


def _charts(page: Page, base: str, path: str) -> int:
    """How many charts a page has; asked before anything is timed, which warms it too."""
    for _ in range(WARM):
        page.goto(f"{base}/{path}")
        drawn(page)
    return page.locator(CHARTS).count()


def _seconds_to_load(page: Page, base: str, path: str, charts: int) -> float:
    """From the address to the last chart, in a browser that has the program in its cache."""
    begun = time.perf_counter()
    page.goto(f"{base}/{path}")
    page.wait_for_function(
        "([charts, count, settled]) => document.querySelectorAll(charts).length >= count && document.querySelector(settled)",
        arg=[CHARTS, charts, SETTLED],
        polling=20,
    )
    return time.perf_counter() - begun


def _rerun_milliseconds(page: Page, pid: int) -> float:
    """Processor time of the server for each run of a page whose answers it has; looking on by itself is in it."""
    before = _cpu_seconds(pid)
    for number in range(RERUNS):
        path = PAGES[1 + number % 2]
        page.locator(f'[data-testid="stSidebarNavLink"][href$="/{path}"]').first.evaluate("it => it.click()")
        page.wait_for_url(f"**/{path}")
        drawn(page)
    return (_cpu_seconds(pid) - before) / RERUNS * 1000


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident_mebibytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
