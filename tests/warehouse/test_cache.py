"""The cache of results: never without the organization, never in the way, never anything but JSON or bytes."""

import ast
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fakeredis import TcpFakeServer
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from redis import Redis

from tests.houses import ROOT
from warehouse import cache
from warehouse.cache import CacheKey, Memory
from warehouse.oltp.identifiers import uuid7
from warehouse.settings import settings
from warehouse.tenancy import Actor

READS = frozenset({"insights:read"})
ANA, BOB = Actor(uuid7(), "member", READS), Actor(uuid7(), "member", READS)

CACHED = {"cache", "lru_cache", "cached", "cache_data", "cache_resource"}
ALLOWED = {
    "apps/identity/keys.py": "a key of the installation, by what its file says",
    "apps/identity/pages.py": "texts of the sign-in pages, the same for everybody",
    "apps/identity/proxies.py": "a setting of the installation",
    "apps/ui/parts/chart_specs.py": "drawings, told apart by everything that is drawn in them",
    "apps/ui/reruns.py": "that a sign-in was used, told apart by the sign-in",
    "apps/ui/session.py": "who is signed in, told apart by the sign-in or the person",
    "ml/language/english.py": "English, the same for everybody",
    "ml/language/typos.py": "what can be asked, told apart by all of its words",
    "ml/language/values.py": "names in one organization's extract, by its file and what is hidden from whoever asks",
    "ml/language/vocabulary.py": "what can be asked, told apart by definitions and own fields",
    "ml/language/words.py": "forms of English words",
    "warehouse/cache.py": "the cache itself and the client of Redis",
    "warehouse/demo/calendar.py": "holidays of a country",
    "warehouse/demo/chance.py": "digests of tags",
    "warehouse/demo/customers.py": "days on which invented customers come, by company and seed",
    "warehouse/demo/driver.py": "days and times of day as the driver takes them",
    "warehouse/demo/hours.py": "working hours of an invented desk, by zone and country",
    "warehouse/demo/incidents.py": "incidents that invented companies share, by seed",
    "warehouse/demo/sign_ins.py": "the digest of the public password",
    "warehouse/demo/stored.py": "how columns are kept by the store, from the metadata",
    "warehouse/demo/wording.py": "invented sentences, by language",
    "warehouse/imports/documents.py": "the file that is being read, by its path and when it was written",
    "warehouse/imports/kept.py": "what tables tell about themselves",
    "warehouse/oltp/bulk.py": "how a table's columns become the driver's",
    "warehouse/extracts/definitions.py": "definitions of the business model, the same for everybody, by digest",
    "warehouse/extracts/described.py": "tables and checks of the business model, the same for everybody, by digest",
    "warehouse/files/places.py": "where files lie: the folder or the client of the bucket",
    "warehouse/metrics/dashboard.py": "the dashboards every organization has",
    "warehouse/metrics/serving.py": "definitions by digest; provenance by the path of one organization's file; the pool",
    "warehouse/oltp/days.py": "how far a place is from UTC, the same for everybody",
    "warehouse/oltp/described.py": "what tables tell about themselves",
    "warehouse/oltp/engine.py": "the engine of a store, by its address",
    "warehouse/operations/events.py": "what operations are called",
    "warehouse/operations/fields.py": "names of time zones",
    "warehouse/operations/passwords.py": "the hasher, and lists of common passwords",
    "warehouse/redaction.py": "folders of this machine",
    "warehouse/release.py": "the version and commit of the checkout",
    "warehouse/settings.py": "the settings themselves",
    "warehouse/tenancy.py": "the law, the same for everybody",
}
"""File → why what it remembers needs no organization in its key."""


@pytest.fixture(params=["memory", "redis"], autouse=True)
def kept_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = "" if request.param == "memory" else request.getfixturevalue("redis")
    if url:
        with Redis.from_url(url) as client:
            client.flushall()
    monkeypatch.setenv("LONGHOUSE_REDIS_URL", url)
    settings.cache_clear()
    cache.memory.cache_clear()
    cache.shared.cache_clear()
    yield request.param
    settings.cache_clear()


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The address of a Redis."""
    server = TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, [], 0, "", "text", False, b"", b"\x00\xff"])
def test_a_value_comes_back_as_it_was(value: object) -> None:
    key = CacheKey.of(ANA, "tests", "x")
    assert cache.get(key) is None
    cache.put(key, value)  # type: ignore[arg-type]
    assert cache.get(key) == value
    assert type(cache.get(key)) is type(value)


def test_another_organizations_key_finds_nothing() -> None:
    cache.put(CacheKey.of(ANA, "tests", "x"), "ana's")
    assert cache.get(CacheKey.of(BOB, "tests", "x")) is None


def test_other_rights_have_another_key_unless_the_result_is_everyones() -> None:
    owner = Actor(ANA.organization_id, "member", READS | {"fields:restricted"})
    cache.put(CacheKey.of(owner, "tests"), "with margins")
    assert cache.get(CacheKey.of(ANA, "tests")) is None
    cache.put(CacheKey.of(owner, "tests", for_everyone=True), "the same")
    assert cache.get(CacheKey.of(ANA, "tests", for_everyone=True)) == "the same"


PARTS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.dates(), st.decimals(allow_nan=False))


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PARTS, max_size=4), st.lists(PARTS, max_size=4))
def test_two_results_share_a_key_only_where_every_part_is_the_same(one: list[object], other: list[object]) -> None:
    def told(parts: list[object]) -> list[tuple[str, str]]:
        return [(type(part).__name__, str(part)) for part in parts]

    keys = {CacheKey.of(ANA, "tests", *parts).text for parts in (one, other)}  # type: ignore[arg-type]
    assert (len(keys) == 1) == (told(one) == told(other))


def test_forgetting_an_organization_leaves_the_others() -> None:
    mine = [CacheKey.of(ANA, "tests", number, personal=number == 1) for number in range(3)]
    theirs = CacheKey.of(BOB, "tests")
    for key in (*mine, theirs):
        cache.put(key, "x")
    cache.forget(ANA.organization_id)
    assert [cache.get(key) for key in (*mine, theirs)] == [None, None, None, "x"]


def test_a_value_ends_with_its_time() -> None:
    key = CacheKey.of(ANA, "tests", "brief")
    cache.put(key, "x", seconds=0.05)
    time.sleep(0.1)
    assert cache.get(key) is None


def test_what_is_asked_for_twice_is_made_once_and_looks_the_same_both_times() -> None:
    key, made = CacheKey.of(ANA, "tests", "made"), []

    def make() -> dict[str, object]:
        made.append(1)
        return {"pair": (1, 2)}

    assert cache.get_or_make(key, make) == cache.get_or_make(key, make) == {"pair": [1, 2]}
    assert len(made) == 1


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    key, made = CacheKey.of(ANA, "tests", "at once"), []

    def make() -> str:
        made.append(1)
        time.sleep(0.05)
        return "x"

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: cache.get_or_make(key, make), range(8)))
    assert (found, len(made), cache._WAITING) == (["x"] * 8, 1, {})


def test_a_failure_is_not_kept_and_keeps_nobody_waiting() -> None:
    key = CacheKey.of(ANA, "tests", "fails")

    def fail() -> str:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            cache.get_or_make(key, fail)
    assert cache.get_or_make(key, lambda: "x") == "x"


@pytest.mark.parametrize("value", [Decimal(1), date(2026, 1, 1), {1, 2}, object(), float("nan"), {"x": Decimal(1)}])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        cache.put(CacheKey.of(ANA, "tests"), value)  # type: ignore[arg-type]


def test_a_key_cannot_be_made_without_an_actor() -> None:
    with pytest.raises(TypeError, match=r"CacheKey\.of"):
        CacheKey("of", ANA.organization_id, "tests", "0" * 64, alone=False)  # type: ignore[arg-type]


def _asked(name: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("longhouse_cache_requests_total", {"name": name, "outcome": outcome}) or 0


def test_hits_and_misses_are_counted_by_name(kept_in: str) -> None:
    name = f"counted in {kept_in}"
    key = CacheKey.of(ANA, name)
    for _ in range(3):
        cache.get_or_make(key, lambda: "x")
    assert (_asked(name, "miss"), _asked(name, "hit")) == (1, 2)


def test_what_names_people_never_leaves_the_process(kept_in: str) -> None:
    cache.put(CacheKey.of(ANA, "tests", "names", personal=True), ["Pebble & Sons"])
    assert cache.get(CacheKey.of(ANA, "tests", "names", personal=True)) == ["Pebble & Sons"]
    if kept_in == "redis":
        with Redis.from_url(settings().redis_url) as client:
            assert [text for text in client.scan_iter() if b"Pebble" in (client.get(text) or b"")] == []
            assert client.get(CacheKey.of(ANA, "tests", "names", personal=True).text) is None


def test_a_redis_that_is_down_is_a_miss_and_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LONGHOUSE_REDIS_URL", "redis://127.0.0.1:9/0")
    settings.cache_clear()
    key = CacheKey.of(ANA, "tests", "down")
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert cache.get_or_make(key, lambda: "x") == "x"
        cache.put(key, "x")
        cache.forget(ANA.organization_id)
    assert cache.get(key) is None
    assert len([line for line in caplog.records if "redis" in str(line.msg)]) == 1


def test_a_redis_that_hangs_costs_little_and_is_asked_again_later(monkeypatch: pytest.MonkeyPatch, redis: str) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("LONGHOUSE_REDIS_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        settings.cache_clear()
        began = time.monotonic()
        assert [cache.get(CacheKey.of(ANA, "tests", number)) for number in range(20)] == [None] * 20
        assert time.monotonic() - began < 2
    shelf = cache.shared(redis)
    shelf._is_down, shelf._again_at = True, time.monotonic() - 1
    shelf.put("x", b"jx", 10)
    assert shelf.get("x") == b"jx"


def test_memory_holds_so_many_and_so_much_and_drops_what_was_used_longest_ago() -> None:
    few = Memory(entries=2, size=100)
    few.put("a", b"1", 10)
    few.put("b", b"2", 10)
    few.get("a")
    few.put("c", b"3", 10)
    assert [few.get(text) for text in "abc"] == [b"1", None, b"3"]
    few.put("d", b"x" * 99, 10)
    assert [few.get(text) for text in "acd"] == [None, b"3", b"x" * 99] or few._held <= 100
    few.put("e", b"x" * 101, 10)
    assert few.get("e") is None
    assert few._held == sum(len(value) for _, value in few._kept.values()) <= 100


UNSOUND = """
from warehouse import cache
from warehouse.cache import CacheKey
from warehouse.tenancy import Actor

def sound(actor: Actor) -> None:
    cache.put(CacheKey.of(actor, "name", 1, None), {"a": 1})

cache.get("name")
CacheKey.of("name")
CacheKey("organization", "name", "digest")
cache.put(CacheKey.of(Actor("o", "l", frozenset()), "name"), object())
class Mine(CacheKey): ...
"""


@pytest.mark.slow
def test_a_key_without_an_organization_does_not_type_check(tmp_path: Path, kept_in: str) -> None:
    if kept_in == "redis":
        return
    (tmp_path / "unsound.py").write_text(UNSOUND)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path / "mypy"),
        str(tmp_path / "unsound.py"),
    ]
    done = subprocess.run(
        [*command, "--config-file", str(ROOT / "pyproject.toml"), "--follow-imports", "silent"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    lines = {int(line.split(":")[1]) for line in done.stdout.splitlines() if "unsound.py" in line and "error" in line}
    assert lines == {9, 10, 11, 12, 13}, done.stdout + done.stderr


def _remembering() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of ours whose results some decorator remembers, and the file it stands in."""
    for path in sorted(
        found for floor in ("apps", "ml", "pipelines", "warehouse") for found in (ROOT / floor).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    told = decorator.func if isinstance(decorator, ast.Call) else decorator
                    name = told.attr if isinstance(told, ast.Attribute) else getattr(told, "id", "")
                    if name in CACHED:
                        yield str(path.relative_to(ROOT)), node


def test_nothing_else_remembers_an_organizations_data_without_the_organization(kept_in: str) -> None:
    without = {
        file
        for file, function in _remembering()
        # What begins with an underscore is no part of Streamlit's keys.
        if "organization_id" not in {argument.arg for argument in function.args.args}
    }
    assert without == set(ALLOWED)
