"""Looks at everything an installation needs; each finding comes with a remedy."""

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version

from apps.children import clock_runs
from apps.terminal import screen
from warehouse.extracts.builds import latest_build
from warehouse.lake.connection import lake_exists, open_lake
from warehouse.lake.extensions import EXTENSIONS, installed_file, sha256, wheel_file
from warehouse.oltp.engine import reading, store_exists
from warehouse.operations.organization import last_change, list_slugs
from warehouse.settings import settings

Finding = tuple[bool, str, str]
"""Whether it is well, what was seen, what to do if it is not."""

FREE_BYTES = 1 << 30


def examine() -> bool:
    """Print every finding; whether all is well."""
    well = True
    for look in (_versions, _extensions, _store, _lake, _builds, _machine):
        for ok, seen, remedy in _safely(look):
            well &= ok
            screen.print(f"[green]✓[/green] {seen}" if ok else f"[red]✗[/red] {seen}\n    → {remedy}")
    return well


def _safely(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as failure:
        yield (
            False,
            f"{look.__name__.strip('_')}: {failure}",
            "The sentence above says what; `longhouse init` repairs what can be.",
        )


def _versions() -> Iterator[Finding]:
    python = sys.version.split()[0]
    names = ("longhouse", "duckdb", "dbt-core", "dagster", "streamlit", "metricflow")
    told = ", ".join(f"{name} {version(name)}" for name in names)
    yield sys.version_info >= (3, 11), f"Python {python}; {told}", "Use Python 3.11 or newer."


def _extensions() -> Iterator[Finding]:
    for name in EXTENSIONS:
        copy = installed_file(settings().extensions_path, name)
        same = copy is not None and sha256(copy) == sha256(wheel_file(name))
        seen = f"extension {name}: {'as in its wheel' if same else 'not installed' if copy is None else 'differs from its wheel'}"
        yield same, seen, f"Delete {settings().extensions_path} and run `longhouse init`."


def _store() -> Iterator[Finding]:
    if not store_exists():
        yield False, f"no operational store in {settings().home}", "Run `longhouse init`, or set LONGHOUSE_HOME."
        return
    with reading() as session:
        slugs = list_slugs(session)
        yield True, f"operational store: {len(slugs)} organizations, change {last_change(session)}", ""


def _lake() -> Iterator[Finding]:
    if not lake_exists():
        yield False, "no lake yet", "Run `longhouse refresh`."
        return
    with open_lake() as lake:
        yield True, f"lake: snapshot {lake.snapshot_id()}, {len(lake.tables('core'))} tables in core", ""


def _builds() -> Iterator[Finding]:
    build = latest_build()
    if build is None:
        yield False, "nothing was built yet", "Run `longhouse refresh`."
        return
    yield True, f"last build: {build.built_at}, up to change {build.watermark}", ""
    if build.held:
        checks = sorted({check for held in build.held.values() for check in held})
        yield (
            False,
            f"{len(build.held)} organizations are held back by {', '.join(checks)}",
            "Correct the records the checks name.",
        )


def _machine() -> Iterator[Finding]:
    home = settings().home
    free = shutil.disk_usage(home if home.exists() else home.parent).free
    yield free > FREE_BYTES, f"disk: {free / (1 << 30):.1f} GiB free", "Make room on the data folder's disk."
    yield True, f"clock: {'running' if clock_runs() else 'not running'}", ""
    for port in (settings().port, settings().clock_port):
        with socket.socket() as asked:
            used = asked.connect_ex(("127.0.0.1", port)) == 0
        yield True, f"port {port}: {'in use' if used else 'free'}", ""
