"""The locked child process: exact answers, hard limits, nothing to see outside the extract."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.extracts.running import unguarded
from warehouse.extracts import child
from warehouse.extracts.guard import Refused
from warehouse.extracts.process import (
    ExtractUnreadable,
    Limits,
    QueryFailed,
    Reader,
    Readers,
    TooSlow,
    WorkerLost,
)

ROOT = Path(__file__).parents[3]
TABLES = ["deals", "customers", "won_deals"]
ENDLESS = "select list_reduce(range(100000000), lambda x, y: x + y)"
OpenReader = Callable[..., Reader]
exact = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def one(reader: Reader, expression: str) -> object:
    return unguarded(reader, f"select {expression}").rows[0][0]


def pid_of(reader: Reader) -> int:
    reader.query("select 1", tables=[])
    assert reader._child is not None
    return reader._child._process.pid


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def test_a_question_is_answered_with_exact_values(reader: Reader) -> None:
    answer = reader.query(
        "select stage, sum(amount) as amount, count(*) as deals from deals group by stage order by stage;",
        tables=TABLES,
    )
    assert answer.columns == ["stage", "amount", "deals"]
    assert answer.types == ["VARCHAR", "DECIMAL(38,2)", "BIGINT"]
    assert answer.records() == [
        {"stage": "lost", "amount": Decimal("312500.00"), "deals": 500},
        {"stage": "won", "amount": Decimal("311875.00"), "deals": 500},
    ]
    assert not answer.truncated
    assert answer.milliseconds > 0


def test_a_view_inside_the_extract_answers_too(reader: Reader) -> None:
    assert reader.query("select count(*) from won_deals", tables=TABLES).rows == [(500,)]


def test_more_rows_than_the_limit_are_cut_and_said_so(reader: Reader) -> None:
    cut = reader.query("select deal_id from deals", tables=TABLES, limits=Limits(rows=10))
    whole = reader.query("select deal_id from deals", tables=TABLES, limits=Limits(rows=1000))
    assert (len(cut.rows), cut.truncated) == (10, True)
    assert (len(whole.rows), whole.truncated) == (1000, False)


def test_the_guard_stands_in_front(reader: Reader) -> None:
    with pytest.raises(Refused, match="no table"):
        reader.query("select * from customers", tables=["deals"])


def test_a_question_the_engine_cannot_answer_says_why(reader: Reader) -> None:
    with pytest.raises(QueryFailed, match="amuont"):
        reader.query("select amuont from deals", tables=TABLES)


@exact
@given(digits=st.integers(-(10**38) + 1, 10**38 - 1), scale=st.integers(0, 38))
def test_decimals_arrive_exactly(reader: Reader, digits: int, scale: int) -> None:
    sent = Decimal(digits).scaleb(-scale) if scale <= 28 else Decimal(f"{digits}E-{scale}")
    sent = Decimal(f"{digits}E-{scale}")
    assert one(reader, f"'{sent:f}'::decimal(38, {scale})") == sent


@exact
@given(number=st.integers(-(2**127), 2**127 - 1) | st.integers(2**53 - 2, 2**53 + 2))
def test_integers_arrive_exactly(reader: Reader, number: int) -> None:
    arrived = one(reader, f"'{number}'::hugeint")
    assert (type(arrived), arrived) == (int, number)


@exact
@given(day=st.dates(max_value=date(9999, 12, 30)), moment=st.datetimes(), number=st.floats())
def test_dates_times_and_floats_arrive_exactly(reader: Reader, day: date, moment: datetime, number: float) -> None:
    sql = f"select '{day.isoformat()}'::date, '{moment.isoformat()}'::timestamp, '{number!r}'::double"
    arrived = unguarded(reader, sql).rows[0]
    assert arrived[:2] == (day, moment)
    assert repr(arrived[2]) == repr(number)


@exact
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_arrives_exactly(reader: Reader, text: str) -> None:
    assert one(reader, "'" + text.replace("'", "''") + "'") == text


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("true", True),
        ("1::utinyint", 1),
        ("18446744073709551615::ubigint", 2**64 - 1),
        ("timestamptz '2026-01-01 12:00:00+02'", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("time '10:30:00'", time_of_day(10, 30)),
        ("uuid 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("'\\xAB'::blob", b"\xab"),
        ("timestamp '2026-01-02' - timestamp '2026-01-01'", date(2026, 1, 2) - date(2026, 1, 1)),
        ("'won'::enum('won', 'lost')", "won"),
        ("date '99999-01-01'", "99999-01-01"),
    ],
)
def test_every_type_has_one_python_value(reader: Reader, expression: str, value: object) -> None:
    arrived = one(reader, expression)
    assert (type(arrived), arrived) == (type(value), value)


def test_views_restate_a_table_for_one_question(reader: Reader) -> None:
    count = "select count(*) from deals"
    as_of = {"deals": "select * from extract.main.deals where closed_on <= date '2026-01-10'"}
    fewer = {"DEALS": "select * from extract.main.deals limit 7", "extra": "select 1 as one"}
    assert reader.query(count, tables=TABLES, views=as_of).rows == [(40,)]
    assert reader.query(count, tables=TABLES).rows == [(1000,)]
    assert reader.query(count, tables=TABLES, views=fewer).rows == [(7,)]
    assert reader.query("from extra", tables=["extra"], views=fewer).rows == [(1,)]
    assert reader.query(count, tables=TABLES, views=as_of).rows == [(40,)]
    assert reader.query(count, tables=TABLES).rows == [(1000,)]
    with pytest.raises(QueryFailed, match="extra"):
        reader.query("from extra", tables=["extra"])


def test_a_wrong_view_changes_nothing(reader: Reader) -> None:
    wrong = {"customers": "select 'x' as name", "deals": "select nonsense from extract.main.deals"}
    with pytest.raises(QueryFailed, match="nonsense"):
        reader.query("select 1", tables=TABLES, views=wrong)
    assert reader.query("select name from customers", tables=TABLES).rows == [("acme customer",)]


def test_threads_share_one_reader(reader: Reader) -> None:
    def ask(number: int) -> object:
        views = {"deals": f"select * from extract.main.deals limit {number}"}
        return reader.query("select count(*) from deals", tables=TABLES, views=views).rows[0][0]

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, range(1, 41))) == list(range(1, 41))


def test_a_child_outlives_the_thread_that_started_it(acme: Path, open_reader: OpenReader) -> None:
    reader, seen = open_reader(acme), []
    starter = threading.Thread(target=lambda: seen.append(pid_of(reader)))
    starter.start()
    starter.join()
    time.sleep(0.3)
    assert pid_of(reader) == seen[0]


def test_a_killed_child_is_lost_once(acme: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme)
    threading.Timer(0.3, os.kill, (pid_of(reader), signal.SIGKILL)).start()
    with pytest.raises(WorkerLost, match="SIGKILL"):
        unguarded(reader, ENDLESS, seconds=10)
    assert reader.query("select 1 as a", tables=[]).rows == [(1,)]


def test_a_child_killed_while_idle_is_replaced_unnoticed(acme: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme)
    os.kill(pid_of(reader), signal.SIGKILL)
    assert reader._child is not None
    reader._child._process.wait(5)
    assert reader.query("select 1 as a", tables=[]).rows == [(1,)]


@pytest.mark.parametrize("busy", [False, True])
def test_a_child_dies_with_its_parent(acme: Path, busy: bool) -> None:
    program = f"""
import threading, time
from pathlib import Path
from warehouse.extracts.process import Limits, Reader
reader = Reader(Path({str(acme)!r}))
reader.query("select 1", tables=[])
print(reader._child._process.pid, flush=True)
if {busy}:
    reader._ask({ENDLESS!r}, {{}}, Limits(seconds=60))
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.communicate()
    assert gone_within(pid, 10)


@pytest.mark.parametrize("size", [0, 100, 5_000, 12_288, 100_000, 500_000])
def test_a_half_written_file_is_unreadable(acme: Path, tmp_path: Path, open_reader: OpenReader, size: int) -> None:
    whole = acme.read_bytes()
    assert size < len(whole)
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(whole[:size])
    with pytest.raises(ExtractUnreadable, match=r"broken\.duckdb cannot be read; build it again"):
        open_reader(broken).query("select sum(amount) from deals", tables=TABLES)


def test_a_file_that_is_something_else_is_unreadable(tmp_path: Path, open_reader: OpenReader) -> None:
    letter = tmp_path / "letter's.duckdb"
    letter.write_text("Dear Bob, " * 10_000)
    for path in (letter, tmp_path / "missing.duckdb", tmp_path):
        with pytest.raises(ExtractUnreadable):
            open_reader(path).query("select 1", tables=[])


def test_an_extract_that_is_repaired_is_read_again(acme: Path, tmp_path: Path, open_reader: OpenReader) -> None:
    path = tmp_path / "late's.duckdb"
    reader = open_reader(path)
    with pytest.raises(ExtractUnreadable):
        reader.query("select 1", tables=[])
    path.write_bytes(acme.read_bytes())
    assert reader.query("select count(*) from deals", tables=TABLES).rows == [(1000,)]


def test_a_start_up_error_leaves_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-I", str(child.WORKER), str(tmp_path / "none"), "1", "1GB", str(3 * 1024**3)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env={}) as worker:
        assert worker.stdout is not None
        assert worker.stderr is not None
        assert b'"error":"unreadable"' in worker.stdout.read()
        assert worker.stderr.read() == b""
    assert worker.returncode == 0


def test_keys_of_the_parent_are_not_visible(
    acme: Path, open_reader: OpenReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-real-secret")
    pid = pid_of(open_reader(acme))
    assert "OPENAI_API_KEY" in os.environ
    assert b"=" not in Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.parametrize(
    "said",
    [
        b"\x80\x04cos\nsystem\n(S'true'\ntR.",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x03{x}",
        (200_000).to_bytes(4, "big") + b"[" * 200_000,
        b"",
    ],
    ids=["a pickle", "too long", "a list", "no JSON", "too deep", "nothing"],
)
def test_a_child_that_talks_nonsense_is_not_believed(
    acme: Path, tmp_path: Path, open_reader: OpenReader, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    impostor = tmp_path / "impostor.py"
    impostor.write_text(f"import sys; sys.stdout.buffer.write({said!r})")
    monkeypatch.setattr(child, "WORKER", impostor)
    with pytest.raises(WorkerLost, match="was lost"):
        open_reader(acme).query("select 1", tables=[])


@pytest.fixture
def readers() -> Iterator[Readers]:
    pool = Readers(most=2, idle_seconds=1.0)
    yield pool
    pool.close_all()


def copies(acme: Path, folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.duckdb" for number in range(count)]
    for path in paths:
        path.write_bytes(acme.read_bytes())
    return paths


def test_a_pool_ends_the_longest_unused_reader(readers: Readers, acme: Path, tmp_path: Path) -> None:
    first, second, third = copies(acme, tmp_path, 3)
    pids = [pid_of(readers.get(first)), pid_of(readers.get(second))]
    assert pid_of(readers.get(first)) == pids[0]
    pids.append(pid_of(readers.get(third)))
    assert [alive(pid) for pid in pids] == [True, False, True]


def test_a_retired_reader_still_answers_and_leaves_no_child(readers: Readers, acme: Path, tmp_path: Path) -> None:
    first, second, third = copies(acme, tmp_path, 3)
    kept = readers.get(first)
    readers.get(second)
    readers.get(third)
    assert kept.query("select 1 as a", tables=[]).rows == [(1,)]
    assert kept._child is None


def test_an_idle_reader_ends_by_itself(readers: Readers, acme: Path) -> None:
    pid = pid_of(readers.get(acme))
    assert gone_within(pid, 5)
    assert readers.get(acme).query("select 1 as a", tables=[]).rows == [(1,)]


def test_closing_the_pool_ends_every_child(readers: Readers, acme: Path, globex: Path) -> None:
    pids = [pid_of(readers.get(path)) for path in (acme, globex)]
    readers.close_all()
    assert not any(alive(pid) for pid in pids)


def test_a_waiting_question_does_not_wait_forever(acme: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme)
    reader.query("select 1", tables=[])
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(unguarded, reader, ENDLESS, 1.5)
        time.sleep(0.3)
        with pytest.raises(TooSlow, match="busy"):
            reader.query("select 1", tables=[], limits=Limits(seconds=0.1))
        with pytest.raises(TooSlow, match="stopped"):
            slow.result()
