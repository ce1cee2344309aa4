"""What the watchman saw: minutes up and down, outages, and what is left of the budget."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from apps.availability import EVERY_SECONDS, Watchman, answers, availability, note
from apps.ui.parts.availability_card import percent
from warehouse.settings import settings

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


class Ready(BaseHTTPRequestHandler):
    """Says it is ready as long as it is."""

    is_ready = True

    def do_GET(self) -> None:
        self.send_response(200 if type(self).is_ready and self.path == "/api/health/ready" else 503)
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    served = HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    Ready.is_ready = True
    yield served.server_address[1]
    served.shutdown()


def test_nobody_looked_so_nothing_is_claimed() -> None:
    found = availability(NOW)
    assert (found.share, found.since, found.looks) == (None, None, 0)


def test_minutes_make_a_share_and_failures_in_a_row_one_outage() -> None:
    states = [True] * 1000 + [False] * 3 + [True] * 500 + [False] + [True] * 496
    for minute, is_up in enumerate(states):
        note(NOW - timedelta(minutes=len(states) - minute), is_up)
    found = availability(NOW)
    assert (found.looks, found.down) == (2000, 4)
    assert found.share == Decimal("0.998")
    assert [one.minutes for one in found.outages] == [1, 3], "the latest first"
    assert found.outages[1].began == NOW - timedelta(minutes=1000)
    assert found.budget == Decimal("43.2")
    assert found.left == Decimal("39.2")


def test_what_is_older_than_the_window_does_not_count_and_very_old_files_go(home: Path) -> None:
    for days in (500, 31):
        note(NOW - timedelta(days=days), False)
    note(NOW - timedelta(minutes=1), True)
    assert availability(NOW).down == 0
    assert len(list((home / "availability").iterdir())) == 2


def test_a_line_that_was_cut_off_is_left_out(home: Path) -> None:
    note(NOW - timedelta(minutes=1), True)
    [place] = (home / "availability").iterdir()
    place.write_text(place.read_text() + "11:5")
    assert availability(NOW).looks == 1


def test_the_watchman_asks_the_app_once_a_minute(server: int) -> None:
    watchman = Watchman(server)
    start = watchman._due
    watchman.look(start - 1)
    assert watchman._looking is None, "it is not time yet"
    for now in (start, start + EVERY_SECONDS):
        Ready.is_ready = now == start
        watchman.look(now)
        assert watchman._looking is not None
        watchman._looking.join(10)
    found = availability(datetime.now(UTC) + timedelta(seconds=1))
    assert (found.looks, found.down) == (2, 1)


def test_an_address_where_nobody_listens_does_not_answer(server: int) -> None:
    assert answers(f"http://127.0.0.1:{server}/api/health/ready")
    assert not answers("http://127.0.0.1:9/")


@pytest.mark.parametrize(("part", "told"), [("1", "100%"), ("0.99999", "99.99%"), ("0.998", "99.80%")])
def test_a_share_never_reads_better_than_it_is(part: str, told: str) -> None:
    assert percent(Decimal(part)) == told
