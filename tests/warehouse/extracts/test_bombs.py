"""Questions made to use up time or memory: stopped in time, small for this process, and the next one is answered."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warehouse.extracts.hostile import HOSTILE
from tests.warehouse.extracts.running import Memory, unguarded
from warehouse.extracts.process import Limits, QueryFailed, Reader, TooSlow, WorkerLost
from warehouse.extracts.worker import MOST_CELLS

TABLES = ["deals", "customers"]
SECONDS = 0.3
# The promise is half a second; a busy machine that runs other tests beside this one gets ten times as much.
LATE = 5.0
THREE = "deals a, deals b, deals c"
OpenReader = Callable[..., Reader]


def doubling(times: int, last: str) -> str:
    """A text of two letters, doubled so many times by common table expressions, and a question about the last."""
    steps = ", ".join(f"c{i} as (select t || t as t from c{i - 1})" for i in range(1, times + 1))
    return f"with c0 as (select 'ab' as t), {steps} {last.format(f'c{times}')}"


# All of these pass the guard, and must: they are only too much of what people may ask.
ALLOWED = {
    "a join of everything": f"select count(*) from {THREE} where a.amount * b.amount > c.amount * 3",
    "slow arithmetic": f"select count(*) from {THREE} where power(a.amount, 1.1) > ln(1 + b.amount) * c.amount",
    "doubling text": doubling(35, "select length(t) from {}"),
    "doubling rows": "with c0 as (from deals), "
    + ", ".join(f"c{i} as materialized (from c{i - 1} union all from c{i - 1})" for i in range(1, 31))
    + " select count(*) from c30",
    "searching long text": doubling(20, "select count(*) from {}, deals, deals b where upper(t) like '%c%d%e%'"),
    "text of a join": f"select length(string_agg(a.stage || b.stage || c.stage, ',')) from {THREE}",
    "sort of a join": f"select a.deal_id from {THREE} order by a.amount * b.amount + c.amount offset 900000",
    "groups of a join": f"select count(*) from (select distinct a.deal_id, b.deal_id, c.deal_id from {THREE})",
    "median of a join": f"select median(a.amount * b.amount - c.amount) from {THREE}",
    "mode of a join": f"select mode(a.amount * b.amount - c.amount) from {THREE}",
    "quantiles": f"select {', '.join(f'quantile_cont(a.amount, 0.{i})' for i in range(10, 99))} from {THREE}",
    "a long window": "select sum(x) over (order by x rows between 100000 preceding and current row)"
    f" from (select a.amount as x from {THREE})",
    "text in a window": "select max(length(x)) from (select string_agg(a.stage, '') over"
    " (order by a.deal_id, b.deal_id) as x from deals a, deals b)",
    "a cube": "select count(*) from (select 1 from deals a, deals b group by cube (a.deal_id, a.amount,"
    " a.closed_on, a.stage, b.deal_id, b.amount, b.closed_on, b.stage))",
    "many tables": f"select count(*) from {', '.join(f'deals d{i}' for i in range(400))}",
    "tables in a ring": f"select count(*) from {', '.join(f'deals d{i}' for i in range(60))} where "
    + " and ".join(f"d{i}.deal_id + d{(i + 7) % 60}.deal_id = d{(i + 13) % 60}.deal_id" for i in range(60)),
    "subqueries": "select "
    + ", ".join(f"(select max(a.amount * b.amount) from deals a, deals b where {i} <> d.deal_id)" for i in range(60))
    + " from deals d",
    "subqueries in subqueries": "select (select (select max(c.amount) from deals c where c.deal_id > a.deal_id"
    " + b.deal_id) from deals b where b.deal_id > a.deal_id order by 1 limit 1) from deals a, deals d",
    "wide rows": f"select {', '.join(['a.amount'] * 1_500)} from deals a, deals b",
    "long rows": doubling(12, "select t, d.deal_id, e.deal_id from {}, deals d, deals e"),
    "one long value": doubling(27, "select t from {}"),
}
FAST = ["a join of everything", "doubling text"]


def stopped(ask: Callable[[], object], reader: Reader, seconds: float) -> None:
    memory, started = Memory(), time.monotonic()
    with pytest.raises((TooSlow, QueryFailed, WorkerLost)):
        ask()
    assert time.monotonic() - started < seconds + LATE
    assert reader.query("select count(*) from deals", tables=TABLES).rows == [(1000,)]
    assert memory.grown() < 200


@pytest.mark.parametrize("name", [n if n in FAST else pytest.param(n, marks=pytest.mark.slow) for n in ALLOWED])
def test_what_the_guard_must_allow_is_stopped_by_the_process(reader: Reader, name: str) -> None:
    reader.query("select 1", tables=[])
    limits = Limits(seconds=SECONDS)
    stopped(lambda: reader.query(ALLOWED[name], tables=TABLES, limits=limits), reader, SECONDS)


ENDLESS = [sql for sql in HOSTILE["pressure"] if "lpad" in sql or "list_reduce" in sql or "list_transform" in sql]


@pytest.mark.parametrize("attempt", [1, 2])
@pytest.mark.parametrize("sql", ENDLESS)
def test_what_never_listens_is_killed_each_time(reader: Reader, sql: str, attempt: int) -> None:
    reader.query("select 1", tables=[])
    stopped(lambda: unguarded(reader, sql, SECONDS), reader, SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("sql", HOSTILE["pressure"])
def test_a_bomb_without_the_guard_ends_in_time_and_the_next_question_works(reader: Reader, sql: str) -> None:
    reader.query("select 1", tables=[])
    memory, started = Memory(), time.monotonic()
    try:
        answer = unguarded(reader, sql, SECONDS)
    except (TooSlow, QueryFailed, WorkerLost):
        answer = None
    assert time.monotonic() - started < SECONDS + LATE
    assert answer is None or len(answer.rows) <= Limits().rows
    assert reader.query("select count(*) from deals", tables=TABLES).rows == [(1000,)]
    assert memory.grown() < 300


def test_memory_is_bounded(acme: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme, Limits(memory="100MB", address_space_bytes=1024**3))
    with pytest.raises((QueryFailed, WorkerLost), match=r"memory|lost"):
        unguarded(reader, "select max(t) from (select repeat('x', 900000000) || i as t from range(9) n (i))")
    with pytest.raises(QueryFailed, match="more than 100MB of memory"):
        unguarded(reader, "select count(*) from (select i from range(30000000) n (i) group by i)", 30)
    assert reader.query("select 1 as a", tables=[]).rows == [(1,)]


def test_nothing_is_put_aside_on_the_disk(acme: Path, open_reader: OpenReader) -> None:
    reader = open_reader(acme, Limits(memory="50MB"))
    with pytest.raises(QueryFailed, match="more than 50MB of memory"):
        unguarded(reader, "select max(i) from (select i from range(30000000) n (i) order by hash(i) offset 9)", 30)
    assert not list(acme.parent.glob("*.tmp"))
    assert reader.query("select 1 as a", tables=[]).rows == [(1,)]


def test_a_wide_answer_is_cut_to_what_this_process_can_hold(reader: Reader) -> None:
    memory, columns = Memory(), 1_000
    answer = reader.query(f"select {', '.join(['a.deal_id'] * columns)} from deals a, deals b", tables=TABLES)
    assert (len(answer.rows), answer.truncated) == (MOST_CELLS // columns, True)
    assert memory.grown() < 200


def test_an_answer_of_long_texts_is_refused_in_a_sentence(reader: Reader) -> None:
    memory, asked = Memory(), doubling(12, "select t, d.deal_id from {}, deals d, deals e limit 20000")
    with pytest.raises(QueryFailed, match=r"acme\.duckdb is too large to hand over. Narrow the period"):
        reader.query(asked, tables=TABLES)
    assert memory.grown() < 100
    assert reader.query("select 1 as a", tables=[]).rows == [(1,)]
