"""What may run on an extract, and what may not."""

import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from warehouse.extracts import guard
from warehouse.extracts.child import PARSE_SECONDS
from warehouse.extracts.guard import Refused, check

ROOT = Path(__file__).parents[3]
TABLES = ["deals", "customers", "Days"]

HOSTILE = {
    "files": """
        select * from 'deals.csv'
        select * from "deals.parquet"
        select * from '/etc/passwd'
        from 'https://example.org/x.parquet'
        select * from read_csv('/etc/passwd')
        select * from read_text('/etc/passwd')
        select * from read_blob('*')
        select * from read_json_auto('x.json')
        select * from read_parquet(['a.parquet', 'b.parquet'])
        select * from parquet_metadata('a.parquet')
        select * from sniff_csv('a.csv')
        select * from glob('*')
        select * from deals where amount in (select size from read_blob('/etc/passwd'))
        with a as (from read_csv('x.csv')) select * from a
        select * from sqlite_scan('other.db', 'users')
        select * from postgres_scan('host=x', 'public', 'users')
        select * from deals, lateral (select * from read_text('/etc/passwd'))
    """,
    "attach and copy": """
        attach 'globex.duckdb' as globex
        attach ':memory:' as scratch
        attach 'x.db' (type sqlite)
        detach extract
        copy deals to 'out.csv'
        copy (select * from deals) to 'out.parquet'
        copy deals from 'in.csv'
        export database 'folder'
        import database 'folder'
        install httpfs
        load httpfs
        create secret (type s3, key_id 'a', secret 'b')
    """,
    "change": """
        insert into deals values (1)
        update deals set amount = 0
        delete from deals
        drop table deals
        truncate deals
        alter table deals add column x integer
        create table x as select 1
        create or replace view deals as select 1
        create temp table x (a integer)
        create macro f(a) as a + 1
        create type mood as enum ('a', 'b')
        create schema s
        merge into deals using customers on true when matched then delete
        with gone as (delete from deals returning *) select * from gone
        select 1 into x
    """,
    "settings": """
        set memory_limit = '100GB'
        set schema = 'extract'
        set variable x = 1
        reset threads
        pragma database_list
        pragma show_tables
        pragma import_database('/tmp')
        pragma enable_profiling
        use extract
        begin
        checkpoint
        vacuum
        call enable_logging()
        call enable_logging('QueryLog', storage = 'file', storage_path = 'x')
        prepare p as select 1
        execute p
        explain select 1
        explain analyze select * from deals
    """,
    "several": """
        select 1; select 2
        select 1; drop table deals
        ;;;
        select 1;; attach 'x'
    """,
    "table functions": """
        select * from range(1000000000)
        select * from generate_series(1, 10)
        select * from unnest([1, 2])
        select * from repeat('a', 10)
        select * from duckdb_settings()
        select * from duckdb_logs()
        select * from pragma_table_info('deals')
        select * from query('select 1')
        select * from query_table('deals')
        select * from json_execute_serialized_sql('x')
        select * from summary((select 1))
        select * from pandas_scan(1)
        from deals join range(10) on true
    """,
    "disclosure": """
        select current_setting('secret_directory')
        select version()
        select getenv('HOME')
        select getvariable('x')
        select * from duckdb_tables
        select * from information_schema.tables
        select * from pg_catalog.pg_class
        select * from pg_tables
        select * from sqlite_master
        select * from main.sqlite_master
        select * from extract.main.deals
        select * from extract.deals
        select * from memory.main.deals
        select * from temp.deals
        select * from people
        select * from main.people
        select in_search_path('a', 'b')
        select pg_get_viewdef(1)
        select nextval('s')
        select write_log('x')
    """,
    "describing": """
        describe deals
        show tables
        show all tables
        summarize deals
        select * from (describe deals)
        select * from (summarize deals)
        select * from (show tables)
        select * from (describe select * from deals)
        select * from (show databases)
    """,
    "names of WITH": """
        with people as (select * from people) select * from people
        with a as (select * from b), b as (select 1) select * from a
        with deals as (select 1) select * from deals
        with "Deals" as (select 1) select * from "Deals"
        with sqlite_master as (select 1) select * from sqlite_master
        with duckdb_views as (select 1) select * from duckdb_views
        with "/etc/passwd" as (select 1) select * from "/etc/passwd"
        with "x y" as (select 1) select * from "x y"
        select * from (with people as (select 1) from people) inner_one, people
        select * from people where exists (with people as (select 1) from people)
        select 1 union all (with people as (select 1) from people) union all select name from people
        with a as (with people as (select 1) from people) select * from a, people
        with people as (select 1) select * from main.people
        with recursive r as (select 1 as n union all select n + 1 from r) select * from r
        with recursive r(n) using key (n) as (select 1 union select n from r) select * from r
    """,
    "lambdas and lists": """
        select list_transform([1, 2], lambda x: x + 1)
        select list_reduce([1, 2], (x, y) -> x + y)
        select [x + 1 for x in [1, 2]]
        select array_agg(amount) from deals
        select list(amount) from deals
        select [1, 2, 3]
        select {'a': 1}
        select map {'a': 1}
        select unnest([1, 2])
        select name[1] from customers
        select name[1:2] from customers
        select columns('a.*') from deals
        select columns(lambda c: c like 'a%') from deals
        select columns(['amount']) from deals
        select json_extract(name, '$') from customers
        select to_json(amount) from deals
        select string_split(name, ' ') from customers
        select name -> 'a' from customers
        select 'a'::json
        select amount::integer[] from deals
        select x::mood from deals
    """,
    "bombs": """
        select lpad('a', 2000000000, 'b')
        select rpad('a', 2000000000, 'b')
        select repeat('a', 2000000000)
        select printf('%1000000000s', 'a')
        select format('{:1000000000}', 'a')
        select levenshtein(name, name) from customers
        select jaro_winkler_similarity(name, name) from customers
        select bitstring('1', 2000000000)
        select regexp_replace(name, '(a+)+$', 'x') from customers
        select sleep_ms(100000)
        select error('x')
        select system.main.lpad('a', 2000000000, 'b')
        select ('a').lpad(2000000000, 'b')
        select replace(name, 'a', 'aaaaaaaaaaaaaaaa') from customers
    """,
    "other forms": """
        select $1
        select ?
        select $name
        select #1 from deals
        select * from deals tablesample 10%
        select * from deals using sample 5
        select * from deals at (version => 1)
        select * from deals positional join customers
        pivot deals on stage using sum(amount)
        select * from (pivot deals on stage using sum(amount))
        select * from (unpivot deals on amount)
        select amount from deals limit 10%
        select try(amount) from deals
        select 'a'::blob
    """,
    "unreadable": """
        selec 1
        select 'a
        select (1
        drop
        --
    """,
}
STATEMENTS = [
    pytest.param(line.strip(), id=f"{family}: {line.strip()[:60]}")
    for family, lines in HOSTILE.items()
    for line in lines.strip().splitlines()
]

GROWTH = """
-- Compute Metrics via Expressions
WITH sma_10001_cte AS (
  -- Read Elements From Semantic Model 'deals'
  SELECT
    DATE_TRUNC('month', closed_on) AS metric_time__month
    , stage AS deal__stage
    , amount AS __won_amount
  FROM "main"."deals" deals_src_10000
)

SELECT
  metric_time__month AS metric_time__month
  , won_amount - won_amount_last AS growth
FROM (
  SELECT
    COALESCE(subq_6.metric_time__month, nr_subq_17.metric_time__month) AS metric_time__month
    , MAX(subq_6.won_amount) AS won_amount
    , MAX(nr_subq_17.won_amount_last) AS won_amount_last
  FROM (
    SELECT
      metric_time__month
      , SUM(won_amount) AS won_amount
    FROM (
      SELECT
        metric_time__month
        , deal__stage
        , __won_amount AS won_amount
      FROM sma_10001_cte
    ) subq_2
    WHERE deal__stage = 'won'
    GROUP BY
      metric_time__month
  ) subq_6
  FULL OUTER JOIN (
    SELECT
      subq_15.metric_time__month AS metric_time__month
      , subq_11.__won_amount AS won_amount_last
    FROM (
      -- Read From Time Spine '"days"'
      SELECT
        DATE_TRUNC('month', day) AS metric_time__month
      FROM "main"."days" time_spine_src_10000
      GROUP BY
        DATE_TRUNC('month', day)
    ) subq_15
    INNER JOIN (
      SELECT
        metric_time__month
        , SUM(won_amount) AS __won_amount
      FROM (
        SELECT
          metric_time__month
          , deal__stage
          , __won_amount AS won_amount
        FROM sma_10001_cte
      ) subq_8
      WHERE deal__stage = 'won'
      GROUP BY
        metric_time__month
    ) subq_11
    ON
      subq_15.metric_time__month - INTERVAL 1 month = subq_11.metric_time__month
  ) nr_subq_17
  ON
    subq_6.metric_time__month = nr_subq_17.metric_time__month
  GROUP BY
    COALESCE(subq_6.metric_time__month, nr_subq_17.metric_time__month)
) subq_18
LIMIT 10
"""
CONVERSION = """
SELECT
  customer__segment AS customer__segment
  , CAST(__deals AS DOUBLE) / CAST(NULLIF(__visit_count, 0) AS DOUBLE) AS conversion
FROM (
  SELECT DISTINCT
    FIRST_VALUE(subq_13.__visit_count) OVER (
      PARTITION BY
        subq_16.customer
        , subq_16.mf_internal_uuid
      ORDER BY subq_13.metric_time__day DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS __visit_count
    , subq_16.__deals AS __deals
    , subq_13.customer__segment AS customer__segment
  FROM (
    SELECT day AS metric_time__day, 1 AS customer, 's' AS customer__segment, 1 AS __visit_count
    FROM "main"."days" days_src_10002
  ) subq_13
  INNER JOIN (
    SELECT
      DATE_TRUNC('day', closed_on) AS metric_time__day
      , customer_id AS customer
      , 1 AS __deals
      , GEN_RANDOM_UUID() AS mf_internal_uuid
    FROM "main"."deals" deals_src_10000
  ) subq_16
  ON
    (
      subq_13.customer = subq_16.customer
    ) AND (
      (
        subq_13.metric_time__day <= subq_16.metric_time__day
      ) AND (
        subq_13.metric_time__day > subq_16.metric_time__day - INTERVAL 7 day
      )
    )
) subq_22
"""
BENIGN = [
    "select 1",
    "from deals",
    "select * from deals;",
    'select * from "main"."DEALS"',
    "select * exclude (amount) replace (upper(stage) as stage) from deals",
    "select stage, sum(amount) as amount, count(*) from deals group by stage having count(*) > 1 order by 2 desc",
    "select stage, sum(amount) filter (where amount > 0) from deals group by all order by all",
    "select count(distinct stage), min(amount), max(amount), avg(amount), median(amount) from deals",
    "select date_trunc('month', closed_on), extract(year from closed_on) from deals",
    "select amount::decimal(12, 2), cast(amount as varchar), try_cast(stage as date) from deals",
    "select case when amount > 1 then 'a' else 'b' end, coalesce(stage, '?'), nullif(stage, 'won') from deals",
    "select (amount + 1) * 2 / 3 - 4 % 5, -amount, amount // 2, stage || 'x', not (amount > 1) from deals",
    "select * from deals where stage in ('won', 'lost') and amount between 1 and 2 or stage is not null",
    "select * from deals where stage like 'w%' or stage not ilike '%x' or stage like 'a!%' escape '!'",
    "select * from deals where closed_on >= date '2026-01-01' and closed_on < current_date - interval '1 month'",
    "select * from deals full outer join customers on true left join days on day = closed_on cross join days d2",
    "select * from deals semi join days on day = closed_on",
    "select row_number() over (partition by stage order by amount), rank() over (order by amount) from deals",
    "select lag(amount, 1) over w, lead(amount) over w, sum(amount) over w from deals window w as (order by day)",
    "select sum(x) over (order by day rows between 6 preceding and current row) from (select 1 as x, 2 as day)",
    "with a as (select 1 as x), b as (select x + 1 as x from a) select * from a join b using (x)",
    "select * from deals where amount > (select avg(amount) from deals) and exists (select 1 from customers)",
    "select stage from deals union all select name from customers except select 'x' order by 1 limit 5 offset 2",
    "select distinct on (stage) stage, amount from deals qualify row_number() over (order by amount) = 1",
    "select * from (values (1, 'a'), (2, 'b')) v (n, t)",
    "select stage, grouping(stage), sum(amount) from deals group by rollup (stage)",
    "select quantile_cont(amount, 0.9), percentile_disc(0.5) within group (order by (amount)) from deals",
    "select 'drop table deals; attach ''x''' as harmless, 'read_csv' as word",
    GROWTH,
    CONVERSION,
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_hostile_sql_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        check(sql, TABLES)


@pytest.mark.parametrize("sql", BENIGN)
def test_benign_sql_passes_unchanged(sql: str) -> None:
    assert check(sql, TABLES) == sql.strip().rstrip(";")


def test_there_are_enough_of_both() -> None:
    assert len(STATEMENTS) >= 120
    assert len(BENIGN) >= 25


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
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with suppress(Refused):
        check(EXHAUSTING[name], TABLES)
    assert time.monotonic() - started < PARSE_SECONDS + 4
    assert check("select 1", TABLES) == "select 1"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024


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
