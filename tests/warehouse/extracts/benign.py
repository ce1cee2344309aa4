"""Questions that must pass the guard: what people ask, what our compiler writes, and what only looks wrong."""

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
    "values (1, 'a'), (2, 'b')",
    "table deals",
    "(from deals)",
    "from deals select stage, amount where amount > 1",
    "from d: deals select total: d.amount",
    "select main.upper('a')",
    "select columns(*) from deals",
    "select sum(columns(* exclude (stage))) from deals",
    "select * like 'w%' from deals",
    "select deals from deals",
    "select d.* from deals d(a, b)",
    'select 1 as select, 2 as "from people"',
    "select current_user, current_schema, current_catalog, localtime",
    "select amount::oid, amount::int8, amount::real from deals",
    "select * from deals\u200b",
    "\ufeffselect\u00a0*\u3000from\u2009deals",
    "select $$ ' ; drop table deals $$, $x$ from people $x$, e'\\'; attach x -- ; from people'",
    "/* from people /* ; */ drop */ select 1 -- union from people",
    "select 'read_text(''/etc/passwd'')' as \"read_text('/etc/passwd')\" from deals",
    "with people as (select 1) select * from people",
    "with a as (with b as (select 1 as n) from b), b as (select 2 as n) select * from a, b",
    "select * from deals d, (select max(name) from customers where name = d.stage) c",
    "select sum(amount) over (order by closed_on range between interval 7 day preceding and current row) from deals",
    "select stage, closed_on, count(*) from deals group by grouping sets ((stage), (closed_on), ())",
    "select * from deals asof join days on closed_on >= day",
    "select * from deals union by name select * from customers",
    "select amount > all (select amount from deals), amount = any (select amount from deals) from deals",
    "select closed_on at time zone 'UTC', now()::timestamp, timestamptz '2026-01-01 00:00:00+00' from deals",
    GROWTH,
    CONVERSION,
]
