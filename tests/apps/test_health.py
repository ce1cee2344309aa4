"""How the installation is: what each part's absence means, told within two seconds, and to whom how much."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from apps import health
from apps.api.main import api
from apps.health import Check, Seen, State, examine
from apps.vitals import look_at_everything
from tests.houses import House, forget_everything
from warehouse.oltp import migrate
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import SignInAttempt
from warehouse.settings import settings

NAMES = ["operational_store", "operational_store_writes", "lake", "cache"]
NAMES += ["sign_in", "mail", "model_provider", "disk", "refresh"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder with a store and nothing else, looked at from this process."""
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "data"))
    forget_everything()
    migrate.upgrade()
    before = list(health.CHECKS)
    look_at_everything()
    yield tmp_path / "data"
    health.CHECKS[:] = before
    forget_everything()


def anew(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    """Other settings, and nothing remembered."""
    for name, value in changed.items():
        monkeypatch.setenv(f"LONGHOUSE_{name.upper()}", value)
    settings.cache_clear()
    look_at_everything()


def ask(path: str = "/health", peer: str = "127.0.0.1", host: str = "localhost", **headers: str) -> httpx.Response:
    return TestClient(api(), base_url=f"http://{host}", client=(peer, 4000)).get(path, headers=headers)


def part(name: str) -> Any:
    return ask().json()["parts"][name]


def test_a_fresh_installation_is_well_and_every_part_says_how_long_it_took(home: Path) -> None:
    (home / "secrets").mkdir(exist_ok=True)
    from apps.identity.keys import load_keys

    load_keys(settings().secrets_path)
    answer = ask()
    assert (answer.status_code, answer.json()["state"]) == (200, "ok"), answer.json()
    assert list(answer.json()["parts"]) == NAMES
    assert all(one["milliseconds"] >= 0 for one in answer.json()["parts"].values())
    assert answer.headers["cache-control"] == "no-store"


def test_a_stranger_learns_how_it_is_and_nothing_else(home: Path) -> None:
    shutil.rmtree(home)
    forget_everything()
    look_at_everything()
    told = ask(peer="203.0.113.7").json()
    assert set(told) == {"state", "parts"}
    assert {frozenset(one) for one in told["parts"].values()} == {frozenset({"state", "milliseconds"})}
    assert "operational store" in part("operational_store")["sentence"]
    assert str(home) not in ask().text


@pytest.mark.parametrize(
    ("peer", "host", "headers", "is_inside"),
    [
        ("127.0.0.1", "localhost", {}, True),
        ("::1", "[::1]:3000", {}, True),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "203.0.113.7"}, False),
        ("127.0.0.1", "evil.test", {}, False),
        ("127.0.0.1", "localhost", {"Origin": "http://evil.test"}, False),
        ("203.0.113.7", "localhost", {}, False),
        ("203.0.113.7", "data.acme.test", {"Authorization": "Bearer the-token-of-the-operator"}, True),
        ("203.0.113.7", "data.acme.test", {"Authorization": "Bearer another"}, False),
        ("203.0.113.7", "data.acme.test", {"Authorization": "Bearer "}, False),
    ],
)
def test_details_are_for_this_machine_and_for_the_operators_token(
    home: Path, monkeypatch: pytest.MonkeyPatch, peer: str, host: str, headers: dict[str, str], is_inside: bool
) -> None:
    anew(monkeypatch, metrics_token="the-token-of-the-operator")
    assert ("release" in ask("/health", peer, host, **headers).json()) is is_inside


def test_in_production_a_token_in_plain_text_opens_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anew(monkeypatch, metrics_token="the-token-of-the-operator", environment="production")
    shown = {"Authorization": "Bearer the-token-of-the-operator"}
    assert "release" not in ask("/health", "203.0.113.7", **shown).json()


def test_without_a_store_it_is_down_and_not_ready_and_still_alive(home: Path) -> None:
    shutil.rmtree(home)
    home.mkdir()
    forget_everything()
    look_at_everything()
    assert (ask().status_code, ask().json()["state"]) == (503, "down")
    assert (ask("/health/ready").status_code, ask("/health/ready").json()["ready"]) == (503, False)
    assert (ask("/health/live").status_code, ask("/health/live").json()) == (200, {"state": "ok"})
    assert not (home / "operational.db").exists()


def test_a_store_that_takes_no_writes_is_not_ready(home: Path) -> None:
    with writing() as session:
        session.connection().exec_driver_sql("drop table sign_in_attempts")
    assert part("operational_store")["state"] == "ok"
    assert part("operational_store_writes")["state"] == "down"
    assert ask("/health/ready").status_code == 503


def test_a_long_write_of_somebody_degrades_and_nobody_is_sent_away(home: Path) -> None:
    with writing() as session:
        session.connection()
        started = time.monotonic()
        ready = ask("/health/ready")
        assert time.monotonic() - started < 2
    assert (ready.status_code, ready.json()["parts"]["operational_store_writes"]["state"]) == (200, "degraded")


def test_the_write_probe_leaves_nothing(home: Path) -> None:
    ask()
    with reading() as session:
        assert session.query(SignInAttempt).count() == 0


def test_a_damaged_catalog_degrades(house: House, enter: Callable[[House], None]) -> None:
    enter(house)
    look_at_everything()
    assert part("lake")["state"] == "ok"
    settings().catalog_path.write_bytes(b"this is no catalog" * 100)
    look_at_everything()
    answer = ask()
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    assert answer.json()["parts"]["lake"]["state"] == "degraded"
    assert str(house.home) not in answer.text


def test_a_mail_server_that_says_nothing_holds_up_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        anew(monkeypatch, smtp_url=f"smtp://me:hunter2@127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        answer = ask()
        assert time.monotonic() - started < 2
    assert (answer.status_code, answer.json()["parts"]["mail"]["state"]) == (200, "degraded")
    assert "hunter2" not in answer.text


def test_a_mail_server_that_greets_is_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_greet, args=(listening,), daemon=True).start()
        anew(monkeypatch, smtp_url=f"smtp://127.0.0.1:{listening.getsockname()[1]}")
        assert part("mail") | {"milliseconds": 0} == {
            "state": "ok",
            "milliseconds": 0,
            "sentence": "The server greets.",
        }


def _greet(listening: socket.socket) -> None:
    peer, _ = listening.accept()
    with peer:
        peer.sendall(b"220 ready\r\n")
        while told := peer.recv(100):
            peer.sendall(b"221 bye\r\n" if told.upper().startswith(b"QUIT") else b"250 ok\r\n")


@pytest.mark.parametrize(
    ("free", "state", "is_ready"), [(1 << 40, "ok", True), (1 << 29, "degraded", True), (1, "down", False)]
)
def test_a_full_disk_takes_nothing_more(
    home: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str, is_ready: bool
) -> None:
    monkeypatch.setattr("apps.vitals.free_bytes", lambda: free)
    look_at_everything()
    assert part("disk")["state"] == state
    assert ask("/health/ready").json()["ready"] is is_ready


def test_a_redis_that_is_not_there_degrades(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert part("cache")["state"] == "ok"
    anew(monkeypatch, redis_url="redis://127.0.0.1:1/0")
    assert part("cache")["state"] == "degraded"


def test_many_questions_at_once_are_one_look() -> None:
    looks = []

    def look() -> Seen:
        looks.append(1)
        time.sleep(0.1)
        return Seen(State.OK, "")

    check = Check("slow", look)
    asking = [threading.Thread(target=examine, args=([check],)) for _ in range(20)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert examine([check]).state is State.OK
    assert len(looks) == 1


def test_a_part_that_hangs_is_looked_at_once_and_tells_the_truth_when_it_ends() -> None:
    go, looks = threading.Event(), []

    def look() -> Seen:
        looks.append(1)
        go.wait(10)
        return Seen(State.OK, "")

    check = Check("hangs", look, without=State.DOWN, holds_seconds=60)
    assert examine([check]).state is State.DOWN
    started = time.monotonic()
    assert examine([check]).state is State.DOWN
    assert time.monotonic() - started < 0.5
    go.set()
    time.sleep(0.1)
    assert examine([check]).state is State.OK
    assert len(looks) == 1


def test_the_whole_is_as_bad_as_its_worst_part() -> None:
    def check(name: str, state: State) -> Check:
        return Check(name, lambda: Seen(state, ""))

    assert examine([]).state is State.OK
    assert examine([check("a", State.OK), check("b", State.DEGRADED)]).state is State.DEGRADED
    assert examine([check("a", State.DOWN), check("b", State.DEGRADED)]).state is State.DOWN


def test_a_served_installation_answers_at_every_address(running: Any) -> None:
    whole, same = httpx.get(f"{running.base}/api/health").json(), httpx.get(f"{running.base}/health").json()
    assert whole["state"] == same["state"] == "ok"
    assert whole["parts"].keys() == same["parts"].keys() == set(NAMES)
    assert httpx.get(f"{running.base}/api/health/live").json() == {"state": "ok"}
    assert httpx.get(f"{running.base}/api/health/ready").json()["ready"] is True
