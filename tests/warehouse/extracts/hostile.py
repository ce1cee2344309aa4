"""Statements that may not run on an extract, by what they are after; `{…}` stands for a place of the test.

`{folder}` is a folder with planted files, `{other}` another organization's extract, `{trap}` a host that listens.
"""

_LINES = {
    "files by name": """
        select * from 'deals.csv'
        select * from "deals.parquet"
        select * from '/etc/passwd'
        select * from '{folder}/planted.csv'
        select * from '{folder}/planted.json'
        select * from '{folder}/*.csv'
        from '{folder}/../*/planted.csv'
        from 'file://{folder}/planted.csv'
        from '{other}'
        from '/proc/self/environ'
        select * from deals where exists (from '{folder}/planted.csv')
        select (select count(*) from '{folder}/planted.csv')
        from deals join '{folder}/planted.csv' on true
    """,
    "files by function": """
        select * from read_csv('/etc/passwd')
        select * from read_csv_auto('{folder}/planted.csv')
        select * from read_text('{folder}/planted.txt')
        select * from read_blob('*')
        select * from read_json('{folder}/planted.json')
        select * from read_json_auto('x.json')
        select * from read_json_objects('{folder}/planted.json')
        select * from read_json_objects_auto('{folder}/planted.json')
        select * from read_ndjson('{folder}/planted.json')
        select * from read_ndjson_objects('{folder}/planted.json')
        select * from read_parquet(['a.parquet', 'b.parquet'])
        select * from parquet_scan('{folder}/planted.parquet')
        select * from parquet_metadata('{folder}/planted.parquet')
        select * from parquet_file_metadata('{folder}/planted.parquet')
        select * from parquet_kv_metadata('{folder}/planted.parquet')
        select * from parquet_schema('{folder}/planted.parquet')
        select * from parquet_bloom_probe('{folder}/planted.parquet', 'a', 1)
        select * from sniff_csv('{folder}/planted.csv')
        select * from glob('{folder}/*')
        select * from read_duckdb('{other}')
        select * from read_duckdb('{other}', table_name = 'customers')
        select * from st_read('{folder}/planted.json')
        select * from st_drivers()
        select * from read_xlsx('{folder}/planted.xlsx')
        select * from read_avro('{folder}/planted.avro')
        select * from deals where amount in (select size from read_blob('/etc/passwd'))
        with a as (from read_csv('x.csv')) select * from a
        select * from deals, lateral (select * from read_text('/etc/passwd'))
    """,
    "other databases": """
        select * from sqlite_scan('{folder}/planted.sqlite', 'users')
        select * from sqlite_query('{folder}/planted.sqlite', 'select * from users')
        call sqlite_attach('{folder}/planted.sqlite')
        select * from postgres_scan('host={trap}', 'public', 'users')
        select * from postgres_query('host={trap}', 'select 1')
        call postgres_execute('host={trap}', 'drop table users')
        call postgres_attach('host={trap}')
        select * from mysql_scan('host={trap}', 'public', 'users')
        select * from mysql_query('x', 'select 1')
        select * from iceberg_scan('{folder}/planted')
        select * from iceberg_metadata('{folder}/planted')
        select * from iceberg_snapshots('{folder}/planted')
        select * from delta_scan('{folder}/planted')
        select * from ducklake_snapshots('lake')
        select * from ducklake_table_info('lake')
        select * from ducklake_list_files('lake', 'deals')
        call ducklake_cleanup_old_files('lake', cleanup_all => true)
        select * from odbc_scan('x', 'y')
        select * from arrow_scan(1, 2, 3)
        select * from pandas_scan(1)
        select * from python_map_function(1)
    """,
    "network": """
        from 'http://{trap}/x.csv'
        from 'https://{trap}/x.parquet'
        from 's3://bucket/x.parquet'
        from 'gs://bucket/x.parquet'
        from 'r2://bucket/x.parquet'
        from 'az://container/x.parquet'
        from 'hf://datasets/x/y.csv'
        select * from read_text('http://{trap}/x')
        select * from read_csv('s3://{trap}/x.csv')
        copy deals to 'http://{trap}/x.csv'
        attach 'http://{trap}/x.duckdb' as far
        attach 's3://bucket/x.duckdb' as far
        attach 'ducklake:http://{trap}/x' as far
        attach 'postgres:host={trap}' as far
        attach 'md:' as far
        install spatial from 'http://{trap}'
        install x from community
        select * from read_parquet('http://{trap}/x', encryption_config = {footer_key: 'a'})
        select http_get('http://{trap}/')
        call start_ui()
        select * from open_prompt('x')
    """,
    "attach": """
        attach '{other}' as globex
        attach '{other}' as globex (read_only)
        attach '{other}'
        attach if not exists '{other}' as globex
        attach or replace '{other}' as extract
        attach ':memory:' as scratch
        attach '{folder}/fresh.duckdb' as fresh
        attach 'x.db' (type sqlite)
        attach 'ducklake:sqlite:{folder}/planted.sqlite' as lake
        attach '{other}' as globex (encryption_key 'x')
        detach extract
        detach database if exists extract
        use globex
        create database fresh
        drop database extract
    """,
    "copy and export": """
        copy deals to '{folder}/out.csv'
        copy deals to '/dev/stdout'
        copy (select * from deals) to '{folder}/out.parquet'
        copy (select * from deals) to '{folder}/out' (format parquet, partition_by (stage))
        copy (select 1) to '{folder}/out.json' (format json)
        copy deals from '{folder}/planted.csv'
        copy deals to 'program' (format csv, use_tmp_file false)
        copy from database extract to globex
        export database '{folder}/out'
        export database '{folder}/out' (format parquet)
        import database '{folder}'
        select * from deals into outfile '{folder}/out.txt'
    """,
    "extensions and secrets": """
        install httpfs
        force install httpfs
        load httpfs
        load sqlite
        load '{folder}/planted.duckdb_extension'
        update extensions
        create secret (type s3, key_id 'a', secret 'b')
        create persistent secret s (type s3, key_id 'a', secret 'b')
        create or replace temporary secret s (type http, bearer_token 'a')
        drop secret s
        select * from duckdb_secrets()
        select * from which_secret('s3://bucket/x', 's3')
        select * from duckdb_extensions()
    """,
    "change": """
        insert into deals values (1)
        insert into deals select * from deals
        insert or replace into deals values (1)
        insert into extract.main.customers values ('x', 'y') returning *
        update deals set amount = 0
        update extract.main.deals set amount = 0 returning *
        delete from deals
        delete from extract.main.deals using customers where true
        truncate deals
        merge into deals using customers on true when matched then delete
        drop table deals
        drop table extract.main.deals cascade
        drop view deals
        drop schema main cascade
        alter table deals add column x integer
        alter table extract.main.deals rename to gone
        alter view deals rename to gone
        comment on table deals is 'x'
        create table x as select 1
        create or replace table extract.main.deals as select 1
        create or replace view deals as select 1
        create or replace view deals as select * from '{folder}/planted.csv'
        create temp table x (a integer)
        create index i on deals (amount)
        create sequence s
        create macro f(a) as a + 1
        create macro sum(a) as 0
        create or replace macro f() as table select * from read_text('{folder}/planted.txt')
        create type mood as enum ('a', 'b')
        create schema s
        create function f(a) as a
        create trigger t after insert on deals for each row execute f()
        with gone as (delete from deals returning *) select * from gone
        with made as (insert into deals values (1) returning *) select * from made
        with changed as (update deals set amount = 0 returning *) from changed
        with merged as (merge into deals using customers on true when matched then delete returning *) from merged
        select * from (delete from deals returning *)
        select (insert into deals values (1) returning 1)
        select 1 into x
    """,
    "settings": """
        set memory_limit = '100GB'
        set enable_external_access = true
        set lock_configuration = false
        set allowed_directories = ['/']
        set allowed_paths = ['/etc/passwd']
        set allow_unsigned_extensions = true
        set python_enable_replacements = true
        set python_scan_all_frames = true
        set autoinstall_known_extensions = true
        set temp_directory = '{folder}'
        set home_directory = '{folder}'
        set log_query_path = '{folder}/log'
        set profiling_output = '{folder}/profile'
        set enable_profiling = 'json'
        set custom_user_agent = 'x'
        set http_proxy = '{trap}'
        set secret_directory = '{folder}'
        set threads = 1000
        set TimeZone = 'Asia/Tokyo'
        set schema = 'extract'
        set search_path = 'extract.main'
        set variable x = 1
        set variable x = (select content from read_text('{folder}/planted.txt'))
        set session threads = 1
        set global threads = 1
        set local threads = 1
        reset threads
        reset lock_configuration
        use extract
        use memory.main
    """,
    "pragma and call": """
        pragma database_list
        pragma show_tables
        pragma table_info('deals')
        pragma storage_info('deals')
        pragma version
        pragma platform
        pragma import_database('{folder}')
        pragma enable_profiling
        pragma enable_logging
        pragma profiling_output = '{folder}/profile'
        pragma memory_limit = '100GB'
        pragma add_parquet_key('k', '0123456789112345')
        pragma force_checkpoint
        pragma disable_verify_parallelism
        pragma enable_checkpoint_on_shutdown
        pragma user_agent
        pragma functions
        call pragma_version()
        call duckdb_settings()
        call range(10)
        call force_checkpoint('extract')
        call enable_logging()
        call enable_logging('QueryLog', storage = 'file', storage_path = '{folder}/log')
        call enable_logging(level = 'trace', storage = 'stdout')
        call disable_logging()
        call truncate_duckdb_logs()
        call enable_peg_parser()
        call sql_auto_complete('sel')
        call add_parquet_key('k', '0123456789112345')
        call load_aws_credentials()
    """,
    "statements that are no question": """
        begin
        begin transaction read write
        commit
        rollback
        abort
        checkpoint
        force checkpoint extract
        vacuum
        vacuum analyze deals
        analyze
        prepare p as select 1
        execute p
        deallocate p
        explain select 1
        explain analyze select * from deals
        explain (format json) select * from deals
        declare c cursor for select 1
        grant select on deals to public
        lock table deals
        listen x
        do 'x'
        .read planted.sql
        !ls
        help
    """,
    "several": """
        select 1; select 2
        select 1; drop table deals
        select 1; attach '{other}' as globex; select * from globex.customers
        ;;;
        select 1;; attach 'x'
        ; pragma version
        from deals; set threads = 1;
        begin; select 1; commit
        select 1 go drop table deals
    """,
    "table functions": """
        select * from range(1000000000)
        select * from generate_series(1, 10)
        select * from unnest([1, 2])
        select * from repeat('a', 10)
        select * from repeat_row(1, 2, num_rows = 1000000000)
        select * from query('select 1')
        select * from query('select * from read_text(''{folder}/planted.txt'')')
        select * from query_table('deals')
        select * from query_table(['deals', 'customers'])
        select * from json_execute_serialized_sql('x')
        select * from json_execute_serialized_sql(json_serialize_sql('select 1'))
        select * from summary((select 1))
        select * from checkpoint()
        select * from seq_scan('deals')
        select * from index_scan('deals')
        select * from json_each('{}')
        select * from json_tree('{}')
        select * from test_all_types()
        select * from test_vector_types(1)
        select * from histogram_values(deals, amount)
        select * from histogram(deals, amount)
        select * from icu_calendar_names()
        select * from pg_timezone_names()
        select * from sql_auto_complete('sel')
        select * from tpch_queries()
        from dbgen(sf = 100)
        from deals join range(10) on true
        from deals, unnest([deals.amount])
        select * from fts_main_deals.match_bm25(1, 'x')
    """,
    "disclosure by function": """
        select current_setting('secret_directory')
        select current_settings()
        select version()
        select getenv('HOME')
        select getvariable('x')
        select current_database()
        select current_schemas(true)
        select current_query()
        select txid_current()
        select current_connection_id()
        select pg_get_viewdef(1)
        select pg_table_is_visible(1)
        select has_table_privilege('deals', 'select')
        select obj_description(1)
        select col_description(1, 1)
        select in_search_path('a', 'b')
        select nextval('s')
        select currval('s')
        select write_log('x')
        select write_log('x', level := 'error', log_type := 'QueryLog')
        select parse_path('/a/b')
        select json_serialize_sql('select 1')
        select json_serialize_plan('select * from deals')
        select json_deserialize_sql('{}')
        select get_block_size('extract')
        select stats(amount) from deals
        select vector_type(amount) from deals
        select typeof(amount) from deals
        select alias(amount) from deals
        select is_histogram_other_bin(amount) from deals
        select user_agent()
        select inet_client_addr()
        select current_localtimestamp()
        select get_current_timestamp()
        select setseed(0.5)
        select random()
    """,
    "disclosure by table": """
        select * from duckdb_tables
        select * from duckdb_tables()
        select * from duckdb_views()
        select * from duckdb_columns()
        select * from duckdb_constraints()
        select * from duckdb_indexes()
        select * from duckdb_functions()
        select * from duckdb_databases()
        select * from duckdb_settings()
        select * from duckdb_variables()
        select * from duckdb_memory()
        select * from duckdb_temporary_files()
        select * from duckdb_prepared_statements()
        select * from duckdb_dependencies()
        select * from duckdb_types()
        select * from duckdb_logs()
        select * from duckdb_log_contexts
        select * from duckdb_external_file_cache()
        select * from duckdb_connection_count()
        select * from duckdb_approx_database_count()
        select * from pragma_table_info('deals')
        select * from pragma_database_size()
        select * from pragma_storage_info('deals')
        select * from pragma_metadata_info()
        select * from pragma_last_profiling_output()
        select * from information_schema.tables
        select * from information_schema.columns
        select * from information_schema.schemata
        select * from pg_catalog.pg_class
        select * from pg_catalog.pg_settings
        select * from pg_tables
        select * from sqlite_master
        select * from sqlite_temp_schema
        select * from main.sqlite_master
        select * from extract.main.deals
        select * from extract.deals
        select * from extract.information_schema.tables
        select * from memory.main.deals
        select * from system.main.duckdb_tables
        select * from temp.deals
        select * from people
        select * from main.people
        select * from globex.main.customers
        select * from __ducklake_metadata_lake.ducklake_data_file
    """,
    "describing": """
        describe
        describe deals
        desc deals
        show
        show deals
        show tables
        show all tables
        show tables from extract
        show databases
        show schemas
        summarize deals
        summarize select * from deals
        summarize '{folder}/planted.csv'
        describe '{folder}/planted.csv'
        select * from (describe deals)
        select * from (summarize deals)
        select * from (summarize people)
        select * from (show tables)
        select * from (describe select * from deals)
        select * from (show databases)
        from (describe '{folder}/planted.csv')
    """,
    "lists and documents": """
        select list_transform([1, 2], lambda x: x + 1)
        select list_filter([1, 2], lambda x: x > 1)
        select list_reduce([1, 2], (x, y) -> x + y)
        select [x + 1 for x in [1, 2]]
        select [x for x in [1, 2] if x > 1]
        select apply([1, 2], x -> x + 1)
        select array_agg(amount) from deals
        select list(amount) from deals
        select histogram(amount) from deals
        select [1, 2, 3]
        select array[1, 2]
        select array(select amount from deals)
        select {'a': 1}
        select struct_pack(a := 1)
        select row(1, 2)
        select stage from deals where (stage, deal_id) in (select name, 1 from customers)
        select map {'a': 1}
        select map_from_entries([(1, 2)])
        select union_value(a := 1)
        select unnest([1, 2])
        select unnest({'a': 1}, recursive := true)
        select name[1] from customers
        select name[1:2] from customers
        select struct_extract(deals, 'amount') from deals
        select json_extract(name, '$') from customers
        select to_json(amount) from deals
        select json_group_array(amount) from deals
        select json_object('a', 1)
        select string_split(name, ' ') from customers
        select regexp_extract_all(name, '.') from customers
        select name -> 'a' from customers
        select name ->> '$.a' from customers
        select 'a'::json
        select amount::integer[] from deals
        select amount::integer[3] from deals
        select null::struct(a integer)
        select null::map(integer, integer)
        select null::union(a integer)
        select x::mood from deals
        select 'a'::enum('a', 'b')
        select 'a'::blob
        select '1'::bit
        select 'x'::regclass
        select 'x'::variant
        select 'x'::geometry
        select 1::bignum
        select '12:00+01'::timetz
    """,
    "pressure": """
        select lpad('a', 2000000000, 'b')
        select rpad('a', 2000000000, 'b')
        select repeat('a', 2000000000)
        select printf('%1000000000s', 'a')
        select format('{:1000000000}', 'a')
        select bar(1, 0, 1, 1000000000)
        select bitstring('1', 2000000000)
        select length(hex(repeat('a', 900000000)))
        select length(to_base64(encode(repeat('a', 900000000))))
        select length(translate(repeat('a', 900000000), 'a', 'b'))
        select length(reverse(repeat('a', 900000000)))
        select length(list_aggregate(range(90000000), 'string_agg', ','))
        select list_reduce(range(100000000), lambda x, y: x + y)
        select list_sum(list_transform(range(9999), lambda x: list_sum(list_transform(range(9999), lambda y: x * y))))
        select len(list_sort(list_reverse(range(50000000))))
        select len(list_distinct(range(30000000)))
        select len(flatten([range(9000000) for x in range(99)]))
        select max(levenshtein(repeat('a', 20000) || i, repeat('b', 20000))) from range(1000) numbers (i)
        select damerau_levenshtein(repeat('a', 20000), repeat('b', 20000))
        select jaro_winkler_similarity(repeat('a', 90000), repeat('b', 90000))
        select regexp_matches(repeat('a', 50000000), '((a?){50}){50}$')
        select regexp_replace(repeat('a', 50000000), 'a', 'bbbb', 'g')
        select replace(repeat('a', 100000000), 'a', 'aaaaaaaaaaaaaaaa')
        select length(string_agg(repeat('a', 1000), '')) from range(3000000)
        select len(list(i)) from range(200000000) numbers (i)
        select count(*) from (select i from range(300000000) numbers (i) group by i)
        select max(i) from (select i from range(300000000) numbers (i) order by hash(i) offset 9)
        select repeat('a', 100000) from range(50000)
        select factorial(33), gamma(170), even(1e308) from range(1000000000)
        select count(*) from generate_series(1, 100000000000)
        select count(*) from deals a, deals b, deals c where md5(a.stage) > sha256(b.stage || c.stage)
        with recursive r as (select 1 as n union all select n + 1 from r) select * from r
        with recursive r(n) using key (n) as (select 1 union select n from r) select * from r
        select sleep_ms(100000)
        select error('x')
        select hash(amount) from deals
        select md5(name) from customers
        select approx_top_k(amount, 1000000) from deals
        select reservoir_quantile(amount, 0.5, 100000000) from deals
        select sem(amount), kurtosis(amount), entropy(amount) from deals
        select regr_slope(amount, amount), product(amount), bit_xor(deal_id) from deals
        select quantile(amount, [0.1, 0.9]) from deals
    """,
    "other forms": """
        select * from deals tablesample 10%
        select * from deals tablesample reservoir(5 rows)
        select * from deals using sample 5
        select * from deals using sample 1% (bernoulli, 42)
        select * from deals at (version => 1)
        select * from deals at (timestamp => now())
        select * from deals positional join customers
        pivot deals on stage using sum(amount)
        pivot deals on stage in ('won') using sum(amount) group by closed_on
        select * from (pivot deals on stage using sum(amount))
        select * from deals pivot (sum(amount) for stage in ('won'))
        unpivot deals on amount into name a value b
        select * from (unpivot deals on amount)
        select * from deals unpivot (a for b in (amount))
        pivot_wider deals on stage using count(*)
        select amount from deals limit 10%
        select try(amount) from deals
        select name collate nocase from customers
        select * from deals order by stage collate de
        select name similar to 'a+' from customers
        select name ~ 'a+' from customers
        select name glob 'a*' from customers
        select amount & 1, amount | 1, ~1, 1 << 2 from deals
        select @(-1)
        select 5!
        select 'a' ^@ 'b'
        select * from deals where stage = any (['won'])
        select * from deals where stage in ['won']
        select * from deals for update
        select nextval from deals fetch first 1 rows with ties
    """,
}
HOSTILE = {family: [line.strip() for line in text.strip().splitlines()] for family, text in _LINES.items()}
