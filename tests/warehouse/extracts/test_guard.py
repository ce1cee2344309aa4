"""What may run on an extract, and what may not."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.extracts.benign import BENIGN
from tests.warehouse.extracts.bypasses import BYPASSES
from tests.warehouse.extracts.hostile import HOSTILE
from tests.warehouse.extracts.running import Memory
from warehouse.extracts import guard
from warehouse.extracts.child import PARSE_SECONDS
from warehouse.extracts.guard import Refused, check

ROOT = Path(__file__).parents[3]
TABLES = ["deals", "customers", "Days"]
STATEMENTS = [
    pytest.param(sql, id=f"{family}: {sql[:60]}")
    for family, lines in (HOSTILE | {f"bypass: {family}": lines for family, lines in BYPASSES.items()}).items()
    for sql in lines
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_hostile_sql_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        check(sql, TABLES)


@pytest.mark.parametrize("sql", BENIGN)
def test_benign_sql_passes_unchanged(sql: str) -> None:
    assert check(sql, TABLES) == sql.strip().rstrip(";")


def test_there_are_enough_of_each_and_none_twice() -> None:
    kinds = [[sql for lines in family.values() for sql in lines] for family in (HOSTILE, BYPASSES)]
    hostile, bypasses, benign = ([" ".join(sql.split()) for sql in lines] for lines in (*kinds, BENIGN))
    assert len(hostile) >= 250
    assert len(bypasses) >= 100
    assert len(benign) >= 40
    together = [*hostile, *bypasses, *benign]
    assert sorted(together) == sorted(set(together))


def test_what_was_checked_is_what_runs() -> None:
    # For the engine, this is part of the name; without it, a column would become a function.
    assert check("select current_schema\u0085", TABLES) == "select current_schema\u0085"
    assert check("\r\n select 1\u1680 ;\t", TABLES) == "select 1\u1680"


def test_an_unknown_table_is_named_with_its_neighbours() -> None:
    with pytest.raises(Refused, match=r'no table "custmers" here. Nearest: customers'):
        check("select * from custmers", TABLES)


def test_a_refusal_names_the_function() -> None:
    with pytest.raises(Refused, match='"lpad"'):
        check("select lpad('a', 9, 'b')", TABLES)


def test_a_table_outside_the_role_does_not_exist() -> None:
    with pytest.raises(Refused, match="no table"):
        check("select * from customers", ["deals"])


def test_letters_that_only_look_alike_are_another_name() -> None:
    with pytest.raises(Refused):
        check("select * from tas\u212as", ["tasks"])


def test_a_closing_semicolon_is_dropped() -> None:
    assert check(" select ';' ; \n", TABLES) == "select ';'"


def test_long_text_is_refused_unless_we_compiled_it() -> None:
    long = "select 1 -- " + "x" * guard.CHARACTERS
    with pytest.raises(Refused, match="20,000 are allowed"):
        check(long, TABLES)
    assert check(long, TABLES, max_characters=guard.COMPILED_CHARACTERS) == long


def test_a_large_tree_is_refused_unless_we_compiled_it() -> None:
    wide = f"select 1 in ({', '.join(['1'] * guard.NODES)})"
    with pytest.raises(Refused, match="5,000 parts"):
        check(wide, TABLES)
    assert check(wide, TABLES, max_nodes=guard.COMPILED_NODES) == wide


EXHAUSTING = {
    "parentheses": "select " + "(" * 9_000 + "1" + ")" * 9_000,
    "functions": "select " + "abs(" * 900 + "1" + ")" * 900,
    "not": "select " + "not " * 900 + "true",
    "sums": "select 1" + " + 1" * 4_000,
    "subqueries": "select * from " + "(from " * 900 + "deals" + ")" * 900,
    "unions": "select 1" + " union all select 1" * 900,
    "lists": "select " + "[" * 900 + "]" * 900,
    "comments in comments": "/*" * 4_900 + "*/" * 4_900 + "select 1",
    "case of case": "select " + "case " * 40 + "1" + " when 1 then 2 when 2 then 3 end" * 40,
    "cubes": "select 1" + " union all select 1 group by cube (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)" * 200,
    "named windows": f"select {', '.join(['sum(a) over w'] * 900)} from deals window w as (order by {'a, ' * 900}a)",
    "half a character": "select '\ud800'",
    "a NUL": "select 1 \0 from deals",
}


@pytest.mark.parametrize("name", EXHAUSTING)
def test_text_made_to_exhaust_the_parser_hurts_nobody(name: str) -> None:
    memory, started = Memory(), time.monotonic()
    with suppress(Refused):
        check(EXHAUSTING[name], TABLES)
    assert time.monotonic() - started < PARSE_SECONDS + 4
    assert check("select 1", TABLES) == "select 1"
    assert memory.grown() < 300


def test_a_forked_process_gets_a_parser_of_its_own() -> None:
    program = """
import os
from warehouse.extracts.guard import _PARSER, check
check("select 1", [])
first = _PARSER._child._process.pid
if os.fork() == 0:
    check("select 2", [])
    os._exit(0 if _PARSER._child._process.pid != first else 1)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
check("select 3", [])
assert _PARSER._child._process.pid == first
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


def test_the_trusted_side_does_not_load_the_engine() -> None:
    program = """
import sys
from warehouse.extracts.process import Reader
from warehouse.extracts.guard import check
check("select 1", [])
assert not {"duckdb", "pandas", "numpy"} & sys.modules.keys(), "loaded"
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


@pytest.mark.parametrize(
    "sql",
    [
        "with people as (select 'mine' as name) select name from people",
        "with people as (select 'mine' as name) select (select name from people)",
        "with people as (select 'mine' as name) select 'mine' where exists (from people where name <> 'mine')",
        "with people as (select 'mine' as name) select 'mine' limit (select count(*) from people)",
        "with people as (select 'mine' as name) from people union all from people",
        "with people as (select 'mine' as name) select * from (select * from (from people))",
        "with people as (select 'mine' as name) select d.name from people d join people e on d.name = e.name",
        "with people as (select 'mine' as name) from (values ((select name from people))) v",
        "with people as (select 'mine' as name), other as (from people) from other",
        "with people as (select 'mine' as name) (with other as (from people) from other) union all from people",
        "with people as (select 'mine' as name) select max((select name from people)) from deals",
        "with people as (select 'mine' as name) select name from people group by name having name in (from people)",
        "with people as (select 'mine' as name) select name from people order by (select name from people)",
        "with PEOPLE as (select 'mine' as name) select name from People",
    ],
)
def test_a_with_of_the_same_name_never_opens_the_hidden_table(sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table people as select 'theirs' as name; create table deals as select 1 as id")
        values = {value for (value,) in connection.execute(check(sql, ["deals"])).fetchall()}
    assert values <= {"mine"}
