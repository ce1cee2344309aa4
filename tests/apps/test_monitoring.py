"""What a served installation tells of itself: figures for Prometheus, a log without secrets, calm answers to failures."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from apps.asgi import _mounted
from apps.logs import HEADER, PASSAGE, Passage, Watched, acting
from tests.houses import ROOT, forget_everything
from warehouse.oltp.engine import StoreBusy, engine
from warehouse.oltp.organization import User
from warehouse.operations.passwords import hash_password

CANARY_EMAIL, CANARY_PASSWORD = "canary.person@acme.test", "canary-password-71"
CANARY_CARD = "4111 1111 1111 1111"
HTML = {"Accept": "text/html,*/*"}


@dataclass
class Watching:
    """A served home of its own, what it printed, and a client that walks through its sign-in."""

    home: Path
    walk: Any

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.home / "server.log").read_text().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        """The lines about requests: each is written once its answer is out, so the first may take a moment."""
        for _ in range(100):
            told = [line for line in self.log() if line["event"] == "request"]
            if told:
                return told
            time.sleep(0.1)
        return []

    def break_the_store(self) -> None:
        """From now on signing in ends in something nobody foresaw."""
        with sqlite3.connect(self.home / "operational.db") as store:
            store.execute("alter table users rename to people")

    def groups(self) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.home / "operational.db") as store:
            return store.execute("select id, count, source, last_request_id, traceback from error_groups").fetchall()


@pytest.fixture
def watching(
    empty_store: Path, tmp_path: Path, running: Any, served: Callable[..., AbstractContextManager[str]]
) -> Iterator[Watching]:
    home = tmp_path / "canary-folder"
    home.mkdir()
    store = f"sqlite:///{home}/operational.db"
    shutil.copy(empty_store, home)
    with Session(engine(store)) as session:
        hashed, now = hash_password(CANARY_PASSWORD), datetime.now(UTC)
        session.add(User(email=CANARY_EMAIL, password_hash=hashed, profile={"name": "Canary"}, created_at=now))
        session.commit()
    with served(home, LONGHOUSE_METRICS_TOKEN="the-token-of-the-operator") as base:
        yield Watching(home, type(running)(base, (home / "secrets" / "client_secret").read_text(), store))
    engine(store).dispose()


def figures(text: str) -> dict[str, list[Any]]:
    return {family.name: family.samples for family in text_string_to_metric_families(text)}


def test_prometheus_reads_every_figure(running: Any) -> None:
    for path in ("/idp/jwks", "/api/health", "/idp/nothing-here", "/api/deals/7", "/_stcore/health", "/some/screen"):
        httpx.get(f"{running.base}{path}")
    answer = httpx.get(f"{running.base}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = figures(answer.text)
    assert {
        *("longhouse_http_request_seconds", "longhouse_http_requests_in_flight", "longhouse_open_screens"),
        *("longhouse_disk_free_bytes", "longhouse_health", "longhouse_query_workers", "longhouse_jobs"),
        *("longhouse_errors", "longhouse_release", "longhouse_http_unforeseen_failures"),
    } <= set(found)
    routes = {sample.labels["route"] for sample in found["longhouse_http_request_seconds"]}
    assert {"/idp/jwks", "/api/health", "/idp/…", "/api/…", "/_stcore/…", "/"} <= routes
    assert not [route for route in routes if "7" in route or "nothing" in route]
    assert {sample.labels["part"]: sample.value for sample in found["longhouse_health"]}["operational_store"] == 0


def test_no_label_can_name_an_organization_or_a_person(running: Any) -> None:
    names = {
        name
        for family in figures(httpx.get(f"{running.base}/metrics").text).values()
        for sample in family
        for name in sample.labels
    }
    known = {"route", "method", "status", "le", "part", "state", "job", "outcome", "source", "release", "name"}
    assert names <= known | {"generation", "implementation", "major", "minor", "patchlevel", "version"}


def test_metrics_are_for_this_machine_or_for_the_token(watching: Watching) -> None:
    address, foreign = f"{watching.walk.base}/metrics", {"X-Forwarded-For": "203.0.113.7"}
    refused = httpx.get(address, headers=foreign)
    assert (refused.status_code, "longhouse_http" in refused.text) == (403, False)
    assert "LONGHOUSE_METRICS_TOKEN" in refused.text
    shown = foreign | {"Authorization": "Bearer the-token-of-the-operator"}
    assert httpx.get(address, headers=shown).status_code == 200


def test_a_callers_request_id_comes_back_and_a_malformed_one_does_not(running: Any) -> None:
    def answered(told: str) -> str:
        return httpx.get(f"{running.base}/idp/jwks", headers={HEADER: told}).headers[HEADER]

    assert answered("deploy-2026.01_a") == "deploy-2026.01_a"
    for wrong in ("short", "x" * 65, "ana@acme.test", "a b c d e f g", "ünï-çödé-id"):
        assert answered(wrong.encode()) != wrong
    assert len(answered("")) == 32


def test_probes_and_files_of_the_screens_leave_no_line_and_requests_leave_one(watching: Watching) -> None:
    for path in ("/api/health", "/health", "/metrics", "/_stcore/health", "/static/index.js", "/favicon.png"):
        httpx.get(f"{watching.walk.base}{path}")
    httpx.get(f"{watching.walk.base}/idp/jwks", headers={HEADER: "request-0007"})
    told = watching.requests()
    assert {line["route"] for line in told} == {"/idp/jwks"}
    assert (told[-1]["request_id"], told[-1]["status"], told[-1]["method"]) == ("request-0007", 200, "GET")
    assert told[-1]["duration_ms"] > 0


def test_the_same_failure_twice_is_one_group_and_people_get_its_reference(watching: Watching) -> None:
    with httpx.Client(base_url=watching.walk.base, headers=HTML) as browser:
        asked = watching.walk.asked()
        csrf = watching.walk.csrf(browser.get("/idp/authorize", params=asked))
        watching.break_the_store()
        form = {"email": CANARY_EMAIL, "password": CANARY_PASSWORD, "csrf": csrf}
        answers = [
            browser.post("/idp/authorize", params=asked, data=form, headers={HEADER: f"request-000{one}"})
            for one in (1, 2)
        ]
    [(reference, count, source, last_request, trace)] = watching.groups()
    assert (count, source, last_request) == (2, "request", "request-0002")
    assert "no such table: users" in trace
    for answer in answers:
        assert answer.status_code == 500
        assert reference in answer.text
        assert "Something went wrong" in answer.text
        assert "no such table" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert [line["reference"] for line in watching.log() if line["event"] == "unforeseen failure"] == [reference] * 2


def test_no_secret_address_or_place_reaches_the_logs(watching: Watching) -> None:
    walk = watching.walk
    with httpx.Client(base_url=walk.base, headers=HTML) as browser:
        walk.enter(browser, walk.asked(), CANARY_EMAIL, "canary-wrong-password")
        code = walk.query(walk.enter(browser, walk.asked(), CANARY_EMAIL, CANARY_PASSWORD))["code"]
        tokens = walk.redeem(code).json()
        walk.redeem("canary-code-that-is-wrong")
        told = {"Authorization": f"Bearer {tokens['access_token']}", "Cookie": "session=canary-cookie"}
        browser.get(f"/api/deals/{CANARY_EMAIL}", params={"token": "canary-token", "card": CANARY_CARD}, headers=told)
        browser.get(f"/oauth2callback?code={code}&state=canary-state")
        browser.get("/idp/end_session", params={"id_token_hint": tokens["id_token"]})
        asked = walk.asked()
        csrf = walk.csrf(browser.get("/idp/authorize", params=asked))
        watching.break_the_store()
        form = {"email": CANARY_EMAIL, "password": CANARY_PASSWORD, "csrf": csrf}
        assert browser.post("/idp/authorize", params=asked, data=form).status_code == 500
    kept = "".join(path.read_text() for path in [watching.home / "server.log", *watching.home.glob("logs/*.log")])
    kept += "".join(str(group) for group in watching.groups())
    assert "unforeseen failure" in kept
    forbidden = [CANARY_EMAIL, CANARY_PASSWORD, CANARY_CARD, "canary", code, csrf, str(watching.home), str(ROOT)]
    forbidden += [tokens["id_token"], tokens["access_token"], walk.secret]
    assert [one for one in forbidden if one in kept] == []


def _inside() -> TestClient:
    """An application with routes of every kind behind the same middleware."""
    inner, deals = FastAPI(), APIRouter(prefix="/v1")

    @deals.get("/deals/{deal_id}")
    async def deal(deal_id: str) -> str:
        return deal_id

    @inner.get("/fails")
    def fails() -> None:
        raise ZeroDivisionError("for ana@acme.test")

    @inner.get("/busy")
    def busy() -> None:
        raise StoreBusy("somebody writes to /some/where")

    @inner.get("/half")
    def half() -> StreamingResponse:
        def parts() -> Iterator[str]:
            yield "half"
            raise ZeroDivisionError

        return StreamingResponse(parts())

    inner.include_router(deals)
    return TestClient(
        Starlette(routes=[_mounted("/api", inner)], middleware=[Middleware(Watched)]), raise_server_exceptions=False
    )


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "data"))
    forget_everything()
    return _inside()


def _counted(route: str, status: int) -> float:
    labels = {"route": route, "method": "GET", "status": str(status)}
    return REGISTRY.get_sample_value("longhouse_http_request_seconds_count", labels) or 0.0


def test_a_request_is_counted_under_the_whole_template_of_its_route(inside: TestClient) -> None:
    before = _counted("/api/v1/deals/{deal_id}", 200)
    for one in range(3):
        assert inside.get(f"/api/v1/deals/{one}").status_code == 200
    assert _counted("/api/v1/deals/{deal_id}", 200) == before + 3


def test_a_program_gets_a_sentence_and_a_reference_in_json(inside: TestClient, tmp_path: Path) -> None:
    answer = inside.get("/api/fails", headers=HTML)
    assert (answer.status_code, set(answer.json())) == (500, {"detail", "reference"})
    assert answer.json()["reference"] in answer.json()["detail"]
    assert "ZeroDivision" not in answer.text
    # There is no store here: what it should have kept is in the file.
    kept = (tmp_path / "data" / "logs" / "errors.log").read_text()
    assert answer.json()["reference"] in kept
    assert "ZeroDivisionError: for [e-mail]" in kept
    assert _counted("/api/fails", 500) == 1


def test_a_busy_store_is_no_failure_of_ours_and_its_place_is_not_told(inside: TestClient, tmp_path: Path) -> None:
    answer = inside.get("/api/busy")
    assert (answer.status_code, "/some/where" in answer.text) == (503, False)
    assert "try again" in answer.json()["detail"]
    assert not (tmp_path / "data").exists()


def test_half_an_answer_is_not_passed_off_as_a_whole_one(inside: TestClient) -> None:
    with pytest.raises(ZeroDivisionError):
        TestClient(inside.app).get("/api/half")


def test_who_acts_is_told_by_id_once_the_api_knows() -> None:
    scope = {PASSAGE: Passage()}
    acting(scope, "o-1", "u-1")
    assert (scope[PASSAGE].organization, scope[PASSAGE].user) == ("o-1", "u-1")
    acting({}, "o-1", "u-1")
