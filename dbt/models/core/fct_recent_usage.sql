-- For other days than the last, a question makes these rows itself: see `of_days`.
with usage as (
    select * from {{ ref('fct_usage') }}
),

last_days as (
    select * from {{ ref('dim_snapshot_dates') }}
    where is_latest
),

recent as (
    select
        usage.*,
        last_days.snapshot_on as active_on
    from usage
    inner join last_days
        on
            usage.organization_id = last_days.organization_id
            and usage.used_on between last_days.snapshot_on - 29 and last_days.snapshot_on
)

{{ fingerprinted('recent') }}
order by organization_id, active_on, usage_event_id
