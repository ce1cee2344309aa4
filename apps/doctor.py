"""Looks at everything an installation needs; each finding comes with a remedy."""

import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from rich.markup import escape

from apps.children import CLOCK_LOCK, clock_runs
from apps.health import FREE_BYTES, free_bytes, freshness
from apps.terminal import screen
from warehouse.extracts.builds import definitions_folder, latest_build
from warehouse.extracts.definitions import project_digest
from warehouse.lake.connection import lake_exists, open_lake
from warehouse.lake.extensions import EXTENSIONS, installed_file, sha256, wheel_file
from warehouse.lake.writer import is_held
from warehouse.oltp.engine import reading, store_exists
from warehouse.oltp.organization import JobRequest, JobStatus
from warehouse.operations.organization import last_change, list_slugs
from warehouse.settings import settings

Finding = tuple[bool, str, str]
"""Whether it is well, what was seen, what to do if it is not."""

DAY, LONG = timedelta(days=1), timedelta(hours=1)
LOCKS = {"lake/writer.lock": "the lake's pen", "lake/refresh.lock": "the turn to refresh or maintain"}


def examine() -> bool:
    """Print every finding; whether all is well."""
    well = True
    for look in (_versions, _extensions, _store, _lake, _builds, _definitions, _refreshes, _jobs, _locks, _machine):
        for ok, seen, remedy in _safely(look):
            well &= ok
            told = escape(seen) if ok else f"{escape(seen)}\n    → {escape(remedy)}"
            screen.print(f"[green]✓[/green] {told}" if ok else f"[red]✗[/red] {told}")
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


def _definitions() -> Iterator[Finding]:
    build, today = latest_build(), project_digest()
    if build is None:
        return
    kept = sorted(path.name for path in definitions_folder(today).parent.glob("*/"))
    again = "Run `longhouse refresh`: it builds with the checkout's definitions."
    yield (
        build.definitions in kept,
        f"definitions: {len(kept)} versions kept, {build.definitions} is the last build's",
        again,
    )
    same = build.definitions == today
    yield same, f"definitions of the checkout: {today}, {'as built' if same else 'not built yet'}", again


def _refreshes() -> Iterator[Finding]:
    found = freshness()
    if found is None:
        return
    seen = f"last good refresh: {_ago(found.age)} ago"
    seen += f", changes since: {found.waiting:,}" if found.waiting > 0 else ""
    yield not found.is_late, seen, "Run `longhouse refresh`, or `longhouse clock` for one that refreshes by itself."


def _jobs() -> Iterator[Finding]:
    """What failed in the last day, once per sentence; it is well where the same job has ended well since."""
    if not store_exists():
        return
    now, recovered = datetime.now(UTC), set[str]()
    failed: dict[tuple[str, bool, str], list[datetime]] = defaultdict(list)
    with reading() as session:
        lately = session.query(JobRequest).filter(JobRequest.finished_at > now - DAY)
        for job in lately.order_by(JobRequest.finished_at.desc()):
            if job.status is JobStatus.SUCCEEDED:
                recovered.add(job.job)
            elif job.status is JobStatus.FAILED and job.finished_at:
                failed[job.job, job.job in recovered, " ".join(job.message.split())].append(job.finished_at)
    for (name, well, message), times in failed.items():
        often = f"{len(times)} times, last " if len(times) > 1 else ""
        seen = f"{name} failed {often}{_ago(now - times[0])} ago{', and ended well since' if well else ''}: {message}"
        verb = "longhouse refresh" if name == "refresh" else f"python -m pipelines.run {name}"
        yield well, seen, f"Do what the sentence says, then run `{verb}`; more is in {settings().logs_path}."
    if not failed:
        yield True, "no job failed in the last day", ""


def _locks() -> Iterator[Finding]:
    places = {**LOCKS, CLOCK_LOCK: "the clock's place"}
    for place, what in places.items():
        path = settings().home / place
        if is_held(path):
            holder = path.read_text(encoding="utf-8").strip() or "unknown"
            age = datetime.now(UTC) - datetime.fromtimestamp(path.stat().st_mtime, UTC)
            remedy = (
                f"See what it does (`ps -p {holder}`). If it hangs, end it: `kill {holder}`; the lock goes with it."
            )
            yield place == CLOCK_LOCK or age < LONG, f"process {holder} has had {what} for {_ago(age)}", remedy
    if not any(is_held(settings().home / place) for place in places):
        yield True, "no lock is held", ""


def _ago(age: timedelta) -> str:
    """An age in the largest unit that fits."""
    for unit, name in ((DAY, "days"), (timedelta(hours=1), "hours"), (timedelta(minutes=1), "minutes")):
        if age >= 2 * unit:
            return f"{age // unit} {name}"
    return f"{max(int(age.total_seconds()), 0)} seconds"


def _machine() -> Iterator[Finding]:
    free = free_bytes()
    yield free > FREE_BYTES, f"disk: {free / (1 << 30):.1f} GiB free", "Make room on the data folder's disk."
    yield True, f"clock: {'running' if clock_runs() else 'not running'}", ""
    for port in (settings().port, settings().clock_port):
        with socket.socket() as asked:
            used = asked.connect_ex(("127.0.0.1", port)) == 0
        yield True, f"port {port}: {'in use' if used else 'free'}", ""
